/* The databases that the drivers are tested on: a row each. */
#pragma once

#include "pg_server.h"
#include "store/postgres.h"
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sql_place {
    const char *name;
    const char *(*begin)(void); /* NULL, or why it cannot be tested here */
    void (*empty)(void);        /* no tables; nobody is connected */
    int (*open)(struct sql **out, bool is_writer, char why[SQL_WHY_BYTES]);
    void (*end)(void); /* also when it could not begin */
};

/* ---- SQLite: a file in a folder of its own ---- */

static char sqlite_folder[64];

static void sqlite_path(char out[96], const char *end)
{
    snprintf(out, 96, "%s/stoa.db%s", sqlite_folder, end);
}

static const char *sqlite_place_begin(void)
{
    snprintf(sqlite_folder, sizeof sqlite_folder, "/tmp/stoa-sql-XXXXXX");
    return mkdtemp(sqlite_folder) ? NULL : "no folder can be made";
}

static void sqlite_place_empty(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char path[96];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        sqlite_path(path, ends[i]);
        unlink(path);
    }
}

static int sqlite_place_open(struct sql **out, bool is_writer, char why[SQL_WHY_BYTES])
{
    char path[96];
    sqlite_path(path, "");
    return sqlite_open(out, &(struct sqlite_settings){ .file = path, .is_writer = is_writer }, why);
}

static void sqlite_place_end(void)
{
    sqlite_place_empty();
    rmdir(sqlite_folder);
}

/* ---- PostgreSQL: a server of its own, a new database each time ---- */

static struct pg_server *postgres_server;
static const char *postgres_url;

static const char *postgres_place_begin(void)
{
    postgres_server = pg_server_start();
    return NULL;
}

static void postgres_place_empty(void)
{
    postgres_url = pg_server_fresh(postgres_server);
}

static int postgres_place_open(struct sql **out, bool is_writer, char why[SQL_WHY_BYTES])
{
    (void)is_writer;
    return postgres_open(out, postgres_url, why);
}

static void postgres_place_end(void)
{
    pg_server_end(postgres_server);
}

static const struct sql_place sql_places[] = {
    { .name = "sqlite",
        .begin = sqlite_place_begin,
        .empty = sqlite_place_empty,
        .open = sqlite_place_open,
        .end = sqlite_place_end },
    { .name = "postgres",
        .begin = postgres_place_begin,
        .empty = postgres_place_empty,
        .open = postgres_place_open,
        .end = postgres_place_end },
};
