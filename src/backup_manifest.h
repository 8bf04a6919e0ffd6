/* What a backup says of itself: the member manifest.json of the archive. Others are stoa.db (the
 * database, as SQLite), files/<id> (the contents of uploaded files), secret (by which tokens are
 * signed; it may be left out) and manifest.sha256, the manifest's own checksum, in the form that
 * `sha256sum -c` takes. Reads it; backup_writer writes it. Used by backup_writer and backup_reader.
 *
 *     {"format":1, "stoa":"1.2.0", "schema":2, "createdAt":"2026-11-21T10:40:45.123Z",
 *      "rows":{"users":3, ...},
 *      "members":[{"name":"stoa.db","bytes":81920,"sha256":"..."}, ...],
 *      "missing":[{"id":"f1","bytes":12}], "remoteFiles":0}
 */
#pragma once

#include "base/arena.h"
#include "checksum.h"

#include <stdint.h>

#define BACKUP_FORMAT         1
#define BACKUP_DATABASE       "stoa.db"
#define BACKUP_SECRET         "secret"
#define BACKUP_FILES          "files"
#define BACKUP_MANIFEST       "manifest.json"
#define BACKUP_MANIFEST_SUM   "manifest.sha256"
#define BACKUP_MANIFEST_BYTES (256u << 20) /* of two million files */

struct backup_manifest {
    int64_t format;
    struct slice stoa; /* version of the program that made it */
    int64_t schema;    /* of the database */
    struct slice created_at;
    int64_t remote_files; /* whose contents are at a service, and not here */
    struct slice rows;    /* JSON, like the next two */
    struct slice members;
    struct slice missing;
};

struct backup_member {
    struct slice name;
    int64_t bytes;
    struct slice sha256;
};

/* A file whose content was not there. */
struct backup_missing {
    struct slice id;
    int64_t bytes;
};

typedef int(backup_rows_fn)(void *arg, struct slice table, int64_t rows);
typedef int(backup_member_fn)(void *arg, const struct backup_member *m);
typedef int(backup_missing_fn)(void *arg, const struct backup_missing *m);

/* *borrows* the text. ERR_BAD_FIELD, or what JSON may be wrong with. */
int backup_manifest_read(
    struct backup_manifest *out, struct arena *a, struct slice json) MUST_CHECK;

/* What is told is *lent*. Another value than 0 ends the walk with it. */
int backup_manifest_rows(
    const struct backup_manifest *m, struct arena *a, backup_rows_fn *fn, void *arg) MUST_CHECK;
int backup_manifest_members(
    const struct backup_manifest *m, struct arena *a, backup_member_fn *fn, void *arg) MUST_CHECK;
int backup_manifest_missing(
    const struct backup_manifest *m, struct arena *a, backup_missing_fn *fn, void *arg) MUST_CHECK;
