/* Reads a backup and checks all of it: the archive, the checksums, the database, and that they
 * belong together. What it holds goes into a folder, as if that were a data folder; nothing is to
 * be believed of it before the whole is good. Blocks. Used by restore_command alone. */
#pragma once

#include "report.h"

#include <stdint.h>

#define BACKUP_VERSION_BYTES 101

struct backup_reading {
    int fd;             /* *borrows*: the archive */
    const char *name;   /* for people */
    const char *folder; /* an empty one. *borrows* */
    bool keeps_files;   /* else their contents are read and checked, and not written */
};

/* What is in it. */
struct backup_contents {
    char stoa[BACKUP_VERSION_BYTES]; /* the program that made it */
    char created_at[BACKUP_VERSION_BYTES];
    int64_t schema;
    int64_t rooms;
    int64_t users;
    int64_t messages;
    uint64_t files; /* with a content in it */
    uint64_t file_bytes;
    uint64_t missing; /* without one, because there was none */
    int64_t remote;   /* without one, because it is at a service */
    bool has_secret;
};

/* ERR_BAD_VALUE: it is damaged, or no backup; or of a newer program; ERR_QUOTA: there
 * is no place for it; ERR_IO, ERR_NO_MEMORY; ERR_DRAINING: somebody wants this to end
 * (interruption.h). The report has a sentence. The folder is to be removed
 * then, with what is in it. */
int backup_read(struct backup_contents *out, const struct backup_reading *from,
    struct report *report) MUST_CHECK;
