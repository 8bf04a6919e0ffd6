/* What the files of dialect/dispatch share. Only they include it: dispatch.c (a message's way),
 * listener.c (those that wait), handover.c (those for rooms of other loops). */
#pragma once

#include "dialect/dispatch.h"
#include "dialect/errand.h"
#include "hub/deputy.h"

struct entry {
    const struct row *row;
    const struct language *language;
};

struct dispatch {
    struct hub *hub;
    struct dispatch *const *peers; /* of the other loops, by place; NULL: there are none */
    struct entry *entries;
    struct map by_name;
    struct claims *claims;
    struct shelf *shelf; /* NULL: there are no files */
    struct link errands; /* struct errand: of all listeners, and of those that have gone */
    bool is_busy;        /* within a handler */
    struct arena arena;
    struct buf words;
    struct buf ack;
    struct field_error error; /* of the message that is being decoded */
};

struct request {
    const struct entry *entry; /* NULL: there is no row of its name */
    struct slice json;
    uint64_t ack_id;
    uint32_t serial; /* of a deputy: what home knows it by */
    bool is_probe;   /* likewise: if it is for nobody here, it may be for another deputy */
};

struct waiting {
    struct link link; /* listener->waiting */
    struct request request;
    char json[];
};

struct listener {
    struct dispatch *dispatch;
    struct session *session;
    struct link waiting; /* oldest first */
    uint32_t n;
    size_t bytes;
    struct hub_wait wait;    /* of the first of them */
    struct errand_desk desk; /* likewise */
    struct task task;        /* to go on, when it was woken from within a handler */
    bool is_handed;          /* the first of them is with a deputy */
    bool is_deputy;          /* the session is one */
    uint32_t serial;         /* of what was handed over last */
    uint64_t tried;          /* places where the first of them was not for the deputy */
};

/* dispatch.c */
/* ERR_AGAIN: nothing was done, the listener is called when there is more to know. Everything else
 * is settled. */
int dispatch_handle(struct dispatch *d, struct session *s, const struct request *r) MUST_CHECK;
void dispatch_say_no(
    struct session *s, const struct entry *entry, struct refusal *why, uint64_t ack_id);

/* listener.c */
int listener_make(struct dispatch *d, struct session *s) MUST_CHECK; /* if it has none yet */
/* At once, or behind those that wait. ERR_BUSY: there are too many; ERR_NO_MEMORY. */
int listener_take(struct dispatch *d, struct session *s, const struct request *r) MUST_CHECK;
struct waiting *listener_pop(struct listener *l); /* the first of those that wait, owned */
void listener_wake(struct listener *l);           /* it may go on, now or in a moment */

/* handover.c */
/* The message is for that room, of another loop. ERR_AGAIN: it is taken there. */
int handover_to_room(struct ask *a) MUST_CHECK;
/* Is it for somebody who sits in a room with one of the deputies? ERR_AGAIN: they are asked, one by
 * one; the last one says no itself. ERR_NOT_FOUND: there are none. */
int handover_to_target(struct ask *a) MUST_CHECK;
