/* What was offered and has not come yet, so that a person has only so many of these, and that what
 * does not come in time is removed. In memory: the sweep at the start finds those of before. */
#include "base/xalloc.h"
#include "web/files_parts.h"

#define BUSY_US (60 * UINT64_C(1000000)) /* more, for an upload under way */

static void uploader_drop(struct files *f, struct files_uploader *u)
{
    if (--u->n > 0)
        return;
    map_remove(&f->uploaders, slice_str(u->id));
    xfree(u);
}

/* ERR_NO_MEMORY. */
static int uploader_add(struct files_uploader **out, struct files *f, struct slice id)
{
    struct files_uploader *u = map_find(&f->uploaders, id);
    if (!u) {
        u = xtry(NULL, sizeof *u + id.len + 1);
        if (!u)
            return ERR_NO_MEMORY;
        u->n = 0;
        if (id.len > 0)
            memcpy(u->id, id.p, id.len);
        u->id[id.len] = '\0';
        if (map_put(&f->uploaders, slice_str(u->id), u, NULL)) {
            xfree(u);
            return ERR_NO_MEMORY;
        }
    }
    u->n++;
    *out = u;
    return 0;
}

static void drop(struct files_awaited *a)
{
    struct files *f = a->files;
    loop_disarm(f->loop, &a->timer);
    link_leave(&a->link);
    map_remove(&f->awaited, slice_str(a->id));
    uploader_drop(f, a->by);
    f->awaited_bytes -= a->bytes;
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
    int err = uploader_add(&a->by, f, what->user_id);
    if (err) {
        xfree(a);
        return err;
    }
    err = map_put(&f->awaited, slice_str(a->id), a, NULL);
    if (err) {
        uploader_drop(f, a->by);
        xfree(a);
        return err;
    }
    list_push(&f->expiring, &a->link);
    f->awaited_bytes += a->bytes;
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

uint32_t files_awaited_by(const struct files *f, struct slice user_id)
{
    const struct files_uploader *u = map_find(&f->uploaders, user_id);
    return u ? u->n : 0;
}

void files_awaited_free(struct files *f)
{
    while (!list_is_empty(&f->expiring))
        drop(CONTAINER_OF(f->expiring.next, struct files_awaited, link));
}
