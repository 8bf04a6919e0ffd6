/* Retention, in steps that take turns with everybody else's works: a look, on the reader, finds
 * some of what is too old (store/expiry); a drop, on the writer, removes what was found, each row
 * only if it is still as old as it was, and a room only if nothing has happened in it since. Each
 * step asks for the next one when it is answered. A drop is nobody's urgent work, so it waits for
 * company.
 *
 *    drop revocations --> look --> drop --> look --> ... --> look: all rooms have been seen
 */
#include "base/xalloc.h"
#include "store/expiry.h"
#include "store/works.h"

struct sweep {
    struct desk *desk;
    store_done *done;
    void *arg;
    int64_t now_ms;
    struct expiry expiry;
    bool drops_revocations; /* first of all */
    bool has_more;          /* of them */
    uint32_t run;           /* what is judged */
};

struct step {
    struct work work;
    struct sweep *sweep; /* *owned*, until the next step has it */
};

static struct sweep *sweep_of(struct work *w)
{
    return CONTAINER_OF(w, struct step, work)->sweep;
}

/* ---- looking ---- */

static int look_read(struct work *w, struct sql *db)
{
    return expiry_look(&sweep_of(w)->expiry, db);
}

/* ---- dropping ---- */

static void drop_rows(const struct expiry *x, struct sql *db)
{
    for (uint32_t i = 0; i < x->n; i++) {
        const struct expiry_row *row = &x->rows[i];
        struct sql_value args[] = {
            sql_text(row->room_id),
            sql_int(row->seq),
            sql_int(row->limit_ms),
        };
        db->ops->run(db, row->drop, args, 3);
    }
}

static void change_part(const struct expiry *x, struct sql *db)
{
    struct sql_value args[] = {
        sql_text(buf_slice(&x->part)),
        sql_text(x->of_part->id),
        sql_int(x->of_part->snapshot_seq),
        sql_int(x->part_number),
    };
    db->ops->run(db, SQL_CHANGE_PART, args, 4);
}

/* Gives the run that changes a row if the room is still as it was. */
static uint32_t drop_whole(const struct expiry *x, struct sql *db)
{
    struct sql_value args[] = {
        sql_text(x->whole->id),
        sql_text(x->whole->epoch),
        sql_int(x->whole->last_seq),
    };
    uint32_t run = db->ops->run(db, SQL_TOUCH_LOG, args, 3);
    rooms_forget(db, x->whole->id);
    return run;
}

static void drop_revocations(struct sweep *s, struct sql *db)
{
    struct sql_value args[] = { sql_int(s->now_ms), sql_int(EXPIRY_ROWS) };
    s->run = db->ops->run(db, SQL_DROP_REVOCATIONS, args, 2);
}

static int drop_write(struct work *w, struct sql *db)
{
    struct sweep *s = sweep_of(w);
    const struct expiry *x = &s->expiry;
    if (s->drops_revocations)
        drop_revocations(s, db);
    drop_rows(x, db);
    if (x->of_part != NULL)
        change_part(x, db);
    if (x->whole != NULL)
        s->run = drop_whole(x, db);
    return 0;
}

/* ERR_CONFLICT: something has happened in the room that was to go. */
static int drop_judge(struct work *w, struct sql *db)
{
    struct sweep *s = sweep_of(w);
    if (s->drops_revocations)
        s->has_more = db->ops->changed(db, s->run) >= EXPIRY_ROWS;
    if (s->expiry.whole != NULL && db->ops->changed(db, s->run) != 1)
        return ERR_CONFLICT;
    return 0;
}

/* ---- steps ---- */

static void sweep_free(struct sweep *s)
{
    if (s == NULL)
        return;
    expiry_fini(&s->expiry);
    xfree(s);
}

static void step_free(struct work *w)
{
    struct step *step = CONTAINER_OF(w, struct step, work);
    sweep_free(step->sweep);
    xfree(step);
}

static void look_answer(struct work *w, int err);
static void drop_answer(struct work *w, int err);

static const struct work_kind look_kind = {
    .name = "sweep",
    .read = look_read,
    .answer = look_answer,
    .free = step_free,
};

static const struct work_kind drop_kind = {
    .name = "sweep",
    .write = drop_write,
    .judge = drop_judge,
    .answer = drop_answer,
    .free = step_free,
};

/* *takes* the sweep, unless it gives NULL. */
static struct work *step_new(const struct work_kind *kind, struct sweep *s)
{
    struct step *step = xtry(NULL, sizeof(*step));
    if (step == NULL)
        return NULL;
    *step = (struct step){
        .work = { .kind = kind, .bytes = sizeof(*step) + sizeof(*s) },
        .sweep = s,
    };
    return &step->work;
}

/* The answered step lets go of the sweep. */
static void go_on(struct work *w, const struct work_kind *kind)
{
    struct step *step = CONTAINER_OF(w, struct step, work);
    struct sweep *s = step->sweep;
    struct work *next = step_new(kind, s);
    if (next == NULL) {
        s->done(s->arg, ERR_NO_MEMORY);
        return;
    }
    step->sweep = NULL;
    desk_do(s->desk, next);
}

/* After an error a thread may still be reading with the sweep: it stays as it is. */
static void look_answer(struct work *w, int err)
{
    struct sweep *s = sweep_of(w);
    if (!err)
        expiry_go_on(&s->expiry);
    if (!err && expiry_has_found(&s->expiry))
        go_on(w, &drop_kind);
    else if (!err && !s->expiry.is_all_seen)
        go_on(w, &look_kind);
    else
        s->done(s->arg, err);
}

static void drop_answer(struct work *w, int err)
{
    struct sweep *s = sweep_of(w);
    bool was_left = err == ERR_CONFLICT && s->expiry.whole != NULL;
    if (err && !was_left) {
        s->done(s->arg, err);
        return;
    }
    s->drops_revocations = s->drops_revocations && s->has_more;
    if (s->drops_revocations)
        go_on(w, &drop_kind);
    else if (!s->expiry.is_all_seen)
        go_on(w, &look_kind);
    else
        s->done(s->arg, 0);
}

/* ---- beginning ---- */

static struct sweep *sweep_new(struct desk *d, const struct store_retention *r)
{
    struct sweep *s = xtry(NULL, sizeof(*s));
    if (s == NULL)
        return NULL;
    *s = (struct sweep){ .desk = d, .now_ms = r->now_ms, .drops_revocations = true };
    expiry_init(&s->expiry, r);
    return s;
}

struct work *work_sweep(
    struct desk *d, const struct store_retention *r, store_done *done, void *arg)
{
    struct sweep *s = sweep_new(d, r);
    if (s == NULL)
        return NULL;
    s->done = done;
    s->arg = arg;
    struct work *first = step_new(&drop_kind, s);
    if (first == NULL)
        sweep_free(s);
    return first;
}
