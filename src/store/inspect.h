/* Looks into a database that somebody else may be writing: how many rows there are, which files it
 * speaks of, which schema it has. Changes nothing, and blocks. Used by the operator's commands, for
 * backups and for moves from one database to another. */
#pragma once

#include "store/copy.h"

/* Returns owned. `why` is a sentence when it fails. Errors as in sql.h. */
int inspect_open(
    struct sql **out, const struct copy_place *place, char why[SQL_WHY_BYTES]) MUST_CHECK;

/* When a file that nobody else has is closed: what a reader leaves beside it is of no use. */
void inspect_tidy(const char *file);

/* The tables, but for that of the schema. */
extern const char *const inspect_tables[];
extern const unsigned inspect_tables_n;

/* Of one of them, by its name. ERR_NOT_FOUND: it is none of them. */
int inspect_count(uint64_t *rows, struct sql *db, struct slice table) MUST_CHECK;

/* The file is *lent*. Another value than 0 ends the walk with it. */
typedef int(inspect_file_fn)(void *arg, const struct store_file *file);

/* The files that have a content, by their ids: id, bytes and is_remote are set. */
int inspect_files(struct sql *db, inspect_file_fn *fn, void *arg) MUST_CHECK;

/* The number of the newest step that was taken. */
int inspect_schema(unsigned *out, struct sql *db) MUST_CHECK;
