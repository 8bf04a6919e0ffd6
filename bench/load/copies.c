/* Messages to rooms. Connections that follow each other share a room, or several; the first
 * opt.senders of each say something, in one of their rooms after the other, and everybody in it
 * gets a copy, which is counted as one operation. In a closed loop a sender's next message follows
 * when every member has the last one, in an open loop when it is due.
 *
 * A text begins with its sender's number and its own, from 0. So a copy is compared with what was
 * sent, and of each sender and room a member must hear one number after the other: a copy that
 * comes twice or too early ends the run, one that does not come stalls it or shows by the next. Who
 * tells without a text, as of a microphone, has a true or false in the number's place. */
#include "copies.h"

#include <stdio.h>
#include <string.h>

enum {
    NUMBER_WRAP = 1000000,
    BOARD_STROKES = 12000, /* of a room; it takes some more */
    STROKE_POINTS = 20,
    POINT_BYTES = 16,
    STROKE_BYTES = 512,
};

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

static int is_slow(const struct load *l, const struct conn *c)
{
    return index_of(l, c) >= (size_t)l->opt.conns;
}

/* ---- rooms and their members */

static size_t count_groups(size_t n_conns, const struct load *l)
{
    return (n_conns + (size_t)l->opt.room_size - 1) / (size_t)l->opt.room_size;
}

size_t copies_count_rooms(const struct load *l, size_t n_conns)
{
    return count_groups(n_conns, l) * (size_t)l->opt.rooms_each;
}

unsigned copies_rooms_of(const struct load *l, const struct conn *c)
{
    return is_slow(l, c) ? 1 : (unsigned)l->opt.rooms_each;
}

/* Of the regular ones. */
static size_t count_members(const struct load *l, const struct conn *c)
{
    size_t left = (size_t)l->opt.conns - c->group * (size_t)l->opt.room_size;

    return left < (size_t)l->opt.room_size ? left : (size_t)l->opt.room_size;
}

void copies_connected(struct load *l, struct conn *c)
{
    size_t index = index_of(l, c);
    size_t room_size = (size_t)l->opt.room_size;

    c->said = 0;
    if (is_slow(l, c)) {
        c->first_room = (index - (size_t)l->opt.conns) %
            copies_count_rooms(l, (size_t)l->opt.conns);
        return;
    }
    c->group = index / room_size;
    c->place = index % room_size;
    c->first_room = c->group * (size_t)l->opt.rooms_each;
    c->heard = l->heard + index * l->heard_each;
    memset(c->heard, 0, l->heard_each * sizeof *c->heard);
}

/* ---- beginning */

/* Fixed in length: three digits before the point, one behind. */
static void put_points(char out[STROKE_POINTS * POINT_BYTES + 1], uint32_t seed)
{
    for (int i = 0; i < STROKE_POINTS; i++) {
        seed = seed * 1664525u + 1013904223u;
        out += snprintf(out, POINT_BYTES + 1, "%s[%03u.%u,%03u.%u]", i == 0 ? "" : ",",
            100 + (seed >> 8) % 900, (seed >> 4) % 10, 100 + (seed >> 18) % 900, (seed >> 28) % 10);
    }
}

static int put_stroke(char out[STROKE_BYTES], size_t index)
{
    char points[STROKE_POINTS * POINT_BYTES + 1];

    put_points(points, (uint32_t)(index + 1) * 2654435761u);
    return snprintf(out, STROKE_BYTES,
        "%0*d\",\"type\":\"stroke\",\"points\":[%s],\"color\":\"#1e90ff\",\"width\":3",
        2 * NUMBER_CHARS, 0, points);
}

static void make_strokes(struct load *l)
{
    char text[STROKE_BYTES];

    l->opt.size = put_stroke(text, 0);
    l->texts = xcalloc((size_t)l->opt.conns, (size_t)l->opt.size);
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        put_stroke(text, i);
        memcpy(l->texts + i * (size_t)l->opt.size, text, (size_t)l->opt.size);
    }
}

/* A stroke is an object of this language; others say something as long. */
static void make_texts(struct load *l)
{
    const char *form = language_find('a')->words[SAY_STROKE].say;
    char text[STROKE_BYTES];

    if (l->say == SAY_STROKE && language_find(*l->opt.languages)->is_told_nothing)
        l->opt.size = put_stroke(text, 0) + (long)strlen(form);
    else if (l->say == SAY_STROKE) {
        make_strokes(l);
        return;
    }
    if (l->opt.size < 2 * NUMBER_CHARS)
        die(l, "--size must be %d at least", 2 * NUMBER_CHARS);
    websocket_make_texts(l);
}

