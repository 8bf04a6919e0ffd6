/* What is kept of the people in a room: who takes or took part, what their pages reported, what
 * they handed in, that they were thrown out. As the tables have it; how things are now is the
 * hub's. Part of store/store.h. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_PEOPLE            2000      /* of a room: the newest */
#define STORE_VIOLATIONS_OF_ONE 500       /* of a person: the newest */
#define STORE_VIOLATIONS        20000     /* of a room: the newest */
#define STORE_SUBMISSIONS       2000      /* likewise */
#define STORE_KICKS             1000      /* likewise */
#define STORE_CODE_CHARS        (8 << 20) /* of all submissions: the newest */

struct store_violation {
    const struct store_violation *next; /* a later one of the same person */
    struct slice id;
    struct slice type; /* report_name() */
    int64_t at_ms;
    uint32_t total; /* of this person so far */
    uint32_t of_type;
};

struct store_submission {
    const struct store_submission *next; /* a later one of the same person */
    struct store_submission *older;      /* of anybody */
    struct slice id;
    struct slice code;
    struct slice language;
    uint64_t seq;
    int64_t at_ms;
    bool is_automatic;
    bool has_code; /* or it was left out */
};

struct store_kick {
    const struct store_kick *next; /* a later one of the same person */
    struct slice by;               /* empty: the room itself */
    struct slice reason;
    int64_t at_ms;
};

/* A participant, let in or not. */
struct store_person {
    struct slice user_id;
    struct slice name;
    struct slice status;  /* "PENDING", "APPROVED", "REJECTED", "KICKED" */
    int64_t joined_at_ms; /* the last time; of those who wait, when they asked */
    int64_t left_at_ms;   /* 0: has not */
    uint32_t violations;
    bool has_submitted;
    const struct store_violation *first_violation;
    const struct store_submission *first_submission;
    const struct store_kick *first_kick;
};

/* *Lent* for the call. */
struct store_history {
    const struct store_person *at; /* in the order in which they came */
    uint32_t n;
    const struct store_submission *newest;
    bool is_cut; /* by one of the numbers above */
};

typedef void(store_history_done)(void *arg, int err, const struct store_history *history);
