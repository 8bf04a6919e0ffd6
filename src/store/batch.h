/* Many works in one transaction. Knows no threads and no queue. Used by store/engine alone. */
#pragma once

#include "store/work.h"

/* Carries out what all works of the list write, and commits it; each has its `err` then. Those that
 * fail are left out, and do no harm to the others. ERR_STORAGE_UNAVAILABLE: the database is away,
 * and they are all to be tried again; whether they were committed they will find themselves. */
int batch_write(struct sql *db, struct link *works) MUST_CHECK;

/* What one work reads. */
int batch_read(struct sql *db, struct work *w) MUST_CHECK;
