/* What a handler must wait for beside rooms: files. It asks, returns ERR_AGAIN, and is called once
 * more from the beginning when the answer is there; what the session says in the meantime waits
 * behind it. Used by handlers, and by dialect/dispatch, which keeps a desk for each session.
 *
 *     const struct shelf_file *file;
 *     int err = errand_find(&file, a, args->url);
 *     if (err)
 *         return err;
 */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "dialect/shelf.h"

#define ERRAND_BYTES 16384 /* of a file's texts */

struct ask;

/* Something that was asked; *borrowed* by the shelf until it is back. */
struct errand {
    struct link link;         /* desk->all */
    struct errand_desk *desk; /* NULL: nobody waits for it any more */
    bool is_back;
    int err;
    struct shelf_file file;
    struct arena arena;
};

/* Where the errand of a session is noted: of the message that is being handled, or of the first
 * that waits. */
struct errand_desk {
    struct shelf *shelf;   /* NULL: there are no files here */
    struct link *all;      /* the errands of all desks */
    struct errand *errand; /* NULL: there is none */
    void (*on_back)(void *arg);
    void *arg;
};

/* ---- for handlers ---- */

/* The asker's own file in this room, at that address; NULL: it is no address of ours. *Borrowed*
 * until the handler returns. ERR_AGAIN; ERR_NOT_FOUND: there is none. */
int errand_find(const struct shelf_file **out, struct ask *a, struct slice url) MUST_CHECK;

/* Keeps a picture (`data:image/...`) of the room's board. ERR_AGAIN; ERR_BAD_FIELD: it is none;
 * ERR_TOO_BIG, ERR_QUOTA, ERR_IO; ERR_NOT_IMPLEMENTED: there are no files here. */
int errand_keep(const struct shelf_file **out, struct ask *a, struct slice picture) MUST_CHECK;

/* ---- for dispatch ---- */

/* Nobody waits for it any more, or it has been used. */
void errand_desk_clear(struct errand_desk *desk);

/* The end of the server: the shelf is closed. */
void errands_free(struct link *all);
