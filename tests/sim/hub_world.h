/* What the simulation of the hub knows by itself: its clients, and of each room what the store was
 * given. Nothing here asks the hub. Used by the simulation's own files only. */
#pragma once

#include "base/panic.h"
#include "base/xalloc.h"
#include "fault.h"
#include "hub/parts.h"
#include "room/room_equal.h"
#include "store/memory.h"
#include "store/record.h"
#include "tap.h"

#include <stdlib.h>

#define WORLD_PLACES 40 /* rooms at a time; fewer than bits in client->sits */
#define WORLD_LOOPS  4
#define PASTS        (STORE_EPOCHS + 1)
#define LANGUAGES    3
#define LINES        2

struct world;

/* Something that a client is to be told, and has not been yet. */
struct due {
    unsigned place;
    uint32_t life;  /* of the room, when it happened */
    uint64_t seq;   /* 0: of what is not stored */
    uint64_t needs; /* what must be stored before; of those that are told without a number */
    uint64_t step;  /* of the world, when it happened */
    uint64_t seat;  /* the connection that it came from */
    enum event_type type;
    uint8_t words; /* messages of it that are still to come */
    uint8_t language;
    uint8_t ear;
    bool is_must; /* else it may be told, or not */
};

/* What a deputy was told for its client, on its way home. */
struct posted {
    const struct frame *frame; /* to know it by; NULL: an answer */
    uint64_t ack_id;
    unsigned loop; /* that it comes from */
    bool is_must;  /* else it may be dropped on the way */
};

/* A person's connection: what it knows is what its line was sent. */
struct client {
    struct world *world;
    unsigned number;
    unsigned turn; /* a new session each time */
    unsigned user;
    struct session *session; /* NULL: not connected */
    unsigned home;           /* the loop that has the connection */
    bool is_moving;          /* on its way to another one, which is its home when it is there */
    bool is_over;            /* likewise, and it ends there */
    bool is_handed;          /* something that it said is with a deputy */
    uint32_t serial;         /* of that */
    unsigned n_asking;       /* rooms of its home that it waits for */
    bool is_lost;            /* as its home knows */
    unsigned lost_at;        /* a bit for each loop that knows it */
    bool is_slow;
    uint64_t sits;    /* a bit for each place */
    uint64_t is_back; /* likewise: it takes its seat again, now or when the room is open */
    uint8_t language[WORLD_PLACES];
    struct due *dues; /* in order */
    unsigned n_dues;
    unsigned cap_dues;
    struct posted *posted; /* in order */
    unsigned n_posted;
    unsigned cap_posted;
    uint32_t left_life[WORLD_PLACES]; /* the load in which it went from there */
};

/* An event as the store was given it. */
struct logged {
    uint64_t seq;
    struct slice record; /* own */
};

/* A load of the room that the store remembers. */
struct past {
    char name[STORE_EPOCH_MAX + 1];
    uint64_t since;
};

/* A room as it must be. When it has ended, another one takes its number. */
struct place {
    struct world *world;
    unsigned number;
    unsigned turn;
    unsigned loop; /* that its id names */
    char id[32];
    uint32_t life;       /* counts loads */
    struct room *shadow; /* folded from what the store was given; NULL: there is none */
    struct logged *log;
    uint32_t n_log;
    uint32_t cap_log;
    uint64_t stored; /* the last number that the store has answered for */
    uint64_t commit; /* the newest that has to be stored before it is told */
    struct past pasts[PASTS];
    uint32_t n_pasts;
    bool is_open;      /* loaded, and has not failed since */
    bool is_fleeting;  /* it is forgotten when it is dropped */
    bool may_go;       /* it was made so */
    bool is_broken;    /* the store has refused something: until it is loaded anew */
    struct link asked; /* struct asked: the store's answers, in order */
    unsigned *sitting; /* numbers of clients */
    unsigned n_sitting;
    unsigned cap_sitting;
    uint32_t n_must;    /* dues of all clients */
    uint32_t n_answers; /* that somebody waits for */
    uint32_t n_vows;
    uint32_t counted; /* of the people, towards the maximum */
};

/* An answer that a client waits for. */
struct answer {
    uint64_t ack_id;
    unsigned client;
    unsigned client_turn;
    unsigned place;
    uint64_t seq; /* what is to be stored before */
    bool is_void; /* it was lost meanwhile: need not come */
};

/* What was told in the middle of a verb and has no number. */
struct heard {
    unsigned client;
    enum event_type type;
    uint64_t seat;
    bool is_taken;
};

struct world {
    uint64_t seed;
    uint64_t random;
    uint64_t steps;
    struct test_clock clock;
    struct hub_settings settings;
    struct places loops;
    struct hubs hubs;
    unsigned resting;   /* the loop that is busy with something else */
    struct store store; /* the one that the hubs know; see hub_store.h */
    struct store *inner[WORLD_LOOPS];
    bool is_down;               /* nothing is stored or read */
    struct store_status status; /* away: what is to be stored waits, and nothing is read */
    uint64_t away_step;         /* the last one at which it was away */
    unsigned failing;           /* one append in so many; 0: none */
    unsigned pace;              /* one answer in so many turns */
    struct link dropped;        /* struct asked: of a hub that is gone */
    struct client *clients;
    unsigned n_clients;
    unsigned n_users;
    struct place places[WORLD_PLACES];
    unsigned n_places;
    struct place *in_verb; /* the room that is doing something now */
    struct heard *heard;
    unsigned n_heard;
    unsigned cap_heard;
    struct link waiters;                                   /* struct waiter, of hub_sim.c */
    void (*send_home)(struct session *s, struct frame *f); /* of the deputies' lines */
    void (*answer_home)(struct session *s, uint64_t ack_id, struct slice json);
    struct answer *answers;
    unsigned n_answers;
    unsigned cap_answers;
    uint64_t next_ack;
    bool is_ending;
    uint64_t told; /* messages, to see that there were any */
    uint64_t counts[14];
    const char *wrong;
    char why[200];
};

static inline void blame(struct world *w, const char *what)
{
    if (w->wrong == NULL)
        w->wrong = what;
}

static inline bool is_away(const struct world *w)
{
    return w->status.state != STORE_UP;
}

static inline void demand(struct world *w, bool holds, const char *what)
{
    if (!holds)
        blame(w, what);
}
