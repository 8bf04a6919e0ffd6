/* A statement is prepared when it is first needed, once, and kept by its number. Everything that
 * is asked is done at once, so texts are bound where they lie: a statement lets go of them before
 * the call returns.
 *
 * Durability is WAL and synchronous=FULL: a commit has written its pages to the WAL and synced it.
 * SQLite ends a transaction by itself after some errors (a full disk); the first error is kept
 * until rollback(), so that nothing that is run behind it becomes a transaction of its own. */
#include "store/sqlite.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNTS_BYTES (64 << 20) /* 8 for each run of a transaction */

struct sqlite {
    struct sql sql;
    sqlite3 *db;
    bool is_writer;
    int wal_pages;   /* that a checkpoint is made at */
    bool is_suspect; /* no more checkpoints, see distrust() */
    bool is_begun;   /* until commit() or rollback(), whatever SQLite thinks */
    /* Since then. */
    int err;           /* the first */
    bool is_counted;   /* changed() is asked */
    struct buf counts; /* a uint64_t for each run */
    uint32_t runs;
    char why[SQL_WHY_BYTES];
    sqlite3_stmt *prepared[SQL_STATEMENTS];
};

static struct sqlite *self(struct sql *db)
{
    return (struct sqlite *)db;
}

/* ---- errors ---- */

static int err_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_STORAGE_UNAVAILABLE;
    case SQLITE_CONSTRAINT:
        return ERR_CONFLICT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_IO;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_INTERNAL;
    }
}

static void say_why(struct sqlite *s, int code)
{
    int os = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN
        ? sqlite3_system_errno(s->db)
        : 0;
    snprintf(s->why, sizeof s->why, "SQLite says: %s (code %d%s%s).", sqlite3_errmsg(s->db), code,
        os ? ", " : "", os ? strerrordesc_np(os) : "");
}

/* Of any call: remembers the first that is wrong. */
static int note(struct sqlite *s, int code)
{
    int err = err_of(code);
    if (!err)
        return 0;
    say_why(s, code);
    if (!s->err)
        s->err = err;
    return err;
}

static int note_wrong(struct sqlite *s, enum sql_statement st, const char *what)
{
    snprintf(s->why, sizeof s->why, "%s: %s", what, sql_statement_text(st));
    if (!s->err)
        s->err = ERR_INTERNAL;
    return ERR_INTERNAL;
}

/* ---- statements ---- */

/* SQLite numbers $1, $2, ... by their first appearance, PostgreSQL by their digits. */
static bool is_in_order(sqlite3_stmt *st)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++) {
        const char *name = sqlite3_bind_parameter_name(st, i);
        if (!name || name[0] != '$' || strtol(name + 1, NULL, 10) != i)
            return false;
    }
    return true;
}

static int prepare(sqlite3_stmt **out, struct sqlite *s, enum sql_statement st)
{
    ASSERT((unsigned)st < SQL_STATEMENTS);
    if (!s->prepared[st]) {
        sqlite3_stmt *made = NULL;
        int code = sqlite3_prepare_v3(
            s->db, sql_statement_text(st), -1, SQLITE_PREPARE_PERSISTENT, &made, NULL);
        if (code)
            return note(s, code);
        if (!is_in_order(made)) {
            sqlite3_finalize(made);
            return note_wrong(s, st, "Parameters are not in order");
        }
        s->prepared[st] = made;
    }
    *out = s->prepared[st];
    return 0;
}

static int bind_one(sqlite3_stmt *st, int at, const struct sql_value *v)
{
    switch (v->type) {
    case SQL_INT:
        return sqlite3_bind_int64(st, at, v->number);
    case SQL_TEXT: /* a NULL would be NULL, and the empty text is not */
        return sqlite3_bind_text64(
            st, at, v->text.len ? v->text.p : "", v->text.len, SQLITE_STATIC, SQLITE_UTF8);
    case SQL_NULL:
        break;
    }
    return sqlite3_bind_null(st, at);
}

