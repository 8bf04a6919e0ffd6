/* A session that sits in rooms of several loops. Its connection stays with one of them, its home;
 * at each other place where it sits, a deputy stands for it: a session with its id and its
 * identity, on a line that leads home. Rooms, dialects and handlers cannot tell the two apart. What
 * the client says is handed to the deputy (dialect/handover), and answered before anything else of
 * that client is looked at; what the deputy is told goes home as mail.
 *
 *   home:   session --says--> forward ----mail----> deputy --> room     : the other place
 *              ^                                       |
 *              +------line------mail-------------------+
 *
 * Most sessions have none: who sits nowhere yet goes to its first room's loop, connection and all.
 * Used by hub/ and by dialect/. */
#pragma once

#include "hub/hub.h"

/* Of whom. *Borrows*. */
struct deputy_of {
    unsigned home;
    uint64_t handle; /* there */
    unsigned line;   /* its number */
    const struct dialect *dialect;
    struct slice id;
    const struct identity *identity;
    unsigned n_elsewhere; /* rooms that it sits in, but not at that place */
    struct ip peer;
    uint32_t serial; /* of what is handed over: given back when it is done */
};

/* ---- at the other place ---- */

/* The deputy, a new one if there is none, as that person by now. ERR_BUSY, ERR_NO_MEMORY,
 * ERR_CONFLICT, ERR_UNAUTHORIZED; `*out` may be there all the same. */
int deputy_find(struct session **out, struct hub *h, const struct deputy_of *whom) MUST_CHECK;

/* What was handed to it is done, or, with an error, was not for this place. Home hears who the
 * client is, too, if it has shown that here. */
void deputy_done(struct session *deputy, uint32_t serial, int err);
void deputy_refuse(struct hub *h, const struct deputy_of *whom, int err); /* there is none */

/* ---- at home ---- */

/* Rooms that it sits in elsewhere. */
struct away {
    struct link link; /* session->away */
    unsigned place;
    unsigned n_rooms;
    bool is_busy;               /* something is handed over, and not done yet */
    uint32_t serial;            /* of what was handed over last */
    uint64_t slow_told_us;      /* when it last heard that the client reads slowly */
    char room[ROOM_ID_MAX + 1]; /* one of them */
};

struct away *session_away_at(const struct session *s, unsigned place); /* NULL: none */
struct away *session_away_to(struct session *s, unsigned place);       /* made if there is none */
unsigned session_all_rooms(const struct session *s);                   /* here and elsewhere */

/* The room of a session that sits in one only, wherever that is; else empty. */
struct slice session_only_room_id(const struct session *s);

/* Its deputies do as it does. */
void deputies_lose(struct session *s);
void deputies_regain(struct session *s);
void deputies_end(struct session *s);

/* Ends those of that hub: the end of the server, when no loop runs. */
void deputies_end_all(struct hub *h);

/* The lines that deputies may be on; *borrows*. Before the loops run. */
void hub_add_line(struct hub *h, const struct line *line);

/* Who hears at home that something is done. */
typedef void(deputy_done_fn)(struct session *s, unsigned place, uint32_t serial, int err);
void hub_on_deputy_done(struct hub *h, deputy_done_fn *fn);

/* How a deputy's messages that wait are dropped before it ends. */
typedef void(deputy_drop_fn)(struct session *deputy);
void hub_on_deputy_end(struct hub *h, deputy_drop_fn *fn);
