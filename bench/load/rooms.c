/* Rooms of the server itself. A member speaks one of its five languages: its own way to connect, to
 * join, to say something and to hear it. All of a room hear a message, whatever they speak.
 *
 *   opening    the first member of a room makes it, by a request, as a call, since language E
 *              enters large rooms of no other kind; then upgrade; then CONNECT, for those who speak
 *              through Socket.IO; then join: a step each
 *   operation  a text for the room; each copy that comes is one, its sender's own included. In
 *              language B the sender's copy is the answer to the message.
 *   news       of who else has come and of how the room looks now; ignored, until the room talks
 *   ping       is answered, whenever it comes */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_ID_MAX = 16,
    NEWS_BYTES = 16384, /* what is longer tells how the room looks, and is not looked at */
};

/* What is said has the room for a $ and the text for a %. */
struct language {
    char letter;
    const char *path;
    const char *greeting; /* how the first packet begins that comes; NULL: none does */
    const char *enter;    /* a namespace of Socket.IO; NULL: none */
    const char *entered;  /* how the answer begins */
    const char *join;
    const char *joined;
    const char *say;
    const char *heard;    /* how a message begins */
    const char *answered; /* how its sender's copy does, if in another way */
    const char *text;     /* what is in front of its text */
    const char *refused;  /* how an answer begins that says no */
};

#define SOCKETIO_PATH "/socket.io/?EIO=4&transport=websocket"

static const struct language languages[] = {
    { .letter = 'a',
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40/rooms,",
        .entered = "40/rooms,{\"sid\"",
        .join = "42/rooms,0[\"joinRoom\",{\"roomId\":\"$\",\"name\":\"Alice\"}]",
        .joined = "43/rooms,0[{\"ok\":true",
        .say = "42/rooms,[\"chat:message\",{\"roomId\":\"$\",\"text\":\"%\"}]",
        .heard = "42/rooms,[\"chat:message\",",
        .text = "\"text\":\"",
        .refused = "43/rooms,0[{\"ok\":false" },
    { .letter = 'b',
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40",
        .entered = "40{\"sid\"",
        .join = "420[\"join-session\",{\"sessionId\":\"$\",\"userName\":\"Bob\"}]",
        .joined = "430[{\"ok\":true",
        .say = "421[\"chat-message\",{\"sessionId\":\"$\",\"message\":\"%\"}]",
        .heard = "42[\"chat-message\",",
        .answered = "431[{\"ok\":true",
        .text = "\"message\":\"",
        .refused = "430[{\"ok\":false" },
    { .letter = 'c',
        .path = "/ws/rooms/$",
        .greeting = "{\"type\":\"state\"",
        .join = "{\"type\":\"join\",\"name\":\"Carol\"}",
        .joined = "{\"type\":\"state\"",
        .say = "{\"type\":\"chat\",\"text\":\"%\"}",
        .heard = "{\"type\":\"chat\"",
        .text = "\"text\":\"",
        .refused = "{\"type\":\"error\"" },
    { .letter = 'd',
        .path = "/",
        .join = "{\"type\":\"JOIN_ROOM\",\"roomId\":\"$\",\"username\":\"Dan\"}",
        .joined = "{\"type\":\"JOIN_APPROVED\"",
        .say = "{\"type\":\"CHAT_MESSAGE\",\"roomId\":\"$\",\"text\":\"%\"}",
        .heard = "{\"type\":\"CHAT_MESSAGE\"",
        .text = "\"text\":\"",
        .refused = "{\"type\":\"ERROR\"" },
    { .letter = 'e',
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40",
        .entered = "40{\"sid\"",
        .join = "420[\"join-room\",{\"roomId\":\"$\",\"displayName\":\"Eve\"}]",
        .joined = "430[{\"ok\":true",
        .say = "42[\"chat\",{\"roomId\":\"$\",\"text\":\"%\"}]",
        .heard = "42[\"chat\",",
        .text = "\"text\":\"",
        .refused = "430[{\"ok\":false" },
};

#define N_LANGUAGES (sizeof languages / sizeof languages[0])

static const struct language *find_language(char letter)
{
    for (size_t i = 0; i < N_LANGUAGES; i++) {
        if (languages[i].letter == letter)
            return &languages[i];
    }
    return NULL;
}

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

static void put_room_id(char out[ROOM_ID_MAX], const struct load *l, const struct conn *c)
{
    snprintf(out, ROOM_ID_MAX, "r%06zu", copies_room(l, index_of(l, c)) % 1000000);
}

/* Returns owned: what the language has for it, said of this connection's room, and its text. */
static char *fill(const struct load *l, const struct conn *c, const char *what)
{
    char room_id[ROOM_ID_MAX];
    size_t size = (size_t)l->opt.size;
    char *out = xcalloc(size + PACKET_MAX, 1);
    char *p = out;

    put_room_id(room_id, l, c);
    for (; *what; what++) {
        if (*what == '$')
            p = mempcpy(p, room_id, strlen(room_id));
        else if (*what == '%')
            p = mempcpy(p, l->texts + index_of(l, c) * size, size);
        else
            *p++ = *what;
    }
    return out;
}

