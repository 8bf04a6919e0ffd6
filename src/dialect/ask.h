/* What clients may say, as data. A row is a message: its name, its fields, the verb that it asks
 * for (which says who may, in which states of the room, and how often), its handler. The dispatcher
 * (dialect/dispatch.h) finds the row, asks the limits, decodes, finds the room, and calls the
 * handler, which asks and says what is declared here; what fails is refused in the dialect's own
 * words, and the connection stays. Used by the dialects.
 *
 *     static int in_hand(struct ask *a)
 *     {
 *         const struct hand *args = a->args;
 *         struct command c = { .verb = VERB_HAND, .hand = { .is_raised = args->raised } };
 *         return ask_do(a, &c);
 *     }
 */
#pragma once

#include "base/fields.h"
#include "hub/hub.h"

/* Which room a message is about. */
enum ask_room {
    ASK_ROOM,           /* the one it names, else the only one that the session sits in */
    ASK_ROOM_OR_NEW,    /* the same; NULL when there is none of that name */
    ASK_ROOM_OF_TARGET, /* named, or else the one that the session shares with the seat it names */
    ASK_NO_ROOM,
};

struct ask;
struct claims;
struct errand_desk;

struct row {
    const char *name;
    const struct fields *fields; /* of `args`; NULL: none */
    size_t args_bytes;
    enum ask_room room;
    size_t room_at;   /* 1 + offset of the slice that names the room; 0: no field does */
    size_t target_at; /* 1 + offset of the slice that names a seat; 0: likewise */
    bool is_free;     /* of no verb: `limit` is its class, anybody may at any time */
    enum verb verb;
    unsigned limit; /* of a free one: enum rate_class, enum limit */
    bool is_join;   /* from now on the session is refused in this dialect */
    int (*handle)(struct ask *a);
    const char *help;    /* a sentence */
    const char *answers; /* names of the messages that answer it, separated by commas, or NULL */
};

#define ROW_ARGS(type, table)    .fields = &(table), .args_bytes = sizeof(type)
#define ROW_ROOM(type, member)   .room_at = 1 + offsetof(type, member)
#define ROW_TARGET(type, member) .target_at = 1 + offsetof(type, member)

/* A description with many tracks has some tens of KiB. */
#define ROW_SIGNAL_MAX (256u << 10)

/* What a dialect may say, for its documentation; tests hold it against what it does say. */
struct said {
    const char *name;
    const char *help;    /* a sentence */
    const char *example; /* the payload as JSON; of a typed dialect with its "type" */
    const char *any;     /* members that may hold any JSON, separated by commas, or NULL */
};

/* A dialect whole. */
struct language {
    const struct dialect *dialect;
    const char *title;   /* "Stoa's own language" */
    const char *help;    /* a sentence or two */
    const char *address; /* where it is spoken: "/ws/rooms/{room_id}" */
    const struct row *rows;
    size_t n_rows;
    const struct said *said;
    size_t n_said;
};

#define LANGUAGE_ROWS(array) .rows = (array), .n_rows = sizeof(array) / sizeof((array)[0])
#define LANGUAGE_SAID(array) .said = (array), .n_said = sizeof(array) / sizeof((array)[0])

/* A message that is being handled. */
struct ask {
    struct session *session;
    const struct language *language; /* of the row */
    const struct row *row;
    struct slice json;     /* as it came */
    const void *args;      /* decoded */
    struct hub_room *room; /* NULL with ASK_NO_ROOM, and where ASK_ROOM_OR_NEW found none */
    struct slice room_id;  /* that was named, or is the room's */
    struct arena *arena;
    uint64_t ack_id;       /* TONGUE_NO_ACK */
    struct slice why;      /* a handler that refuses may say why; else it is the error's sentence */
    uint64_t retry_ms;     /* of ERR_RATE_LIMITED */
    struct claims *claims; /* dialect/claims.h */
    struct errand_desk *desk; /* dialect/errand.h */
    struct outcome done;
    struct words words; /* to the asker, behind what ask_do() led to */
    struct words ack;
};

/* The verb, with the asker's identity from the asker's seat. */
int ask_do(struct ask *a, const struct command *c) MUST_CHECK;

/* CHAT. `*said` is the event. Where the asker has said it before, under the same id, it is that of
 * the message as it reads now; then nothing happens, and the asker alone is told again, without a
 * number. Texts are good until the room's next verb. */
int ask_chat(struct event *said, struct ask *a, const struct command *c) MUST_CHECK;

/* The field of that id, of FIELD_ID. */
#define ASK_CHAT_ID(of, member)                                                           \
    {                                                                                     \
        .name = "id", FIELD_MEMBER(of, member), .type = FIELD_ID, .max = ASK_CHAT_ID_MAX, \
        .help = "the client's own id of the message: said again under it, it is "         \
                "not said twice; absent: it gets one"                                     \
    }
#define ASK_CHAT_ID_MAX 64

/* A room of that name (or a new one) comes to be, and is a->room. Asks LIMIT_CREATE. */
int ask_create(struct ask *a, const struct hub_creation *c) MUST_CHECK;

/* Who sits there, as a user id. ERR_NOT_FOUND. */
int ask_user_at(struct slice *user_id, struct ask *a, struct slice seat) MUST_CHECK;

/* The token's person from now on; without a token nothing changes. ERR_UNAUTHORIZED, ERR_CONFLICT
 * (it sits in a room as somebody else), with a->why. */
int ask_identify(struct ask *a, struct slice token) MUST_CHECK;

/* JOIN, as whoever the session is. `a->done` says whether it waits. The other one says something to
 * the hosts, too, for when it does (struct room_join). */
int ask_join(struct ask *a) MUST_CHECK;
int ask_join_saying(struct ask *a, struct slice knock) MUST_CHECK;

/* ERR_TOO_MANY, with a->why: of rooms that the session is in, or of the person's connections. */
int ask_too_many(struct ask *a) MUST_CHECK;

/* The first of that type among what ask_do() led to, or NULL. */
const struct event *ask_event(const struct ask *a, enum event_type type);

/* A message to the asker. */
struct json_writer *ask_say(struct ask *a, const char *name);
void ask_said(struct ask *a);

/* What was said so far goes on its way, so that there is place for WORDS_MAX more. In a room. */
void ask_flush(struct ask *a);

/* The answer to the request, an open object that has `"ok":true`; the dispatcher ends it. Once.
 * Without it, that is all there is. Nobody sees it who did not ask for one. */
struct json_writer *ask_ack(struct ask *a);

struct view ask_view(const struct ask *a);      /* without a room: settings and time */
struct member *ask_member(const struct ask *a); /* the asker's place in the room, or NULL */
