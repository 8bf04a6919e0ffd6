/* Two web faces turn by turn on one thread, for what goes from the one to the other. Not for
 * anything else. */
#pragma once

#include "rig.h"

struct pair {
    struct rig r; /* its loop and face are the first */
    struct loop *loop[2];
    struct front *front[2];
};

static inline void pair_open(struct pair *p)
{
    rig_init(&p->r);
    places_init(&p->r.places);
    p->loop[0] = p->r.loop;
    if (loop_new(&p->loop[1], &p->r.clock.clock))
        abort();
    for (unsigned i = 0; i < 2; i++) {
        if (places_add(&p->r.places, p->loop[i]))
            abort();
    }
    hubs_init(&p->r.hubs, &p->r.places);
    fronts_init(&p->r.fronts, &p->r.places, &p->r.settings);
    for (unsigned i = 0; i < 2; i++)
        p->front[i] = front_new(&p->r.fronts, i, &p->r.settings, NULL);
    p->r.front = p->front[0];
}

static inline const char *pair_hear(struct pair *p)
{
    for (unsigned i = 0; i < 4 * RIG_TURNS; i++) {
        loop_turn(p->loop[i % 2], false);
        if (p->r.peer >= 0)
            rig_read(&p->r);
    }
    p->r.heard[p->r.len] = 0;
    return p->r.heard;
}

/* Only where it is: what goes to the other loop stays on the way. */
static inline void pair_turn(struct pair *p, unsigned place)
{
    loop_turn(p->loop[place], false);
}

static inline void pair_close(struct pair *p, const char *what)
{
    struct front *first = p->front[0];
    rig_hang_up(&p->r);
    pair_hear(p);
    is_int((int)(front_connections(first) + front_connections(p->front[1])), 0,
        "%s: nobody is left", what);
    front_free(p->front[1]);
    front_free(first);
    fronts_fini(&p->r.fronts);
    for (unsigned i = 0; i < 2; i++)
        loop_turn(p->loop[i], false);
    for (unsigned i = 0; i < 2; i++)
        loop_free(p->loop[i]);
    free(p->r.heard);
}
