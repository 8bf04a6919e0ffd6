/* What the SQLite driver promises beyond sql_test.c: how its connections are set, that one alone
 * ever writes, what it makes of files that are not what they should be. Where a disk matters it is
 * one in memory. The statements are this file's own. */
#include "store/sqlite.h"

#include "crash_disk.h"
#include "fault.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define ARGS(...)              \
    (const struct sql_value[]) \
    {                          \
        __VA_ARGS__            \
    }

enum test_statement {
    T_ADD,
    T_DROP,
    T_LIST,
    T_TOTAL,
    T_DISORDER,
    T_NAMELESS,
    T_DOUBLE_QUOTED,
    T_JOURNAL,
    T_SYNC,
    T_KEYS,
    T_MMAP,
    T_TRUSTED,
    T_AUTOCHECKPOINT,
    T_WAL_LIMIT,
    T_BUSY,
    T_COUNT,
};

static const char *const texts[T_COUNT] = {
    [T_ADD] = "insert into things (id, n) values ($1, $2)",
    [T_DROP] = "delete from things where n >= $1",
    [T_LIST] = "select id, n from things order by id",
    [T_TOTAL] = "select count(*), sum(n) from things",
    [T_DISORDER] = "insert into things (n, id) values ($2, $1)",
    [T_NAMELESS] = "insert into things (n, id) values (?, ?)",
    [T_DOUBLE_QUOTED] = "select \"not a column\" from things",
    [T_JOURNAL] = "pragma journal_mode",
    [T_SYNC] = "pragma synchronous",
    [T_KEYS] = "pragma foreign_keys",
    [T_MMAP] = "pragma mmap_size",
    [T_TRUSTED] = "pragma trusted_schema",
    [T_AUTOCHECKPOINT] = "pragma wal_autocheckpoint",
    [T_WAL_LIMIT] = "pragma journal_size_limit",
    [T_BUSY] = "pragma busy_timeout",
};

static const char tables[] = "create table things (id text not null primary key, n bigint);";

const char *sql_statement_text(enum sql_statement st)
{
    return texts[st];
}

/* ---- asking ---- */

struct said {
    char text[400];
};

static uint32_t run(
    struct sql *db, enum test_statement st, const struct sql_value *args, unsigned n)
{
    return db->ops->run(db, (enum sql_statement)st, args, n);
}

static int say_row(void *arg, const struct sql_value *at, unsigned n)
{
    struct said *s = arg;
    for (unsigned i = 0; i < n; i++) {
        struct slice text = sql_string(&at[i]);
        size_t len = strlen(s->text);
        if (at[i].type == SQL_TEXT)
            snprintf(s->text + len, sizeof s->text - len, "%.*s ", (int)text.len, text.p);
        else
            snprintf(s->text + len, sizeof s->text - len, "%lld ", (long long)sql_number(&at[i]));
    }
    return 0;
}

static const char *ask(struct said *s, struct sql *db, enum test_statement st)
{
    s->text[0] = '\0';
    int err = db->ops->query(db, (enum sql_statement)st, NULL, 0, say_row, s);
    return err ? err_name(err) : s->text;
}

static int add(struct sql *db, const char *id, int64_t n)
{
    int err = db->ops->begin(db, SQL_WRITING);
    run(db, T_ADD, ARGS(sql_text(slice_str(id)), sql_int(n)), 2);
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    return err;
}

static int do_script(struct sql *db, const char *text)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = db->ops->script(db, text);
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    return err;
}

static struct sql *open_at(const char *file, bool is_writer)
{
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES] = "";
    struct sqlite_settings s = { .file = file, .is_writer = is_writer };
    is_int(sqlite_open(&db, &s, why), 0, "%s opens: %s", is_writer ? "a writer" : "a reader", why);
    return db;
}

static struct sql *open_with_tables(const char *file)
{
    struct sql *db = open_at(file, true);
    is_int(do_script(db, tables), 0, "the tables");
    return db;
}

static void shut(struct sql *db)
{
    db->ops->close(db);
}

/* ---- settings ---- */

/* On the disk in memory, like most of what follows. */
#define FILE_NAME "no-such-folder/stoa.db"

