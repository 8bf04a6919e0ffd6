/* What must hold for the tables of all five languages, whatever is in them: numbers and names that
 * do not collide, rows that are whole, examples that are JSON. */
#include "dialect/registry.h"

#include "dialect/dispatch.h"
#include "hub/rig.h"

#include <stdio.h>

#define LANGUAGES (sizeof(registry_all) / sizeof(registry_all[0]))
#define SOCKET    (sizeof(registry_socket) / sizeof(registry_socket[0]))

static bool is_text(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static void languages_differ(void)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        const struct language *l = registry_all[i];
        const struct dialect *d = l->dialect;
        ok(is_text(d->name) && is_text(l->title) && is_text(l->help), "%s says what it is",
            d->name);
        ok(d->number < TONGUE_DIALECTS && d->tell && d->refuse, "%s can speak", d->name);
        ok((d->pulse_ms > 0) == (d->pulse != NULL), "%s: a pulse has its time", d->name);
        for (size_t k = 0; k < i; k++) {
            const struct dialect *other = registry_all[k]->dialect;
            ok(d->number != other->number && strcmp(d->name, other->name) != 0, "%s is not %s",
                d->name, other->name);
        }
    }
}

/* Those that share a line take their messages by name; the others have lines of their own. */
static void sockets_are_not_typed(void)
{
    unsigned n = 0;
    for (size_t i = 0; i < LANGUAGES; i++) {
        unsigned found = 0;
        for (size_t k = 0; k < SOCKET; k++)
            found += registry_socket[k] == registry_all[i];
        n += found;
        ok(registry_all[i]->dialect->is_typed == (found == 0), "%s is typed or shares a line",
            registry_all[i]->dialect->name);
    }
    is_int(n, SOCKET, "each of those that share is one of all");
}

/* ---- rows ---- */

/* A text among the row's fields lies there. */
static bool is_slice_at(const struct row *r, size_t at)
{
    for (size_t i = 0; at > 0 && r->fields && i < r->fields->n; i++) {
        const struct field *f = &r->fields->list[i];
        if (f->offset == at - 1)
            return f->holds == HOLDS_SLICE;
    }
    return at == 0;
}

static const char *fault_of_row(const struct row *r)
{
    static struct field_error error;
    if (!is_text(r->name) || !is_text(r->help) || r->handle == NULL)
        return "not whole";
    if (r->fields && fields_check(&error, r->fields, r->args_bytes))
        return error.text;
    if ((r->fields == NULL) != (r->args_bytes == 0))
        return "fields without room for them, or the reverse";
    if (r->is_free ? r->limit >= LIMITS : r->verb >= VERB_COUNT)
        return "no class";
    if (!is_slice_at(r, r->room_at) || !is_slice_at(r, r->target_at))
        return "a room or seat that is no text of its fields";
    if (!r->is_free && r->is_join != (r->verb == VERB_JOIN)) /* free ones may make a room to join */
        return "a join that is none";
    return (r->room == ASK_ROOM_OF_TARGET) != (r->target_at > 0) ? "no target" : "";
}

static void rows_are_sound(const struct language *l)
{
    for (size_t i = 0; i < l->n_rows; i++)
        is_str(fault_of_row(&l->rows[i]), "", "%s %s", l->dialect->name, l->rows[i].name);
}

static void rows_fit_together(void)
{
    struct rig r;
    rig_init(&r);
    dispatch_free(dispatch_new(r.hub, registry_socket, SOCKET));
    ok(true, "the rows of those that share a line have each a name of its own");
    for (size_t i = 0; i < LANGUAGES; i++)
        dispatch_free(dispatch_new(r.hub, &registry_all[i], 1));
    ok(true, "and so have those of each one");
    rig_fini(&r);
}

/* ---- what is said ---- */

static const struct said *find_said(const struct language *l, struct slice name)
{
    for (size_t i = 0; i < l->n_said; i++) {
        if (slice_eq(slice_str(l->said[i].name), name))
            return &l->said[i];
    }
    return NULL;
}

static void answers_are_said(const struct language *l)
{
    for (size_t i = 0; i < l->n_rows; i++) {
        struct slice rest = slice_str(l->rows[i].answers), name;
        while (slice_cut(&name, &rest, ','))
            ok(find_said(l, slice_trim(name)) != NULL, "%s %s is answered by %.*s",
                l->dialect->name, l->rows[i].name, (int)name.len, name.p);
    }
}

/* What may be anything is there to be seen. */
static void any_is_there(const struct language *l, const struct said *s)
{
    struct slice name, rest = slice_str(s->any);
    while (slice_cut(&name, &rest, ',')) {
        char key[64];
        snprintf(key, sizeof(key), "\"%.*s\":", (int)name.len, name.p);
        ok(strstr(s->example, key) != NULL, "%s %s shows %s", l->dialect->name, s->name, key);
    }
}

struct typed {
    struct slice type;
};

static const struct field typed_list[] = {
    { .name = "type",
        FIELD_MEMBER(struct typed, type),
        .type = FIELD_STR,
        .max = 64,
        .help = "the name" },
};
static const struct fields typed_fields = FIELDS(typed_list);

static const char *fault_of_said(const struct language *l, const struct said *said)
{
    static struct field_error error;
    struct arena arena;
    struct json_value v;
    struct typed typed = { .type = S("") };
    if (!is_text(said->name) || !is_text(said->help) || !is_text(said->example))
        return "not whole";
    if (find_said(l, slice_str(said->name)) != said)
        return "twice";
    arena_init(&arena, 65536);
    int err = json_read_whole(&v, slice_str(said->example), &arena);
    if (!err && l->dialect->is_typed)
        err = fields_decode(&typed, &error, &arena, &typed_fields, slice_str(said->example));
    bool is_named = !l->dialect->is_typed || slice_eq(typed.type, slice_str(said->name));
    arena_fini(&arena);
    return err ? "no JSON" : is_named ? "" : "another type";
}

static void said_is_sound(const struct language *l)
{
    for (size_t i = 0; i < l->n_said; i++) {
        is_str(fault_of_said(l, &l->said[i]), "", "%s says %s", l->dialect->name, l->said[i].name);
        any_is_there(l, &l->said[i]);
    }
}

int main(void)
{
    languages_differ();
    sockets_are_not_typed();
    for (size_t i = 0; i < LANGUAGES; i++) {
        rows_are_sound(registry_all[i]);
        answers_are_said(registry_all[i]);
        said_is_sound(registry_all[i]);
    }
    rows_fit_together();
    return done();
}
