#include "sio/message.h"

#include "fault.h"
#include "sio/engine.h"
#include "tap.h"

static const struct slice two[] = { SLICE("one"), SLICE("\0two") };

static const struct {
    struct sio_emission emission;
    const char *text;
} rows[] = {
    { { .type = SIO_EVENT, .name = SLICE("hi"), .ack_id = SIO_NO_ACK }, "42[\"hi\"]" },
    { { .type = SIO_EVENT, .name = SLICE("hi"), .args = SLICE("1,{\"a\":2}"), .ack_id = 7 },
        "427[\"hi\",1,{\"a\":2}]" },
    { { .type = SIO_EVENT, .nsp = SLICE("/x"), .name = SLICE("a\"\x01"), .ack_id = SIO_NO_ACK },
        "42/x,[\"a\\\"\\u0001\"]" },
    { { .type = SIO_EVENT,
          .nsp = SLICE("/x"),
          .name = SLICE("hi"),
          .args = SLICE("1"),
          .ack_id = SIO_NO_ACK,
          .offset = "0123456789ab" },
        "42/x,[\"hi\",1,\"0123456789ab\"]" },
    { { .type = SIO_EVENT, .name = SLICE("hi"), .ack_id = SIO_NO_ACK, .offset = "0123456789ab" },
        "42[\"hi\",\"0123456789ab\"]" },
    { { .type = SIO_ACK, .ack_id = 0 }, "430[]" },
    { { .type = SIO_ACK, .nsp = SLICE("/x"), .args = SLICE("null,2"), .ack_id = 12 },
        "43/x,12[null,2]" },
    { { .type = SIO_EVENT,
          .name = SLICE("b"),
          .args = SLICE("{\"_placeholder\":true,\"num\":0}"),
          .ack_id = SIO_NO_ACK,
          .attachments = two,
          .n_attachments = 1 },
        "451-[\"b\",{\"_placeholder\":true,\"num\":0}]" },
    { { .type = SIO_ACK,
          .nsp = SLICE("/x"),
          .args = SLICE("0"),
          .ack_id = 3,
          .attachments = two,
          .n_attachments = 2 },
        "462-/x,3[0]" },
};

static struct sio_emission emission(size_t i)
{
    struct sio_emission e = rows[i].emission;
    if (!e.nsp.p)
        e.nsp = S("/");
    return e;
}

static void test_encoding(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sio_emission e = emission(i);
        struct sio_message *m = sio_message_new(&e);
        bool is_binary;
        size_t bytes = 0;
        if (!ok(m && m->n_parts == 1 + e.n_attachments, "%s", rows[i].text))
            continue;
        is_slice(eio_frame_payload(m->parts[0], &is_binary), rows[i].text, "the packet");
        ok(!is_binary, "is text");
        for (unsigned k = 1; k < m->n_parts; k++) {
            struct slice part = eio_frame_payload(m->parts[k], &is_binary);
            ok(is_binary && slice_eq(part, two[k - 1]), "attachment %u", k - 1);
        }
        for (unsigned k = 0; k < m->n_parts; k++)
            bytes += m->parts[k]->len;
        is_int(m->bytes, bytes, "its size");
        is_int(m->is_remembered, e.offset != NULL, "what has an offset is remembered");
        if (e.offset)
            is_mem(m->offset, e.offset, SIO_OFFSET_BYTES, "under it");
        sio_message_unref(m);
    }
}

/* A name may need six times its length, and nothing is cut. */
static void test_long_name(void)
{
    char name[1000];
    bool is_binary;
    memset(name, 1, sizeof name);
    const struct sio_emission e = { .type = SIO_EVENT,
        .nsp = S("/"),
        .name = slice_of(name, sizeof name),
        .ack_id = 9007199254740991,
        .offset = "0123456789ab" };
    struct sio_message *m = sio_message_new(&e);
    if (ok(m, "a name of control characters"))
        is_int(eio_frame_payload(m->parts[0], &is_binary).len,
            strlen("429007199254740991[\"\",\"0123456789ab\"]") + 6 * sizeof name, "whole");
    sio_message_unref(m);
}

static void test_sharing(void)
{
    const struct sio_emission e = emission(8);
    struct sio_message *m = sio_message_new(&e);
    struct sio_message *same = sio_message_ref(m);
    struct blob *frame = blob_ref(m->parts[1]);
    sio_message_unref(m);
    ok(same == m && same->n_parts == 3, "it lives while somebody holds it");
    sio_message_unref(same);
    bool is_binary;
    ok(slice_eq(eio_frame_payload(frame, &is_binary), two[0]), "and a frame on its own");
    blob_unref(frame);
    sio_message_unref(NULL);
}

static void encode(void *arg)
{
    const struct sio_emission e = emission(8);
    struct sio_message *m = sio_message_new(&e);
    (void)arg;
    ok(fault_hit() ? !m : m != NULL, "a message, or none");
    sio_message_unref(m);
}

int main(void)
{
    test_encoding();
    test_long_name();
    test_sharing();
    fault_each(FAULT_ALLOC, encode, NULL);
    return done();
}
