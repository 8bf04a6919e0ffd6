/* Brings a database to the schema that this program knows: the numbered steps that are missing, in
 * their order, each in a transaction and recorded in schema_version. Forward only. The steps are
 * the files of store/schema/, which tools/embed-schema puts into the program. Knows no tables but
 * its own. Used by store/open, and by what makes copies. */
#pragma once

#include "store/sql.h"

/* One file of store/schema/: 0001-rooms.sql is number 1, "rooms". */
struct migration {
    unsigned number;
    const char *name;
    const char *text;
};

/* From number 1, without a hole: tools/embed-schema refuses anything else. */
extern const struct migration schema_migrations[];
extern const unsigned schema_migrations_n;

#define MIGRATE_WHY_BYTES SQL_WHY_BYTES

/* The first `n` of `all`; nothing of them is run twice. `why` is a sentence when it fails, else "".
 * ERR_BAD_CONFIG: the database is of a newer program, or of another; the others as in sql.h. What
 * was done before a step that failed stays. */
int migrate_with(char why[MIGRATE_WHY_BYTES], struct sql *db, const struct migration *all,
    unsigned n, int64_t now_ms) MUST_CHECK;

/* All that this program knows. */
int migrate(char why[MIGRATE_WHY_BYTES], struct sql *db, int64_t now_ms) MUST_CHECK;

/* All of them at once in an empty database, within the caller's transaction. ERR_CONFLICT: it was
 * migrated before. */
int migrate_empty(struct sql *db, int64_t now_ms) MUST_CHECK;
