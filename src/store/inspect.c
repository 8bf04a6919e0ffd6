#include "store/inspect.h"

#include "store/postgres.h"
#include "store/sqlite.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int inspect_open(struct sql **out, const struct copy_place *place, char why[SQL_WHY_BYTES])
{
    const struct sqlite_settings file = { .file = place->file };
    return place->url != NULL ? postgres_open(out, place->url, why) : sqlite_open(out, &file, why);
}

void inspect_tidy(const char *file)
{
    static const char *const endings[] = { "-wal", "-shm" };
    char name[PATH_MAX + sizeof "-wal"];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%.*s%s", PATH_MAX, file, endings[i]);
        unlink(name);
    }
}

const char *const inspect_tables[] = { "users", "rooms", "room_users", "messages",
    "whiteboard_snapshots", "violations", "submissions", "join_attempts", "kick_events",
    "focus_stretches", "files", "events", "logs", "epochs", "room_snapshots", "revocations",
    "totals" };
const unsigned inspect_tables_n = sizeof inspect_tables / sizeof *inspect_tables;

/* In the same order. */
static const enum sql_statement counts[] = { SQL_COUNT_USERS, SQL_COUNT_ROOMS, SQL_COUNT_ROOM_USERS,
    SQL_COUNT_MESSAGES, SQL_COUNT_WHITEBOARD_SNAPSHOTS, SQL_COUNT_VIOLATIONS, SQL_COUNT_SUBMISSIONS,
    SQL_COUNT_JOIN_ATTEMPTS, SQL_COUNT_KICK_EVENTS, SQL_COUNT_FOCUS_STRETCHES, SQL_COUNT_FILES,
    SQL_COUNT_EVENTS, SQL_COUNT_LOGS, SQL_COUNT_EPOCHS, SQL_COUNT_ROOM_SNAPSHOTS,
    SQL_COUNT_REVOCATIONS, SQL_COUNT_TOTALS };

_Static_assert(sizeof counts / sizeof *counts == sizeof inspect_tables / sizeof *inspect_tables,
    "each table is counted");

static int on_count(void *arg, const struct sql_value *at, unsigned n)
{
    (void)n;
    *(uint64_t *)arg = (uint64_t)sql_number(&at[0]);
    return 0;
}

int inspect_count(uint64_t *rows, struct sql *db, struct slice table)
{
    *rows = 0;
    for (unsigned i = 0; i < inspect_tables_n; i++) {
        if (slice_eq(slice_str(inspect_tables[i]), table))
            return db->ops->query(db, counts[i], NULL, 0, on_count, rows);
    }
    return ERR_NOT_FOUND;
}

struct file_walk {
    inspect_file_fn *fn;
    void *arg;
};

static int on_file(void *arg, const struct sql_value *at, unsigned n)
{
    const struct file_walk *w = arg;
    (void)n;
    const struct store_file file = {
        .id = sql_string(&at[0]),
        .bytes = (uint64_t)sql_number(&at[1]),
        .is_remote = sql_bool(&at[2]),
        .is_complete = true,
    };
    return w->fn(w->arg, &file);
}

int inspect_files(struct sql *db, inspect_file_fn *fn, void *arg)
{
    struct file_walk w = { .fn = fn, .arg = arg };
    return db->ops->query(db, SQL_KEPT_FILES, NULL, 0, on_file, &w);
}

static int on_step(void *arg, const struct sql_value *at, unsigned n)
{
    unsigned *newest = arg;
    unsigned number = (unsigned)sql_number(&at[0]);
    (void)n;
    *newest = number > *newest ? number : *newest;
    return 0;
}

int inspect_schema(unsigned *out, struct sql *db)
{
    *out = 0;
    return db->ops->query(db, SQL_SCHEMA_STEPS, NULL, 0, on_step, out);
}