static void connections_are_set(void)
{
    static const struct {
        enum test_statement st;
        const char *writer;
        const char *reader;
    } rows[] = {
        { T_JOURNAL, "wal ", "wal " },
        { T_SYNC, "2 ", "2 " },
        { T_KEYS, "1 ", "1 " },
        { T_MMAP, "", "" }, /* without an answer where the file layer has none */
        { T_TRUSTED, "0 ", "0 " },
        { T_AUTOCHECKPOINT, "0 ", "0 " }, /* the writer makes them by itself */
        { T_WAL_LIMIT, "67108864 ", "67108864 " },
        { T_BUSY, "2000 ", "2000 " },
    };
    struct disk disk;
    struct said said;
    disk_mount(&disk, 1);
    struct sql *writer = open_with_tables(FILE_NAME);
    struct sql *reader = open_at(FILE_NAME, false);
    for (size_t i = 0; i < COUNT(rows); i++) {
        is_str(ask(&said, writer, rows[i].st), rows[i].writer, "writer: %s", texts[rows[i].st]);
        is_str(ask(&said, reader, rows[i].st), rows[i].reader, "reader: %s", texts[rows[i].st]);
    }
    is_str(ask(&said, writer, T_DOUBLE_QUOTED), "INTERNAL", "\"x\" is never a text");
    is_int(do_script(writer, "pragma writable_schema = on; delete from sqlite_schema;"),
        ERR_INTERNAL, "the schema is not writable");
    is_int(do_script(writer, "select load_extension('x');"), ERR_INTERNAL, "nothing is loaded");
    shut(reader);
    shut(writer);
    disk_unmount(&disk);
}

