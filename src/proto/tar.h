/* Archives in the tar format (POSIX.1-2001: ustar, and pax headers where a name or a size does not
 * fit in it), as streams. Sans-I/O: bytes in, views of them out. Of what others put into such
 * archives it reads no sparse files, no old or GNU headers and no numbers in base 256, and it tells
 * every byte that no archive of its own could hold: padding that is not zero, a sum that is not
 * right, anything behind the end. Used by the backup and restore commands.
 *
 *     member --> head, or extended head and head
 *            --> content, zeros up to a block
 *            ... two blocks of zeros, and nothing but zeros after them
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK_BYTES 512u
#define TAR_NAME_MAX    1024u /* bytes of a member's name */
#define TAR_PAX_MAX     4096u /* bytes of an extended head's records */
#define TAR_HEAD_MAX    (2 * TAR_BLOCK_BYTES + TAR_PAX_MAX) /* that tar_write_head() adds */

enum tar_type {
    TAR_FILE,
    TAR_FOLDER,
    TAR_LINK,  /* of either kind */
    TAR_OTHER, /* devices, pipes, and what only some programs know */
};

struct tar_member {
    enum tar_type type;
    struct slice name; /* as it stands there: nobody has looked at its slashes and dots */
    uint64_t bytes;
    unsigned mode; /* permission bits */
    int64_t modified_s;
};

/* ---- writing ---- */

/* Adds what stands before a file's content. ERR_BAD_VALUE: an empty name, one with a NUL, or a time
 * before 1970; ERR_TOO_BIG: too long a name; or the buffer's error. */
int tar_write_head(struct buf *out, const struct tar_member *m) MUST_CHECK;

/* Adds what stands behind a content of that length. */
void tar_write_padding(struct buf *out, uint64_t bytes);

/* Adds the end of the archive. */
void tar_write_end(struct buf *out);

/* ---- reading ---- */

enum tar_event_type {
    TAR_NOTHING,
    TAR_MEMBER, /* its head was read */
    TAR_DATA,   /* the next piece of its content, never empty */
    TAR_MEMBER_END,
    TAR_END, /* of the archive */
};

struct tar_event {
    enum tar_event_type type;
    struct tar_member member; /* of TAR_MEMBER; its name lives until the next call */
    struct slice data;        /* of TAR_DATA: lies in the bytes that were read */
};

enum tar_state {
    TAR_AT_HEAD,
    TAR_AT_PAX,
    TAR_AT_DATA,
    TAR_AT_PADDING,
    TAR_AT_REST, /* behind the end */
    TAR_AT_FAULT,
};

struct tar_reader {
    enum tar_state state;
    int err;
    uint64_t left;    /* of the content or the extended head */
    uint32_t padding; /* bytes that follow it */
    uint32_t have;    /* of the block */
    uint32_t pax_len;
    uint32_t zeros; /* empty blocks in a row */
    bool is_pax;    /* the content is an extended head */
    bool has_pax;   /* one was read for the next member */
    bool has_pax_size;
    uint64_t pax_size;
    struct slice pax_path; /* in `pax`; empty: none */
    char block[TAR_BLOCK_BYTES];
    char pax[TAR_PAX_MAX];
    char name[TAR_NAME_MAX];
};

void tar_reader_init(struct tar_reader *r);

/* Takes from the front of `*in` up to the next event. 0: there is one; call again. ERR_AGAIN: all
 * bytes are used. ERR_BAD_VALUE: this is no archive, or it was changed; ERR_TOO_BIG: a name or an
 * extended head is too long; ERR_NOT_IMPLEMENTED: an archive, but of a kind that is not read here.
 * An error stays. */
int tar_read(struct tar_event *out, struct tar_reader *r, struct slice *in) MUST_CHECK;

/* Whether bytes may end here: the archive is complete. */
bool tar_is_complete(const struct tar_reader *r);
