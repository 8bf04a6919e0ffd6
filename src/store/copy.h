/* Copies a whole database into another, empty one, as it is at one moment, while others go on
 * writing: table by table through two connections of its own, on a thread of its own. A copy that
 * fails leaves nothing. Backups and moves between SQLite and PostgreSQL are this. It knows no
 * engine. Used by store/durable and store/open. */
#pragma once

#include "net/loop.h"
#include "store/sql.h"
#include "store/store.h"

#include <stdatomic.h>

/* One database: an SQLite file, or an address of PostgreSQL. The other is NULL. */
struct copy_place {
    const char *file;
    const char *url;
};

/* ---- on a thread ---- */

struct copier;

/* Copies of `from`, which is *copied*: at most one at a time. Returns owned. */
struct copier *copier_new(struct loop *loop, const struct copy_place *from);

/* Another of the same place, for another loop. It knows nothing of the other's copies. */
struct copier *copier_share(const struct copier *c, struct loop *loop);

/* Answers on the loop, never at once. ERR_CONFLICT: there is something already; ERR_IO: it cannot
 * be written, or is not what was copied; ERR_STORAGE_UNAVAILABLE: what is copied cannot be read;
 * ERR_BUSY: another copy is under way. The log says why. */
void copier_copy(struct copier *c, const struct store_copy *to, store_done *done, void *arg);

/* Breaks off a copy that is under way, which is not answered then. */
void copier_free(struct copier *c);

/* ---- for who may block ---- */

/* Both databases are opened and closed by it. `is_stopped` may be NULL; `why` is a sentence when it
 * fails, else "". */
int copy_database(char why[SQL_WHY_BYTES], const struct copy_place *to,
    const struct copy_place *from, const atomic_bool *is_stopped) MUST_CHECK;

/* From one that is open into an empty one that is, too, in one transaction of each. */
int copy_tables(char why[SQL_WHY_BYTES], struct sql *to, struct sql *from,
    const atomic_bool *is_stopped) MUST_CHECK;
