#include "net/tour.h"

static void go_on(struct tour *t);

static void arrive(struct mail *mail)
{
    struct tour *t = CONTAINER_OF(mail, struct tour, mail);
    if (t->at == t->home) {
        t->done(t);
        return;
    }
    t->visit(t);
    go_on(t);
}

static void go_on(struct tour *t)
{
    t->at = (t->at + 1) % t->places->n;
    t->mail.fn = arrive;
    loop_post(t->places->loops[t->at], &t->mail);
}

void tour_begin(struct tour *t, const struct places *places, unsigned home,
    void (*visit)(struct tour *t), void (*done)(struct tour *t))
{
    *t = (struct tour){ .places = places, .home = home, .at = home, .visit = visit, .done = done };
    visit(t);
    if (places->n > 1)
        go_on(t);
    else
        done(t);
}
