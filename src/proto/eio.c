#include "proto/eio.h"

#include "base/base64.h"
#include "base/json_write.h"
#include "base/url.h"

int eio_read(struct eio_packet *out, struct arena *a, struct slice text)
{
    if (text.len == 0)
        return ERR_PROTOCOL;
    char first = text.p[0];
    struct slice rest = slice_drop(text, 1);
    if (first >= '0' && first <= '0' + EIO_NOOP) {
        *out = (struct eio_packet){ .type = (enum eio_type)(first - '0'), .data = rest };
        return 0;
    }
    if (first != 'b')
        return ERR_PROTOCOL;
    *out = (struct eio_packet){ .type = EIO_MESSAGE, .is_binary = true };
    int err = base64_decode_arena(&out->data, a, rest, BASE64_LENIENT);
    return err == ERR_BAD_VALUE ? ERR_PROTOCOL : err;
}

bool eio_cut(struct slice *packet, struct slice *rest)
{
    if (rest->p == NULL)
        return false;
    ptrdiff_t at = slice_find(*rest, EIO_SEPARATOR);
    size_t len = at < 0 ? rest->len : (size_t)at;
    *packet = slice_take(*rest, len);
    *rest = at < 0 ? slice_of(NULL, 0) : slice_drop(*rest, len + 1);
    return true;
}

void eio_write_binary(struct buf *out, struct slice data)
{
    buf_add_char(out, 'b');
    base64_add(out, data, BASE64_STANDARD);
}

void eio_write_handshake(struct buf *out, const struct eio_handshake *h)
{
    struct json_writer w;
    buf_add_char(out, '0' + EIO_OPEN);
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "sid", h->sid);
    jw_key(&w, S("upgrades"));
    jw_array(&w);
    if (h->can_upgrade)
        jw_str(&w, S("websocket"));
    jw_end(&w);
    jw_field_u64(&w, "pingInterval", h->ping_interval_ms);
    jw_field_u64(&w, "pingTimeout", h->ping_timeout_ms);
    jw_field_u64(&w, "maxPayload", h->max_payload);
    jw_end(&w);
}

/* ---- the query */

enum key { KEY_TRANSPORT, KEY_EIO, KEY_SID, KEY_B64, KEYS };

static const struct slice keys[KEYS] = {
    [KEY_TRANSPORT] = SLICE("transport"),
    [KEY_EIO] = SLICE("EIO"),
    [KEY_SID] = SLICE("sid"),
    [KEY_B64] = SLICE("b64"),
};

/* The decoded values of the keys that are ours; empty where one is missing. */
static int read_values(struct slice values[KEYS], struct arena *a, struct slice query)
{
    struct slice name, value;
    while (url_query_next(&name, &value, &query)) {
        int err = url_decode(&name, a, name, URL_PLUS);
        if (!err)
            err = url_decode(&value, a, value, URL_PLUS);
        if (err)
            return err == ERR_TOO_BIG ? err : ERR_BAD_REQUEST;
        for (unsigned k = 0; k < KEYS; k++) {
            if (slice_eq(name, keys[k]))
                values[k] = value;
        }
    }
    return 0;
}

static enum eio_transport transport_of(struct slice name)
{
    if (slice_eq(name, S("polling")))
        return EIO_POLLING;
    return slice_eq(name, S("websocket")) ? EIO_WEBSOCKET : EIO_NO_TRANSPORT;
}

static bool is_on(struct slice flag)
{
    return flag.len > 0 && !slice_eq(flag, S("0")) && !slice_eq(flag, S("false"));
}

int eio_read_query(struct eio_query *out, struct arena *a, struct slice query)
{
    struct slice values[KEYS] = { { .p = NULL } };
    int err = read_values(values, a, query);
    if (err)
        return err;
    *out = (struct eio_query){
        .transport = transport_of(values[KEY_TRANSPORT]),
        .is_version_4 = slice_eq(values[KEY_EIO], S("4")),
        .is_version_3 = slice_eq(values[KEY_EIO], S("3")),
        .wants_base64 = is_on(values[KEY_B64]),
        .has_sid = values[KEY_SID].len > 0,
        .sid = values[KEY_SID],
    };
    return 0;
}

/* ---- refusals; their numbers on the wire are those of the enum */

static const struct slice refusal_texts[] = {
    [EIO_TRANSPORT_UNKNOWN] = SLICE("Transport unknown"),
    [EIO_SESSION_UNKNOWN] = SLICE("Session ID unknown"),
    [EIO_BAD_METHOD] = SLICE("Bad handshake method"),
    [EIO_BAD_REQUEST] = SLICE("Bad request"),
    [EIO_FORBIDDEN] = SLICE("Forbidden"),
    [EIO_UNSUPPORTED_VERSION] = SLICE("Unsupported protocol version"),
};

struct slice eio_refusal_text(enum eio_refusal why)
{
    return refusal_texts[why];
}

void eio_write_refusal(struct buf *out, enum eio_refusal why)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_u64(&w, "code", why);
    jw_field_str(&w, "message", refusal_texts[why]);
    jw_end(&w);
}
