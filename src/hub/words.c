#include "hub/words.h"

#include "base/panic.h"

void words_init(struct words *w, struct buf *json, bool is_typed)
{
    w->json = json;
    w->is_typed = is_typed;
    w->is_ended = true;
    w->n = 0; /* `at` and `writer` are set when they are used */
}

static struct json_writer *begin(struct words *w, const char *name)
{
    ASSERT(w->is_ended && w->n < WORDS_MAX);
    w->is_ended = false;
    w->at[w->n] = (struct word){ .name = name, .at = w->json->len };
    jw_init(&w->writer, w->json);
    return &w->writer;
}

struct json_writer *words_begin(struct words *w, const char *name)
{
    struct json_writer *writer = begin(w, name);
    jw_object(writer);
    if (w->is_typed)
        jw_field_str(writer, "type", slice_str(name));
    return writer;
}

struct json_writer *words_begin_event(struct words *w, const char *name, const struct event *e)
{
    struct json_writer *writer = words_begin(w, name);
    if (e->seq != 0)
        jw_field_u64(writer, "seq", e->seq);
    return writer;
}

struct json_writer *words_begin_list(struct words *w, const char *name)
{
    ASSERT(!w->is_typed);
    struct json_writer *writer = begin(w, name);
    jw_array(writer);
    return writer;
}

void words_end(struct words *w)
{
    ASSERT(!w->is_ended);
    jw_end(&w->writer);
    ASSERT(jw_is_done(&w->writer));
    struct word *word = &w->at[w->n++];
    if (buf_err(w->json) == 0) /* else it has dropped its bytes */
        word->len = w->json->len - word->at;
    w->is_ended = true;
}

int words_err(const struct words *w)
{
    return buf_err(w->json);
}

struct slice words_json(const struct words *w, unsigned i)
{
    ASSERT(i < w->n);
    if (buf_err(w->json))
        return S("");
    return slice_of(w->json->p + w->at[i].at, w->at[i].len);
}
