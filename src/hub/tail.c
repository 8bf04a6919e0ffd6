#include "hub/tail.h"

#include "base/xalloc.h"

void tail_init(struct tail *t)
{
    *t = (struct tail){ 0 };
    link_init(&t->records);
}

static void drop_first(struct tail *t)
{
    struct tail_record *r = tail_record(list_pop(&t->records));
    t->n--;
    t->bytes -= r->len;
    xfree(r);
}

void tail_fini(struct tail *t)
{
    while (t->n > 0)
        drop_first(t);
}

static bool follows(const struct tail *t, uint64_t seq)
{
    return t->n == 0 || tail_record(t->records.prev)->seq + 1 == seq;
}

void tail_add(struct tail *t, uint64_t seq, struct slice record)
{
    if (!follows(t, seq))
        tail_fini(t);
    struct tail_record *r = xtry(NULL, sizeof *r + record.len);
    if (!r) {
        tail_fini(t);
        return;
    }
    *r = (struct tail_record){ .seq = seq, .len = record.len };
    link_init(&r->link);
    if (record.len > 0)
        memcpy(r->bytes, record.p, record.len);
    list_push(&t->records, &r->link);
    t->n++;
    t->bytes += record.len;
    while (t->n > 1 && (t->n > TAIL_EVENTS || t->bytes > TAIL_BYTES))
        drop_first(t);
}

uint64_t tail_first(const struct tail *t)
{
    return t->n > 0 ? tail_record(t->records.next)->seq : UINT64_MAX;
}

const struct tail_record *tail_find(const struct tail *t, uint64_t seq)
{
    for (struct link *l = t->records.prev; l != &t->records; l = l->prev) {
        if (tail_record(l)->seq <= seq)
            return tail_record(l)->seq == seq ? tail_record(l) : NULL;
    }
    return NULL;
}
