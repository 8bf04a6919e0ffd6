/* What the files files*.c share: work for the workers, one piece at a time for whoever waits for
 * it, with a backlog where they have no place; rows of the store that outlive their page; ids; the
 * beginning and the end. When the workers have ended nothing is done any more, and what waits for
 * them is freed. */
#include "base/hex.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "web/files_parts.h"
#include "web/front.h"

#define RETRY_US (20 * UINT64_C(1000)) /* until the workers are asked again */

/* ---- work ---- */

static struct files_op *op_of(struct job *job)
{
    return CONTAINER_OF(job, struct files_op, job);
}

static void do_work(struct job *job)
{
    op_of(job)->work(op_of(job));
}

static void come_back(struct job *job)
{
    struct files_op *op = op_of(job);
    CHECK_MAGIC(op->files, FILES_MAGIC);
    op->is_working = false;
    op->done(op);
}

void files_op_init(struct files_op *op, struct files *f, void (*free)(struct files_op *op))
{
    *op = (struct files_op){
        .files = f, .free = free, .job = { .work = do_work, .done = come_back }
    };
    link_init(&op->link);
    link_init(&op->wait);
    list_push(&f->ops, &op->link);
}

void files_op_fini(struct files_op *op)
{
    ASSERT(!op->is_working || link_is_in(&op->wait) || op->files->is_closed);
    link_leave(&op->link);
    link_leave(&op->wait);
}

/* When the workers have ended, nothing is done any more. */
static void hand_over(struct files_op *op)
{
    struct files *f = op->files;
    if (!f->is_closed && workers_run(f->workers, &op->job, f->loop) == 0)
        return;
    list_push(&f->backlog, &op->wait);
    if (!f->is_closed)
        loop_arm(f->loop, &f->retry, RETRY_US);
}

void files_op_run(
    struct files_op *op, void (*work)(struct files_op *op), void (*done)(struct files_op *op))
{
    ASSERT(!op->is_working);
    op->is_working = true;
    op->work = work;
    op->done = done;
    hand_over(op);
}

static void on_retry(void *arg)
{
    struct files *f = arg;
    struct link waiting;
    link_init(&waiting);
    list_splice(&waiting, &f->backlog);
    for (struct link *l = list_pop(&waiting); l; l = list_pop(&waiting))
        hand_over(CONTAINER_OF(l, struct files_op, wait));
}

/* ---- rows ---- */

void files_row_init(struct files_row *row)
{
    arena_init(&row->arena, FILES_ROW_BYTES);
    row->file = (struct store_file){ .bytes = 0 };
}

void files_row_fini(struct files_row *row)
{
    arena_fini(&row->arena);
}

int files_row_set(struct files_row *row, const struct store_file *file)
{
    struct store_file *f = &row->file;
    arena_reset(&row->arena);
    *f = *file;
    struct slice *texts[] = { &f->id, &f->room_id, &f->user_id, &f->name, &f->type };
    int err = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !err; i++)
        err = arena_copy(texts[i], &row->arena, *texts[i]);
    return err;
}

void files_find(struct files *f, struct slice id, store_files_done *done, void *arg)
{
    const struct store_file_query q = { .which = FILES_BY_ID, .key = id, .limit = 1 };
    f->store->ops->files(f->store, &q, done, arg);
}

bool files_can_keep(const struct files *f)
{
    return f->store->ops->status(f->store)->state == STORE_UP;
}

const struct store_file *files_found_of(const struct store_files *page)
{
    return page->n > 0 && !page->at[0].is_doomed ? &page->at[0] : NULL;
}

bool files_is_here(const struct files *f, struct slice id)
{
    return places_of(f->places, id) == f->place;
}

void files_make_id(char id[FILES_ID_BYTES + 1], const struct files *f)
{
    unsigned char bytes[FILES_ID_BYTES / 2];
    do {
        random_bytes(bytes, sizeof bytes);
        hex_encode(id, slice_of(bytes, sizeof bytes));
        id[FILES_ID_BYTES] = '\0';
    } while (!files_is_here(f, slice_str(id)));
}

unsigned files_place(struct request *r)
{
    return places_of(r->front->all->places, r->params[0]);
}

/* ---- life ---- */

static struct map_key random_key(void)
{
    return (struct map_key){ .k0 = random_u64(), .k1 = random_u64() };
}

int files_new(struct files **out, const struct files_options *o)
{
    struct files *f = xalloc(sizeof *f);
    *f = (struct files){
        .magic = FILES_MAGIC,
        .places = o->places,
        .place = o->place,
        .loop = o->places->loops[o->place],
        .tally = o->tally,
        .store = o->store,
        .workers = o->workers,
        .settings = *o->settings,
        .shelf = { .ops = &files_shelf_ops },
    };
    link_init(&f->ops);
    link_init(&f->backlog);
    link_init(&f->expiring);
    timer_init(&f->retry, on_retry, f);
    map_init(&f->uploads, random_key());
    map_init(&f->awaited, random_key());
    int err = signed_key_derive(&f->key, o->secret);
    if (!err)
        err = files_disk_open(&f->disk, o->data_folder);
    if (err) {
        files_disk_close(&f->disk);
        xfree(f);
        return err;
    }
    files_sweep_start(f);
    *out = f;
    return 0;
}

void files_close(struct files *f)
{
    f->is_closed = true;
    loop_disarm(f->loop, &f->retry);
    loop_disarm(f->loop, &f->sweep_timer);
}

void files_free(struct files *f)
{
    if (!f)
        return;
    CHECK_MAGIC(f, FILES_MAGIC);
    ASSERT(f->is_closed);
    loop_disarm(f->loop, &f->retry);
    while (!list_is_empty(&f->ops)) {
        struct files_op *op = CONTAINER_OF(f->ops.next, struct files_op, link);
        op->free(op);
    }
    files_awaited_free(f);
    map_fini(&f->uploads);
    map_fini(&f->awaited);
    files_disk_close(&f->disk);
    f->magic = 0;
    xfree(f);
}

struct shelf *files_shelf(struct files *f)
{
    return &f->shelf;
}

uint64_t files_max_bytes(const struct files *f)
{
    return f->settings.max_bytes;
}

bool files_is_resumable(const struct files *f)
{
    return !files_s3_is_on(&f->settings.s3);
}

struct slice files_own_url(const struct files *f)
{
    return f->settings.url;
}

const struct files_stats *files_stats(const struct files *f)
{
    return &f->stats;
}
