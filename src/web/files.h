/* Files that people share: who may upload what, where it lies, how it is given out again. Contents
 * go into the data folder (web/files_disk) or, where one is configured, to a service that speaks
 * S3, past this server; the rows are the store's. Whatever blocks is done by workers. Belongs to
 * one loop. Used by the routes and, through `dialect/shelf`, by the languages.
 *
 *   offered (a row, and an address) --> uploaded --> complete, read by whoever has its address
 *      |  files_offer                  files_upload                  files_download
 *      +--> expired, or cancelled: row and what came of it are removed (files_retire, files_upload)
 *
 * What a room that is gone has left, and what no row knows, the sweep removes (files_sweep). */
#pragma once

#include "base/map.h"
#include "dialect/shelf.h"
#include "net/places.h"
#include "net/worker.h"
#include "store/store.h"
#include "web/files_s3.h"
#include "web/request.h"

#include <pthread.h>

#define FILES_EXPIRES_MS       (10 * 60 * 1000)              /* of an address for one upload */
#define FILES_EXPIRES_PARTS_MS (24 * 60 * 60 * 1000)         /* of one in parts */
#define FILES_SWEEP_US         (60 * 60 * UINT64_C(1000000)) /* between two sweeps */
#define FILES_URL_BYTES        8192

struct files;

struct files_settings {
    uint64_t max_bytes; /* of one */
    struct store_quota quota;
    uint64_t free_bytes;     /* of the disk, that stay free; a twentieth of it does in any case */
    uint32_t uploads;        /* of one person, under way */
    struct slice url;        /* the origin they are given out from; empty: this server's own */
    struct slice public_url; /* this server's origin; empty: it is not known */
    struct files_s3 s3;      /* its endpoint empty: none */
};

/* What all loops together await: by whom, and how much of the disk is promised. From any thread. */
struct files_tally {
    pthread_mutex_t lock;
    struct map uploaders; /* struct files_uploader by user id */
    uint64_t bytes;
};

void files_tally_init(struct files_tally *t);
void files_tally_fini(struct files_tally *t); /* nothing is awaited */

/* *borrows* all. */
struct files_options {
    const struct files_settings *settings;
    const struct places *places;
    unsigned place; /* what is awaited under an id is awaited at the id's place */
    struct files_tally *tally;
    struct store *store;
    struct workers *workers;
    const char *data_folder;
    struct slice secret; /* of the server */
};

/* Begins to sweep. ERR_IO: the folder cannot be made, see errno; ERR_NO_MEMORY. */
int files_new(struct files **out, const struct files_options *o) MUST_CHECK;

/* Nothing new is begun. Then the workers end, the loop turns once more, the store is closed. */
void files_close(struct files *f);
void files_free(struct files *f);

/* What the languages ask of it. */
struct shelf *files_shelf(struct files *f);

uint64_t files_max_bytes(const struct files *f);   /* of one */
bool files_is_resumable(const struct files *f);    /* an upload may come in parts */
struct slice files_own_url(const struct files *f); /* their own origin; mostly empty */

/* "https://host" as the client of that request knows this server; may be empty. In its arena. */
struct slice files_origin(struct request *r);

/* The address of a file; `origin` is this server's, where none is configured for files. */
void files_add_url(
    struct buf *out, const struct files *f, struct slice origin, const struct store_file *file);

/* Bytes and numbers for metrics. */
struct files_stats {
    uint64_t uploads;   /* that were completed */
    uint64_t downloads; /* that were begun */
    uint64_t bytes_in;  /* of uploads, complete or not */
    uint64_t bytes_out;
    uint64_t removed; /* files, by the sweep or because their time was over */
    uint32_t awaited; /* now */
};
const struct files_stats *files_stats(const struct files *f);

/* ---- routes ---- */

struct rest_row;
extern const struct rest_row files_offer; /* POST /api/upload-url */

/* The loop that awaits what is uploaded under the first parameter. */
unsigned files_place(struct request *r);

/* PUT, PATCH, HEAD, DELETE /api/files/{id}?signed */
void files_upload_begin(struct request *r);
void files_upload(struct request *r);

/* GET /files/{id}/{name} */
void files_download(struct request *r);
