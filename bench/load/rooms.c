/* Members of rooms. Each speaks one language (languages.c): its own way to connect, to join, to say
 * something and to hear it. All of a room hear a message, whatever they speak.
 *
 *   before     rooms are made by requests, as calls, since language E enters large rooms of no
 *              other kind; where the cost of coming is asked for, not those that come about by it
 *   opening    upgrade; then CONNECT, for those who speak through Socket.IO; then join, one room
 *              after the other: a step each
 *   operation  a message for a room; each copy that comes is one, its sender's own included, if it
 *              gets any. In language B the sender's copy is the answer to the message.
 *   news       of who else has come and of how the room looks now; ignored, until the room talks
 *   ping       is answered, whenever it comes
 *
 * A message is a frame that is made once. What changes from one to the next, its number and its
 * room, is written over the masked bytes. */
#include "copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAKERS = 32,    /* connections that make rooms */
    FLAG_CHARS = 5, /* " true" or "false" */
    ROOM_CHARS = 1 + NUMBER_CHARS,
};

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

static void put_room(char out[ROOM_CHARS], const struct load *l, size_t room)
{
    out[0] = l->room_letter;
    copies_put_number(out + 1, room);
}

/* Returns owned: what the language has for it, said of this room, with this connection's text and
 * number. Notes where they stand. */
static char *fill(struct load *l, struct conn *c, const char *what, size_t room)
{
    size_t size = (size_t)l->opt.size;
    char *out = xcalloc(size + PACKET_MAX, 1);
    char *p = out;

    for (; *what; what++) {
        if (*what == '$') {
            c->room_at = (size_t)(p - out);
            put_room(p, l, room);
            p += ROOM_CHARS;
        } else if (*what == '@') {
            copies_put_number(p, index_of(l, c));
            p += NUMBER_CHARS;
        } else if (*what == '!') {
            c->flag_at = (size_t)(p - out);
            p = mempcpy(p, "false", FLAG_CHARS);
        } else if (*what == '%') {
            c->number_at = (size_t)(p - out) + NUMBER_CHARS;
            p = mempcpy(p, l->texts + index_of(l, c) * size, size);
        } else {
            *p++ = *what;
        }
    }
    return out;
}

/* ---- what comes */

/* What stands behind the mark. Messages look alike, so it is where it was in the last one. */
static const char *find_mark(struct conn *c, struct packet packet)
{
    const char *mark = c->words->mark;
    size_t len = strlen(mark);
    const char *p = packet.p + c->mark_at;

    if (c->mark_at + len > packet.len || memcmp(p, mark, len) != 0)
        p = memmem(packet.p, packet.len, mark, len);
    if (!p)
        return NULL;
    c->mark_at = (size_t)(p - packet.p);
    return p + len;
}

static size_t room_in(const struct load *l, const struct conn *c, struct packet packet)
{
    static const char mark[] = "\"roomId\":\"";
    const char *p;

    if (l->opt.rooms_each == 1)
        return c->first_room;
    p = memmem(packet.p, packet.len, mark, sizeof mark - 1);
    return p ? strtoul(p + sizeof mark, NULL, 10) : SIZE_MAX;
}

static void on_flag(struct load *l, struct conn *c, struct packet packet, const char *number)
{
    const char *mark = c->words->flag_mark;
    const char *p = number + NUMBER_CHARS;
    struct flag flag = { .sender = number };

    if ((size_t)(packet.p + packet.len - number) < NUMBER_CHARS + strlen(mark) + FLAG_CHARS ||
        memcmp(p, mark, strlen(mark)) != 0)
        die_of_reply(l, c);
    p += strlen(mark);
    flag.is_set = memcmp(p, "true", 4) == 0;
    if (!flag.is_set && memcmp(p, "false", 5) != 0)
        die_of_reply(l, c);
    flag.room = room_in(l, c, packet);
    copies_flag_came(l, c, &flag);
}

