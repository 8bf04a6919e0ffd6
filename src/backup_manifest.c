#include "backup_manifest.h"

#include "base/fields.h"

#define TEXT_MAX  100
#define COUNT_MAX 9007199254740991.0 /* what every reader of JSON can tell from its neighbours */

static const struct field manifest_list[] = {
    { .name = "format",
        FIELD_MEMBER(struct backup_manifest, format),
        .type = FIELD_INT,
        .max = COUNT_MAX,
        .required = true },
    { .name = "stoa",
        FIELD_MEMBER(struct backup_manifest, stoa),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .one_line = true,
        .required = true },
    { .name = "schema",
        FIELD_MEMBER(struct backup_manifest, schema),
        .type = FIELD_INT,
        .max = COUNT_MAX,
        .required = true },
    { .name = "createdAt",
        FIELD_MEMBER(struct backup_manifest, created_at),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .one_line = true,
        .required = true },
    { .name = "remoteFiles",
        FIELD_MEMBER(struct backup_manifest, remote_files),
        .type = FIELD_INT,
        .max = COUNT_MAX,
        .required = true },
    { .name = "rows",
        FIELD_MEMBER(struct backup_manifest, rows),
        .type = FIELD_OBJECT_RAW,
        .max = BACKUP_MANIFEST_BYTES,
        .required = true },
    { .name = "members",
        FIELD_MEMBER(struct backup_manifest, members),
        .type = FIELD_ARRAY_RAW,
        .max = BACKUP_MANIFEST_BYTES,
        .required = true },
    { .name = "missing",
        FIELD_MEMBER(struct backup_manifest, missing),
        .type = FIELD_ARRAY_RAW,
        .max = BACKUP_MANIFEST_BYTES,
        .required = true },
};
static const struct fields manifest_fields = FIELDS(manifest_list);

static const struct field member_list[] = {
    { .name = "name",
        FIELD_MEMBER(struct backup_member, name),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true },
    { .name = "bytes",
        FIELD_MEMBER(struct backup_member, bytes),
        .type = FIELD_INT,
        .max = COUNT_MAX,
        .required = true },
    { .name = "sha256",
        FIELD_MEMBER(struct backup_member, sha256),
        .type = FIELD_STR,
        .min = CHECKSUM_CHARS,
        .max = CHECKSUM_CHARS,
        .required = true },
};
static const struct fields member_fields = FIELDS(member_list);

static const struct field missing_list[] = {
    { .name = "id",
        FIELD_MEMBER(struct backup_missing, id),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true },
    { .name = "bytes",
        FIELD_MEMBER(struct backup_missing, bytes),
        .type = FIELD_INT,
        .max = COUNT_MAX,
        .required = true },
};
static const struct fields missing_fields = FIELDS(missing_list);

int backup_manifest_read(struct backup_manifest *out, struct arena *a, struct slice json)
{
    struct field_error error;
    return fields_decode(out, &error, a, &manifest_fields, json);
}

int backup_manifest_rows(
    const struct backup_manifest *m, struct arena *a, backup_rows_fn *fn, void *arg)
{
    struct json j;
    struct json_value key, value;
    json_init(&j, m->rows, a);
    int err = json_next(&key, &j) == JSON_OBJECT ? 0 : ERR_BAD_FIELD;
    while (!err && json_next(&key, &j) == JSON_KEY) {
        struct slice table;
        int64_t rows;
        (void)json_next_whole(&value, &j);
        err = json_err(&j);
        if (!err)
            err = json_text(&table, a, &key);
        if (!err)
            err = json_int(&rows, &value);
        if (!err)
            err = fn(arg, table, rows);
    }
    return err ? err : json_err(&j);
}

/* Calls `tell` with each object of an array. */
static int walk(struct slice array, struct arena *a,
    int (*tell)(void *arg, struct arena *a, struct slice object), void *arg)
{
    struct json j;
    struct json_value v;
    json_init(&j, array, a);
    int err = json_next(&v, &j) == JSON_ARRAY ? 0 : ERR_BAD_FIELD;
    while (!err && json_next_whole(&v, &j) == JSON_OBJECT)
        err = tell(arg, a, v.raw);
    if (!err)
        err = json_err(&j);
    return !err && v.type != JSON_ARRAY_END ? ERR_BAD_FIELD : err;
}

struct member_walk {
    backup_member_fn *fn;
    void *arg;
};

static int tell_member(void *arg, struct arena *a, struct slice object)
{
    const struct member_walk *w = arg;
    struct field_error error;
    struct backup_member m;
    int err = fields_decode(&m, &error, a, &member_fields, object);
    return err ? err : w->fn(w->arg, &m);
}

int backup_manifest_members(
    const struct backup_manifest *m, struct arena *a, backup_member_fn *fn, void *arg)
{
    struct member_walk w = { .fn = fn, .arg = arg };
    return walk(m->members, a, tell_member, &w);
}

struct missing_walk {
    backup_missing_fn *fn;
    void *arg;
};

static int tell_missing(void *arg, struct arena *a, struct slice object)
{
    const struct missing_walk *w = arg;
    struct field_error error;
    struct backup_missing m;
    int err = fields_decode(&m, &error, a, &missing_fields, object);
    return err ? err : w->fn(w->arg, &m);
}

int backup_manifest_missing(
    const struct backup_manifest *m, struct arena *a, backup_missing_fn *fn, void *arg)
{
    struct missing_walk w = { .fn = fn, .arg = arg };
    return walk(m->missing, a, tell_missing, &w);
}
