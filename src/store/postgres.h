/* The store's connection to a PostgreSQL server, 14 or newer (store/sql.h says what it can do).
 * Statements are prepared once per connection and sent as a pipeline: a transaction of any number
 * of changes takes two journeys to the server, one to settle and one to commit. It blocks, but no
 * longer than is said here: a server that does not answer counts as lost, and so does the
 * connection. Used by store/ alone.
 *
 * A commit whose answer is lost has happened or not, and may still happen while somebody else
 * connects: what is tried again must be able to tell (a fence), and waits for the row that the old
 * transaction holds. */
#pragma once

#include "store/sql.h"

#define POSTGRES_CONNECT_MS 5000   /* for each of the address's hosts; names resolve as they do */
#define POSTGRES_ANSWER_MS  10000  /* without a byte from the server that owes an answer */
#define POSTGRES_SCRIPT_MS  600000 /* the same of script(): it may build an index */
#define POSTGRES_SENT_MAX   (1 << 20)   /* commands that wait for their answers */
#define POSTGRES_UNSENT_MAX (4 << 20)   /* bytes that libpq keeps; it moves all of them each time */
#define POSTGRES_ARGS_MAX   (256 << 20) /* bytes of a command's arguments */

/* Connects. `url`: postgresql://user:password@host:5432/name, several hosts are fine, and so is all
 * else that libpq understands. ERR_BAD_CONFIG: the address or the database will not do;
 * ERR_STORAGE_UNAVAILABLE: not now. `why` is then a sentence, and holds neither the address nor the
 * password. Returns owned. */
int postgres_open(struct sql **out, const char *url, char why[SQL_WHY_BYTES]) MUST_CHECK;
