/* First the archive is taken apart (backup_unpack.c). Then the manifest is held against its own
 * checksum, each member against the manifest, and the database against both: it is sound, has the
 * rows that it should have, and the contents of all files that it speaks of are there. */
#include "backup_reader.h"

#include "backup_parts.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "store/inspect.h"
#include "store/migrate.h"
#include "store/sqlite.h"

#include <stdio.h>

#define ARENA_BYTES BACKUP_MANIFEST_BYTES
#define PATH_BYTES  4096

struct judgement {
    struct backup *backup;
    struct backup_contents *out;
    struct backup_manifest manifest;
    struct arena *arena;
    struct sql *db;
    uint64_t listed;
    uint64_t contents; /* that the database speaks of */
};

static struct backup_item *find(struct backup *b, struct slice name)
{
    return map_find(&b->items, name);
}

static void say_version(char out[BACKUP_VERSION_BYTES], struct slice text)
{
    snprintf(out, BACKUP_VERSION_BYTES, "%.*s", (int)text.len, text.p);
}

/* ---- the manifest ---- */

static int check_manifest_sum(struct backup *b)
{
    char line[BACKUP_SUM_BYTES];
    const struct backup_item *item = find(b, S(BACKUP_MANIFEST));
    if (item == NULL || find(b, S(BACKUP_MANIFEST_SUM)) == NULL)
        return backup_refuse(
            b, "its end is missing: it has no " BACKUP_MANIFEST " with a checksum");
    snprintf(line, sizeof(line), "%s  " BACKUP_MANIFEST "\n", item->sha256);
    if (!slice_eq(buf_slice(&b->manifest_sum), slice_str(line)))
        return backup_refuse(b, "it is damaged: its " BACKUP_MANIFEST " is not what it was");
    return 0;
}

static int check_versions(struct judgement *j)
{
    struct backup *b = j->backup;
    if (j->manifest.format == BACKUP_FORMAT && j->manifest.schema <= schema_migrations_n)
        return 0;
    REPORT_SAY(report_error(b->report), b->from->name, ": it was made by Stoa ", j->out->stoa,
        ", which is newer than this one.\n");
    return ERR_BAD_VALUE;
}

static int read_manifest(struct judgement *j)
{
    struct backup *b = j->backup;
    int err = check_manifest_sum(b);
    if (err)
        return err;
    if (backup_manifest_read(&j->manifest, j->arena, buf_slice(&b->manifest)))
        return backup_refuse(b, "its " BACKUP_MANIFEST " is not one of a backup");
    say_version(j->out->stoa, j->manifest.stoa);
    say_version(j->out->created_at, j->manifest.created_at);
    j->out->schema = j->manifest.schema;
    j->out->remote = j->manifest.remote_files;
    return check_versions(j);
}

/* ---- the members ---- */

static int on_member(void *arg, const struct backup_member *m)
{
    struct judgement *j = arg;
    struct backup *b = j->backup;
    struct backup_item *item = find(b, m->name);
    if (item == NULL)
        return backup_refuse_member(b, m->name, "is missing");
    if (item->is_listed)
        return backup_refuse_member(b, m->name, "stands twice in the manifest");
    if (item->bytes != (uint64_t)m->bytes || !slice_eq(slice_str(item->sha256), m->sha256))
        return backup_refuse_member(b, m->name, "is damaged: it is not what the manifest says");
    item->is_listed = true;
    j->listed++;
    if (slice_starts(m->name, S(BACKUP_FILES "/"))) {
        j->out->files++;
        j->out->file_bytes += item->bytes;
    }
    return 0;
}

/* A file whose content was missing stands among the others, as something that is listed. */
static int on_missing(void *arg, const struct backup_missing *m)
{
    struct judgement *j = arg;
    struct backup *b = j->backup;
    void *old;
    struct backup_item *item = xalloc(sizeof(*item));
    int len = snprintf(
        item->name, sizeof(item->name), BACKUP_FILES "/%.*s", (int)m->id.len, m->id.p);
    item->bytes = (uint64_t)m->bytes;
    item->is_listed = true;
    bool fits = len > 0 && (size_t)len < sizeof(item->name);
    if (!fits || find(b, slice_str(item->name)) != NULL ||
        map_put(&b->items, slice_str(item->name), item, &old)) {
        xfree(item);
        return backup_refuse(b, "its " BACKUP_MANIFEST " is not one of a backup");
    }
    j->out->missing++;
    return 0;
}

static int check_members(struct judgement *j)
{
    struct backup *b = j->backup;
    uint64_t others = b->items.n - 2; /* without the manifest and its checksum */
    int err = backup_manifest_members(&j->manifest, j->arena, on_member, j);
    if (!err && j->listed != others)
        return backup_refuse(b, "there is something in it that its manifest does not know");
    if (!err && find(b, S(BACKUP_DATABASE)) == NULL)
        return backup_refuse(b, "there is no database in it");
    if (!err)
        err = backup_manifest_missing(&j->manifest, j->arena, on_missing, j);
    if (err && b->report->n_errors == 0)
        return backup_refuse(b, "its " BACKUP_MANIFEST " is not one of a backup");
    j->out->has_secret = find(b, S(BACKUP_SECRET)) != NULL;
    return err;
}

