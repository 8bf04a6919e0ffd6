#include "dialect/errand.h"

#include "base/xalloc.h"
#include "dialect/ask.h"

static void errand_free(struct errand *e)
{
    link_leave(&e->link);
    arena_fini(&e->arena);
    xfree(e);
}

void errand_desk_clear(struct errand_desk *desk)
{
    struct errand *e = desk->errand;
    desk->errand = NULL;
    if (!e)
        return;
    e->desk = NULL;
    if (e->is_back)
        errand_free(e);
}

void errands_free(struct link *all)
{
    while (!list_is_empty(all))
        errand_free(CONTAINER_OF(all->next, struct errand, link));
}

static int copy_file(struct errand *e, const struct shelf_file *file)
{
    struct shelf_file *f = &e->file;
    *f = *file;
    int err = arena_copy(&f->url, &e->arena, file->url);
    if (!err)
        err = arena_copy(&f->name, &e->arena, file->name);
    if (!err)
        err = arena_copy(&f->type, &e->arena, file->type);
    return err;
}

static void on_back(void *arg, int err, const struct shelf_file *file)
{
    struct errand *e = arg;
    struct errand_desk *desk = e->desk;
    e->is_back = true;
    e->err = err ? err : copy_file(e, file);
    if (desk)
        desk->on_back(desk->arg);
    else
        errand_free(e);
}

/* The answer, if it is there; else ERR_AGAIN, and `*is_new` when it has not been asked for. */
static int look(const struct shelf_file **out, bool *is_new, const struct errand_desk *desk)
{
    const struct errand *e = desk->errand;
    *is_new = !e;
    *out = NULL;
    if (!e || !e->is_back)
        return ERR_AGAIN;
    if (!e->err)
        *out = &e->file;
    return e->err;
}

static struct errand *errand_new(struct errand_desk *desk)
{
    struct errand *e = xtry(NULL, sizeof *e);
    if (!e)
        return NULL;
    *e = (struct errand){ .desk = desk };
    link_init(&e->link);
    list_push(desk->all, &e->link);
    arena_init(&e->arena, ERRAND_BYTES);
    desk->errand = e;
    return e;
}

static struct shelf_asker asker_of(const struct ask *a)
{
    return (struct shelf_asker){
        .user_id = a->session->identity.user_id,
        .peer = a->session->peer,
        .room_id = a->room_id,
    };
}

int errand_find(const struct shelf_file **out, struct ask *a, struct slice url)
{
    bool is_new;
    struct shelf *shelf = a->desk->shelf;
    *out = NULL;
    if (!shelf || !shelf->ops->is_ours(shelf, url))
        return 0;
    int err = look(out, &is_new, a->desk);
    if (!is_new)
        return err;
    struct shelf_asker asker = asker_of(a);
    struct errand *e = errand_new(a->desk);
    if (!e)
        return ERR_NO_MEMORY;
    shelf->ops->find(shelf, &asker, url, on_back, e);
    return ERR_AGAIN;
}

int errand_keep(const struct shelf_file **out, struct ask *a, struct slice picture)
{
    bool is_new;
    struct shelf *shelf = a->desk->shelf;
    *out = NULL;
    if (!shelf)
        return ERR_NOT_IMPLEMENTED;
    int err = look(out, &is_new, a->desk);
    if (!is_new)
        return err;
    struct shelf_asker asker = asker_of(a);
    struct errand *e = errand_new(a->desk);
    if (!e)
        return ERR_NO_MEMORY;
    shelf->ops->keep(shelf, &asker, picture, on_back, e);
    return ERR_AGAIN;
}
