/* The driver of sql.h for SQLite: a file with its WAL beside it. It does not say who may open the
 * file (open.h does) and makes no tables (migrate.h does). Used by store/open.h, and by what reads
 * or writes copies.
 *
 * One connection of a file writes, and it alone moves what is in the WAL into the file (makes
 * checkpoints): two that do so can lose what was committed in every SQLite from 3.7.0 to 3.51.2, if
 * one of them starts the WAL anew while the other still believes the old one. So a reader is opened
 * for reading only, never makes a checkpoint, and leaves the WAL alone when it is closed. Close the
 * readers before the writer: the last one out tidies up, and only the writer may. A writer whose
 * checkpoint could not be synced makes no more until the next start, and logs that.
 *
 * A database in memory is one connection that reads and writes. */
#pragma once

#include "store/sql.h"

#include <stdbool.h>

/* How long to wait for a lock. Nobody holds one but a program from outside. */
#define SQLITE_BUSY_MS 2000

/* Pages of 4 KiB in the WAL after which the writer moves them: what a start must read, at most, if
 * no reader was in the way. */
#define SQLITE_WAL_PAGES 8000
#define SQLITE_WAL_BYTES (64 << 20) /* it is cut down to this after a reader was */
#define SQLITE_CACHE_KIB 16384      /* of pages, per connection */

struct sqlite_settings {
    const char *file; /* made by a writer if it is not there, for its user's eyes only */
    bool is_writer;
    int wal_pages;  /* 0: SQLITE_WAL_PAGES; tests want fewer */
    bool is_memory; /* without a file, gone with the connection, which both reads and writes */
};

/* Returns owned; `why` is a sentence when it fails. What was committed before, but was perhaps not
 * on the disk yet when the program was killed, is there when a writer has been opened. Errors as in
 * sql.h; ERR_IO: it is not a database, or it is damaged. */
int sqlite_open(
    struct sql **out, const struct sqlite_settings *s, char why[SQL_WHY_BYTES]) MUST_CHECK;

/* Reads all of it: 0 if every page, index and reference is sound; ERR_IO and the first thing that
 * is not, as a sentence. */
int sqlite_check(struct sql *db, char why[SQL_WHY_BYTES]) MUST_CHECK;

/* The version that runs, "3.40.1"; and whether it is one in which two that make checkpoints can
 * lose what was committed. */
const char *sqlite_version(void);
bool sqlite_loses_checkpoints(int version);
int sqlite_version_number(void);
