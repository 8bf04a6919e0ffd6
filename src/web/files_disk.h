/* The folder where the contents of files lie: opened, written, put in place, read, removed. Every
 * call may block, so they are made on workers only. It knows neither the store nor requests. Names
 * are made of ids alone, and nothing outside of the folder is reached by them, whatever somebody
 * has put into it (openat2, RESOLVE_BENEATH). Used by web/files*.
 *
 *     files/tmp/<id>        being uploaded
 *     files/tmp/<id>.part   being uploaded in parts: as long as it is, so much is there
 *     files/<aa>/<id>       whole and safe; aa is how the id begins */
#pragma once

#include "base/slice.h"

#include <dirent.h>

#define FILES_ID_BYTES   32 /* hexadecimal digits, small ones */
#define FILES_STEP_NAMES 64 /* looked at in one step of a walk */

/* Nothing in it changes once it is open: any thread may use it. */
struct files_disk {
    int root;
};

enum files_draft {
    DRAFT_WHOLE, /* is begun anew each time */
    DRAFT_PARTS, /* grows, and is there before its first byte */
};

/* Whether `text` is an id in the one spelling there is. */
bool files_is_id(struct slice text);

/* Makes the folders. ERR_IO, with errno. */
int files_disk_open(struct files_disk *d, const char *data_folder) MUST_CHECK;
void files_disk_close(struct files_disk *d);

/* ---- uploads; ERR_QUOTA: the disk is full; ERR_NOT_FOUND; ERR_IO, with errno ---- */

/* An empty draft of parts. */
int files_disk_reserve(const struct files_disk *d, struct slice id) MUST_CHECK;

/* Opens a draft for writing. `*bytes`: how many are safely in it. One of parts that was already put
 * in place gives ERR_CONFLICT. */
int files_disk_draft(int *fd, uint64_t *bytes, const struct files_disk *d, struct slice id,
    enum files_draft kind) MUST_CHECK;
int files_disk_write(int fd, struct slice bytes, uint64_t at) MUST_CHECK;

/* What was written is there after a power cut. */
int files_disk_sync(int fd) MUST_CHECK;

/* Closes it. Of one that is only read, this does not block. */
void files_disk_leave(int fd);

/* A draft whose content is safe becomes the file, in one step, and that is safe, too. */
int files_disk_publish(
    const struct files_disk *d, struct slice id, enum files_draft kind) MUST_CHECK;

/* Whether `bytes` more find place, and leave so many free, and a twentieth of the disk. ERR_QUOTA.
 */
int files_disk_check_space(
    const struct files_disk *d, uint64_t bytes, uint64_t free_bytes) MUST_CHECK;

/* ---- what is there ---- */

int files_disk_read_open(
    int *fd, uint64_t *bytes, const struct files_disk *d, struct slice id) MUST_CHECK;

/* All `len` bytes; ERR_IO: there are not as many. */
int files_disk_read(void *out, int fd, size_t len, uint64_t at) MUST_CHECK;

/* What there is of it, in whatever form; that there is nothing is fine. */
int files_disk_remove(const struct files_disk *d, struct slice id) MUST_CHECK;
int files_disk_remove_draft(const struct files_disk *d, struct slice id) MUST_CHECK;

/* Whether somebody may go on with an upload in parts. */
bool files_disk_has_parts(const struct files_disk *d, struct slice id);

/* ---- a walk over everything that is there ---- */

struct files_walk {
    unsigned folder; /* the 256 of contents, then the one of drafts */
    DIR *dir;        /* that is being read */
};

struct files_found {
    char ids[FILES_STEP_NAMES][FILES_ID_BYTES + 1];
    unsigned n;
    bool is_end;
};

/* The ids of the next few names whose files have not changed since `before_s` (of 1970). One that
 * cannot be read is passed over. */
void files_disk_walk(
    struct files_found *out, struct files_walk *w, const struct files_disk *d, int64_t before_s);
void files_disk_walk_end(struct files_walk *w);
