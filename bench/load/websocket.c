/* WebSocket (RFC 6455): the upgrade, frames of texts, and echoes. What is said to rooms builds on
 * the first two. */
#include "load.h"

#include <string.h>

#define UPGRADE_KEY  "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455, 1.3, with its accept value */
#define UPGRADE_SEAL "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum {
    FIRST_TEXT = 0x81, /* of a frame's bytes: final, text */
    FIRST_PING = 0x89,
    FIRST_PONG = 0x8a,
    CONTROL_MAX = 125, /* bytes that a ping carries */
};

const char websocket_headers[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Key: " UPGRADE_KEY "\r\n"
                                 "Sec-WebSocket-Version: 13\r\n";

/* ---- the upgrade */

int websocket_take_upgrade(struct load *l, struct conn *c)
{
    size_t head = http_head_len(c);

    if (head == 0)
        return 0;
    if (!http_head_starts(c, "HTTP/1.1 101 ") ||
        !memmem(c->in, head, UPGRADE_SEAL, sizeof UPGRADE_SEAL - 1))
        die_of_reply(l, c);
    c->got -= head;
    memmove(c->in, c->in + head, c->got);
    return 1;
}

/* ---- frames */

static size_t head_len(size_t size)
{
    return size < 126 ? 2 : 4;
}

size_t websocket_frame_len(size_t size)
{
    return head_len(size) + MASK_BYTES + size;
}

void websocket_put_frame(unsigned char *out, const char *text, size_t size, uint32_t mask)
{
    unsigned char *payload = out + head_len(size) + MASK_BYTES;

    out[0] = FIRST_TEXT;
    out[1] = (unsigned char)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) {
        out[2] = (unsigned char)(size >> 8);
        out[3] = (unsigned char)size;
    }
    memcpy(payload - MASK_BYTES, &mask, MASK_BYTES);
    for (size_t i = 0; i < size; i++)
        payload[i] = (unsigned char)text[i] ^ payload[(int)(i % MASK_BYTES) - MASK_BYTES];
}

void websocket_overwrite(unsigned char *frame, size_t size, size_t at, struct packet with)
{
    unsigned char *payload = frame + head_len(size) + MASK_BYTES;

    for (size_t i = 0; i < with.len; i++) {
        size_t k = at + i;

        payload[k] = (unsigned char)with.p[i] ^ payload[(int)(k % MASK_BYTES) - MASK_BYTES];
    }
}

void websocket_say(struct load *l, struct conn *c, const char *packet)
{
    unsigned char frame[PACKET_MAX + 8];
    size_t size = strlen(packet);

    if (size > PACKET_MAX)
        die(l, "a packet longer than %d bytes", PACKET_MAX);
    websocket_put_frame(frame, packet, size, 0x9e3779b9u);
    conn_send(l, c, frame, websocket_frame_len(size));
}

static void answer_ping(struct load *l, struct conn *c, struct packet ping)
{
    unsigned char frame[CONTROL_MAX + 8];

    websocket_put_frame(frame, ping.p, ping.len, 0x9e3779b9u);
    frame[0] = FIRST_PONG;
    conn_send(l, c, frame, websocket_frame_len(ping.len));
    l->pings++;
}

/* The length of the head of the frame at `at`, and of what follows it; 0: not whole. */
static size_t read_head(size_t *len, const struct load *l, const struct conn *c, size_t at)
{
    const unsigned char *p = c->in + at;
    size_t left = c->got - at;
    size_t n_more;

    if (left < 2)
        return 0;
    if ((p[0] != FIRST_TEXT && (p[0] != FIRST_PING || p[1] > CONTROL_MAX)) || p[1] > 127)
        die_of_reply(l, c);
    n_more = p[1] == 127 ? 8 : p[1] == 126 ? 2 : 0;
    if (left < 2 + n_more)
        return 0;
    *len = n_more ? 0 : p[1];
    for (size_t i = 0; i < n_more; i++)
        *len = *len << 8 | p[2 + i];
    return 2 + n_more;
}

