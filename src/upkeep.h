/* What is done every hour: the store lets go what is older than it is to be kept. Used by the
 * server. */
#pragma once

#include "net/loop.h"
#include "options.h"
#include "store/store.h"

struct upkeep {
    struct loop *loop;
    struct store *store;
    struct store_retention ages; /* without its now_ms */
    struct timer timer;
    bool is_running;
};

/* *borrows* both. The first time is a minute from now. */
void upkeep_begin(
    struct upkeep *u, struct loop *loop, struct store *store, const struct options *o);

/* Before the store is closed. */
void upkeep_end(struct upkeep *u);