static void statements_are_checked(void)
{
    struct disk disk;
    disk_mount(&disk, 2);
    struct sql *db = open_with_tables(FILE_NAME);
    static const struct {
        enum test_statement st;
        unsigned n;
        const char *why;
    } rows[] = {
        { T_ADD, 1, "number of arguments" },
        { T_ADD, 3, "number of arguments" },
        { T_DISORDER, 2, "not in order" },
        { T_NAMELESS, 2, "not in order" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        is_int(db->ops->begin(db, SQL_WRITING), 0, "row %zu", i);
        run(db, rows[i].st, ARGS(sql_text(S("a")), sql_int(1), sql_int(2)), rows[i].n);
        is_int(db->ops->settle(db), ERR_INTERNAL, "it is wrong");
        ok(strstr(db->ops->why(db), rows[i].why) != NULL, "%s", db->ops->why(db));
        db->ops->rollback(db);
    }
    is_int(add(db, "a", 1), 0, "what is right goes on");
    shut(db);
    disk_unmount(&disk);
}

struct nested {
    struct sql *db;
    struct said said;
    int same;
    const char *other;
};

static int ask_within(void *arg, const struct sql_value *at, unsigned n)
{
    struct nested *w = arg;
    (void)at;
    (void)n;
    w->same = w->db->ops->query(w->db, (enum sql_statement)T_LIST, NULL, 0, say_row, &w->said);
    w->other = ask(&w->said, w->db, T_TOTAL);
    return 0;
}

static void queries_within_queries(void)
{
    struct disk disk;
    disk_mount(&disk, 3);
    struct sql *db = open_with_tables(FILE_NAME);
    struct nested w = { .db = db };
    add(db, "a", 1);
    add(db, "b", 2);
    int err = db->ops->query(db, (enum sql_statement)T_LIST, NULL, 0, ask_within, &w);
    is_int(w.same, ERR_INTERNAL, "a query within its own rows is refused");
    is_str(w.other, "2 3 ", "another is answered");
    is_int(err, 0, "and the first one goes on");
    shut(db);
    disk_unmount(&disk);
}

/* ---- one alone writes ---- */

static void nothing_changed(struct disk *d, uint64_t before, const char *what)
{
    is_int(d->changes, before, "%s: the disk is not touched", what);
}

/* Everything a reader does leaves the disk as it is, to the last byte and sync. */
static void readers_never_write(void)
{
    struct disk disk;
    struct said said;
    disk_mount(&disk, 4);
    struct sql *writer = open_with_tables(FILE_NAME);
    for (int round = 0; round < 40; round++) {
        char id[16];
        snprintf(id, sizeof id, "t%02d", round);
        is_int(add(writer, id, 1), 0, "the writer writes");
        uint64_t before = disk.changes;
        struct sql *reader = open_at(FILE_NAME, false);
        reader->ops->begin(reader, SQL_READING);
        char want[32];
        snprintf(want, sizeof want, "%d %d ", round + 1, round + 1);
        is_str(ask(&said, reader, T_TOTAL), want, "a reader reads it");
        reader->ops->rollback(reader);
        reader->ops->revive(reader);
        if (round % 10 == 9)
            do_script(writer, "pragma user_version = 3;");
        else
            nothing_changed(&disk, before, "reading");
        before = disk.changes;
        shut(reader);
        nothing_changed(&disk, before, "closing a reader");
    }
    shut(writer);
    disk_unmount(&disk);
}

static const char *const writes[] = {
    "insert into things (id) values ('x')",
    "update things set n = 5",
    "delete from things",
    "create table more (id text)",
    "drop table things",
    "pragma user_version = 5",
    "pragma wal_checkpoint",
    "pragma wal_checkpoint(full)",
    "pragma wal_checkpoint(restart)",
    "pragma wal_checkpoint(truncate)",
    "pragma journal_mode = delete",
    "pragma journal_mode = truncate",
    "vacuum",
    "reindex",
    "analyze",
    "begin immediate; commit",
    "begin exclusive; commit",
};

static void readers_cannot_write(void)
{
    struct disk disk;
    struct said said;
    disk_mount(&disk, 5);
    struct sql *writer = open_with_tables(FILE_NAME);
    struct sql *reader = open_at(FILE_NAME, false);
    add(writer, "a", 1);
    uint64_t before = disk.changes;
    uint64_t wal = disk_size_of(&disk, "-wal");
    ok(wal > 0, "there is something to be moved from the WAL");
    for (size_t i = 0; i < COUNT(writes); i++) {
        int err = reader->ops->script(reader, writes[i]);
        ok(err || strncmp(writes[i], "begin", 5) == 0, "a reader is refused \"%s\"", writes[i]);
        is_int(disk.changes, before, "and nothing is done");
        reader->ops->rollback(reader);
    }
    is_int(reader->ops->begin(reader, SQL_WRITING), ERR_INTERNAL, "nor does it begin to write");
    reader->ops->rollback(reader);
    reader->ops->begin(reader, SQL_READING);
    run(reader, T_ADD, ARGS(sql_text(S("b")), sql_int(2)), 2);
    is_int(reader->ops->settle(reader), ERR_INTERNAL, "or writes by the way");
    ok(strstr(reader->ops->why(reader), "not authorized"), "%s", reader->ops->why(reader));
    reader->ops->rollback(reader);
    is_str(ask(&said, reader, T_LIST), "a 1 ", "it reads");
    shut(reader);
    shut(writer);
    disk_unmount(&disk);
}

static void the_last_one_out(void)
{
    struct disk disk;
    struct said said;
    disk_mount(&disk, 6);
    struct sql *writer = open_with_tables(FILE_NAME);
    struct sql *reader = open_at(FILE_NAME, false);
    add(writer, "a", 1);
    ask(&said, reader, T_LIST);
    shut(writer);
    uint64_t wal = disk_size_of(&disk, "-wal");
    uint64_t before = disk.changes;
    ok(wal > 0, "with a reader there, the WAL stays");
    is_str(ask(&said, reader, T_LIST), "a 1 ", "the reader goes on");
    shut(reader);
    nothing_changed(&disk, before, "a reader that is the last one");
    is_int(disk_size_of(&disk, "-wal"), wal, "leaves the WAL");
    writer = open_at(FILE_NAME, true);
    is_int(disk_size_of(&disk, "-wal"), 0, "a writer that comes moves all that is in it");
    is_str(ask(&said, writer, T_LIST), "a 1 ", "nothing is lost");
    add(writer, "b", 2);
    shut(writer);
    is_int(disk_size_of(&disk, "-wal"), 0, "and tidies up when it goes");
    disk_unmount(&disk);
}

/* ---- the WAL ---- */

static void the_wal_is_bounded(void)
{
    struct disk disk;
    uint64_t longest = 0;
    disk_mount(&disk, 7);
    struct sql *db = open_with_tables(FILE_NAME);
    for (int i = 0; i < 1500; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i * 7919 % 1500);
        if (add(db, id, i))
            break;
        uint64_t wal = disk_size_of(&disk, "-wal");
        longest = wal > longest ? wal : longest;
    }
    ok(longest > 2 << 20 && longest < (SQLITE_WAL_PAGES + 20) * 4120,
        "the WAL has some 1,000 pages at most: %llu bytes", (unsigned long long)longest);
    shut(db);
    disk_unmount(&disk);
}

