/* What the JSON reader makes of many texts, for tests/live/json-vs-node.test.mjs. Standard input is
 * a row of texts, each behind its length (32 bits, big-endian); standard output answers each in the
 * same form: `=` and the value written again, or `!` and the name of the error. */
#include "base/json_read.h"
#include "base/json_write.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX_BYTES (16u << 20)

static int copy_text(struct json_writer *w, struct arena *a, const struct json_value *v)
{
    struct slice text;
    int err = json_text(&text, a, v);
    if (err)
        return err;
    if (v->type == JSON_KEY)
        jw_key(w, text);
    else
        jw_str(w, text);
    return 0;
}

/* As an integer where it is one, and as a double only otherwise: both ways of reading are shown. */
static int copy_number(struct json_writer *w, const struct json_value *v)
{
    int64_t whole;
    double number;
    int err = json_double(&number, v);
    if (err)
        return err;
    if (json_int(&whole, v) == 0 && whole != 0)
        jw_i64(w, whole);
    else
        jw_double(w, number);
    return 0;
}

static int copy_token(struct json_writer *w, struct arena *a, const struct json_value *v)
{
    switch (v->type) {
    case JSON_OBJECT:
        jw_object(w);
        return 0;
    case JSON_ARRAY:
        jw_array(w);
        return 0;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        jw_end(w);
        return 0;
    case JSON_KEY:
    case JSON_STRING:
        return copy_text(w, a, v);
    case JSON_NUMBER:
        return copy_number(w, v);
    default:
        jw_raw(w, v->raw);
        return 0;
    }
}

static int copy(struct buf *out, struct arena *a, struct slice text)
{
    struct json j;
    struct json_value v;
    struct json_writer w;
    jw_init(&w, out);
    json_init(&j, text, a);
    while (json_next(&v, &j) > JSON_END) {
        int err = copy_token(&w, a, &v);
        if (err)
            return err;
    }
    int err = json_err(&j);
    return err ? err : buf_err(out);
}

static void answer(struct arena *a, struct slice text)
{
    struct buf out;
    arena_reset(a);
    buf_init(&out, 8 * TEXT_MAX_BYTES);
    buf_add_char(&out, '=');
    int err = copy(&out, a, text);
    if (err) {
        buf_reset(&out);
        buf_add_char(&out, '!');
        buf_add_str(&out, err_name(err));
    }
    unsigned char head[4] = { (unsigned char)(out.len >> 24), (unsigned char)(out.len >> 16),
        (unsigned char)(out.len >> 8), (unsigned char)out.len };
    fwrite(head, 1, sizeof(head), stdout);
    fwrite(out.p, 1, out.len, stdout);
    buf_fini(&out);
}

int main(void)
{
    struct arena a;
    unsigned char head[4];
    int status = 0;
    arena_init(&a, 4 * TEXT_MAX_BYTES);
    while (status == 0 && fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
        size_t len = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
        char *text = len <= TEXT_MAX_BYTES ? malloc(len > 0 ? len : 1) : NULL;
        if (text != NULL && fread(text, 1, len, stdin) == len)
            answer(&a, slice_of(text, len));
        else
            status = 1;
        free(text);
    }
    arena_fini(&a);
    return status != 0 || fflush(stdout) != 0;
}
