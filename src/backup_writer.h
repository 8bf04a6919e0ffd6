/* Writes a backup: a tar, compressed or not, that ends with what it says of itself
 * (backup_manifest.h). Blocks. Used by backup_command alone. */
#pragma once

#include "base/json_write.h"

#include <stdbool.h>

struct backup_writer;

struct backup_writer_settings {
    int fd; /* *borrows* */
    bool is_gzip;
    int64_t now_ms;
    unsigned schema; /* of the database */
    const char *stoa;
};

/* Returns owned. */
struct backup_writer *backup_writer_new(const struct backup_writer_settings *s);
void backup_writer_free(struct backup_writer *w); /* NULL is fine */

/* How many rows a table has: of all tables, before the first member. */
void backup_writer_rows(struct backup_writer *w, const char *table, uint64_t rows);

/* Adds the first `bytes` of a descriptor as a member. ERR_CLOSED: it has not as many; ERR_DRAINING:
 * somebody wants this to end (interruption.h); ERR_IO, and errno says why: of reading or of
 * writing. Then the archive is spoilt. */
int backup_writer_add(struct backup_writer *w, const char *name, int fd, uint64_t bytes) MUST_CHECK;

/* A file whose content is not to be had, or is at a service. */
void backup_writer_miss(struct backup_writer *w, struct slice id, uint64_t bytes);
void backup_writer_pass_over(struct backup_writer *w);

/* Ends it. ERR_TOO_BIG: more files than a manifest names; ERR_IO, ERR_NO_MEMORY. */
int backup_writer_end(struct backup_writer *w) MUST_CHECK;