/* ---- the database ---- */

static const struct {
    const char *table;
    size_t offset;
} counted[] = {
    { .table = "rooms", .offset = offsetof(struct backup_contents, rooms) },
    { .table = "users", .offset = offsetof(struct backup_contents, users) },
    { .table = "messages", .offset = offsetof(struct backup_contents, messages) },
};

static int on_rows(void *arg, struct slice table, int64_t rows)
{
    struct judgement *j = arg;
    uint64_t found = 0;
    int err = inspect_count(&found, j->db, table);
    if (err || found != (uint64_t)rows)
        return backup_refuse(j->backup, "its database has other rows than the manifest says");
    for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
        if (slice_eq(table, slice_str(counted[i].table)))
            *(int64_t *)(void *)((char *)j->out + counted[i].offset) = rows;
    return 0;
}

static int on_file(void *arg, const struct store_file *file)
{
    struct judgement *j = arg;
    char name[BACKUP_NAME_BYTES];
    if (file->is_remote)
        return 0;
    snprintf(name, sizeof(name), BACKUP_FILES "/%.*s", (int)file->id.len, file->id.p);
    const struct backup_item *item = find(j->backup, slice_str(name));
    if (item == NULL || item->bytes != file->bytes)
        return backup_refuse_member(
            j->backup, slice_str(name), "is not what the database says of it");
    j->contents++;
    return 0;
}

static int check_schema(struct judgement *j)
{
    unsigned schema;
    int err = inspect_schema(&schema, j->db);
    bool is_right = !err && schema == (uint64_t)j->manifest.schema;
    return is_right ? 0
                    : backup_refuse(j->backup, "its database has another schema than the manifest");
}

/* What is wrong with it may be many lines, with names that somebody else chose. */
static int check_sound(struct judgement *j)
{
    char why[SQL_WHY_BYTES] = "";
    struct backup *b = j->backup;
    if (sqlite_check(j->db, why) == 0)
        return 0;
    for (char *c = why; *c != '\0'; c++)
        *c = *c < ' ' || *c > '~' ? ' ' : *c;
    REPORT_SAY(report_error(b->report), b->from->name, ": ", why,
        slice_ends(slice_str(why), S(".")) ? "\n" : ".\n");
    return ERR_BAD_VALUE;
}

static int check_rows(struct judgement *j)
{
    struct backup *b = j->backup;
    int err = check_sound(j);
    if (!err)
        err = check_schema(j);
    if (!err)
        err = backup_manifest_rows(&j->manifest, j->arena, on_rows, j);
    if (!err)
        err = inspect_files(j->db, on_file, j);
    if (!err && j->contents != j->out->files + j->out->missing)
        err = backup_refuse(b, "there are contents in it of files that its database does not know");
    if (err && b->report->n_errors == 0)
        err = backup_refuse(b, "its database cannot be read");
    return err;
}

static int check_database(struct judgement *j)
{
    char path[PATH_BYTES];
    char why[SQL_WHY_BYTES] = "";
    struct backup *b = j->backup;
    const struct copy_place place = { .file = path };
    snprintf(path, sizeof(path), "%s/" BACKUP_DATABASE, b->from->folder);
    int err = inspect_open(&j->db, &place, why);
    if (err) {
        REPORT_SAY(
            report_error(b->report), b->from->name, ": its database cannot be opened: ", why, "\n");
        return ERR_BAD_VALUE;
    }
    err = check_rows(j);
    j->db->ops->close(j->db);
    inspect_tidy(path);
    return err;
}

/* ---- all of it ---- */

static int judge(struct judgement *j)
{
    int err = read_manifest(j);
    if (!err)
        err = check_members(j);
    return err ? err : check_database(j);
}

static void backup_fini(struct backup *b)
{
    uint32_t at = 0;
    void *item;
    while ((item = map_next(&b->items, &at)) != NULL)
        xfree(item);
    map_fini(&b->items);
    buf_fini(&b->manifest);
    buf_fini(&b->manifest_sum);
}

int backup_read(
    struct backup_contents *out, const struct backup_reading *from, struct report *report)
{
    struct backup b = { .from = from, .report = report };
    struct map_key key;
    struct arena arena;
    struct judgement j = { .backup = &b, .out = out, .arena = &arena };
    *out = (struct backup_contents){ .files = 0 };
    random_bytes(&key, sizeof(key));
    map_init(&b.items, key);
    arena_init(&arena, ARENA_BYTES);
    buf_init(&b.manifest, BACKUP_MANIFEST_BYTES);
    buf_init(&b.manifest_sum, BACKUP_SUM_BYTES);
    int err = backup_unpack(&b);
    if (!err)
        err = buf_err(&b.manifest);
    if (!err)
        err = judge(&j);
    arena_fini(&arena);
    backup_fini(&b);
    return err;
}
