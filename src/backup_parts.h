/* What the two halves of backup_reader share: backup_unpack.c, which takes the archive apart, and
 * backup_reader.c, which judges what was in it. */
#pragma once

#include "backup_manifest.h"
#include "backup_reader.h"
#include "base/buf.h"
#include "base/map.h"

#define BACKUP_NAME_BYTES  64  /* of a member, with its NUL: more than any has */
#define BACKUP_SUM_BYTES   256 /* of manifest.sha256 */
#define BACKUP_MAX_MEMBERS (4u << 20)

/* Something that was in the archive. */
struct backup_item {
    char name[BACKUP_NAME_BYTES];
    uint64_t bytes;
    char sha256[CHECKSUM_CHARS + 1];
    bool is_listed; /* in the manifest */
};

struct backup {
    const struct backup_reading *from;
    struct report *report;
    struct map items; /* struct backup_item, by name */
    struct buf manifest;
    struct buf manifest_sum;
};

/* Fills `items`, which it owns from now on, and the folder. */
int backup_unpack(struct backup *b) MUST_CHECK;

/* The sentence "<archive>: <words>." and the error: of the archive, of one of its members. */
int backup_refuse(struct backup *b, const char *words);
int backup_refuse_member(struct backup *b, struct slice name, const char *words);