/* Killed between writing and syncing: what is read afterwards must be there after a power cut. */
static void what_was_read_lasts(void)
{
    int lost = 0;
    int seen = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct disk disk;
        struct said said;
        char why[SQL_WHY_BYTES];
        struct sql *db = NULL;
        struct sqlite_settings s = { .file = FILE_NAME, .is_writer = true };
        disk_mount(&disk, seed);
        if (sqlite_open(&db, &s, why) || do_script(db, tables) || add(db, "a", 1))
            break;
        disk.power_until = disk.changes + 2 + seed % 4;
        add(db, "b", 2);
        disk.is_off = true;
        shut(db);
        disk_kill(&disk);
        if (sqlite_open(&db, &s, why))
            break;
        bool was_there = strcmp(ask(&said, db, T_LIST), "a 1 b 2 ") == 0;
        seen += was_there;
        disk.is_off = true;
        shut(db);
        disk_cut(&disk);
        if (sqlite_open(&db, &s, why))
            break;
        lost += was_there && strcmp(ask(&said, db, T_LIST), "a 1 b 2 ") != 0;
        shut(db);
        disk_unmount(&disk);
    }
    ok(seen > 5 && seen < 60, "a commit that was cut short was sometimes there: %d of 60", seen);
    is_int(lost, 0, "and then it lasted");
}

/* ---- locks ---- */

static void another_program(void)
{
    struct disk disk;
    struct said said;
    sqlite3 *shell = NULL;
    disk_mount(&disk, 8);
    struct sql *db = open_with_tables(FILE_NAME);
    add(db, "a", 1);
    sqlite3_open(FILE_NAME, &shell);
    is_int(sqlite3_exec(shell, "begin immediate", NULL, NULL, NULL), 0, "somebody else writes");
    is_int(add(db, "b", 2), ERR_STORAGE_UNAVAILABLE, "then nobody else can");
    ok(strstr(db->ops->why(db), "locked"), "%s", db->ops->why(db));
    ok(db->ops->revive(db) != 0, "it is not worth trying again");
    is_str(ask(&said, db, T_LIST), "a 1 ", "one can read");
    sqlite3_exec(shell, "rollback", NULL, NULL, NULL);
    is_int(db->ops->revive(db), 0, "until it has gone");
    is_int(add(db, "b", 2), 0, "then one can write");
    sqlite3_close(shell);
    shut(db);
    disk_unmount(&disk);
}

/* ---- memory ---- */

static void in_memory(void)
{
    struct said said;
    struct sql *db = NULL;
    struct sql *other = NULL;
    char why[SQL_WHY_BYTES];
    struct sqlite_settings s = { .is_memory = true };
    is_int(sqlite_open(&db, &s, why), 0, "a database in memory");
    is_int(sqlite_open(&other, &s, why), 0, "and another one");
    is_int(do_script(db, tables), 0, "its tables");
    is_int(do_script(other, tables), 0, "are its own");
    is_int(add(db, "a", 1), 0, "it is written to");
    is_int(db->ops->begin(db, SQL_READING), 0, "and read from");
    is_str(ask(&said, db, T_LIST), "a 1 ", "by the same connection");
    db->ops->rollback(db);
    is_str(ask(&said, other, T_LIST), "", "by no other");
    is_int(db->ops->revive(db), 0, "it is always well");
    shut(other);
    shut(db);
}

static void run_without_memory(void *arg)
{
    struct sql *db = arg;
    is_int(db->ops->begin(db, SQL_WRITING), 0, "begins");
    for (int i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        run(db, T_ADD, ARGS(sql_text(slice_str(id)), sql_int(i)), 2);
    }
    is_int(db->ops->settle(db), fault_hit() ? ERR_NO_MEMORY : 0, "memory ends, or not");
    is_int(db->ops->changed(db, 99), fault_hit() ? 0 : 1, "then nothing is counted");
    if (fault_hit())
        is_int(db->ops->commit(db), ERR_NO_MEMORY, "or committed");
    db->ops->rollback(db);
}

static void without_memory(void)
{
    struct sql *db = NULL;
    struct said said;
    char why[SQL_WHY_BYTES];
    struct sqlite_settings s = { .is_memory = true };
    is_int(sqlite_open(&db, &s, why), 0, "opened");
    is_int(do_script(db, tables), 0, "the tables");
    shut(db);
    for (unsigned n = 1; n < 3; n++) {
        is_int(sqlite_open(&db, &s, why), 0, "opened");
        do_script(db, tables);
        fault_alloc_at(n);
        run_without_memory(db);
        ok(fault_hit(), "allocation %u failed", n);
        fault_off();
        run_without_memory(db);
        is_str(ask(&said, db, T_LIST), "", "nothing was kept");
        shut(db);
    }
}

/* ---- files ---- */

static char folder[64];

static const char *path_of(char out[128], const char *name)
{
    snprintf(out, 128, "%s/%s", folder, name);
    return out;
}

