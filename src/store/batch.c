/* A transaction is tried with all works that have not been judged. A work that fails, in writing or
 * in judging, is judged: the transaction is rolled back and tried again without it. When the
 * database refuses a statement it is not known whose it was; then each work gets a transaction of
 * its own. So a batch always ends: with every try there is one work less in it, or it is split. */
#include "store/batch.h"

#include "base/panic.h"

/* The database's own trouble, and no verdict about a work. */
static bool is_away(struct sql *db, int err)
{
    return err == ERR_STORAGE_UNAVAILABLE && db->ops->settle(db) != 0;
}

static void judge_as(struct work *w, int err)
{
    w->is_judged = true;
    w->err = err == ERR_AGAIN ? 0 : err;
}

/* Of the first work that fails, if it is the work's fault: then it is judged. */
static int each(
    bool *failed, struct sql *db, struct link *works, int (*part)(struct work *w, struct sql *db))
{
    LIST_EACH(l, works) {
        struct work *w = work_of(l);
        int err = w->is_judged ? 0 : part(w, db);
        if (err && is_away(db, err))
            return err;
        if (!err)
            continue;
        judge_as(w, err);
        *failed = true;
        if (err != ERR_AGAIN)
            return 0;
    }
    return 0;
}

static int write_one(struct work *w, struct sql *db)
{
    return w->kind->write ? w->kind->write(w, db) : 0;
}

static int judge_one(struct work *w, struct sql *db)
{
    return w->kind->judge ? w->kind->judge(w, db) : 0;
}

/* `*failed`: a work was judged; an error is the database's. */
static int try_all(bool *failed, struct sql *db, struct link *works)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = each(failed, db, works, write_one);
    if (!err && !*failed)
        err = db->ops->settle(db);
    if (!err && !*failed)
        err = each(failed, db, works, judge_one);
    if (!err && !*failed)
        err = db->ops->commit(db);
    if (err || *failed)
        db->ops->rollback(db);
    return err;
}

static int write_unjudged(struct sql *db, struct link *works)
{
    for (;;) {
        bool failed = false;
        int err = try_all(&failed, db, works);
        if (err || !failed)
            return err;
    }
}

static bool has_unjudged(struct link *works)
{
    LIST_EACH(l, works) {
        if (!work_of(l)->is_judged)
            return true;
    }
    return false;
}

/* One after the other. Those that were done are judged good. */
static int write_single(struct sql *db, struct link *works)
{
    struct link alone;
    struct link done;
    int err = 0;
    link_init(&alone);
    link_init(&done);
    while (!err && !list_is_empty(works)) {
        struct work *w = work_of(list_pop(works));
        list_push(&alone, &w->link);
        if (!w->is_judged)
            err = write_unjudged(db, &alone);
        if (err != ERR_STORAGE_UNAVAILABLE) {
            if (!w->is_judged)
                judge_as(w, err);
            err = 0;
        }
        list_splice(&done, &alone);
    }
    list_splice(&done, works);
    list_splice(works, &done);
    return err;
}

int batch_write(struct sql *db, struct link *works)
{
    int err = 0;
    if (has_unjudged(works))
        err = write_unjudged(db, works);
    if (err && err != ERR_STORAGE_UNAVAILABLE)
        err = write_single(db, works);
    return err;
}

int batch_read(struct sql *db, struct work *w)
{
    int err = db->ops->begin(db, SQL_READING);
    if (!err)
        err = w->kind->read(w, db);
    db->ops->rollback(db);
    return err;
}
