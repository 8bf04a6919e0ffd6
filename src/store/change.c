#include "store/change.h"

#include "base/xalloc.h"

#define CHANGE_MAX_BYTES (1u << 20) /* nothing that is changed so is as long */

static struct change *change_of(struct work *w)
{
    return CONTAINER_OF(w, struct change, work);
}

static int write(struct work *w, struct sql *db)
{
    struct change *c = change_of(w);
    if (!c->refusal)
        c->run = runs_run(&c->runs, db);
    return c->refusal;
}

static int judge(struct work *w, struct sql *db)
{
    struct change *c = change_of(w);
    if (db->ops->changed(db, c->run + c->judged) > 0) {
        c->was_right = true;
        return 0;
    }
    if (c->was_right)
        return ERR_AGAIN;
    bool is_found = c->found && db->ops->changed(db, c->run) > 0;
    return is_found ? c->found : c->missing;
}

static void answer(struct work *w, int err)
{
    struct change *c = change_of(w);
    c->done(c->arg, err);
}

static void change_free(struct work *w)
{
    struct change *c = change_of(w);
    runs_fini(&c->runs);
    xfree(c);
}

static const struct work_kind kind = {
    .name = "change",
    .write = write,
    .judge = judge,
    .answer = answer,
    .free = change_free,
};

struct change *change_new(store_done *done, void *arg)
{
    struct change *c = xtry(NULL, sizeof(*c));
    if (c == NULL)
        return NULL;
    *c = (struct change){
        .work = { .kind = &kind, .is_urgent = true },
        .done = done,
        .arg = arg,
    };
    runs_init(&c->runs, CHANGE_MAX_BYTES);
    return c;
}

struct work *change_work(struct change *c)
{
    if (runs_err(&c->runs)) {
        change_free(&c->work);
        return NULL;
    }
    c->work.bytes = sizeof(*c) + c->runs.memory.used_bytes;
    return &c->work;
}
