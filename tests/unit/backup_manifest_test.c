/* What a manifest may say, and how it is read. */
#include "backup_manifest.h"

#include "base/buf.h"
#include "tap.h"

#define ARENA_BYTES (1u << 20)
#define SUM64       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define MANIFEST(rows, members, missing)                                                 \
    "{\"format\":1,\"stoa\":\"0.1.0\",\"schema\":2,\"createdAt\":\"now\",\"rows\":" rows \
    ",\"members\":" members ",\"missing\":" missing ",\"remoteFiles\":3}"

struct told {
    struct buf text;
};

static int on_rows(void *arg, struct slice table, int64_t rows)
{
    struct told *t = arg;
    buf_add_slice(&t->text, table);
    buf_add_char(&t->text, '=');
    buf_add_i64(&t->text, rows);
    buf_add_char(&t->text, ';');
    return 0;
}

static int on_member(void *arg, const struct backup_member *m)
{
    struct told *t = arg;
    buf_add_slice(&t->text, m->name);
    buf_add_char(&t->text, ':');
    buf_add_i64(&t->text, m->bytes);
    buf_add_str(&t->text, slice_eq(m->sha256, S(SUM64)) ? "!" : "?");
    return 0;
}

static int on_missing(void *arg, const struct backup_missing *m)
{
    struct told *t = arg;
    buf_add_str(&t->text, "no ");
    buf_add_slice(&t->text, m->id);
    buf_add_char(&t->text, ':');
    buf_add_i64(&t->text, m->bytes);
    return 0;
}

static int walk(struct told *t, const struct backup_manifest *m, struct arena *a)
{
    int err = backup_manifest_rows(m, a, on_rows, t);
    if (!err)
        err = backup_manifest_members(m, a, on_member, t);
    return err ? err : backup_manifest_missing(m, a, on_missing, t);
}

static const struct {
    const char *json;
    const char *tells; /* NULL: it is refused */
} manifests[] = {
    { MANIFEST("{}", "[]", "[]"), "" },
    { MANIFEST("{\"users\":7,\"rooms\":0}", "[]", "[]"), "users=7;rooms=0;" },
    { MANIFEST("{}", "[{\"name\":\"stoa.db\",\"bytes\":9,\"sha256\":\"" SUM64 "\"}]", "[]"),
        "stoa.db:9!" },
    { MANIFEST("{}", "[]", "[{\"id\":\"a\",\"bytes\":1},{\"id\":\"b\",\"bytes\":2}]"),
        "no a:1no b:2" },
    { MANIFEST("{\"users\":\"7\"}", "[]", "[]"), NULL },
    { MANIFEST("{\"users\":7.5}", "[]", "[]"), NULL },
    { MANIFEST("{\"users\":{}}", "[]", "[]"), NULL },
    { MANIFEST("[]", "[]", "[]"), NULL },
    { MANIFEST("{}", "{}", "[]"), NULL },
    { MANIFEST("{}", "[1]", "[]"), NULL },
    { MANIFEST("{}", "[[]]", "[]"), NULL },
    { MANIFEST("{}", "[{}]", "[]"), NULL },
    { MANIFEST("{}", "[{\"name\":\"a\",\"bytes\":-1,\"sha256\":\"" SUM64 "\"}]", "[]"), NULL },
    { MANIFEST("{}", "[{\"name\":\"a\",\"bytes\":1,\"sha256\":\"0123\"}]", "[]"), NULL },
    { MANIFEST("{}", "[]", "[{\"id\":\"a\"}]"), NULL },
    { MANIFEST("{}", "[]", "[\"a\"]"), NULL },
    { MANIFEST("{}", "[]", "[]") "x", NULL },
    { "{\"format\":1}", NULL },
    { "[]", NULL },
    { "", NULL },
};

static void walks(void)
{
    for (size_t i = 0; i < sizeof(manifests) / sizeof(*manifests); i++) {
        struct backup_manifest m;
        struct told t;
        struct arena a;
        arena_init(&a, ARENA_BYTES);
        buf_init(&t.text, ARENA_BYTES);
        int err = backup_manifest_read(&m, &a, slice_str(manifests[i].json));
        if (!err)
            err = walk(&t, &m, &a);
        is_int(err == 0, manifests[i].tells != NULL, "%s", manifests[i].json);
        if (manifests[i].tells != NULL)
            is_slice(t.text, manifests[i].tells, "tells what it says");
        buf_fini(&t.text);
        arena_fini(&a);
    }
}

static void numbers(void)
{
    struct backup_manifest m;
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    is_int(backup_manifest_read(&m, &a, S(MANIFEST("{}", "[]", "[]"))), 0, "a manifest");
    ok(m.format == 1 && m.schema == 2 && m.remote_files == 3, "its numbers");
    is_slice(m.stoa, "0.1.0", "who made it");
    is_slice(m.created_at, "now", "when");
    arena_fini(&a);
}

int main(void)
{
    walks();
    numbers();
    return done();
}