/* How much is used up by the frame at `at`, and what it carries; 0: it is not whole. Of one that we
 * have no place for, as much as there is, and the rest is skipped when it comes. */
static size_t cut_frame(struct packet *packet, const struct load *l, struct conn *c, size_t at)
{
    size_t left = c->got - at;
    size_t len;
    size_t head = read_head(&len, l, c, at);

    if (head == 0)
        return 0;
    *packet = (struct packet){ .p = (const char *)c->in + at + head, .len = len };
    if (head + len <= left)
        return head + len;
    if (head + len <= l->frame_max || left < head + BEGINNING)
        return 0;
    packet->len = left - head;
    c->skip = len - packet->len;
    return left;
}

static size_t skip(struct conn *c)
{
    size_t n = c->skip < c->got ? c->skip : c->got;

    c->skip -= n;
    return n;
}

void websocket_take_frames(struct load *l, struct conn *c, packet_fn *on_packet)
{
    struct packet packet;
    size_t at = skip(c);
    size_t n;

    while ((n = cut_frame(&packet, l, c, at))) {
        if (c->in[at] == FIRST_PING)
            answer_ping(l, c, packet);
        else
            on_packet(l, c, packet);
        at += n;
    }
    c->got -= at;
    memmove(c->in, c->in + at, c->got);
}

int packet_starts(struct packet packet, const char *with)
{
    size_t len = strlen(with);

    return packet.len >= len && memcmp(packet.p, with, len) == 0;
}

void websocket_make_texts(struct load *l)
{
    size_t size = (size_t)l->opt.size;

    l->texts = xcalloc((size_t)l->opt.conns, size);
    for (size_t k = 0; k < (size_t)l->opt.conns; k++) {
        uint32_t letters = (uint32_t)(k + 1) * 2654435761u;

        for (size_t i = 0; i < size; i++) {
            letters = letters * 1664525u + 1013904223u;
            l->texts[k * size + i] = (char)('a' + (letters >> 16) % 26);
        }
    }
}

/* ---- echoes */

static void on_echo(struct load *l, struct conn *c, struct packet packet)
{
    size_t size = (size_t)l->opt.size;
    const char *text = l->texts + (size_t)(c - l->conns) * size;

    if (!c->answer || packet.len != size || memcmp(packet.p, text, size) != 0)
        die_of_reply(l, c);
    c->answer = NULL;
    reply_came(l, c->began_at);
    became_ready(l, c);
}

static void on_frames(struct load *l, struct conn *c)
{
    websocket_take_frames(l, c, on_echo);
}

static void on_upgrade(struct load *l, struct conn *c)
{
    if (!websocket_take_upgrade(l, c))
        return;
    if (c->got)
        die_of_reply(l, c);
    c->on_reply = on_frames;
    step_ended(l, c);
}

static void on_connected(struct load *l, struct conn *c)
{
    c->answer = NULL;
    c->on_reply = on_upgrade;
    conn_send(l, c, l->request, l->request_len);
}

static void start(struct load *l, struct conn *c)
{
    size_t size = (size_t)l->opt.size;
    const char *text = l->texts + (size_t)(c - l->conns) * size;

    l->pending++;
    c->answer = text;
    c->began_at = now();
    conn_send(l, c, c->frame, c->frame_len);
}

static void prepare(struct load *l)
{
    size_t size = (size_t)l->opt.size;

    websocket_make_texts(l);
    l->frame_max = size + 16;
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        struct conn *c = &l->conns[i];
        uint32_t mask = (uint32_t)(i + 1) * 2654435761u; /* spread over all four bytes */

        c->frame_len = websocket_frame_len(size);
        c->frame = xcalloc(c->frame_len, 1);
        websocket_put_frame(c->frame, l->texts + i * size, size, mask);
    }
}

const struct protocol websocket = {
    .path = "/ws/echo",
    .headers = websocket_headers,
    .on_connected = on_connected,
    .start = start,
    .prepare = prepare,
};
