/* What the files files*.c share; only they and their tests include it. */
#pragma once

#include "auth/signed_url.h"
#include "base/map.h"
#include "web/files.h"
#include "web/files_disk.h"

#define FILES_ROW_BYTES 8192 /* the texts of a row: a name has up to 1,020 bytes */
#define FILES_USER_MAX  255  /* bytes of a user id in a row, or of an address in its stead */

/* Something under way, that may have work for a worker, one piece at a time. Lies inside its owner,
 * who is freed by `free` when the server ends before it does. */
struct files_op {
    struct link link; /* files->ops */
    struct link wait; /* files->backlog: the workers had no place */
    struct files *files;
    struct job job;
    bool is_working;
    void (*free)(struct files_op *op);
    void (*work)(struct files_op *op); /* on a worker */
    void (*done)(struct files_op *op);
};

void files_op_init(struct files_op *op, struct files *f, void (*free)(struct files_op *op));
void files_op_fini(struct files_op *op);
void files_op_run(
    struct files_op *op, void (*work)(struct files_op *op), void (*done)(struct files_op *op));

struct files {
    uint32_t magic;
    const struct places *places;
    unsigned place;
    struct loop *loop;
    struct store *store;
    struct workers *workers;
    struct files_settings settings;
    struct files_disk disk;
    struct signed_key key;
    struct shelf shelf;
    struct link ops;     /* struct files_op */
    struct link backlog; /* the same, by `wait` */
    struct timer retry;
    struct map uploads;   /* struct upload by id: those under way */
    struct map awaited;   /* struct files_awaited by id */
    struct link expiring; /* the same */
    struct files_tally *tally;
    struct timer sweep_timer;
    struct files_op *sweep; /* the one under way */
    unsigned n_retiring;
    bool is_closed;
    struct files_stats stats;
};

#define FILES_MAGIC 0x46494c53u

/* A row of the store that outlives its page. */
struct files_row {
    struct arena arena;
    struct store_file file;
};

void files_row_init(struct files_row *row);
void files_row_fini(struct files_row *row);
int files_row_set(struct files_row *row, const struct store_file *file) MUST_CHECK;

/* Asks the store for one file. */
void files_find(struct files *f, struct slice id, store_files_done *done, void *arg);

/* What must be kept to be told can be. */
bool files_can_keep(const struct files *f);

/* The one of such a page that is to be had; NULL: none is. */
const struct store_file *files_found_of(const struct store_files *page);

/* Of this place. */
void files_make_id(char id[FILES_ID_BYTES + 1], const struct files *f);
bool files_is_here(const struct files *f, struct slice id);

/* ---- files_awaited.c: uploads that were offered and are not complete ---- */

/* By whom; how many of these there are. */
struct files_uploader {
    uint32_t n;
    char id[];
};

struct files_awaited {
    char id[FILES_ID_BYTES + 1];
    struct link link; /* files->expiring */
    struct files *files;
    struct files_uploader *by;
    uint64_t bytes;
    struct timer timer; /* when it expires */
};

struct files_awaiting {
    struct slice id;
    struct slice user_id;
    uint64_t bytes;
    int64_t expires_at_ms;
};

int files_await(struct files *f, const struct files_awaiting *what) MUST_CHECK;
void files_no_longer_await(struct files *f, struct slice id); /* it may be unknown */
bool files_is_awaited(const struct files *f, struct slice id);
uint32_t files_awaited_by(struct files *f, struct slice user_id);
uint64_t files_awaited_bytes(struct files *f); /* of all loops, as the next */
void files_awaited_free(struct files *f);

/* ---- files_url.c: addresses ---- */

/* The id in an address of ours; empty: it is another's. */
struct slice files_id_of_url(const struct files *f, struct slice url);

/* Who has no token is known by the address, under a name that no user id can be. */
void files_add_peer(struct buf *out, struct ip peer);

/* ---- files_confirm.c ---- */

/* Of a file at the service that is not known to be there: is it? Then its row says so from now on.
 * ERR_NOT_FOUND, ERR_IO, and what the store says. */
void files_confirm(struct files *f, const struct store_file *file, store_done *done, void *arg);

/* ---- files_retire.c, files_sweep.c ---- */

/* Removes what there is of a file, and its row, unless it is complete and wanted. */
void files_retire(struct files *f, struct slice id);

void files_sweep_start(struct files *f);

/* ---- files_shelf.c ---- */

extern const struct shelf_ops files_shelf_ops;