static int bind(struct sqlite *s, sqlite3_stmt *st, const struct sql_value *args, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int code = bind_one(st, (int)i + 1, &args[i]);
        if (code)
            return note(s, code);
    }
    return 0;
}

/* Ready to be stepped; to be let go of by release(), whatever this says. */
static int make_ready(sqlite3_stmt **out, struct sqlite *s, enum sql_statement st,
    const struct sql_value *args, unsigned n)
{
    int err = prepare(out, s, st);
    if (err)
        return err;
    if (sqlite3_stmt_busy(*out)) {
        *out = NULL;
        return note_wrong(s, st, "A statement is asked from within its own answer");
    }
    if ((unsigned)sqlite3_bind_parameter_count(*out) != n)
        return note_wrong(s, st, "The number of arguments is wrong");
    return bind(s, *out, args, n);
}

static void release(sqlite3_stmt *st)
{
    if (!st)
        return;
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
}

/* ---- a transaction ---- */

static int execute(struct sqlite *s, const char *text)
{
    return note(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

static void take_back(struct sqlite *s)
{
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "rollback", NULL, NULL, NULL);
}

static void leave(struct sqlite *s)
{
    take_back(s);
    s->is_begun = false;
    s->err = 0;
}

static int begin(struct sql *db, enum sql_mode mode)
{
    struct sqlite *s = self(db);
    ASSERT(!s->is_begun);
    leave(s); /* it could not for lack of memory, perhaps */
    s->is_begun = true;
    s->runs = 0;
    buf_reset(&s->counts);
    s->is_counted = mode != SQL_COPYING;
    if (mode != SQL_READING && !s->is_writer) {
        snprintf(s->why, sizeof s->why, "This connection only reads.");
        return s->err = ERR_INTERNAL;
    }
    return execute(s, mode != SQL_READING ? "begin immediate" : "begin");
}

static int step_all(struct sqlite *s, sqlite3_stmt *st)
{
    int code;
    do
        code = sqlite3_step(st);
    while (code == SQLITE_ROW);
    return note(s, code);
}

static uint64_t run_now(
    struct sqlite *s, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    sqlite3_stmt *ready = NULL;
    uint64_t changed = 0;
    int err = make_ready(&ready, s, st, args, n);
    if (!err && !step_all(s, ready) && !sqlite3_stmt_readonly(ready))
        changed = (uint64_t)sqlite3_changes64(s->db);
    release(ready);
    return changed;
}

static uint32_t run(struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    struct sqlite *s = self(db);
    ASSERT(s->is_begun);
    uint64_t changed = s->err ? 0 : run_now(s, st, args, n);
    if (s->is_counted)
        buf_add(&s->counts, &changed, sizeof changed);
    if (buf_err(&s->counts) && !s->err) {
        snprintf(s->why, sizeof s->why, "The transaction is too long.");
        s->err = buf_err(&s->counts);
    }
    return s->runs++;
}

static int settle(struct sql *db)
{
    return self(db)->err;
}

static uint64_t changed(const struct sql *db, uint32_t number)
{
    const struct sqlite *s = (const struct sqlite *)db;
    uint64_t n;
    if (((uint64_t)number + 1) * sizeof n > s->counts.len)
        return 0;
    memcpy(&n, s->counts.p + number * sizeof n, sizeof n);
    return n;
}

static struct sql_value value_at(sqlite3_stmt *st, int column)
{
    switch (sqlite3_column_type(st, column)) {
    case SQLITE_INTEGER:
        return sql_int(sqlite3_column_int64(st, column));
    case SQLITE_NULL:
        return sql_null();
    default:
        break;
    }
    const unsigned char *p = sqlite3_column_text(st, column);
    return sql_text(slice_of(p, (size_t)sqlite3_column_bytes(st, column)));
}

/* Gives what `fn` gave, or an error of SQLite's. */
static int give_rows(struct sqlite *s, sqlite3_stmt *st, sql_row_fn *fn, void *arg)
{
    struct sql_value at[SQL_MAX_COLUMNS];
    unsigned n = (unsigned)sqlite3_column_count(st);
    ASSERT(n <= SQL_MAX_COLUMNS);
    int code;
    while ((code = sqlite3_step(st)) == SQLITE_ROW) {
        for (unsigned i = 0; i < n; i++) {
            at[i] = value_at(st, (int)i);
            if (at[i].type == SQL_TEXT && !at[i].text.p)
                return note(s, SQLITE_NOMEM);
        }
        int err = fn(arg, at, n);
        if (err)
            return err;
    }
    return note(s, code);
}

static int query(struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n,
    sql_row_fn *fn, void *arg)
{
    struct sqlite *s = self(db);
    sqlite3_stmt *ready = NULL;
    if (!s->is_begun)
        s->err = 0; /* of another query */
    int err = s->err ? s->err : make_ready(&ready, s, st, args, n);
    if (!err)
        err = give_rows(s, ready, fn, arg);
    release(ready);
    return err;
}

static int read_number(void *arg, int n, char **at, char **names)
{
    (void)names;
    *(int64_t *)arg = n > 0 && at[0] ? strtoll(at[0], NULL, 10) : 0;
    return 0;
}

static int ask_number(int64_t *out, struct sqlite *s, const char *text)
{
    *out = 0;
    return note(s, sqlite3_exec(s->db, text, read_number, out, NULL));
}

/* Writes a page and syncs it, for a commit must be able to. */
static int try_to_write(struct sqlite *s)
{
    char text[80];
    int64_t version;
    int err = execute(s, "begin immediate");
    if (!err)
        err = ask_number(&version, s, "pragma user_version");
    if (err)
        return err;
    snprintf(text, sizeof text, "pragma user_version = %lld; commit", (long long)version);
    return execute(s, text);
}

/* What could not be synced the kernel may have dropped, but shows to whoever opens the file next,
 * if we are killed now: it would look committed, be moved into the file, and a power cut on the
 * way would find half of it there and none in the WAL. So another commit, which changes nothing,
 * is written over its beginning at once, and if that cannot be synced either, no harm is done. */
static void cover(struct sqlite *s)
{
    char why[SQL_WHY_BYTES];
    memcpy(why, s->why, sizeof why);
    take_back(s);
    if (try_to_write(s))
        take_back(s);
    memcpy(s->why, why, sizeof why);
}

static int commit(struct sql *db)
{
    struct sqlite *s = self(db);
    ASSERT(s->is_begun);
    if (s->err)
        return s->err;
    int code = sqlite3_exec(s->db, "commit", NULL, NULL, NULL);
    int err = note(s, code);
    if (code == SQLITE_IOERR_FSYNC)
        cover(s);
    s->is_begun = err != 0;
    return err;
}

static void rollback(struct sql *db)
{
    leave(self(db));
}

static int script(struct sql *db, const char *text)
{
    struct sqlite *s = self(db);
    return s->err ? s->err : execute(s, text);
}

static int revive(struct sql *db)
{
    struct sqlite *s = self(db);
    int64_t n;
    rollback(db);
    int err = s->is_writer ? try_to_write(s)
                           : ask_number(&n, s, "select count(*) from sqlite_schema");
    rollback(db);
    return err;
}

static const char *why_wrong(const struct sql *db)
{
    return ((const struct sqlite *)db)->why;
}

static void close_it(struct sql *db)
{
    struct sqlite *s = self(db);
    for (unsigned i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(s->prepared[i]);
    int code = sqlite3_close(s->db);
    ASSERT(code == SQLITE_OK);
    buf_fini(&s->counts);
    xfree(s);
}

static const struct sql_ops ops = {
    .name = "sqlite",
    .begin = begin,
    .run = run,
    .settle = settle,
    .changed = changed,
    .query = query,
    .commit = commit,
    .rollback = rollback,
    .script = script,
    .revive = revive,
    .why = why_wrong,
    .close = close_it,
};

/* ---- opening ---- */

/* SQLite would let everybody read it. Opening a file that is there already, and closing it, would
 * take other connections' locks away. Where it cannot be made, SQLite says so. */
static void make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static int open_file(struct sqlite *s, const struct sqlite_settings *settings)
{
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= s->is_writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (s->is_writer && !settings->is_memory)
        make_file(settings->file);
    return note(
        s, sqlite3_open_v2(settings->is_memory ? ":memory:" : settings->file, &s->db, flags, NULL));
}

/* What a database that somebody else made may not do to us, and what a reader never does. */
static int configure(struct sqlite *s)
{
    static const struct {
        int what;
        int value;
    } rows[] = {
        { .what = SQLITE_DBCONFIG_DEFENSIVE, .value = 1 },
        { .what = SQLITE_DBCONFIG_TRUSTED_SCHEMA, .value = 0 },
        { .what = SQLITE_DBCONFIG_DQS_DML, .value = 0 },
        { .what = SQLITE_DBCONFIG_DQS_DDL, .value = 0 },
        { .what = SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, .value = 0 },
    };
    int err = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !err; i++)
        err = note(s, sqlite3_db_config(s->db, rows[i].what, rows[i].value, NULL));
    if (!err)
        err = note(
            s, sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !s->is_writer, NULL));
    if (!err)
        err = note(s, sqlite3_extended_result_codes(s->db, 1));
    if (!err)
        err = note(s, sqlite3_busy_timeout(s->db, SQLITE_BUSY_MS));
    return err;
}

