/* What nobody will miss: uploads that did not come in time, what rooms left behind that are gone,
 * and contents that no row knows (a crash between two steps, a database from elsewhere). Once at
 * the start and then every hour, one file after the other, each looked for again before it goes.
 *
 *   AWAITED --> DOOMED --> STRAYS --> (an hour) --> AWAITED
 *
 * Awaited ones are only looked for at the start: those that are offered later have timers of their
 * own (files_awaited). A stray is looked for in the store before it goes, and it is left alone for
 * a day in any case. Each loop sweeps what is at its place. */
#include "base/log.h"
#include "base/xalloc.h"
#include "web/files_parts.h"

#define PAGE     50
#define STRAY_S  (24 * 60 * 60)
#define PAUSE_US (50 * UINT64_C(1000)) /* between two steps: there is no hurry */
#define NEVER_MS INT64_MAX

enum sweep_phase { AWAITED, DOOMED, STRAYS, SWEPT };

struct sweep {
    struct files_op op;
    enum sweep_phase phase;
    struct timer pause;
    char after[FILES_ID_BYTES + 1]; /* the last of the page before */
    bool has_more;
    struct files_found found; /* ids that are to be looked at */
    int64_t made_at_ms[FILES_STEP_NAMES];
    char owners[FILES_STEP_NAMES][FILES_USER_MAX + 1];
    bool has_parts[FILES_STEP_NAMES];
    uint64_t bytes[FILES_STEP_NAMES];
    unsigned next; /* of them */
    struct files_walk walk;
    int64_t strays_before_s;
};

static void step(struct sweep *s);

static struct sweep *sweep_of(struct files_op *op)
{
    return CONTAINER_OF(op, struct sweep, op);
}

static void sweep_free(struct files_op *op)
{
    struct sweep *s = sweep_of(op);
    loop_disarm(op->files->loop, &s->pause);
    files_disk_walk_end(&s->walk);
    files_op_fini(op);
    xfree(s);
}

static void on_pause(void *arg)
{
    struct sweep *s = arg;
    if (!s->op.files->is_closed)
        step(s);
}

/* The next step, in a moment. */
static void go_on(struct sweep *s)
{
    loop_arm(s->op.files->loop, &s->pause, PAUSE_US);
}

static void next_phase(struct sweep *s)
{
    s->phase++;
    s->after[0] = '\0';
    s->has_more = true;
    s->found.n = 0;
    s->next = 0;
}

/* ---- pages of rows ---- */

static void note(struct sweep *s, const struct store_file *f)
{
    unsigned n = s->found.n;
    if (!files_is_id(f->id) || f->user_id.len > FILES_USER_MAX)
        return;
    memcpy(s->found.ids[n], f->id.p, f->id.len);
    s->found.ids[n][f->id.len] = '\0';
    if (f->user_id.len > 0)
        memcpy(s->owners[n], f->user_id.p, f->user_id.len);
    s->owners[n][f->user_id.len] = '\0';
    s->made_at_ms[n] = f->created_at_ms;
    s->bytes[n] = f->is_remote ? 0 : f->bytes;
    s->found.n++;
}

static void on_page(void *arg, int err, const struct store_files *page)
{
    struct sweep *s = arg;
    if (s->op.files->is_closed)
        return;
    s->found.n = 0;
    s->next = 0;
    s->has_more = !err && page->has_more;
    for (uint32_t i = 0; !err && i < page->n; i++)
        note(s, &page->at[i]);
    if (s->found.n > 0)
        memcpy(s->after, s->found.ids[s->found.n - 1], sizeof s->after);
    else
        s->has_more = false;
    go_on(s);
}

static void ask(struct sweep *s, enum store_file_which which)
{
    struct store *store = s->op.files->store;
    const struct store_file_query q = {
        .which = which,
        .before_ms = NEVER_MS,
        .after = slice_str(s->after),
        .limit = PAGE,
    };
    store->ops->files(store, &q, on_page, s);
}

/* ---- the phases ---- */

static void look_for_parts(struct files_op *op)
{
    struct sweep *s = sweep_of(op);
    for (unsigned i = 0; i < s->found.n; i++)
        s->has_parts[i] = files_disk_has_parts(&op->files->disk, slice_str(s->found.ids[i]));
}