static void write_file(const char *name, const char *bytes, size_t len, off_t at)
{
    char path[128];
    int fd = open(path_of(path, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ok(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len, "a file is made: %s", name);
    close(fd);
}

static void refused(const char *name, bool is_writer, int err, const char *word)
{
    char path[128];
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES] = "";
    struct sqlite_settings s = { .file = path_of(path, name), .is_writer = is_writer };
    is_int(sqlite_open(&db, &s, why), err, "%s is refused", name);
    ok(strstr(why, word) && why[strlen(why) - 1] == '.', "%s", why);
}

static void files_that_will_not_do(void)
{
    char path[128];
    char noise[8192];
    memset(noise, 'x', sizeof noise);
    write_file("noise.db", noise, sizeof noise, 0);
    refused("noise.db", true, ERR_IO, "not a database");
    refused("noise.db", false, ERR_IO, "not a database");
    refused("nothing.db", false, ERR_STORAGE_UNAVAILABLE, "No such file");
    refused("nowhere/stoa.db", true, ERR_STORAGE_UNAVAILABLE, "unable to open");
    is_int(mkdir(path_of(path, "folder.db"), 0700), 0, "a folder");
    refused("folder.db", true, ERR_STORAGE_UNAVAILABLE, "unable to open");
    rmdir(path);
    unlink(path_of(path, "noise.db"));
}

static void files_are_private(void)
{
    static const char *const names[] = { "stoa.db", "stoa.db-wal", "stoa.db-shm" };
    char path[128];
    mode_t mask = umask(0);
    struct sql *db = open_with_tables(path_of(path, "stoa.db"));
    add(db, "a", 1);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat st;
        is_int(stat(path_of(path, names[i]), &st), 0, "there is %s", names[i]);
        is_int(st.st_mode & 0777, 0600, "which is its user's alone");
    }
    umask(mask);
    shut(db);
    unlink(path_of(path, "stoa.db"));
}

/* ---- checking ---- */

static void check_finds(const char *path, const char *word)
{
    char why[SQL_WHY_BYTES] = "";
    struct sql *db = open_at(path, false);
    int err = db ? sqlite_check(db, why) : 0;
    is_int(err, word ? ERR_IO : 0, "checked: %s", word ? why : "sound");
    if (word)
        ok(strstr(why, word) && why[strlen(why) - 1] == '.', "it says what: %s", word);
    if (db)
        shut(db);
}

static void damage_is_found(void)
{
    char path[128];
    sqlite3 *raw = NULL;
    struct sql *db = open_with_tables(path_of(path, "checked.db"));
    is_int(do_script(db, "create table parts (id text, thing text references things (id));"), 0,
        "a table that refers to another");
    for (int i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof id, "t%d", i);
        if (add(db, id, i))
            break;
    }
    shut(db);
    check_finds(path, NULL);
    sqlite3_open(path, &raw);
    sqlite3_exec(raw, "insert into parts values ('p', 'nobody')", NULL, NULL, NULL);
    sqlite3_close(raw);
    check_finds(path, "points at nothing in things");
    sqlite3_open(path, &raw);
    sqlite3_exec(raw, "delete from parts", NULL, NULL, NULL);
    sqlite3_close(raw);
    check_finds(path, NULL);
    write_file("checked.db", "\377\377\377\377\377\377\377\377", 8, 2 * 4096 + 3);
    check_finds(path, "damaged");
    unlink(path);
    path_of(path, "checked.db-wal");
    unlink(path);
    path_of(path, "checked.db-shm");
    unlink(path);
}

/* ---- versions ---- */

static void versions(void)
{
    static const struct {
        int version;
        bool loses;
    } rows[] = {
        { 3006023, false },
        { 3007000, true },
        { 3040001, true },
        { 3044005, true },
        { 3044006, false },
        { 3044007, true },
        { 3050006, true },
        { 3050007, false },
        { 3051002, true },
        { 3051003, false },
        { 4000000, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        is_int(sqlite_loses_checkpoints(rows[i].version), rows[i].loses, "version %d",
            rows[i].version);
    ok(sqlite_version_number() >= 3040000 && sqlite_version()[0] == '3', "this one: %s",
        sqlite_version());
}

int main(void)
{
    _Static_assert((int)T_COUNT <= (int)SQL_STATEMENTS, "the driver keeps so many statements");
    snprintf(folder, sizeof folder, "/tmp/stoa-sqlite-XXXXXX");
    if (!ok(mkdtemp(folder) != NULL, "a folder"))
        return done();
    connections_are_set();
    statements_are_checked();
    queries_within_queries();
    readers_never_write();
    readers_cannot_write();
    the_last_one_out();
    the_wal_is_bounded();
    what_was_read_lasts();
    another_program();
    in_memory();
    without_memory();
    files_that_will_not_do();
    files_are_private();
    damage_is_found();
    versions();
    is_int(rmdir(folder), 0, "nothing is left behind");
    return done();
}
