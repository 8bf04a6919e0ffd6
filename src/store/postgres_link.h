/* libpq without its endless waits, and its errors in our words. Knows nothing of statements and
 * transactions. Used by store/postgres.c alone. */
#pragma once

#include "store/sql.h"

struct pg_conn; /* libpq says PGconn and PGresult */
struct pg_result;

/* A session that is set up: not blocking, in pipeline mode. Errors as postgres_open(). Returns
 * owned (PQfinish). */
int postgres_link_open(struct pg_conn **out, const char *url, char why[SQL_WHY_BYTES]) MUST_CHECK;

/* Sends what waits to be sent, and reads what has come; waits for either. ERR_TIMEOUT: nothing
 * moved for so long; ERR_RESET: the connection is over. What came before may still be taken. */
int postgres_link_wait(struct pg_conn *c, unsigned patience_ms) MUST_CHECK;

/* What an answer says: 0, or an error and its sentence. ERR_RESET: and the session is of no use any
 * more. */
int postgres_link_judge(const struct pg_result *r, char why[SQL_WHY_BYTES]) MUST_CHECK;

/* The sentence of a connection that is over. */
void postgres_link_epitaph(char why[SQL_WHY_BYTES], const struct pg_conn *c, int err);