/* An upload of an earlier life: what may still come is awaited, the rest expires at once. */
static void await_again(struct sweep *s, unsigned i)
{
    struct files *f = s->op.files;
    int64_t ms = s->has_parts[i] ? FILES_EXPIRES_PARTS_MS : FILES_EXPIRES_MS;
    const struct files_awaiting what = {
        .id = slice_str(s->found.ids[i]),
        .user_id = slice_str(s->owners[i]),
        .bytes = s->bytes[i],
        .expires_at_ms = s->made_at_ms[i] + ms,
    };
    bool is_ours = files_is_here(f, what.id);
    if (is_ours && !files_is_awaited(f, what.id) && files_await(f, &what))
        log_warning(LOG_FILES, "no memory for an upload that is awaited", LOG_TEXT("id", what.id));
}

static void on_parts(struct files_op *op)
{
    struct sweep *s = sweep_of(op);
    if (op->files->is_closed)
        return;
    for (unsigned i = 0; i < s->found.n; i++)
        await_again(s, i);
    s->next = s->found.n;
    go_on(s);
}

/* A service that does not answer keeps a worker waiting: not all of them. */
static bool is_busy(const struct sweep *s)
{
    return s->op.files->n_retiring > 0;
}

static void retire_next(struct sweep *s)
{
    struct files *f = s->op.files;
    struct slice id = slice_str(s->found.ids[s->next]);
    bool is_ours = files_is_here(f, id);
    if (!is_ours || !is_busy(s))
        s->next++;
    if (is_ours && !is_busy(s))
        files_retire(f, id);
    go_on(s);
}

static void walk(struct files_op *op)
{
    struct sweep *s = sweep_of(op);
    files_disk_walk(&s->found, &s->walk, &op->files->disk, s->strays_before_s);
}

static void on_walked(struct files_op *op)
{
    struct sweep *s = sweep_of(op);
    if (op->files->is_closed)
        return;
    s->next = 0;
    s->has_more = !s->found.is_end;
    go_on(s);
}

/* A stray may be an upload under way, slowly. */
static void look_at_stray(struct sweep *s)
{
    struct files *f = s->op.files;
    struct slice id = slice_str(s->found.ids[s->next]);
    bool is_awaited = files_is_awaited(f, id) || map_find(&f->uploads, id);
    bool is_ours = files_is_here(f, id) && !is_awaited;
    if (!is_ours || !is_busy(s))
        s->next++;
    if (is_ours && !is_busy(s))
        files_retire(f, id);
    go_on(s);
}

static void end(struct sweep *s)
{
    struct files *f = s->op.files;
    f->sweep = NULL;
    sweep_free(&s->op);
    if (!f->is_closed)
        loop_arm(f->loop, &f->sweep_timer, FILES_SWEEP_US);
}

/* What was found is looked at; then more is asked for; then the next phase begins. */
static void step_of_rows(struct sweep *s)
{
    bool is_left = s->next < s->found.n;
    if (is_left && s->phase == AWAITED)
        files_op_run(&s->op, look_for_parts, on_parts);
    else if (is_left)
        retire_next(s);
    else if (s->has_more)
        ask(s, s->phase == AWAITED ? FILES_AWAITED : FILES_DOOMED);
    else {
        next_phase(s);
        go_on(s);
    }
}

static void step(struct sweep *s)
{
    if (s->phase == AWAITED || s->phase == DOOMED)
        step_of_rows(s);
    else if (s->next < s->found.n)
        look_at_stray(s);
    else if (s->has_more)
        files_op_run(&s->op, walk, on_walked);
    else
        end(s);
}

static void begin(struct files *f, enum sweep_phase phase)
{
    struct sweep *s = xalloc(sizeof *s);
    *s = (struct sweep){ .phase = phase, .has_more = true };
    files_op_init(&s->op, f, sweep_free);
    timer_init(&s->pause, on_pause, s);
    s->strays_before_s = loop_wall_ms(f->loop) / 1000 - STRAY_S;
    f->sweep = &s->op;
    go_on(s);
}

static void on_hour(void *arg)
{
    begin(arg, DOOMED);
}

void files_sweep_start(struct files *f)
{
    timer_init(&f->sweep_timer, on_hour, f);
    begin(f, AWAITED);
}
