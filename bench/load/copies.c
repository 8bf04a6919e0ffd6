/* Messages to rooms. Connections that follow each other share one; the first opt.senders of each
 * send, and everybody in it gets a copy, which is counted as one operation. In a closed loop a
 * sender's next message follows when every member has the last one.
 *
 * A text begins with its sender's number, so that a copy can be compared with what was sent. Of
 * each sender in its room a connection must have heard as often as that sender has spoken: a copy
 * that comes twice ends the run, one that does not come stalls it. */
#include "load.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_CHARS 6 /* of a sender; the text's first */

size_t copies_room(const struct load *l, size_t index)
{
    return index / (size_t)l->opt.room_size;
}

static size_t index_of(const struct load *l, const struct conn *c)
{
    return (size_t)(c - l->conns);
}

/* ---- beginning */

void copies_prepare(struct load *l)
{
    if (l->opt.size < NUMBER_CHARS)
        die(l, "--size must be %d at least", NUMBER_CHARS);
    websocket_make_texts(l);
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        char number[32];

        snprintf(number, sizeof number, "%0*zu", NUMBER_CHARS, i);
        memcpy(l->texts + i * (size_t)l->opt.size, number, NUMBER_CHARS);
    }
}

void copies_connected(struct load *l, struct conn *c)
{
    size_t heard_bytes = (size_t)l->opt.room_size * sizeof *c->heard;

    if (!c->heard)
        c->heard = xcalloc(1, heard_bytes);
    memset(c->heard, 0, heard_bytes);
    c->said = 0;
}

/* ---- messages */

void copies_begin(struct load *l, struct conn *c)
{
    size_t first = copies_room(l, index_of(l, c)) * (size_t)l->opt.room_size;
    size_t members = (size_t)l->opt.conns - first;

    if (members > (size_t)l->opt.room_size)
        members = (size_t)l->opt.room_size;
    l->pending += members;
    c->copies = (unsigned)members;
    c->said++;
    c->began_at = now();
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

void copies_came(struct load *l, struct conn *c, const char *text)
{
    size_t size = (size_t)l->opt.size;
    size_t from = sender_of(l, text);
    struct conn *sender = &l->conns[from];

    if (from == (size_t)l->opt.conns || copies_room(l, from) != copies_room(l, index_of(l, c)) ||
        memcmp(text, l->texts + from * size, size) != 0)
        die_of_reply(l, c);
    if (++c->heard[from % (size_t)l->opt.room_size] != sender->said)
        die(l, "a message came twice");
    reply_came(l, sender);
    if (--sender->copies == 0)
        became_ready(l, sender);
}
