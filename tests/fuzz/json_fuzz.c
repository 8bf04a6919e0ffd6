/* json: a text is accepted or refused alike token by token and as a whole; what is accepted can be
 * written again, and that is accepted, and written again it is the same; passed over without being
 * checked, it has the same parts. What is not accepted and is passed over harms nothing. */
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <stdlib.h>

#define ARENA_BYTES (4u << 20)

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* A number survives as a double, and as an integer where it is one. */
static void copy_number(struct json_writer *w, const struct json_value *v)
{
    double d = 0;
    int64_t i = 0;
    must(json_double(&d, v) == 0);
    if (json_int(&i, v) == 0)
        must((double)i == d);
    jw_double(w, d);
}

static void copy_text(struct json_writer *w, struct arena *a, const struct json_value *v)
{
    struct slice text;
    must(json_text(&text, a, v) == 0);
    must(utf8_is_valid(text) && json_is(v, text) && text.len <= v->raw.len);
    if (v->type == JSON_KEY)
        jw_key(w, text);
    else
        jw_str(w, text);
}

static void copy_token(struct json_writer *w, struct arena *a, const struct json_value *v)
{
    if (v->type == JSON_OBJECT)
        jw_object(w);
    else if (v->type == JSON_ARRAY)
        jw_array(w);
    else if (v->type == JSON_OBJECT_END || v->type == JSON_ARRAY_END)
        jw_end(w);
    else if (v->type == JSON_KEY || v->type == JSON_STRING)
        copy_text(w, a, v);
    else if (v->type == JSON_NUMBER)
        copy_number(w, v);
    else
        jw_raw(w, v->raw);
}

/* Reads all of `text`, writing it to `out`. */
static int copy(struct buf *out, struct arena *a, struct slice text)
{
    struct json j;
    struct json_value v;
    struct json_writer w;
    jw_init(&w, out);
    json_init(&j, text, a);
    while (json_next(&v, &j) > JSON_END) {
        must(v.raw.p >= text.p && v.raw.p + v.raw.len <= text.p + text.len);
        copy_token(&w, a, &v);
    }
    must(json_at(&j) <= text.len);
    must((v.type == JSON_ERROR) == (json_err(&j) != 0));
    must(json_err(&j) || (jw_is_done(&w) && json_at(&j) == text.len));
    return json_err(&j);
}

/* Each member or element whole is a text of its own. */
static void check_parts(struct arena *a, struct slice text)
{
    struct json j;
    struct json_value v, part;
    json_init(&j, text, a);
    json_next(&v, &j);
    for (int n = 0; n < 100 && json_next_whole(&v, &j) > JSON_END; n++) {
        if (v.type == JSON_KEY || v.type == JSON_OBJECT_END || v.type == JSON_ARRAY_END)
            continue;
        must(json_read_whole(&part, json_source(&v), a) == 0);
        must(part.type == v.type && slice_eq(part.raw, v.raw));
    }
}

/* The parts of text that is known; of any other, whatever they are, they are its own. */
static void pass_over(struct arena *a, struct slice text, bool is_good)
{
    struct json j, again;
    struct json_value v, same = { .type = JSON_END };
    json_init_known(&j, text, a);
    json_init(&again, text, a);
    json_next(&v, &j);
    json_next(&same, &again);
    while (json_next_whole(&v, &j) > JSON_END) {
        must(v.raw.p >= text.p && v.raw.p + v.raw.len <= text.p + text.len);
        if (is_good)
            must(json_next_whole(&same, &again) == v.type && slice_eq(same.raw, v.raw));
    }
    must(!is_good || (json_err(&j) == 0 && json_at(&j) == text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf first, second;
    struct json_value v;
    struct slice text = slice_of(data, size);
    arena_init(&a, ARENA_BYTES);
    buf_init(&first, ARENA_BYTES);
    buf_init(&second, ARENA_BYTES);
    int err = copy(&first, &a, text);
    must(json_read_whole(&v, text, &a) == err);
    pass_over(&a, text, !err);
    if (!err && buf_err(&first) == 0) {
        must(copy(&second, &a, buf_slice(&first)) == 0);
        must(slice_eq(buf_slice(&first), buf_slice(&second)));
        check_parts(&a, text);
    }
    buf_fini(&first);
    buf_fini(&second);
    arena_fini(&a);
    return 0;
}
