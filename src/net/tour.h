/* A question that goes round: it visits every loop, on its thread, beginning at home, and comes
 * home with what it has gathered. Lies inside its owner, whom nobody else touches meanwhile. Used
 * by web/ops and web/rest_gather. */
#pragma once

#include "net/places.h"

struct tour {
    struct mail mail;
    const struct places *places;
    unsigned home;
    unsigned at;
    void (*visit)(struct tour *t); /* t->at says where */
    void (*done)(struct tour *t);  /* at home; `t` is its owner's again */
};

/* On the loop of `home`. With one loop, both are called before it returns. */
void tour_begin(struct tour *t, const struct places *places, unsigned home,
    void (*visit)(struct tour *t), void (*done)(struct tour *t));
