/* Socket.IO over a WebSocket, as stock clients speak it (Engine.IO 4, Socket.IO 5).
 *
 *   opening    upgrade, Engine.IO's open packet; then CONNECT; then join, answered by its ack:
 *              a step each
 *   operation  `msg` with the room and a text; the server emits the text to everybody in the room,
 *              its sender included, and each copy that arrives is counted as one operation
 *   loop       a sender's next message follows when every member has the last one
 *   ping       is answered, whenever it comes
 *
 * A text begins with its sender's number, so that a copy can be compared with what was sent. Of
 * each sender in its room a connection must have heard as often as that sender has spoken: a copy
 * that comes twice ends the run, one that does not come stalls it. Behind the text a server may say
 * at which offset it stands in what a client that comes back would be given (recovery). */
#include "load.h"

#include <stdio.h>
#include <string.h>

enum {
    NUMBER_CHARS = 6, /* of a sender; the text's first */
    PACKET_MAX = 128, /* of those that are said while opening */
};

#define DELIVERY "42[\"msg\",\""

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

static size_t room_of(const struct load *l, size_t index)
{
    return index / (size_t)l->opt.room_size;
}

static void say(struct load *l, struct conn *c, const char *packet)
{
    unsigned char frame[PACKET_MAX + 8];
    size_t size = strlen(packet);

    websocket_put_frame(frame, packet, size, 0x9e3779b9u);
    conn_send(l, c, frame, websocket_frame_len(size));
}

/* ---- what comes */

struct packet {
    const char *p;
    size_t len;
};

static int starts(struct packet packet, const char *with)
{
    size_t len = strlen(with);

    return packet.len >= len && memcmp(packet.p, with, len) == 0;
}

/* The connection whose text this is; as many as there are connections: nobody's. */
static size_t sender_of(const struct load *l, const char *text)
{
    size_t n = 0;

    for (int i = 0; i < NUMBER_CHARS; i++) {
        if (text[i] < '0' || text[i] > '9')
            return (size_t)l->opt.conns;
        n = n * 10 + (size_t)(text[i] - '0');
    }
    return n < (size_t)l->opt.conns ? n : (size_t)l->opt.conns;
}

/* The sender, if this is its text to the last byte, and meant for this room; else NULL. */
static struct conn *check_delivery(struct load *l, const struct conn *c, struct packet packet)
{
    size_t size = (size_t)l->opt.size;
    size_t head = sizeof DELIVERY - 1;
    const char *text = packet.p + head;
    size_t sender;

    if (packet.len < head + size + 2 || !starts(packet, DELIVERY))
        return NULL;
    sender = sender_of(l, text);
    if (sender == (size_t)l->opt.conns || room_of(l, sender) != room_of(l, index_of(l, c)))
        return NULL;
    if (memcmp(text, l->texts + sender * size, size) != 0 || text[size] != '"' ||
        packet.p[packet.len - 1] != ']')
        return NULL;
    return &l->conns[sender];
}

static void on_delivery(struct load *l, struct conn *c, struct packet packet)
{
    struct conn *sender = check_delivery(l, c, packet);

    if (!sender)
        die_of_reply(l, c);
    if (++c->heard[index_of(l, sender) % (size_t)l->opt.room_size] != sender->said)
        die(l, "a message came twice");
    reply_came(l, sender);
    if (--sender->copies == 0)
        became_ready(l, sender);
}

static void on_packet(struct load *l, struct conn *c, struct packet packet)
{
    if (packet.len == 1 && packet.p[0] == '2') {
        say(l, c, "3");
    } else if (!c->answer) {
        on_delivery(l, c, packet);
    } else if (starts(packet, c->answer)) {
        c->answer = NULL;
        step_ended(l, c);
    } else {
        die_of_reply(l, c);
    }
}

/* The length of the frame at `at` and what it carries; 0: it is not whole. */
static size_t cut_frame(
    struct packet *packet, const struct load *l, const struct conn *c, size_t at)
{
    const unsigned char *p = c->in + at;
    size_t left = c->got - at;
    size_t head = 2;
    size_t len;

