/* The input is taken for everything that Engine.IO is made of: a payload (and so packets), the
 * query of a request, the bytes of a binary message, a session id to be written. */
#include "proto/eio.h"

#include "base/json_read.h"
#include "base/panic.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <stdlib.h>

static bool is_inside(struct slice part, struct slice whole)
{
    return part.p >= whole.p && part.p + part.len <= whole.p + whole.len;
}

/* What we write for these bytes is read as these bytes. */
static void check_binary(struct arena *a, struct slice data)
{
    struct eio_packet p;
    struct buf text;
    buf_init(&text, 2 * data.len + 8);
    eio_write_binary(&text, data);
    ASSERT(buf_err(&text) == 0);
    ASSERT(eio_read(&p, a, buf_slice(&text)) == 0);
    ASSERT(p.type == EIO_MESSAGE && p.is_binary && slice_eq(p.data, data));
    buf_fini(&text);
}

static void check_packet(struct arena *a, struct slice text)
{
    struct eio_packet p;
    int err = eio_read(&p, a, text);
    if (err) {
        ASSERT(err == ERR_PROTOCOL);
        ASSERT(text.len == 0 || text.p[0] < '0' || text.p[0] > '6');
    } else if (p.is_binary) {
        ASSERT(text.p[0] == 'b' && p.type == EIO_MESSAGE && p.data.len <= text.len / 4 * 3 + 2);
        check_binary(a, p.data);
    } else {
        ASSERT(p.type <= EIO_NOOP && text.p[0] == (char)('0' + p.type));
        ASSERT(is_inside(p.data, text) && p.data.len == text.len - 1);
    }
}

static void check_payload(struct arena *a, struct slice payload)
{
    struct slice packet, rest = payload;
    size_t sum = 0;
    while (eio_cut(&packet, &rest)) {
        ASSERT(is_inside(packet, payload) && packet.p == payload.p + sum);
        ASSERT(slice_find(packet, EIO_SEPARATOR) < 0);
        check_packet(a, packet);
        sum += packet.len + 1;
    }
    ASSERT(rest.p == NULL && sum == payload.len + 1);
}

static void check_query(struct arena *a, struct slice query)
{
    struct eio_query q;
    int err = eio_read_query(&q, a, query);
    ASSERT(err == 0 || err == ERR_BAD_REQUEST);
    if (err)
        return;
    ASSERT(!(q.is_version_4 && q.is_version_3));
    ASSERT(q.has_sid == (q.sid.len > 0) && q.sid.len <= query.len && utf8_is_valid(q.sid));
}

static void check_handshake(struct arena *a, struct slice sid)
{
    struct eio_handshake h = { .sid = sid, .ping_interval_ms = 1, .max_payload = 2 };
    struct json_value v;
    struct buf text;
    buf_init(&text, 6 * sid.len + 200);
    eio_write_handshake(&text, &h);
    ASSERT(buf_err(&text) == 0 && text.p[0] == '0');
    ASSERT(json_read_whole(&v, slice_drop(buf_slice(&text), 1), a) == 0 && v.type == JSON_OBJECT);
    buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct slice input = slice_of(data, size);
    arena_init(&a, 64 * size + 4096);
    check_payload(&a, input);
    check_query(&a, input);
    check_binary(&a, input);
    check_handshake(&a, input);
    arena_fini(&a);
    return 0;
}
