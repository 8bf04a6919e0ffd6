#include "web/admin_copy.h"

#define PLACE_MAX 8192

struct copy {
    struct slice file;
    struct slice url;
};

static const struct field copy_list[] = {
    { .name = "file",
        FIELD_MEMBER(struct copy, file),
        .type = FIELD_STR,
        .max = PLACE_MAX,
        .help = "an SQLite file that is to be made, by its whole path" },
    { .name = "url",
        FIELD_MEMBER(struct copy, url),
        .type = FIELD_STR,
        .max = PLACE_MAX,
        .help = "or the address of an empty PostgreSQL database" },
};
static const struct fields copy_fields = FIELDS(copy_list);

/* Why, the log says: it may speak of addresses and passwords. */
static struct slice reason(int err)
{
    switch (err) {
    case ERR_CONFLICT:
        return S("There is something at that place already; a copy needs an empty one.");
    case ERR_IO:
        return S("The copy cannot be written there; the log says why.");
    case ERR_BUSY:
        return S("Another copy is under way; try again when it is done.");
    case ERR_STORAGE_UNAVAILABLE:
        return S("The database cannot be read at the moment; the log says why.");
    case ERR_NOT_IMPLEMENTED:
        return S("This database cannot be copied.");
    default:
        return S("");
    }
}

static void on_copied(void *arg, int err)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    c->why = reason(err);
    if (!err)
        rest_object(c);
    rest_go_on(c, err);
}

static int copy(struct rest *c)
{
    const struct copy *a = c->args;
    struct store *store = hub_store(rest_hub(c));
    const struct store_copy to = { .file = a->file, .url = a->url };
    if ((to.file.len > 0) == (to.url.len > 0)) {
        c->why = S("Send a file, or a url.");
        return ERR_BAD_FIELD;
    }
    if (to.file.len > 0 && to.file.p[0] != '/') { /* nor is it one of SQLite's own addresses */
        c->why = S("\"file\" must be a whole path: it begins with /.");
        return ERR_BAD_FIELD;
    }
    rest_wait_for_store(c);
    store->ops->copy(store, &to, on_copied, c);
    return 0;
}

const struct rest_row admin_copy = {
    REST_ARGS(struct copy, copy_fields),
    .act = copy,
    .gives_status = 200,
    .gives = "{}",
};
