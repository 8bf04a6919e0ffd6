/* Every table that the schema makes is known to those who count rows and make backups; files are
 * told as far as they have a content. */
#include "store/inspect.h"

#include "store/migrate.h"
#include "store/sqlite.h"
#include "tap.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW_MS 1700000000000

static void fill(const char *file)
{
    static const char rows[] =
        "insert into users values ('u1', 'Ada', 'ada@example.org', 'x', '', 1, 0, 0);"
        "insert into users values ('u2', 'Bob', 'bob@example.org', 'x', '', 1, 0, 0);"
        "insert into files values ('f1', null, 'u1', 'a', 'b', 'shared', 7, 1, 0, 0, 1);"
        "insert into files values ('f3', null, 'u1', 'a', 'b', 'shared', 5, 0, 0, 0, 1);"
        "insert into files values ('f4', null, 'u1', 'a', 'b', 'shared', 5, 1, 0, 1, 1);"
        "insert into files values ('f2', null, 'u1', 'a', 'b', 'shared', 9, 1, 1, 0, 1);";
    struct sql *db;
    char why[SQL_WHY_BYTES];
    const struct sqlite_settings s = { .file = file, .is_writer = true };
    is_int(sqlite_open(&db, &s, why), 0, "a database");
    is_int(migrate(why, db, NOW_MS), 0, "with the newest schema: %s", why);
    is_int(db->ops->begin(db, SQL_WRITING), 0, "is filled");
    is_int(db->ops->script(db, rows), 0, "with rows: %s", db->ops->why(db));
    is_int(db->ops->commit(db), 0, "for good");
    db->ops->close(db);
}

static int count_unknown(void *arg, int n, char **at, char **names)
{
    bool is_known = false;
    (void)n;
    (void)names;
    for (unsigned i = 0; i < inspect_tables_n; i++)
        is_known = is_known || strcmp(inspect_tables[i], at[0]) == 0;
    if (!is_known)
        note("not known: %s", at[0]);
    *(unsigned *)arg += !is_known;
    return 0;
}

static void all_tables(const char *file)
{
    unsigned unknown = 0;
    sqlite3 *db = NULL;
    ok(sqlite3_open(file, &db) == SQLITE_OK, "its schema");
    int code = sqlite3_exec(db,
        "select name from sqlite_schema where type = 'table' and name <> 'schema_version'",
        count_unknown, &unknown, NULL);
    is_int(code, SQLITE_OK, "is read");
    is_int(unknown, 0, "and has no table that is not counted");
    sqlite3_close(db);
}

static int add_file(void *arg, const struct store_file *file)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 100 - len, "%.*s:%llu%s ", (int)file->id.len, file->id.p,
        (unsigned long long)file->bytes, file->is_remote ? "@" : "");
    return 0;
}

static int stop(void *arg, const struct store_file *file)
{
    (void)file;
    ++*(unsigned *)arg;
    return ERR_CLOSED;
}

static void look(const char *file)
{
    struct sql *db;
    char why[SQL_WHY_BYTES], files[100] = "";
    const struct copy_place place = { .file = file };
    unsigned schema, calls = 0;
    uint64_t users, rooms, nothing;
    is_int(inspect_open(&db, &place, why), 0, "looked into");
    is_int(inspect_schema(&schema, db), 0, "its schema");
    is_int(schema, schema_migrations_n, "is the newest");
    is_int(inspect_count(&users, db, S("users")), 0, "accounts");
    is_int(users, 2, "two");
    is_int(inspect_count(&rooms, db, S("rooms")), 0, "rooms");
    is_int(rooms, 0, "none");
    is_int(inspect_count(&nothing, db, S("sqlite_schema")), ERR_NOT_FOUND, "others are not asked");
    is_int(inspect_files(db, add_file, files), 0, "files");
    is_str(files, "f1:7 f2:9@ ", "those that have a content");
    is_int(inspect_files(db, stop, &calls), ERR_CLOSED, "until one is enough");
    is_int(calls, 1, "which is the first");
    db->ops->close(db);
    inspect_tidy(file);
}

int main(void)
{
    char folder[] = "/tmp/stoa-inspect-XXXXXX";
    char file[64], why[SQL_WHY_BYTES];
    struct sql *db;
    snprintf(file, sizeof(file), "%s/x.db", mkdtemp(folder));
    const struct copy_place place = { .file = file };
    ok(inspect_open(&db, &place, why) != 0 && why[0] != '\0', "nothing is made: %s", why);
    fill(file);
    all_tables(file);
    look(file);
    unlink(file);
    ok(rmdir(folder) == 0, "and nothing is left");
    return done();
}
