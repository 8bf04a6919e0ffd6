/* How often a password may be tried: so often a minute for one account, wherever the tries come
 * from; so often from one address, whoever is tried; and whoever goes on being wrong about one
 * account from one address waits longer each time. An address from which somebody has logged in
 * has a count of its own for that account, so that nobody can keep others out by trying theirs. It
 * is the same for accounts that there are not. In memory, bounded. Used by web/rest_auth. */
#pragma once

#include "hub/limits.h"
#include "net/addr.h"

#define THROTTLE_MAX      65536u /* accounts and addresses that are remembered, the latest */
#define THROTTLE_HOMES    16384u /* beside them: where people have logged in, the latest */
#define THROTTLE_FREE     5u     /* wrong tries before waiting begins */
#define THROTTLE_FIRST_MS 15000u /* and twice as long each time */
#define THROTTLE_LAST_MS  900000u
#define THROTTLE_KEEP_MS  3600000u /* without a try it is forgotten, but for homes */

struct throttle;

struct throttle_try {
    struct slice account; /* e-mail or id; empty: of an address alone */
    struct ip from;
};

/* Returns owned. */
struct throttle *throttle_new(struct limit_rate account, struct limit_rate address);
void throttle_free(struct throttle *t);

/* One more, which counts as wrong until the contrary is known. ERR_RATE_LIMITED: `*retry_ms` says
 * when; ERR_NO_MEMORY. */
int throttle_take(uint64_t *retry_ms, struct throttle *t, const struct throttle_try *which,
    uint64_t now_us) MUST_CHECK;

/* The contrary: it was right; or nobody has looked. */
void throttle_forgive(struct throttle *t, const struct throttle_try *which);
void throttle_undo(struct throttle *t, const struct throttle_try *which);