/* ---- what comes */

static void on_copy(struct load *l, struct conn *c, struct packet packet)
{
    const char *key = c->language->text;
    size_t size = (size_t)l->opt.size;
    const char *p = memmem(packet.p, packet.len, key, strlen(key));

    if (!p)
        die_of_reply(l, c);
    p += strlen(key);
    if ((size_t)(packet.p + packet.len - p) <= size || p[size] != '"')
        die_of_reply(l, c);
    c->has_heard = 1;
    copies_came(l, c, p);
}

static void on_packet(struct load *l, struct conn *c, struct packet packet)
{
    const struct language *as = c->language;

    if (packet.len == 1 && packet.p[0] == '2') {
        websocket_say(l, c, "3");
    } else if (c->answer && packet_starts(packet, c->answer)) {
        c->answer = NULL;
        step_ended(l, c);
    } else if (packet_starts(packet, as->heard) ||
        (as->answered && packet_starts(packet, as->answered))) {
        on_copy(l, c, packet);
    } else if (c->has_heard || packet_starts(packet, as->refused)) {
        die_of_reply(l, c);
    }
}

static void on_frames(struct load *l, struct conn *c)
{
    websocket_take_frames(l, c, on_packet);
}

/* ---- opening */

static void ask(struct load *l, struct conn *c, const char *what, const char *answer)
{
    char *packet = fill(l, c, what);

    c->answer = answer;
    websocket_say(l, c, packet);
    free(packet);
}

static void on_room_made(struct load *l, struct conn *c)
{
    if (http_take_reply(l, c))
        step_ended(l, c);
}

/* On the connection that is upgraded afterwards. */
static void make_room(struct load *l, struct conn *c)
{
    char body[PACKET_MAX];
    char request[REQUEST_BYTES];
    char room_id[ROOM_ID_MAX];
    int n;

    put_room_id(room_id, l, c);
    n = snprintf(body, sizeof body, "{\"roomId\":\"%s\",\"mode\":\"call\",\"maxPeers\":%ld}",
        room_id, l->opt.room_size > 2 ? l->opt.room_size : 2);
    n = snprintf(request, sizeof request,
        "POST /api/rooms HTTP/1.1\r\nHost: localhost:%ld\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n%s",
        l->opt.port, n, body);
    c->on_reply = on_room_made;
    conn_send(l, c, request, (size_t)n);
}

static void on_connected(struct load *l, struct conn *c)
{
    size_t index = index_of(l, c);

    copies_connected(l, c);
    c->language = find_language(l->opt.languages[index % strlen(l->opt.languages)]);
    c->has_heard = 0;
    if (index % (size_t)l->opt.room_size == 0)
        make_room(l, c);
    else
        step_ended(l, c);
}

static void on_upgrade(struct load *l, struct conn *c)
{
    if (!websocket_take_upgrade(l, c))
        return;
    c->on_reply = on_frames;
    if (!c->answer)
        step_ended(l, c);
    on_frames(l, c);
}

static void upgrade(struct load *l, struct conn *c)
{
    char *path = fill(l, c, c->language->path);
    char request[REQUEST_BYTES];
    size_t len = http_put_get(request, l, path);

    l->pending++;
    c->answer = c->language->greeting;
    c->on_reply = on_upgrade;
    conn_send(l, c, request, len);
    free(path);
}

static void enter(struct load *l, struct conn *c)
{
    l->pending++;
    if (c->language->enter)
        ask(l, c, c->language->enter, c->language->entered);
    else
        step_ended(l, c);
}

static void join(struct load *l, struct conn *c)
{
    l->pending++;
    ask(l, c, c->language->join, c->language->joined);
}

/* ---- messages */

static void make_frame(const struct load *l, struct conn *c)
{
    char *packet = fill(l, c, c->language->say);
    size_t size = strlen(packet);

    c->frame_len = websocket_frame_len(size);
    c->frame = xcalloc(c->frame_len, 1);
    websocket_put_frame(c->frame, packet, size, (uint32_t)(index_of(l, c) + 1) * 2654435761u);
    free(packet);
}

static void start(struct load *l, struct conn *c)
{
    if (!c->frame)
        make_frame(l, c);
    copies_begin(l, c);
    conn_send(l, c, c->frame, c->frame_len);
}

static void prepare(struct load *l)
{
    const char *unknown = l->opt.languages;

    while (*unknown && find_language(*unknown))
        unknown++;
    if (*unknown || unknown == l->opt.languages)
        die(l, "--languages takes letters from a to e");
    copies_prepare(l);
    l->in_bytes = NEWS_BYTES + 2 * (size_t)l->opt.size; /* one language says a text twice */
}

const struct protocol rooms = {
    .path = "/",
    .headers = websocket_headers,
    .on_connected = on_connected,
    .steps = { upgrade, enter, join },
    .start = start,
    .prepare = prepare,
};
