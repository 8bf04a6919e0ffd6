/* Opens the store that the settings name, ready for use: takes the data folder, connects twice (to
 * write and to read), brings the schema up to date, starts the engine. Blocks meanwhile. Used by
 * server.c alone. */
#pragma once

#include "net/loop.h"
#include "store/sql.h"
#include "store/store.h"

#define STORE_FILE "stoa.db" /* in the data folder */
#define STORE_LOCK "lock"    /* the same; whoever holds it has the folder */

struct store_settings {
    const char *url;    /* postgresql://...; NULL, "" or "sqlite:": a file in the data folder;
                         * "memory": gone with the program, and the folder is left alone */
    const char *data;   /* the data folder, made if it is not there, for its user's eyes only */
    uint32_t batch_max; /* changes of a transaction */
    uint64_t max_waiting_bytes;
};

/* Returns owned; ends with its close(), which lets the folder go. `why` is a sentence when it
 * fails, and holds no secret. ERR_CONFLICT: another process has the folder; ERR_IO: the folder or
 * what is in it will not do; ERR_BAD_CONFIG: the schema is newer than this program, or the address
 * is wrong; the others as in sql.h. */
int store_open(struct store **out, struct loop *loop, const struct store_settings *s,
    char why[SQL_WHY_BYTES]) MUST_CHECK;
