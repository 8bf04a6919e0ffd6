/* The one list of errors. A fallible function returns 0 or a negative `enum err`; the list itself
 * is err.def. Used by every layer. */
#pragma once

#define MUST_CHECK __attribute__((warn_unused_result))

enum err_index {
    ERR_INDEX_NONE,
#define ERR(name, http, ws, text) ERR_INDEX_##name,
#include "base/err.def"
#undef ERR
    ERR_INDEX_END,
};

enum err {
    ERR_NONE = 0,
#define ERR(name, http, ws, text) ERR_##name = -ERR_INDEX_##name,
#include "base/err.def"
#undef ERR
};

struct err_info {
    const char *name; /* stable, on the wire: "TOO_BIG" */
    int http_status;
    int ws_close;
    const char *text; /* one sentence for people */
};

/* The row of an error; never NULL: a number that is no error gives the row of ERR_INTERNAL. */
const struct err_info *err_info(int err);

static inline const char *err_name(int err)
{
    return err_info(err)->name;
}
