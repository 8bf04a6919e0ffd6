/* What of a store is too old, found a piece at a time: rows that go by themselves, rooms that go as
 * a whole, snapshots that hold old messages. It only reads, and remembers how far it has come. Used
 * by store/work_sweep alone.
 *
 *    expiry_look --> found: drop it --> expiry_go_on --> expiry_look --> ... --> is_all_seen
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "store/sql.h"
#include "store/store.h"

#define EXPIRY_ROWS  500u /* found by one look: so many are dropped in a transaction */
#define EXPIRY_ROOMS 50u  /* looked at by one look */

#define EXPIRY_ROOM_BYTES 256u /* more than any room's id has */

/* What is kept how long. */
enum expiry_class {
    EXPIRY_NEVER, /* as long as the room: what it is, and what was handed in */
    EXPIRY_ACTIVITY,
    EXPIRY_MESSAGES,
    EXPIRY_BOARD,
    EXPIRY_CODE,
    EXPIRY_VIOLATIONS,
    EXPIRY_CLASSES,
};

/* What of a room is looked at, in this order. */
enum expiry_stage { AT_MESSAGES, AT_VIOLATIONS, AT_EVENTS, AT_SNAPSHOT, AT_WHOLE, AT_END };

/* Behind that row of that room. */
struct expiry_place {
    char room[EXPIRY_ROOM_BYTES];
    size_t len;
    enum expiry_stage stage;
    int64_t row; /* number, or part */
};

struct expiry_room {
    struct slice id;
    struct slice epoch;
    int64_t last_seq;
    int64_t snapshot_seq;
    bool is_over; /* it goes as a whole */
};

/* A row that is older than that. */
struct expiry_row {
    enum sql_statement drop;
    struct slice room_id;
    int64_t seq;
    int64_t limit_ms;
};

struct expiry {
    int64_t limits_ms[EXPIRY_CLASSES]; /* what is older goes. INT64_MIN: nothing */
    int64_t ended_ms;                  /* the same of rooms */
    int64_t fleeting_ms;
    struct expiry_place from; /* where a look begins */
    struct expiry_place to;   /* and where it ended */
    uint32_t budget;          /* rows that it may still look at */
    struct arena arena;
    struct expiry_room rooms[EXPIRY_ROOMS];
    uint32_t n_rooms;

    /* What the last look found: rows, and at most one of the two others. */
    struct expiry_row rows[EXPIRY_ROWS];
    uint32_t n;
    const struct expiry_room *whole;   /* a room that goes; then there are no rows */
    const struct expiry_room *of_part; /* of whose snapshot this part is to be replaced */
    struct buf part;
    int64_t part_number;
    bool is_all_seen;
};

void expiry_init(struct expiry *x, const struct store_retention *r);
void expiry_fini(struct expiry *x);

/* May be called again: it begins where the last one that was accepted ended. Errors of `db`. */
int expiry_look(struct expiry *x, struct sql *db) MUST_CHECK;

/* The next look goes on behind this one. */
void expiry_go_on(struct expiry *x);

bool expiry_has_found(const struct expiry *x);
