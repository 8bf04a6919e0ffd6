/* sio_check sio|eio: reads inputs from stdin, each behind its length (32 bits, little-endian), and
 * prints for each a line of JSON: what proto/sio makes of it as a packet, or proto/eio as a
 * payload. tests/live/sio-vs-npm.test.mjs compares it with the parsers of npm. */
#include "base/json_write.h"
#include "proto/eio.h"
#include "proto/sio.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES (1 << 20)

/* {"error":"PROTOCOL"}, or {"type":2,"attachments":0,"nsp":"/","id":7,...}, where `data`, `name`
 * and `args` are texts: the JSON as it stands. */
static void write_sio(struct json_writer *w, struct arena *a, struct slice text)
{
    struct sio_packet p;
    int err = sio_read(&p, a, text);
    if (err) {
        jw_field_str(w, "error", slice_str(err_name(err)));
        return;
    }
    jw_field_u64(w, "type", p.type);
    jw_field_u64(w, "attachments", p.n_attachments);
    jw_field_str(w, "nsp", p.nsp);
    if (p.ack_id != SIO_NO_ACK)
        jw_field_u64(w, "id", p.ack_id);
    jw_field_str(w, "data", p.data);
    jw_field_str(w, "name", p.name);
    jw_field_str(w, "args", p.args);
}

static void write_eio_packet(struct json_writer *w, const struct eio_packet *p)
{
    struct buf hex;
    buf_init(&hex, 2 * INPUT_BYTES);
    for (size_t i = 0; i < p->data.len; i++)
        buf_add_hex(&hex, (unsigned char)p->data.p[i], 2);
    jw_object(w);
    jw_field_u64(w, "type", p->type);
    jw_field_bool(w, "binary", p->is_binary);
    jw_field_str(w, "data", buf_slice(&hex));
    jw_end(w);
    buf_fini(&hex);
}

/* {"packets":[{"type":4,"binary":false,"data":"hex"}],"error":"PROTOCOL"}: up to the first that is
 * refused. */
static void write_eio(struct json_writer *w, struct arena *a, struct slice payload)
{
    struct slice text, rest = payload;
    struct eio_packet p;
    int err = 0;
    jw_key(w, S("packets"));
    jw_array(w);
    while (!err && eio_cut(&text, &rest)) {
        err = eio_read(&p, a, text);
        if (!err)
            write_eio_packet(w, &p);
    }
    jw_end(w);
    if (err)
        jw_field_str(w, "error", slice_str(err_name(err)));
}

static void check(struct buf *out, struct arena *a, struct slice in, bool is_sio)
{
    struct json_writer w;
    buf_reset(out);
    jw_init(&w, out);
    jw_object(&w);
    if (is_sio)
        write_sio(&w, a, in);
    else
        write_eio(&w, a, in);
    jw_end(&w);
    if (buf_err(out) != 0)
        exit(3);
    printf("%.*s\n", (int)out->len, out->p);
    arena_reset(a);
}

/* The copy ends where its memory ends, so that ASan sees a read past its end. */
static bool next(struct slice *in, char **memory)
{
    uint32_t len;
    if (fread(&len, sizeof(len), 1, stdin) != 1)
        return false;
    len = le32toh(len);
    *memory = len <= INPUT_BYTES ? malloc(len + 1) : NULL;
    if (*memory == NULL || fread(*memory + 1, 1, len, stdin) != len) {
        fprintf(stderr, "sio_check: an input is cut off or larger than %d bytes\n", INPUT_BYTES);
        exit(2);
    }
    *in = slice_of(*memory + 1, len);
    return true;
}

int main(int argc, char **argv)
{
    struct buf out;
    struct arena a;
    struct slice in, what = slice_str(argc == 2 ? argv[1] : "");
    char *memory;
    if (!slice_eq(what, S("sio")) && !slice_eq(what, S("eio"))) {
        fprintf(stderr, "usage: sio_check sio|eio\n");
        return 2;
    }
    buf_init(&out, 16 * INPUT_BYTES);
    arena_init(&a, 4 * INPUT_BYTES);
    while (next(&in, &memory)) {
        check(&out, &a, in, slice_eq(what, S("sio")));
        free(memory);
    }
    buf_fini(&out);
    arena_fini(&a);
    return 0;
}
