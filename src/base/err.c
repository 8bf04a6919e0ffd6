#include "base/err.h"

static const struct err_info rows[ERR_INDEX_END] = {
#define ERR(id, http, ws, sentence) \
    [ERR_INDEX_##id] = { .name = #id, .http_status = http, .ws_close = ws, .text = sentence },
#include "base/err.def"
#undef ERR
};

const struct err_info *err_info(int err)
{
    if (err >= 0 || err <= -ERR_INDEX_END)
        err = ERR_INTERNAL;
    return &rows[-err];
}