    if (left < head)
        return 0;
    if (p[0] != 0x81 || p[1] > 126)
        die_of_reply(l, c);
    len = p[1];
    if (len == 126) {
        head = 4;
        if (left < head)
            return 0;
        len = (size_t)(p[2] << 8 | p[3]);
    }
    if (left < head + len)
        return 0;
    *packet = (struct packet){ .p = (const char *)p + head, .len = len };
    return head + len;
}

static void on_frames(struct load *l, struct conn *c)
{
    struct packet packet;
    size_t at = 0;
    size_t n;

    while ((n = cut_frame(&packet, l, c, at))) {
        on_packet(l, c, packet);
        at += n;
    }
    c->got -= at;
    memmove(c->in, c->in + at, c->got);
}

/* ---- opening */

static void on_upgrade(struct load *l, struct conn *c)
{
    if (!websocket_take_upgrade(l, c))
        return;
    c->on_reply = on_frames;
    on_frames(l, c);
}

static void on_connected(struct load *l, struct conn *c)
{
    size_t heard_bytes = (size_t)l->opt.room_size * sizeof *c->heard;

    if (!c->heard)
        c->heard = xcalloc(1, heard_bytes);
    memset(c->heard, 0, heard_bytes);
    c->said = 0;
    c->answer = "0{";
    websocket_upgrade(l, c, on_upgrade);
}

static void enter(struct load *l, struct conn *c)
{
    l->pending++;
    c->answer = "40{\"sid\":\"";
    say(l, c, "40");
}

static void join(struct load *l, struct conn *c)
{
    char packet[PACKET_MAX];

    snprintf(packet, sizeof packet, "420[\"join\",\"r%05zu\"]", room_of(l, index_of(l, c)));
    l->pending++;
    c->answer = "430[";
    say(l, c, packet);
}

/* ---- messages */

static void start(struct load *l, struct conn *c)
{
    size_t index = index_of(l, c);
    size_t first = room_of(l, index) * (size_t)l->opt.room_size;
    size_t members = (size_t)l->opt.conns - first;

    if (members > (size_t)l->opt.room_size)
        members = (size_t)l->opt.room_size;
    l->pending += members;
    c->copies = (unsigned)members;
    c->said++;
    c->began_at = now();
    conn_send(l, c, l->frames + index * l->frame_len, l->frame_len);
}

static int make_packet(char *out, size_t room, const struct load *l, size_t index)
{
    int size = (int)l->opt.size;

    return snprintf(out, room, "42[\"msg\",\"r%05zu\",\"%.*s\"]", room_of(l, index), size,
        l->texts + index * (size_t)size);
}

static void number_texts(struct load *l)
{
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        char number[32];

        snprintf(number, sizeof number, "%0*zu", NUMBER_CHARS, i);
        memcpy(l->texts + i * (size_t)l->opt.size, number, NUMBER_CHARS);
    }
}

static void prepare(struct load *l)
{
    size_t room = (size_t)l->opt.size + PACKET_MAX;
    char *packet = xcalloc(room, 1);

    if (l->opt.size < NUMBER_CHARS)
        die(l, "--size must be %d at least", NUMBER_CHARS);
    websocket_make_texts(l);
    number_texts(l);
    l->frame_len = websocket_frame_len((size_t)make_packet(packet, room, l, 0));
    l->frames = xcalloc((size_t)l->opt.conns, l->frame_len);
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        size_t size = (size_t)make_packet(packet, room, l, i);
        uint32_t mask = (uint32_t)(i + 1) * 2654435761u;

        websocket_put_frame(l->frames + i * l->frame_len, packet, size, mask);
    }
    l->in_bytes = IN_BYTES_MIN + (size_t)l->opt.senders * room;
}

const struct protocol socketio = {
    .path = "/socket.io/?EIO=4&transport=websocket",
    .headers = websocket_headers,
    .on_connected = on_connected,
    .steps = { enter, join },
    .start = start,
    .prepare = prepare,
};
