/* What a store tells somebody of themselves: their rooms, how they focused, their files. Part of
 * store/store.h. */
#pragma once

#include "store/files.h"
#include "store/focus_sum.h"

#define STORE_DASHBOARD_ROOMS 20
#define STORE_DASHBOARD_FILES 20

struct store_room;

struct store_dashboard_query {
    struct slice user_id;
    int64_t now_ms;
    int offset_minutes; /* east of UTC, up to FOCUS_OFFSET_MAX either way */
};

/* A room of theirs. */
struct store_visit {
    const struct store_room *room;
    struct slice role;  /* role_name(); empty: they own it and never came */
    int64_t seen_at_ms; /* when they left; of who did not, when anything last happened there */
};

/* *Lent* for the call. */
struct store_dashboard {
    const struct store_visit *visits; /* owned, or let in; not ended; those alive last come first */
    uint32_t n_visits;
    const struct store_file *files; /* shared and complete, newest first */
    uint32_t n_files;
    const struct focus_sum *focus;
};

typedef void(store_dashboard_done)(void *arg, int err, const struct store_dashboard *d);