static void on_copy(struct load *l, struct conn *c, struct packet packet)
{
    const char *p = find_mark(c, packet);
    size_t size = (size_t)l->opt.size;
    char end = c->words->end;
    size_t left;

    if (!p)
        die_of_reply(l, c);
    if (c->words->flag_mark) {
        on_flag(l, c, packet, p);
        return;
    }
    left = (size_t)(packet.p + packet.len - p);
    if (end ? left <= size || p[size] != end : left != size)
        die_of_reply(l, c);
    copies_came(l, c, p);
}

static void ask(struct load *l, struct conn *c, const char *what, const char *answer)
{
    char *packet = fill(l, c, what, c->first_room + c->joined);

    c->answer = answer;
    websocket_say(l, c, packet);
    free(packet);
}

static void on_answer(struct load *l, struct conn *c)
{
    if (c->is_joining && ++c->joined < copies_rooms_of(l, c))
        ask(l, c, c->language->join, c->language->joined);
    else
        step_ended(l, c);
}

static int is_message(const struct conn *c, struct packet packet)
{
    const struct words *words = c->words;

    return packet_starts(packet, words->heard) ||
        (words->answered && packet_starts(packet, words->answered));
}

static int is_refusal(const struct conn *c, struct packet packet)
{
    return c->language->refused && packet_starts(packet, c->language->refused);
}

/* Those who read nothing may be removed, which is news. */
static void on_packet(struct load *l, struct conn *c, struct packet packet)
{
    if (packet.len == 1 && packet.p[0] == '2') {
        websocket_say(l, c, "3");
        l->pings++;
    } else if (c->answer && packet_starts(packet, c->answer)) {
        c->answer = NULL;
        on_answer(l, c);
    } else if (is_message(c, packet)) {
        on_copy(l, c, packet);
    } else if ((c->has_heard && !l->opt.slow) || is_refusal(c, packet)) {
        die_of_reply(l, c);
    }
}

static void on_frames(struct load *l, struct conn *c)
{
    websocket_take_frames(l, c, on_packet);
}

/* ---- rooms that are made before */

static void make_room(struct load *l, struct conn *c)
{
    size_t n_rooms = copies_count_rooms(l, (size_t)l->opt.conns);
    size_t most = (size_t)l->opt.room_size + ((size_t)l->opt.slow + n_rooms - 1) / n_rooms;
    char request[REQUEST_BYTES];
    char body[PACKET_MAX];
    char room[ROOM_CHARS];
    int n;

    put_room(room, l, l->rooms_made++);
    n = snprintf(body, sizeof body, "{\"roomId\":\"%.*s\",\"mode\":\"call\",\"maxPeers\":%zu}",
        ROOM_CHARS, room, most > 2 ? most : 2);
    n = snprintf(request, sizeof request,
        "POST /api/rooms HTTP/1.1\r\nHost: localhost:%ld\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n%s",
        l->opt.port, n, body);
    conn_send(l, c, request, (size_t)n);
}

static void on_room_made(struct load *l, struct conn *c)
{
    if (!http_take_reply(l, c))
        return;
    if (l->rooms_made < l->rooms_to_make)
        make_room(l, c);
    else
        step_ended(l, c);
}

static void begin_making(struct load *l, struct conn *c)
{
    c->on_reply = on_room_made;
    if (l->rooms_made < l->rooms_to_make)
        make_room(l, c);
    else
        step_ended(l, c);
}

static const struct protocol makers = { .on_connected = begin_making };

static int is_making_needed(const struct load *l)
{
    for (const char *p = l->opt.languages; *p; p++) {
        const struct language *language = language_find(*p);

        if (language->is_told_nothing)
            continue;
        if (!language->makes_rooms || l->mode->run == run_closed_loop)
            return 1;
    }
    return 0;
}

static void before(struct load *l, size_t n_conns)
{
    if (!is_making_needed(l))
        return;
    l->rooms_to_make = copies_count_rooms(l, n_conns);
    l->rooms_made = 0;
    run_alone(l, &makers, n_conns < MAKERS ? n_conns : MAKERS);
}

/* ---- opening */

static void on_upgrade(struct load *l, struct conn *c)
{
    if (!websocket_take_upgrade(l, c))
        return;
    c->on_reply = on_frames;
    if (!c->answer)
        step_ended(l, c);
    on_frames(l, c);
}

