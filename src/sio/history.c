#include "sio/history.h"

#include "base/panic.h"
#include "base/xalloc.h"

#define FIRST_CAP 4u

void history_init(struct history *h)
{
    *h = (struct history){ .ring = NULL };
}

void history_fini(struct history *h)
{
    for (unsigned i = 0; i < h->n; i++)
        sio_message_unref(history_at(h, i));
    xfree(h->ring);
    history_init(h);
}

static unsigned place(const struct history *h, unsigned i)
{
    return (h->head + i) & (h->cap - 1u);
}

static bool grow(struct history *h)
{
    unsigned cap = h->cap ? h->cap * 2u : FIRST_CAP;
    struct sio_message **ring = xtry(NULL, cap * sizeof *ring);
    if (!ring)
        return false;
    for (unsigned i = 0; i < h->n; i++)
        ring[i] = h->ring[place(h, i)];
    xfree(h->ring);
    h->ring = ring;
    h->cap = (uint16_t)cap;
    h->head = 0;
    return true;
}

static void forget_oldest(struct history *h)
{
    struct sio_message *m = h->ring[h->head];
    h->bytes -= m->bytes;
    sio_message_unref(m);
    h->head = (uint16_t)place(h, 1);
    h->n--;
}

void history_add(struct history *h, struct sio_message *m)
{
    while (h->n == HISTORY_MAX || (h->n > 0 && h->bytes + m->bytes > HISTORY_MAX_BYTES))
        forget_oldest(h);
    if (m->bytes > HISTORY_MAX_BYTES || (h->n == h->cap && !grow(h))) {
        history_fini(h);
        return;
    }
    h->ring[place(h, h->n)] = sio_message_ref(m);
    h->bytes += m->bytes;
    h->n++;
}

struct sio_message *history_at(const struct history *h, unsigned back)
{
    ASSERT(back < h->n);
    return h->ring[place(h, h->n - 1u - back)];
}

int history_find(unsigned *missed, const struct history *h, struct slice offset)
{
    for (unsigned back = 0; back < h->n; back++) {
        const struct sio_message *m = history_at(h, back);
        if (slice_eq(slice_of(m->offset, SIO_OFFSET_BYTES), offset)) {
            *missed = back;
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}
