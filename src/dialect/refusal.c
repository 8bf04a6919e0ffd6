#include "dialect/refusal.h"

void refusal_put(struct json_writer *w, const struct refusal *r)
{
    jw_field_str(w, "code", slice_str(err_name(r->err)));
    jw_field_str(w, "message", r->text);
    if (r->request != NULL)
        jw_field_str(w, "event", slice_str(r->request));
    else
        jw_field_null(w, "event");
    if (r->retry_ms > 0)
        jw_field_u64(w, "retryAfterMs", r->retry_ms);
}

void refusal_say(struct words *words, const struct refusal *r)
{
    refusal_put(words_begin(words, "error"), r);
    words_end(words);
}