static void on_connected(struct load *l, struct conn *c)
{
    const char *letters = l->opt.languages;
    char request[REQUEST_BYTES];
    size_t len;
    char *path;

    copies_connected(l, c);
    c->language = language_find(letters[index_of(l, c) % strlen(letters)]);
    c->words = &c->language->words[l->say];
    c->has_heard = 0;
    c->is_joining = 0;
    c->joined = 0;
    free(c->frame);
    c->frame = NULL;
    path = fill(l, c, c->language->path, c->first_room);
    len = http_put_get(request, l, path);
    free(path);
    c->answer = c->language->greeting;
    c->on_reply = on_upgrade;
    conn_send(l, c, request, len);
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
    c->is_joining = 1;
    if (c->language->join)
        ask(l, c, c->language->join, c->language->joined);
    else
        step_ended(l, c);
}

/* ---- messages */

static void make_frame(struct load *l, struct conn *c)
{
    uint32_t mask = (uint32_t)(index_of(l, c) + 1) * 2654435761u;
    char *packet;

    c->room_at = c->number_at = c->flag_at = 0;
    packet = fill(l, c, c->words->say, c->first_room);
    c->size = strlen(packet);
    c->frame_len = websocket_frame_len(c->size);
    c->frame = xcalloc(c->frame_len, 1);
    websocket_put_frame(c->frame, packet, c->size, mask);
    free(packet);
}

static void overwrite(struct conn *c, size_t at, const char *with, size_t len)
{
    websocket_overwrite(c->frame, c->size, at, (struct packet){ .p = with, .len = len });
}

static void number_frame(const struct load *l, struct conn *c)
{
    size_t n = c->said;
    char number[ROOM_CHARS];

    if (c->number_at > 0) {
        copies_put_number(number, n % l->number_wrap);
        overwrite(c, c->number_at, number, NUMBER_CHARS);
    }
    if (c->flag_at > 0)
        overwrite(c, c->flag_at, copies_flag(l, n) ? " true" : "false", FLAG_CHARS);
    if (c->room_at > 0 && l->opt.rooms_each > 1) {
        put_room(number, l, c->first_room + n % (size_t)l->opt.rooms_each);
        overwrite(c, c->room_at, number, ROOM_CHARS);
    }
}

static void start(struct load *l, struct conn *c)
{
    if (!c->frame)
        make_frame(l, c);
    number_frame(l, c);
    copies_begin(l, c);
    conn_send(l, c, c->frame, c->frame_len);
}

static void check_languages(const struct load *l)
{
    if (!*l->opt.languages)
        die(l, "--languages takes some of abcdews");
    for (const char *p = l->opt.languages; *p; p++) {
        const struct language *language = language_find(*p);

        if (!language)
            die(l, "--languages takes some of abcdews");
        if (!language->words[l->say].say)
            die(l, "language %c has no word for --say %s", *p, l->opt.say);
        if (language->has_one && l->opt.rooms_each > 1)
            die(l, "in language %c one is in one room", *p);
        if (language->words[l->say].is_others && l->opt.room_size == 1)
            die(l, "--say %s alone in a room: nobody would hear it", l->opt.say);
    }
}

static void prepare(struct load *l)
{
    int say = say_find(l->opt.say);

    if (say < 0)
        die(l, "--say takes chat, typing, media or stroke");
    l->say = (enum say)say;
    check_languages(l);
    l->frame_max = FRAME_BYTES;
    copies_prepare(l);
    l->frame_max += 2 * (size_t)l->opt.size; /* one language says a text twice */
}

static void prepare_socketio(struct load *l)
{
    l->opt.languages = "s";
    prepare(l);
}

const struct protocol rooms = {
    .path = "/",
    .headers = websocket_headers,
    .on_connected = on_connected,
    .steps = { enter, join },
    .start = start,
    .prepare = prepare,
    .before = before,
};

const struct protocol socketio = {
    .path = "/",
    .headers = websocket_headers,
    .on_connected = on_connected,
    .steps = { enter, join },
    .start = start,
    .prepare = prepare_socketio,
};
