/* A private PostgreSQL server for this test program (tests/tools/postgres, which says more): made
 * with the first words, gone with the program, however it ends.
 *
 *     struct pg_server *s = pg_server_start();
 *     postgres_open(&db, pg_server_fresh(s), why);
 *     pg_server_do(s, "kill");
 *     ...
 *     pg_server_end(s);
 *
 * Whatever goes wrong fails a check, and gives something harmless. */
#pragma once

#include <stdbool.h>

struct pg_server;

/* Takes two seconds. Never NULL. */
struct pg_server *pg_server_start(void);
void pg_server_end(struct pg_server *s);

/* The address of an empty database; it and the text live until four newer ones were asked for. */
const char *pg_server_fresh(struct pg_server *s);

/* "stop", "stop immediate", "kill", "start", "pause", "resume". */
void pg_server_do(struct pg_server *s, const char *word);

/* What a statement gives, as a line of text; a superuser runs it in the newest database. It lives
 * until the next call. */
const char *pg_server_sql(struct pg_server *s, const char *text);
