/* A call of the REST interface: a request that a handler answers in JSON, once the room that it is
 * about is loaded, the store has given its page, and what it did is stored. A row says what the
 * call takes, which room it is about, how often one may, and what it gives; the handler only acts.
 * Used by the files web/rest_*.c.
 *
 *     static int show(struct rest *c)
 *     {
 *         struct view v = hub_view(c->room);
 *         focus_state(rest_object(c), &v);
 *         return 0;
 *     }
 *
 *   begin (who asks, arguments, limit) --> room --> the handler --> stored --> answered
 *                                          ^ loading     | a page of the store ^
 *                                          +--+          +---------------------+
 *
 * The client may go at any of the arrows: then the handler, if it has not been called yet, never
 * is, and what it did stays done. */
#pragma once

#include "base/fields.h"
#include "base/json_write.h"
#include "hub/hub.h"
#include "web/asker.h"
#include "web/lobby.h"

#define REST_BODY_BYTES   (256u << 10) /* a room with the longest question, escaped */
#define REST_ANSWER_BYTES (12u << 20)
#define REST_PARAM_MAX    8192       /* of a path: too long an id is of no room, it is not wrong */
#define REST_PAGE_BYTES   (1u << 20) /* a page that has grown to this ends */

struct rest;
struct rest_list;

/* Has acted and perhaps written the answer, or has asked the store (web/rest_list.h); or an error,
 * with c->why when there is more to say than the error's own sentence. */
typedef int(rest_fn)(struct rest *c);

enum rest_room {
    REST_NO_ROOM,
    REST_ROOM,        /* it must exist */
    REST_ROOM_OR_NEW, /* NULL when there is none of that name, or none was named */
};

struct rest_row {
    const struct fields *takes; /* of the path, and of the body (POST) or the query. NULL: none */
    size_t args_bytes;
    const struct fields *also; /* further fields of the body, at the start of the arguments */
    enum rest_room room;
    size_t room_at; /* offset of the slice that names the room */
    unsigned limit; /* REST_LIMIT(): what the call counts as; 0: nothing */
    bool is_a_door; /* for who is not known yet: a bad token is no reason to refuse it */
    rest_fn *act;
    int gives_status;
    const char *gives; /* an answer, as JSON; NULL: it has no body */
};

#define REST_ARGS(type, table)          .takes = &(table), .args_bytes = sizeof(type)
#define REST_IN_ROOM(use, type, member) .room = (use), .room_at = offsetof(type, member)
#define REST_LIMIT(limit)               (1 + (unsigned)(limit))

/* Creation keys that the client shows, as they came. In the request's arena. */
struct rest_keys {
    struct slice shown; /* as a header */
    struct slice cookie;
};

struct rest {
    uint32_t magic;
    struct link link; /* rests->calls */
    struct lobby *lobby;
    struct request *request; /* NULL: the client has gone */
    const struct rest_row *row;
    struct asker asker;
    struct rest_keys keys;
    const void *args;             /* decoded */
    struct hub_settings settings; /* the hub's; their public_url as this client knows the server */
    struct slice room_id;         /* that was named; may be empty */
    struct hub_room *room;        /* NULL: none, or a page of the store has been asked for since */
    struct slice why;             /* in the request's arena, or static */
    int status;                   /* the row's, unless the handler says otherwise */
    struct slice location;        /* of a header, in the request's arena; may be empty */
    struct slice cookie;          /* likewise */
    struct slice session_cookie;  /* likewise */
    uint64_t retry_ms;            /* of ERR_RATE_LIMITED; 0: a second */
    const struct rest_list *list; /* what the store was asked for */
    bool has_more;                /* than this page of it */
    void *own;                    /* the handler's, in the request's arena */
    bool is_asking;               /* the store */
    bool has_acted;               /* that it is stored is all it waits for */
    int err;                      /* of storing */
    struct hub_wait wait;
    struct hub_promise promise;
    struct task task;
    struct timer pause;
    bool has_paused;
    struct buf json;
    struct json_writer writer;
};

/* ---- for handlers ---- */

/* The answer: an object, that is ended by itself. Once. Another one is written to c->writer. */
struct json_writer *rest_object(struct rest *c);

struct hub *rest_hub(const struct rest *c);
int64_t rest_now_ms(const struct rest *c);

/* One more of this class, by the asker's account, or by the address where there is none.
 * ERR_RATE_LIMITED, ERR_NO_MEMORY. */
int rest_spend(struct rest *c, unsigned limit) MUST_CHECK;

/* The handler returns this: it is called once more, after so long. */
int rest_pause(struct rest *c, uint32_t ms) MUST_CHECK;

/* The answer's Location: `under`, then the room's id. */
void rest_locate(struct rest *c, const char *under);

/* The store is being asked: rest_go_on() follows, whatever has become of the client. */
void rest_wait_for_store(struct rest *c);

/* False: nobody waits for it any more, and the call is gone. */
bool rest_is_back(struct rest *c);

/* With what the handler of the store's answer returned. */
void rest_go_on(struct rest *c, int err);

/* Rooms were looked for in vain from there: one more. */
void rest_count_miss(struct rest *c);
int rest_may_look(struct rest *c) MUST_CHECK; /* ERR_RATE_LIMITED */

/* ---- for the routes ---- */

/* The handler of every route that has a row. */
void rest_handle(struct request *r);

/* What the calls of one lobby share. Returns owned. */
struct rests *rests_new(void);

/* When the clients are gone and the store is closed. */
void rests_free(struct rests *rests);
