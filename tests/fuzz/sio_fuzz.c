/* A Socket.IO packet: what was read keeps the reader's promises, and written again it reads as the
 * same. */
#include "proto/sio.h"

#include "base/json_read.h"
#include "base/panic.h"
#include "base/utf8.h"
#include "fuzz.h"

static bool is_list(const struct sio_packet *p)
{
    return p->data.len > 0 && p->data.p[0] == '[';
}

static bool is_binary(const struct sio_packet *p)
{
    return p->type == SIO_BINARY_EVENT || p->type == SIO_BINARY_ACK;
}

static bool has_name(const struct sio_packet *p)
{
    return p->type == SIO_EVENT || p->type == SIO_BINARY_EVENT;
}

static bool is_inside(struct slice part, struct slice whole)
{
    return part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void check_promises(const struct sio_packet *p, struct slice text)
{
    ASSERT(p->type <= SIO_BINARY_ACK && text.p[0] == (char)('0' + p->type));
    ASSERT(is_binary(p) == (p->n_attachments > 0) && p->n_attachments <= SIO_MAX_ATTACHMENTS);
    ASSERT(p->nsp.len > 0 && p->nsp.p[0] == '/' && slice_find(p->nsp, ',') < 0);
    ASSERT(p->ack_id == SIO_NO_ACK || p->ack_id < 1ull << 53);
    ASSERT(is_inside(p->args, p->data) && is_inside(p->data, text));
    ASSERT(p->data.len == 0 || p->data.p + p->data.len == text.p + text.len);
    ASSERT(utf8_is_valid(p->nsp) && utf8_is_valid(p->name) && utf8_is_valid(p->data));
    ASSERT(has_name(p) || p->name.len == 0);
    ASSERT(!has_name(p) || (!slice_eq(p->name, S("connect")) && is_list(p)));
    ASSERT(is_list(p) || p->args.len == 0);
}

/* Elements of `[` text `]`. */
static unsigned count_elements(struct arena *a, struct slice text)
{
    struct json j;
    struct json_value v;
    struct buf list;
    unsigned n = 0;
    buf_init(&list, text.len + 2);
    buf_add_char(&list, '[');
    buf_add_slice(&list, text);
    buf_add_char(&list, ']');
    json_init(&j, buf_slice(&list), a);
    ASSERT(json_next(&v, &j) == JSON_ARRAY);
    while (json_next_whole(&v, &j) != JSON_ARRAY_END) {
        ASSERT(v.type != JSON_ERROR);
        n++;
    }
    ASSERT(json_next(&v, &j) == JSON_END);
    buf_fini(&list);
    return n;
}

static void check_args(struct arena *a, const struct sio_packet *p)
{
    struct json j;
    struct json_value v;
    unsigned n = 0;
    json_init(&j, p->data, a);
    ASSERT(json_next(&v, &j) == JSON_ARRAY);
    while (json_next_whole(&v, &j) != JSON_ARRAY_END)
        n++;
    ASSERT(count_elements(a, p->args) + has_name(p) == n);
}

static void check_again(struct arena *a, const struct sio_packet *p)
{
    struct sio_packet q;
    struct buf text;
    buf_init(&text, p->nsp.len + p->data.len + 32);
    sio_write_head(&text, p->type, p->n_attachments, p->nsp, p->ack_id);
    buf_add_slice(&text, p->data);
    ASSERT(buf_err(&text) == 0);
    ASSERT(sio_read(&q, a, buf_slice(&text)) == 0);
    ASSERT(q.type == p->type && q.n_attachments == p->n_attachments && q.ack_id == p->ack_id);
    ASSERT(slice_eq(q.nsp, p->nsp) && slice_eq(q.data, p->data));
    ASSERT(slice_eq(q.name, p->name) && slice_eq(q.args, p->args));
    buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sio_packet p;
    struct arena a;
    struct slice text = slice_of(data, size);
    arena_init(&a, 64 * size + 65536);
    int err = sio_read(&p, &a, text);
    ASSERT(err != ERR_TOO_BIG && err <= 0);
    if (!err) {
        check_promises(&p, text);
        check_again(&a, &p);
    }
    if (!err && is_list(&p))
        check_args(&a, &p);
    arena_fini(&a);
    return 0;
}
