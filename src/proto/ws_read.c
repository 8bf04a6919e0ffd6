/*
 * Frames in. ws_read() alternates between two states: gathering a head (read_head), which is
 * checked as soon as its bytes are here, and taking payload (read_payload).
 *
 * A message in one frame that lies whole in the caller's bytes is unmasked where it lies and handed
 * on without a copy; that is the common case. Everything else gathers in `message` (or `control`):
 * it grows with the bytes that came, never by a length that was promised, and is given back as soon
 * as the caller is done with the event. Compressed payload is never kept: it is inflated as it
 * comes, so that the limit stops a bomb at once and text is checked byte by byte too.
 */
#include "proto/deflate.h"
#include "proto/ws.h"

#define FIN       0x80
#define RSV1      0x40
#define RSV23     0x30
#define OP        0x0f
#define MASKED    0x80
#define LEN7      0x7f
#define LEN16     126
#define LEN64     127
#define MASK_SIZE 4

/* Incompressible bytes grow a little when compressed: what we grant beyond the limit. */
#define COMPRESSED_SLACK(limit) ((limit) / 64 + 64)

void ws_reader_init(struct ws_reader *r, const struct ws_limits *limits, struct deflate *deflate)
{
    *r = (struct ws_reader){ .limits = *limits, .deflate = deflate };
    buf_init(&r->message, limits->message_bytes);
    buf_init(&r->control, WS_CONTROL_MAX);
}

void ws_reader_fini(struct ws_reader *r)
{
    buf_fini(&r->message);
    buf_fini(&r->control);
}

bool ws_reader_is_busy(const struct ws_reader *r)
{
    return !r->is_done && (r->message_op != 0 || r->in_payload || r->head_len > 0);
}

static bool is_control(unsigned op)
{
    return op >= WS_CLOSE;
}

/* ---- heads */

/* Gathers bytes of the head until there are `need`. */
static bool fill_head(struct ws_reader *r, char **p, size_t *len, size_t need)
{
    if (r->head_len >= need)
        return true;
    size_t missing = need - r->head_len;
    size_t n = missing < *len ? missing : *len;
    if (n > 0)
        memcpy(r->head + r->head_len, *p, n);
    r->head_len = (uint8_t)(r->head_len + n);
    *p += n;
    *len -= n;
    return n == missing;
}

/* What the first two bytes say must fit together and fit the message under way. */
static int check_head(const struct ws_reader *r)
{
    unsigned op = r->head[0] & OP, len = r->head[1] & LEN7;
    bool is_final = r->head[0] & FIN, is_compressed = r->head[0] & RSV1;
    if ((r->head[0] & RSV23) || !(r->head[1] & MASKED))
        return ERR_PROTOCOL;
    switch (op) {
    case WS_CONT:
        return r->message_op == 0 || is_compressed ? ERR_PROTOCOL : 0;
    case WS_TEXT:
    case WS_BINARY:
        return r->message_op != 0 || (is_compressed && !r->deflate) ? ERR_PROTOCOL : 0;
    case WS_CLOSE:
    case WS_PING:
    case WS_PONG:
        return is_compressed || !is_final || len > WS_CONTROL_MAX ? ERR_PROTOCOL : 0;
    default:
        return ERR_PROTOCOL;
    }
}

/* The whole length of a head whose first two bytes are known. */
static size_t head_size(const uint8_t *head)
{
    unsigned len = head[1] & LEN7;
    return 2 + (len == LEN16 ? 2 : len == LEN64 ? 8 : 0) + MASK_SIZE;
}

/* The payload's length, which must be in its shortest form (RFC 6455 5.2). */
static int read_length(uint64_t *out, const uint8_t *head)
{
    unsigned len = head[1] & LEN7;
    *out = len;
    if (len < LEN16)
        return 0;
    *out = 0;
    for (size_t i = 2; i < (len == LEN16 ? 4 : 10); i++)
        *out = *out << 8 | head[i];
    if (len == LEN16)
        return *out < LEN16 ? ERR_PROTOCOL : 0;
    return *out <= UINT16_MAX || *out >> 63 ? ERR_PROTOCOL : 0;
}

/* Before anything of the frame is stored. */
static int check_limits(struct ws_reader *r, uint64_t len)
{
    uint64_t max = r->limits.message_bytes;
    if (r->is_compressed)
        max += COMPRESSED_SLACK(max);
    if (++r->fragments > r->limits.fragments)
        return ERR_TOO_MANY;
    if (len > max - r->declared)
        return ERR_TOO_BIG;
    r->declared += len;
    return 0;
}

static void begin_message(struct ws_reader *r)
{
    r->message_op = r->op;
    r->is_compressed = r->head[0] & RSV1;
    r->fragments = 0;
    r->declared = 0;
    utf8_init(&r->utf8);
}

static int begin_frame(struct ws_reader *r)
{
    uint64_t len;
    int err = read_length(&len, r->head);
    if (err)
        return err;
    r->op = r->head[0] & OP;
    r->is_final = r->head[0] & FIN;
    r->left = len;
    r->in_payload = true;
    memcpy(r->mask, r->head + r->head_len - MASK_SIZE, MASK_SIZE);
    r->mask_at = 0;
    r->head_len = 0;
    if (is_control(r->op))
        return 0;
    if (r->op != WS_CONT)
        begin_message(r);
    return check_limits(r, len);
}

/* ERR_AGAIN: the head is not whole yet. */
static int read_head(struct ws_reader *r, char **p, size_t *len)
{
    if (!fill_head(r, p, len, 2))
        return ERR_AGAIN;
    int err = check_head(r);
    if (err)
        return err;
    return fill_head(r, p, len, head_size(r->head)) ? begin_frame(r) : ERR_AGAIN;
}

