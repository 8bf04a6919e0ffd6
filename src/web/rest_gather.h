/* Rooms of a page, each as the loop knows it that has it: the store's rows go round all loops
 * (net/tour), and come back as JSON. Used by web/rest_list and web/rest_dashboard. */
#pragma once

#include "web/rest.h"

struct rest_gather;

/* A row, copied. */
struct rest_item {
    struct store_room room;
    int64_t seen_at_ms; /* the rest is of visits */
    struct slice role;
    struct slice json; /* when it has been written: an object */
};

/* Writes one into an open object, on the loop of that room. `c` knows who asks, and the hub there;
 * it is no call that could be answered. */
typedef void(rest_put_fn)(struct json_writer *w, struct rest *c, const struct rest_item *item);

/* All are written; *lent*. */
typedef void(rest_gathered_fn)(struct rest *c, int err, const struct rest_item *items, uint32_t n);

/* Within an answer of the store, of which rest_is_back() was asked. `visits` or `rooms`, `n` of
 * them. `done` is called once, perhaps at once, unless the client has gone; then rest_go_on(). */
void rest_gather(struct rest *c, const struct store_room *rooms, const struct store_visit *visits,
    uint32_t n, rest_put_fn *put, rest_gathered_fn *done);
