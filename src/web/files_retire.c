/* The end of a file: what there is of it is removed first, then its row, so that what is
 * interrupted is found again. */
#include "base/log.h"
#include "base/xalloc.h"
#include "web/files_parts.h"

struct retirement {
    struct files_op op;
    char id[FILES_ID_BYTES + 1];
    bool is_remote;
    bool has_row;
    int64_t now_ms; /* for the worker */
    int err;
};

static struct retirement *retirement_of(struct files_op *op)
{
    return CONTAINER_OF(op, struct retirement, op);
}

static void retirement_free(struct files_op *op)
{
    op->files->n_retiring--;
    files_op_fini(op);
    xfree(retirement_of(op));
}

static void on_dropped(void *arg, int err)
{
    struct retirement *t = arg;
    if (err && err != ERR_NOT_FOUND)
        log_warning(
            LOG_FILES, "a removed file is still listed", LOG_STR("id", t->id), LOG_ERR(err));
    retirement_free(&t->op);
}

static void remove_it(struct files_op *op)
{
    struct retirement *t = retirement_of(op);
    const struct files *f = op->files;
    struct slice id = slice_str(t->id);
    t->err = files_disk_remove(&f->disk, id);
    if (!t->err && t->is_remote)
        t->err = files_s3_remove(&f->settings.s3, id, t->now_ms);
}

static void on_removed(struct files_op *op)
{
    struct retirement *t = retirement_of(op);
    struct store *store = op->files->store;
    if (t->err) {
        log_warning(LOG_FILES, "a file cannot be removed", LOG_STR("id", t->id), LOG_ERR(t->err));
        retirement_free(op);
    } else if (!t->has_row || op->files->is_closed) {
        retirement_free(op);
    } else {
        op->files->stats.removed++;
        store->ops->drop_file(store, slice_str(t->id), on_dropped, t);
    }
}

/* Who is asked too early is asked again by the next sweep. */
static void on_row(void *arg, int err, const struct store_files *page)
{
    struct retirement *t = arg;
    const struct store_file *f = !err && page->n > 0 ? &page->at[0] : NULL;
    bool is_wanted = f && f->is_complete && !f->is_doomed;
    if (err || is_wanted) {
        retirement_free(&t->op);
        return;
    }
    t->has_row = f != NULL;
    t->is_remote = f && f->is_remote;
    t->now_ms = loop_wall_ms(t->op.files->loop);
    files_op_run(&t->op, remove_it, on_removed);
}

void files_retire(struct files *f, struct slice id)
{
    struct retirement *t = xalloc(sizeof *t);
    *t = (struct retirement){ .err = 0 };
    memcpy(t->id, id.p, FILES_ID_BYTES);
    files_op_init(&t->op, f, retirement_free);
    f->n_retiring++;
    files_find(f, slice_str(t->id), on_row, t);
}
