/* Socket.IO over a WebSocket, as stock clients speak it (Engine.IO 4, Socket.IO 5).
 *
 *   opening    upgrade, Engine.IO's open packet; then CONNECT; then join, answered by its ack:
 *              a step each
 *   operation  `msg` with the room and a text; the server emits the text to everybody in the room,
 *              its sender included
 *   ping       is answered, whenever it comes
 *
 * Behind the text a server may say at which offset it stands in what a client that comes back would
 * be given (recovery). */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

#define DELIVERY "42[\"msg\",\""

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

/* ---- what comes */

static void on_delivery(struct load *l, struct conn *c, struct packet packet)
{
    size_t size = (size_t)l->opt.size;
    const char *text = packet.p + sizeof DELIVERY - 1;

    if (packet.len < sizeof DELIVERY - 1 + size + 2 || !packet_starts(packet, DELIVERY) ||
        text[size] != '"' || packet.p[packet.len - 1] != ']')
        die_of_reply(l, c);
    copies_came(l, c, text);
}

static void on_packet(struct load *l, struct conn *c, struct packet packet)
{
    if (packet.len == 1 && packet.p[0] == '2') {
        websocket_say(l, c, "3");
    } else if (!c->answer) {
        on_delivery(l, c, packet);
    } else if (packet_starts(packet, c->answer)) {
        c->answer = NULL;
        step_ended(l, c);
    } else {
        die_of_reply(l, c);
    }
}

static void on_frames(struct load *l, struct conn *c)
{
    websocket_take_frames(l, c, on_packet);
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
    copies_connected(l, c);
    c->answer = "0{";
    websocket_upgrade(l, c, on_upgrade);
}

static void enter(struct load *l, struct conn *c)
{
    l->pending++;
    c->answer = "40{\"sid\":\"";
    websocket_say(l, c, "40");
}

static void join(struct load *l, struct conn *c)
{
    char packet[PACKET_MAX];

    snprintf(packet, sizeof packet, "420[\"join\",\"r%05zu\"]", copies_room(l, index_of(l, c)));
    l->pending++;
    c->answer = "430[";
    websocket_say(l, c, packet);
}

/* ---- messages */

static void start(struct load *l, struct conn *c)
{
    copies_begin(l, c);
    conn_send(l, c, l->frames + index_of(l, c) * l->frame_len, l->frame_len);
}

static int make_packet(char *out, size_t room, const struct load *l, size_t index)
{
    int size = (int)l->opt.size;

    return snprintf(out, room, "42[\"msg\",\"r%05zu\",\"%.*s\"]", copies_room(l, index), size,
        l->texts + index * (size_t)size);
}

static void prepare(struct load *l)
{
    size_t room = (size_t)l->opt.size + PACKET_MAX;
    char *packet = xcalloc(room, 1);

    copies_prepare(l);
    l->frame_len = websocket_frame_len((size_t)make_packet(packet, room, l, 0));
    l->frames = xcalloc((size_t)l->opt.conns, l->frame_len);
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        size_t size = (size_t)make_packet(packet, room, l, i);
        uint32_t mask = (uint32_t)(i + 1) * 2654435761u;

        websocket_put_frame(l->frames + i * l->frame_len, packet, size, mask);
    }
    free(packet);
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
