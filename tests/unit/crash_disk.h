/*
 * A disk in memory that SQLite is kept on, with all that disks do: what was not synced may be lost
 * when the power goes, in any combination; it fills up; a sync fails. One folder; one thread at a
 * time. What happens follows from the seed alone.
 *
 *     disk_mount(&disk, seed);             every database is on it from now on
 *     disk.power_until = disk.changes + 7; then everything fails
 *     ...                                  and the connections are closed
 *     disk_cut(&disk);                     what survived; the power is back
 *     ...
 *     disk_unmount(&disk);
 *
 * Each file is what is synced, and a list of changes since. When the power goes, of each 512 bytes
 * of each change it is decided by itself whether they reached the disk: a later one may have, where
 * an earlier one has not, and what was being written may be anything. Nothing else is touched
 * (SQLite takes that for granted, as it does on real disks). A new name, or one that is gone, lasts
 * when the folder was synced, which SQLite's own file layer does with a new journal's first sync.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct disk_file;

struct disk {
    sqlite3_vfs vfs;
    uint64_t random;
    struct disk_file *files;

    uint64_t changes;     /* writes, truncations, syncs, new and removed names so far */
    uint64_t power_until; /* the power goes with that change; 0: it stays */
    bool is_off;
    bool is_lying;          /* a sync does nothing, and says that it did */
    uint32_t sync_fails_of; /* one of so many syncs fails, and what it was to sync is never written;
                             * 0: none */
    const char *sync_fails_at; /* files whose names end so; NULL: all */
    uint64_t quota_bytes;      /* of all files; 0: there is no end */

    uint64_t syncs;
    uint64_t failed_syncs;
    uint64_t refused; /* writes, for want of space */
    uint64_t kept;    /* pieces that were not synced and survived */
    uint64_t lost;    /* pieces that did not */
    uint64_t spoilt;  /* pieces that became something else */
};

/* Empty, and the default of every sqlite3_open(); also of SQLite's own random numbers. */
void disk_mount(struct disk *d, uint64_t seed);
void disk_unmount(struct disk *d);

/* The next two when no file is open. Of the power: see above. Of the program: all that was written
 * is there, and as little of it is synced as before. */
void disk_cut(struct disk *d);
void disk_kill(struct disk *d);

uint64_t disk_used_bytes(const struct disk *d);
uint64_t disk_size_of(const struct disk *d, const char *name_end); /* 0: there is no such file */
bool disk_is_synced(const struct disk *d, const char *name_end);

/* The n-th number of a seed's row, for whoever draws lots. */
uint64_t disk_draw(uint64_t *random, uint64_t below);
