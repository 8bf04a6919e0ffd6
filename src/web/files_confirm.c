/* A file that a client brings to a service does not pass here, and nobody tells that it is there.
 * So the service is asked, once, when somebody first uses it; the address that it was brought by
 * let nothing else in but so many bytes. */
#include "base/log.h"
#include "base/xalloc.h"
#include "web/files_parts.h"

struct confirmation {
    struct files_op op;
    struct files_row row;
    int64_t now_ms;
    store_done *done;
    void *arg;
    int err;
};

static struct confirmation *confirmation_of(struct files_op *op)
{
    return CONTAINER_OF(op, struct confirmation, op);
}

static void confirmation_free(struct files_op *op)
{
    files_op_fini(op);
    files_row_fini(&confirmation_of(op)->row);
    xfree(confirmation_of(op));
}

static void end(struct confirmation *c, int err)
{
    store_done *done = c->done;
    void *arg = c->arg;
    bool is_closed = c->op.files->is_closed;
    confirmation_free(&c->op);
    if (!is_closed)
        done(arg, err);
}

static void on_kept(void *arg, int err)
{
    struct confirmation *c = arg;
    if (!err)
        files_no_longer_await(c->op.files, c->row.file.id);
    end(c, err);
}

static void ask_service(struct files_op *op)
{
    struct confirmation *c = confirmation_of(op);
    if (!c->err)
        c->err = files_s3_find(&op->files->settings.s3, c->row.file.id, c->now_ms);
}

static void on_answer(struct files_op *op)
{
    struct confirmation *c = confirmation_of(op);
    struct store *store = op->files->store;
    if (c->err == ERR_IO)
        log_warning(LOG_FILES, "the service does not answer", LOG_TEXT("id", c->row.file.id));
    if (c->err || op->files->is_closed) {
        end(c, c->err);
        return;
    }
    c->row.file.is_complete = true;
    store->ops->put_file(store, STORE_CHANGE, &c->row.file, NULL, on_kept, c);
}

void files_confirm(struct files *f, const struct store_file *file, store_done *done, void *arg)
{
    struct confirmation *c = xalloc(sizeof *c);
    *c = (struct confirmation){ .now_ms = loop_wall_ms(f->loop), .done = done, .arg = arg };
    files_op_init(&c->op, f, confirmation_free);
    files_row_init(&c->row);
    c->err = files_row_set(&c->row, file); /* told later, as everything */
    files_op_run(&c->op, ask_service, on_answer);
}