/* ---- payload */

/* Two words at a time, which the compiler turns into one vector; the mask repeats every 4 bytes, so
 * it stays in step with 8 and 16. */
static void unmask(char *p, size_t len, const uint8_t mask[MASK_SIZE], unsigned at)
{
    uint8_t key[8];
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = mask[(at + i) % MASK_SIZE];
    uint64_t word, two[2];
    memcpy(&word, key, sizeof(word));
    size_t i = 0;
    for (; len - i >= sizeof(two); i += sizeof(two)) {
        memcpy(two, p + i, sizeof(two));
        two[0] ^= word;
        two[1] ^= word;
        memcpy(p + i, two, sizeof(two));
    }
    for (; i < len; i++)
        p[i] = (char)(p[i] ^ key[i % sizeof(key)]);
}

static int close_event(struct ws_event *event, struct slice payload)
{
    if (payload.len == 0) {
        event->close_code = WS_NO_CLOSE_CODE;
        return 0;
    }
    if (payload.len == 1)
        return ERR_PROTOCOL;
    unsigned code = (unsigned)(uint8_t)payload.p[0] << 8 | (uint8_t)payload.p[1];
    if (!ws_is_close_code(code))
        return ERR_PROTOCOL;
    event->close_code = (uint16_t)code;
    event->payload = slice_drop(payload, 2);
    return utf8_is_valid(event->payload) ? 0 : ERR_BAD_UTF8;
}

static int take_control(struct ws_event *event, struct ws_reader *r, struct slice part)
{
    struct slice payload = part;
    if (r->in_payload || r->control.len > 0) {
        buf_add_slice(&r->control, part);
        int err = buf_err(&r->control);
        if (err)
            return err;
        payload = buf_slice(&r->control);
    }
    if (r->in_payload)
        return ERR_AGAIN;
    *event = (struct ws_event){ .op = r->op, .payload = payload };
    if (r->op != WS_CLOSE)
        return 0;
    r->is_done = true;
    return close_event(event, payload);
}

/* Text is checked as far as it came: RFC 6455 8.1 wants no more than that, Autobahn 6.4 no less. */
static int check_text(struct ws_reader *r, struct slice s)
{
    return r->message_op == WS_TEXT ? utf8_feed(&r->utf8, s) : 0;
}

static bool is_end_of_message(const struct ws_reader *r)
{
    return r->is_final && !r->in_payload;
}

/* Bad text in front of an error counts first: it came first. */
static int take_compressed(struct slice *payload, struct ws_reader *r, struct slice part)
{
    size_t before = r->message.len;
    int err = deflate_inflate_part(&r->message, r->deflate, part);
    if (!err && is_end_of_message(r))
        err = deflate_inflate_end(&r->message, r->deflate);
    *payload = buf_slice(&r->message);
    int bad = r->message.len > before ? check_text(r, slice_drop(*payload, before)) : 0;
    return bad ? bad : err;
}

static int take_plain(struct slice *payload, struct ws_reader *r, struct slice part)
{
    *payload = part;
    int err = check_text(r, part);
    if (err || (is_end_of_message(r) && r->message.len == 0))
        return err;
    buf_add_slice(&r->message, part);
    *payload = buf_slice(&r->message);
    return buf_err(&r->message);
}

static int take_data(struct ws_event *event, struct ws_reader *r, struct slice part)
{
    struct slice payload;
    int err = r->is_compressed ? take_compressed(&payload, r, part) : take_plain(&payload, r, part);
    if (err)
        return err;
    if (!is_end_of_message(r))
        return ERR_AGAIN;
    if (r->message_op == WS_TEXT && !utf8_is_done(&r->utf8))
        return ERR_BAD_UTF8;
    *event = (struct ws_event){ .op = r->message_op, .payload = payload };
    r->message_op = 0;
    return 0;
}

/* ERR_AGAIN: no event yet. */
static int read_payload(struct ws_event *event, struct ws_reader *r, char **p, size_t *len)
{
    size_t n = r->left < *len ? (size_t)r->left : *len;
    struct slice part = slice_of(*p, n);
    unmask(*p, n, r->mask, r->mask_at);
    r->mask_at = (uint8_t)((r->mask_at + n) % MASK_SIZE);
    *p += n;
    *len -= n;
    r->left -= n;
    r->in_payload = r->left > 0;
    return is_control(r->op) ? take_control(event, r, part) : take_data(event, r, part);
}

/* ---- both */

/* What the last event pointed to. A control frame may stand amid a message, which then stays. */
static void forget_event(struct ws_reader *r)
{
    r->has_event = false;
    if (r->control.p != NULL)
        buf_release(&r->control);
    if (r->message.p != NULL && (r->message_op == 0 || r->is_done))
        buf_release(&r->message);
}

static int next_event(struct ws_event *event, struct ws_reader *r, char **p, size_t *len)
{
    for (;;) {
        int err = r->in_payload ? 0 : read_head(r, p, len);
        if (!err)
            err = read_payload(event, r, p, len);
        if (err != ERR_AGAIN || *len == 0)
            return err;
    }
}

int ws_read(struct ws_event *event, struct ws_reader *r, char **p, size_t *len)
{
    if (r->has_event)
        forget_event(r);
    if (r->is_done) {
        *p += *len;
        *len = 0;
        return ERR_AGAIN;
    }
    int err = next_event(event, r, p, len);
    r->has_event = err == 0;
    if (err && err != ERR_AGAIN) {
        r->is_done = true;
        forget_event(r);
    }
    return err;
}