void copies_put_number(char out[NUMBER_CHARS], size_t number)
{
    for (int i = NUMBER_CHARS; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
}

/* Strokes are counted so that the board is never full: those that come later replace others. */
static size_t count_numbers(const struct load *l)
{
    size_t each = (size_t)l->opt.rooms_each;
    size_t strokes = BOARD_STROKES / l->n_heard > 0 ? BOARD_STROKES / l->n_heard : 1;
    size_t most = NUMBER_WRAP / each;

    return (l->say == SAY_STROKE && strokes < most ? strokes : most) * each;
}

void copies_prepare(struct load *l)
{
    size_t speakers = l->mode->run == run_closed_loop ? (size_t)l->opt.senders : SIZE_MAX;

    l->n_heard = speakers < (size_t)l->opt.room_size ? speakers : (size_t)l->opt.room_size;
    l->heard_each = l->n_heard * (size_t)l->opt.rooms_each;
    l->heard = xcalloc((size_t)l->opt.conns * l->heard_each, sizeof *l->heard);
    l->number_wrap = count_numbers(l);
    make_texts(l);
    for (size_t i = 0; i < (size_t)l->opt.conns; i++)
        copies_put_number(l->texts + i * (size_t)l->opt.size, i);
}

/* ---- messages */

void copies_begin(struct load *l, struct conn *c)
{
    size_t members = count_members(l, c) - (size_t)c->words->is_others;

    l->pending += members;
    c->copies = (unsigned)members;
    c->said++;
    c->began_at = now();
}

/* Larger than every number: these are none. */
static size_t read_number(const char *text)
{
    size_t n = 0;

    for (int i = 0; i < NUMBER_CHARS; i++) {
        unsigned digit = (unsigned char)text[i] - '0';

        if (digit > 9)
            return SIZE_MAX;
        n = n * 10 + digit;
    }
    return n;
}

static struct conn *sender_of(const struct load *l, const struct conn *c, const char *text)
{
    size_t from = read_number(text);
    struct conn *sender = &l->conns[from];

    if (from >= (size_t)l->opt.conns || sender->group != c->group || sender->place >= l->n_heard)
        die_of_reply(l, c);
    return sender;
}

/* Which of its sender's messages this is, from 0: the next that this room has not had. */
static size_t count_message(struct load *l, struct conn *c, struct conn *sender, size_t room)
{
    unsigned *heard = &c->heard[sender->place * (size_t)l->opt.rooms_each + room];
    size_t n = *heard * (size_t)l->opt.rooms_each + room;

    if (n >= sender->said)
        die(l, "a message came twice");
    ++*heard;
    c->has_heard = 1;
    return n;
}

static void copy_came(struct load *l, struct conn *sender, size_t n)
{
    if (l->opt.rate > 0) {
        reply_came(l, due_at(l, n * l->n_speakers + sender->turn));
        return;
    }
    reply_came(l, sender->began_at);
    if (--sender->copies == 0)
        became_ready(l, sender);
}

void copies_came(struct load *l, struct conn *c, const char *text)
{
    size_t size = (size_t)l->opt.size;
    struct conn *sender = sender_of(l, c, text);
    const char *sent = l->texts + index_of(l, sender) * size;
    size_t number = read_number(text + NUMBER_CHARS);
    size_t n;

    if (number >= l->number_wrap ||
        memcmp(text + 2 * NUMBER_CHARS, sent + 2 * NUMBER_CHARS, size - 2 * NUMBER_CHARS) != 0)
        die_of_reply(l, c);
    n = count_message(l, c, sender, number % (size_t)l->opt.rooms_each);
    if (number != n % l->number_wrap)
        die(l, "message %zu of sender %zu came where %zu was due", number, index_of(l, sender), n);
    copy_came(l, sender, n);
}

int copies_flag(const struct load *l, size_t n)
{
    return n / (size_t)l->opt.rooms_each % 2 == 0;
}

void copies_flag_came(struct load *l, struct conn *c, const struct flag *flag)
{
    struct conn *sender = sender_of(l, c, flag->sender);
    size_t n;

    if (flag->room < c->first_room || flag->room - c->first_room >= (size_t)l->opt.rooms_each)
        die_of_reply(l, c);
    n = count_message(l, c, sender, flag->room - c->first_room);
    if (flag->is_set != copies_flag(l, n))
        die(l, "a message of sender %zu was left out, or came twice", index_of(l, sender));
    copy_came(l, sender, n);
}
