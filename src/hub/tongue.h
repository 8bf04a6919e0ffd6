/* How the hub's clients are spoken to. A dialect says what an event is called; a line moves what
 * was said to a client: a namespace of Socket.IO, a raw WebSocket, a test. The hub encodes an event
 * once for each dialect, ear and line among those who are told. The dialects themselves are in
 * dialect/, the lines in web/. */
#pragma once

#include "hub/words.h"
#include "room/room.h"

#define TONGUE_EARS     4 /* kinds of listener that one dialect may tell apart */
#define TONGUE_DIALECTS 8
#define TONGUE_LINES    8
#define TONGUE_NO_ACK   UINT64_MAX

struct session;
struct hub_settings;

/* An encoded message that many sessions of one line share; what it is only the line knows. */
struct frame;

/* A room as it is now, for those who put it into words. */
struct view {
    const struct room *room;
    const struct hub_settings *settings;
    struct slice epoch;
    int64_t now_ms;
};

/* A request that was not carried out. */
struct refusal {
    int err;
    struct slice text;    /* a sentence that says what to do; never empty */
    const char *request;  /* the message's name; NULL: unknown */
    struct slice room_id; /* that it was about; may be empty */
    uint64_t retry_ms;    /* of ERR_RATE_LIMITED; else 0 */
    bool is_acked;        /* the client asked for an answer, and gets one that says the same */
};

struct dialect {
    const char *name;  /* "study" */
    unsigned number;   /* below TONGUE_DIALECTS, another for each */
    bool is_typed;     /* see struct words */
    uint32_t pulse_ms; /* 0: no pulse */
    /* Which listener this is, below TONGUE_EARS. NULL: all hear the same. `seat`: its connection */
    unsigned (*ear)(const struct room_news *news, const struct member *m, const char *seat);
    /* Says the event, in no, one or several messages. */
    void (*tell)(struct words *w, const struct view *v, const struct event *e, unsigned ear);
    /* Every pulse_ms, while somebody listens in this dialect. May be NULL. */
    void (*pulse)(struct words *w, const struct view *v);
    void (*refuse)(struct words *w, const struct refusal *r);
};

struct line {
    const char *name; /* "/rooms" */
    unsigned number;  /* below TONGUE_LINES, another for each */
    /* Returns owned; NULL without memory. `is_lasting`: who is away for a moment hears it, too. */
    struct frame *(*encode)(
        const struct line *line, struct slice name, struct slice json, bool is_lasting);
    void (*ref)(struct frame *f); /* from any thread, as the next */
    void (*unref)(struct frame *f);
    void (*send)(struct session *s, struct frame *f);
    /* It does not take what it was sent: what does not last is left out. NULL: never. */
    bool (*is_slow)(const struct session *s);
    /* Answers a request that asked for it. NULL: this line knows no answers. */
    void (*answer)(struct session *s, uint64_t ack_id, struct slice json);
    /* Closes its connection, or what is left of a lost one; session_end() is called within. NULL:
     * nobody is sent away from this line. */
    void (*end)(struct session *s, int err);
    /* Takes it to another loop, soon, with its connection; what it says meanwhile waits. False: it
     * cannot go, others of its connection must stay. NULL: it never can. */
    bool (*move)(struct session *s, unsigned place);
    /* It sits in other rooms than before, or is owed no answers any more. NULL: nobody cares. */
    void (*on_rooms)(struct session *s);
};
