/* What was offered and has not come yet, so that a person has only so many of these, and that what
 * does not come in time is removed. In memory: the sweep at the start finds those of before. */
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "web/files_parts.h"

#define BUSY_US (60 * UINT64_C(1000000)) /* more, for an upload under way */

/* ---- what all loops await ---- */

void files_tally_init(struct files_tally *t)
{
    *t = (struct files_tally){ .bytes = 0 };
    pthread_mutex_init(&t->lock, NULL);
    map_init(&t->uploaders, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
}

void files_tally_fini(struct files_tally *t)
{
    ASSERT(t->uploaders.n == 0);
    map_fini(&t->uploaders);
    pthread_mutex_destroy(&t->lock);
}

static void tally_drop(struct files_tally *t, struct files_uploader *u, uint64_t bytes)
{
    pthread_mutex_lock(&t->lock);
    t->bytes -= bytes;
    if (--u->n == 0) {
        map_remove(&t->uploaders, slice_str(u->id));
        xfree(u);
    }
    pthread_mutex_unlock(&t->lock);
}

static struct files_uploader *uploader_new(struct files_tally *t, struct slice id)
{
    struct files_uploader *u = xtry(NULL, sizeof *u + id.len + 1);
    if (!u)
        return NULL;
    u->n = 0;
    if (id.len > 0)
        memcpy(u->id, id.p, id.len);
    u->id[id.len] = '\0';
    if (map_put(&t->uploaders, slice_str(u->id), u, NULL)) {
        xfree(u);
        return NULL;
    }
    return u;
}

/* NULL: no memory. */
static struct files_uploader *tally_add(struct files_tally *t, struct slice id, uint64_t bytes)
{
    pthread_mutex_lock(&t->lock);
    struct files_uploader *u = map_find(&t->uploaders, id);
    if (!u)
        u = uploader_new(t, id);
    if (u) {
        u->n++;
        t->bytes += bytes;
    }
    pthread_mutex_unlock(&t->lock);
    return u;
}

uint32_t files_awaited_by(struct files *f, struct slice user_id)
{
    struct files_tally *t = f->tally;
    pthread_mutex_lock(&t->lock);
    const struct files_uploader *u = map_find(&t->uploaders, user_id);
    uint32_t n = u ? u->n : 0;
    pthread_mutex_unlock(&t->lock);
    return n;
}

uint64_t files_awaited_bytes(struct files *f)
{
    pthread_mutex_lock(&f->tally->lock);
    uint64_t bytes = f->tally->bytes;
    pthread_mutex_unlock(&f->tally->lock);
    return bytes;
}

/* ---- of this loop ---- */

static void drop(struct files_awaited *a)
{
    struct files *f = a->files;
    loop_disarm(f->loop, &a->timer);
    link_leave(&a->link);
    map_remove(&f->awaited, slice_str(a->id));
    tally_drop(f->tally, a->by, a->bytes);
    f->stats.awaited--;
    xfree(a);
}

static void on_expired(void *arg)
{
    char id[FILES_ID_BYTES + 1];
    struct files_awaited *a = arg;
    struct files *f = a->files;
    if (map_find(&f->uploads, slice_str(a->id))) {
        loop_arm(f->loop, &a->timer, BUSY_US);
        return;
    }
    memcpy(id, a->id, sizeof id);
    drop(a);
    files_retire(f, slice_str(id));
}

static void arm(struct files_awaited *a, int64_t expires_at_ms)
{
    int64_t left_ms = expires_at_ms - loop_wall_ms(a->files->loop);
    loop_arm(a->files->loop, &a->timer, left_ms > 0 ? (uint64_t)left_ms * 1000 : 0);
}

int files_await(struct files *f, const struct files_awaiting *what)
{
    struct files_awaited *a = xtry(NULL, sizeof *a);
    if (!a)
        return ERR_NO_MEMORY;
    *a = (struct files_awaited){ .files = f, .bytes = what->bytes };
    memcpy(a->id, what->id.p, FILES_ID_BYTES);
    link_init(&a->link);
    timer_init(&a->timer, on_expired, a);
    a->by = tally_add(f->tally, what->user_id, a->bytes);
    if (!a->by) {
        xfree(a);
        return ERR_NO_MEMORY;
    }
    int err = map_put(&f->awaited, slice_str(a->id), a, NULL);
    if (err) {
        tally_drop(f->tally, a->by, a->bytes);
        xfree(a);
        return err;
    }
    list_push(&f->expiring, &a->link);
    f->stats.awaited++;
    arm(a, what->expires_at_ms);
    return 0;
}

void files_no_longer_await(struct files *f, struct slice id)
{
    struct files_awaited *a = map_find(&f->awaited, id);
    if (a)
        drop(a);
}

bool files_is_awaited(const struct files *f, struct slice id)
{
    return map_find(&f->awaited, id) != NULL;
}

void files_awaited_free(struct files *f)
{
    while (!list_is_empty(&f->expiring))
        drop(CONTAINER_OF(f->expiring.next, struct files_awaited, link));
}