static int read_mode(void *arg, int n, char **at, char **names)
{
    (void)names;
    *(bool *)arg = n == 1 && at[0] && strcmp(at[0], "wal") == 0;
    return 0;
}

static int use_wal(struct sqlite *s)
{
    bool is_wal = false;
    int err = note(s, sqlite3_exec(s->db, "pragma journal_mode = wal", read_mode, &is_wal, NULL));
    if (!err && !is_wal) {
        snprintf(s->why, sizeof s->why, "The database cannot be kept with a WAL on this disk.");
        err = ERR_STORAGE_UNAVAILABLE;
    }
    return err;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (sqlite3_stricmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* A pragma that tells and does nothing. */
static bool is_question(const char *name, const char *argument)
{
    static const char *const about[] = { "table_info", "table_list", "index_list", "index_info",
        "integrity_check", "quick_check", "foreign_key_check", NULL };
    static const char *const deeds[] = { "wal_checkpoint", "optimize", "incremental_vacuum", NULL };
    return argument ? is_one_of(name, about) : !is_one_of(name, deeds);
}

/* What a reader may ask for. That its file is open for reading only would not keep it from making a
 * checkpoint: the WAL is open for both. */
static int may_read(void *arg, int action, const char *first, const char *second,
    const char *database, const char *within)
{
    (void)arg;
    (void)database;
    (void)within;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
        return SQLITE_OK;
    case SQLITE_PRAGMA:
        return is_question(first, second) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* ---- checkpoints ---- */

/* A kernel takes pages that it could not sync for clean, so they may be lost, and the next sync
 * does not say so. SQLite would write again what this checkpoint wrote, but not what one before it
 * did that a reader had cut short, and then start the WAL anew. Everything is still in the WAL,
 * and stays there if no more checkpoints are made; the next start moves all of it again. */
static void distrust(struct sqlite *s)
{
    s->is_suspect = true;
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    log_error(LOG_STORE,
        "the database file could not be synced. Nothing is lost, but until the next start its WAL "
        "only grows: look at the disk, then restart");
}

/* SQLite would do the same by itself, but tell nobody how it went. Any other failure is mended by
 * the next try. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct sqlite *s = arg;
    if (pages < s->wal_pages || s->is_suspect)
        return SQLITE_OK;
    int code = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_IOERR_FSYNC)
        distrust(s);
    return SQLITE_OK;
}

/* The program may have been killed between writing a commit and syncing it: it is read now, so it
 * must not be lost by a power cut later. A checkpoint syncs the WAL before anything else, so one
 * that then finds the disk full, or somebody reading, has done enough. */
static int recover(struct sqlite *s)
{
    int code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY)
        return 0;
    if (code == SQLITE_IOERR_FSYNC)
        distrust(s);
    return note(s, code);
}

static int set_up(struct sqlite *s, bool is_memory)
{
    char text[400];
    snprintf(text, sizeof text,
        "pragma synchronous = full; pragma foreign_keys = on; pragma mmap_size = 0;"
        "pragma cell_size_check = on; pragma temp_store = memory; pragma cache_size = -%d;"
        "pragma journal_size_limit = %d; pragma wal_autocheckpoint = 0;"
        "select count(*) from sqlite_schema",
        SQLITE_CACHE_KIB, SQLITE_WAL_BYTES);
    int err = configure(s);
    if (!err && s->is_writer && !is_memory)
        err = use_wal(s);
    if (!err)
        err = execute(s, text);
    if (!err && s->is_writer && !is_memory)
        err = recover(s);
    if (!err && !s->is_writer)
        err = note(s, sqlite3_set_authorizer(s->db, may_read, NULL));
    if (!err && s->is_writer)
        sqlite3_wal_hook(s->db, on_commit, s);
    return err;
}

int sqlite_open(struct sql **out, const struct sqlite_settings *settings, char why[SQL_WHY_BYTES])
{
    struct sqlite *s = xalloc(sizeof *s);
    *s = (struct sqlite){
        .sql = { .ops = &ops },
        .is_writer = settings->is_writer || settings->is_memory,
        .wal_pages = settings->wal_pages ? settings->wal_pages : SQLITE_WAL_PAGES,
    };
    buf_init(&s->counts, COUNTS_BYTES);
    int err = open_file(s, settings);
    if (!err)
        err = set_up(s, settings->is_memory);
    if (err) {
        memcpy(why, s->why, SQL_WHY_BYTES);
        close_it(&s->sql);
        return err;
    }
    s->err = 0;
    *out = &s->sql;
    return 0;
}

/* ---- checking ---- */

/* Of integrity_check: "ok", or a finding a row. */
static int first_finding(void *arg, int n, char **at, char **names)
{
    char *why = arg;
    (void)names;
    if (n == 1 && at[0] && strcmp(at[0], "ok") != 0 && !why[0])
        snprintf(why, SQL_WHY_BYTES, "The database is damaged: %s.", at[0]);
    return 0;
}

/* Of foreign_key_check: a row for each: table, rowid, what it points at, number of the key. */
static int first_dangling(void *arg, int n, char **at, char **names)
{
    char *why = arg;
    (void)names;
    if (n > 2 && !why[0])
        snprintf(why, SQL_WHY_BYTES, "A row of %s points at nothing in %s.", at[0] ? at[0] : "",
            at[2] ? at[2] : "");
    return 0;
}

int sqlite_check(struct sql *db, char why[SQL_WHY_BYTES])
{
    struct sqlite *s = self(db);
    ASSERT(db->ops == &ops);
    why[0] = '\0';
    int code = sqlite3_exec(s->db, "pragma integrity_check", first_finding, why, NULL);
    if (!code)
        code = sqlite3_exec(s->db, "pragma foreign_key_check", first_dangling, why, NULL);
    if (why[0])
        return ERR_IO;
    int err = err_of(code);
    if (err) {
        say_why(s, code);
        memcpy(why, s->why, SQL_WHY_BYTES);
    }
    return err;
}

const char *sqlite_version(void)
{
    return sqlite3_libversion();
}

int sqlite_version_number(void)
{
    return sqlite3_libversion_number();
}

bool sqlite_loses_checkpoints(int version)
{
    return version >= 3007000 && version <= 3051002 && version != 3044006 && version != 3050007;
}
