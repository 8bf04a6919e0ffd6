#include "sio/message.h"

#include "base/json_write.h"
#include "base/xalloc.h"
#include "sio/engine.h"

#define HEAD_ROOM 64u /* type, counts and brackets */

static enum sio_type wire_type(const struct sio_emission *e)
{
    if (e->n_attachments == 0)
        return e->type;
    return e->type == SIO_EVENT ? SIO_BINARY_EVENT : SIO_BINARY_ACK;
}

static void comma(struct buf *out, bool *is_first)
{
    if (!*is_first)
        buf_add_char(out, ',');
    *is_first = false;
}

static void write_packet(struct buf *out, const struct sio_emission *e)
{
    bool is_first = true;
    struct json_writer name;
    sio_write_head(out, wire_type(e), e->n_attachments, e->nsp, e->ack_id);
    buf_add_char(out, '[');
    if (e->type == SIO_EVENT) {
        comma(out, &is_first);
        jw_init(&name, out);
        jw_str(&name, e->name);
    }
    if (e->args.len) {
        comma(out, &is_first);
        buf_add_slice(out, e->args);
    }
    if (e->offset) {
        comma(out, &is_first);
        buf_add_char(out, '"');
        buf_add(out, e->offset, SIO_OFFSET_BYTES);
        buf_add_char(out, '"');
    }
    buf_add_char(out, ']');
}

static struct blob *encode_text(const struct sio_emission *e)
{
    struct buf text;
    struct blob *frame = NULL;
    /* A name's every byte may become an escape of six. */
    buf_init(&text, HEAD_ROOM + e->nsp.len + 6 * e->name.len + e->args.len + SIO_OFFSET_BYTES);
    write_packet(&text, e);
    if (buf_err(&text) == 0)
        frame = eio_text_frame(buf_slice(&text));
    buf_fini(&text);
    return frame;
}

struct sio_message *sio_message_new(const struct sio_emission *e)
{
    unsigned n = 1 + e->n_attachments;
    struct sio_message *m = xalloc(sizeof *m + n * sizeof m->parts[0]);
    atomic_init(&m->refs, 1);
    m->n_parts = n;
    m->parts[0] = encode_text(e);
    bool is_whole = m->parts[0] != NULL;
    for (unsigned i = 1; i < n; i++) {
        m->parts[i] = eio_binary_frame(e->attachments[i - 1]);
        is_whole = is_whole && m->parts[i];
    }
    if (!is_whole) {
        sio_message_unref(m);
        return NULL;
    }
    for (unsigned i = 0; i < n; i++)
        m->bytes += m->parts[i]->len;
    m->is_remembered = e->offset != NULL;
    if (e->offset)
        memcpy(m->offset, e->offset, SIO_OFFSET_BYTES);
    return m;
}

struct sio_message *sio_message_ref(struct sio_message *m)
{
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    return m;
}

void sio_message_unref(struct sio_message *m)
{
    if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < m->n_parts; i++)
        blob_unref(m->parts[i]);
    xfree(m);
}
