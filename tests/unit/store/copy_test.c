/* Copies of whole databases: all of every table arrives, from SQLite to SQLite, to PostgreSQL and
 * back, as it was at one moment; what is there already stays, and what fails leaves nothing. */
#include "look.h"

#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

/* Where the copies go. */
static char folder[64];
static const struct sql_place *const sqlite_place = &sql_places[0];
static const struct sql_place *const postgres_place = &sql_places[1];

struct path {
    char text[128];
};

static struct path path_of(const char *name)
{
    struct path p;
    snprintf(p.text, sizeof(p.text), "%s/%s", folder, name);
    return p;
}

static struct copy_place source_file(void)
{
    static char path[96];
    sqlite_path(path, "");
    return (struct copy_place){ .file = path };
}

static int copy(struct copy_place to, struct copy_place from)
{
    char why[SQL_WHY_BYTES];
    int err = copy_database(why, &to, &from, NULL);
    note("%s", why);
    ok((err != 0) == (why[0] != '\0'), "a sentence, if it failed");
    return err;
}

static int copy_to_file(const char *name)
{
    struct path p = path_of(name);
    return copy((struct copy_place){ .file = p.text }, source_file());
}

static unsigned count_files(void)
{
    unsigned n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void remove_files(void)
{
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.')
            unlink(path_of(e->d_name).text);
    }
    closedir(d);
}

/* ---- what is in a file ---- */

/* Every table; a test asks whether there is another. */
static const struct {
    const char *name;
    const char *all;
} tables[] = {
    { "logs", "select * from logs order by roomId" },
    { "epochs", "select * from epochs order by roomId, number" },
    { "events", "select * from events order by roomId, seq" },
    { "room_snapshots", "select * from room_snapshots order by roomId, seq, part" },
    { "rooms", "select * from rooms order by roomId" },
    { "room_users", "select * from room_users order by roomId, userId" },
    { "messages", "select * from messages order by roomId, seq" },
    { "whiteboard_snapshots", "select * from whiteboard_snapshots order by roomId, seq" },
    { "violations", "select * from violations order by roomId, seq" },
    { "submissions", "select * from submissions order by roomId, seq" },
    { "join_attempts", "select * from join_attempts order by roomId, seq" },
    { "kick_events", "select * from kick_events order by roomId, seq" },
    { "focus_stretches", "select * from focus_stretches order by userId, startedAt" },
    { "users", "select * from users order by id" },
    { "files", "select * from files order by id" },
    { "totals", "select * from totals order by name" },
    { "revocations", "select * from revocations order by subject" },
    { "schema_version", "select number, name from schema_version order by number" },
};

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        note("%s: %s", path, sqlite3_errmsg(db));
    return db;
}

/* All rows, each value with its type; the number of rows. */
static int write_rows(FILE *out, sqlite3 *db, const char *text)
{
    sqlite3_stmt *st = NULL;
    int n = 0;
    if (sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK)
        note("%s: %s", text, sqlite3_errmsg(db));
    for (; st != NULL && sqlite3_step(st) == SQLITE_ROW; n++) {
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            const char *value = (const char *)sqlite3_column_text(st, i);
            fprintf(out, "%d:%d:%s|", sqlite3_column_type(st, i), sqlite3_column_bytes(st, i),
                value != NULL ? value : "");
        }
        fputc('\n', out);
    }
    sqlite3_finalize(st);
    return n;
}

/* The table as a text, to be freed. */
static char *rows_of(const char *path, const char *all, int *n)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    sqlite3 *db = open_raw(path);
    *n = write_rows(out, db, all);
    sqlite3_close(db);
    fclose(out);
    return text;
}

static void is_same(const char *a, const char *b)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        int n, m;
        char *in_a = rows_of(a, tables[i].all, &n), *in_b = rows_of(b, tables[i].all, &m);
        ok(n > 0, "%s is not empty", tables[i].name);
        ok(strcmp(in_a, in_b) == 0, "%s is the same", tables[i].name);
        free(in_a);
        free(in_b);
    }
}

static int64_t number_in(const char *path, const char *text)
{
    int64_t number = -1;
    sqlite3_stmt *st = NULL;
    sqlite3 *db = open_raw(path);
    sqlite3_prepare_v2(db, text, -1, &st, NULL);
    if (st != NULL && sqlite3_step(st) == SQLITE_ROW)
        number = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return number;
}

/* ---- something of everything ---- */

static void fill_room(struct look *l, const char *id)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    struct event events[] = {
        rig_created(1, "host", true),
        rig_event(EV_REQUESTED, 2, "ann"),
        rig_event(EV_APPROVED, 3, "host"),
        rig_event(EV_JOINED, 4, "bob"),
        rig_chat("m1", "ann", "", "Hello; 'quoted' \"twice\" \\ äöü €"),
        rig_chat("m2", "ann", "bob", ""),
        rig_edited(7, 5, "Hello\nagain"),
        rig_event(EV_VIOLATION, 8, "ann"),
        rig_event(EV_SUBMITTED, 9, "ann"),
        rig_event(EV_BOARD_SAVED, 10, "ann"),
        rig_event(EV_KICKED, 11, "host"),
        rig_event(EV_REQUESTED, 12, "carl"),
        rig_event(EV_FOCUSED, 13, "ann"),
        rig_event(EV_ENDED, 13, "host"),
    };
    struct slice records[] = { S("{\"a\":1}"), S("{}") };
    struct store_snapshot snapshot = {
        .room_id = slice_str(id), .epoch = S("e1"), .seq = 5, .records = records, .n = 2
    };
    events[8].code.id = S("s1");
    events[8].code.code = S("int main;\n");
    events[8].code.is_automatic = true;
    events[9].saved.id = S("b1");
    events[10].target = S("bob");
    rig_put(&l->rig, '-', &room, events, COUNT(events));
    l->rig.store->ops->snapshot(l->rig.store, &snapshot, rig_on_done, rig_ask(&l->rig, '-'));
    rig_load(&l->rig, '-', id, "e2");
    rig_turn(&l->rig);
}

static void fill_rest(struct look *l)
{
    struct store *s = l->rig.store;
    struct store_user user = {
        .id = S("u1"), .email = S("a@x"), .name = S("Ann"), .is_admin = true
    };
    struct store_file file = { .id = S("f1"),
        .room_id = S("r1"),
        .user_id = S("u1"),
        .bytes = 1ull << 40,
        .is_remote = true };
    struct store_revocation revocation = { .subject = S("user:u1"), .before_ms = 5, .until_ms = 9 };
    s->ops->put_user(s, STORE_ADD, &user, rig_on_done, rig_ask(&l->rig, '-'));
    user.id = S("u2");
    user.email = S("b@x");
    user.is_disabled = true;
    user.created_at_ms = INT64_MAX;
    s->ops->put_user(s, STORE_ADD, &user, rig_on_done, rig_ask(&l->rig, '-'));
    s->ops->put_file(s, STORE_ADD, &file, NULL, rig_on_done, rig_ask(&l->rig, '-'));
    file.id = S("f2");
    file.room_id = S("");
    file.is_complete = file.is_doomed = true;
    s->ops->put_file(s, STORE_ADD, &file, NULL, rig_on_done, rig_ask(&l->rig, '-'));
    s->ops->revoke(s, &revocation, rig_on_done, rig_ask(&l->rig, '-'));
    rig_turn(&l->rig);
}

static void fill(struct look *l)
{
    fill_room(l, "r1");
    fill_room(l, "R2");
    fill_rest(l);
}

/* ---- copies ---- */

static void test_all_tables(struct look *l)
{
    char path[96];
    sqlite3_stmt *st = NULL;
    (void)l;
    sqlite_path(path, "");
    sqlite3 *db = open_raw(path);
    sqlite3_prepare_v2(db, "select name from sqlite_master where type = 'table'", -1, &st, NULL);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);
        bool is_known = false;
        for (size_t i = 0; i < COUNT(tables); i++)
            is_known = is_known || strcmp(name, tables[i].name) == 0;
        ok(is_known, "%s is looked at here", name);
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
}

static void test_file(struct look *l)
{
    struct path first = path_of("first.db"), second = path_of("second.db");
    struct stat s;
    fill(l);
    is_int(copy_to_file("first.db"), 0, "a copy, while the store is in use");
    is_int(count_files(), 1, "one file");
    is_same(source_file().file, first.text);
    is_int(stat(first.text, &s) ? 0 : s.st_mode & 0777, 0600, "for its owner's eyes");
    is_int(
        copy((struct copy_place){ .file = second.text }, (struct copy_place){ .file = first.text }),
        0, "a copy of the copy");
    is_same(first.text, second.text);
}

/* It is a database like any other: the store goes on with it. */
static void test_goes_on(struct look *l)
{
    struct path p = path_of("copy.db");
    struct sqlite_settings settings = { .file = p.text, .is_writer = true };
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES];
    fill(l);
    is_int(copy_to_file("copy.db"), 0, "a copy");
    if (!is_int(sqlite_open(&db, &settings, why), 0, "is opened"))
        return;
    is_int(sqlite_check(db, why), 0, "and sound");
    is_int(migrate(why, db, 5), 0, "it is of this schema");
    db->ops->close(db);
    is_same(source_file().file, p.text);
}

static void test_there_already(struct look *l)
{
    struct path p = path_of("there.db");
    fill(l);
    FILE *f = fopen(p.text, "w");
    fputs("dear", f);
    fclose(f);
    is_int(copy_to_file("there.db"), ERR_CONFLICT, "a file that is there stays");
    is_int(symlink("nowhere", path_of("link.db").text), 0, "a link that leads nowhere");
    is_int(copy_to_file("link.db"), ERR_CONFLICT, "is there, too");
    char text[8] = "";
    f = fopen(p.text, "r");
    ok(f != NULL && fgets(text, sizeof(text), f) != NULL, "it can be read");
    fclose(f);
    is_str(text, "dear", "as it was");
    is_int(count_files(), 2, "and nothing lies beside it");
}

static void test_wrong_places(struct look *l)
{
    struct path nowhere = path_of("none/copy.db");
    char name[5000];
    fill(l);
    is_int(copy((struct copy_place){ .file = nowhere.text }, source_file()), ERR_IO,
        "a folder that is not there");
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    is_int(copy((struct copy_place){ .file = name }, source_file()), ERR_IO, "a name without end");
    is_int(copy((struct copy_place){ .file = path_of("a.db").text },
               (struct copy_place){ .file = nowhere.text }),
        ERR_STORAGE_UNAVAILABLE, "nothing to copy");
    is_int(count_files(), 0, "nothing is left");
}

/* ---- many rows ---- */

static void put_many(struct look *l, struct rig_room *room, uint32_t n)
{
    struct event *events = calloc(n, sizeof(*events));
    for (uint32_t i = 0; i < n; i++)
        events[i] = rig_event(EV_HAND, 2, "ann");
    rig_put(&l->rig, '-', room, events, n);
    rig_turn(&l->rig);
    free(events);
}

static void put_large(struct look *l, const char *id)
{
    static char text[3 << 20];
    struct slice records[3];
    struct store_snapshot snapshot = {
        .room_id = slice_str(id), .epoch = S("e1"), .seq = 1, .records = records, .n = 3
    };
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 3; i++)
        records[i] = slice_of(text, sizeof(text) - (size_t)i);
    l->rig.store->ops->snapshot(l->rig.store, &snapshot, rig_on_done, rig_ask(&l->rig, '-'));
    is_str(rig_turn(&l->rig), "-:ok ", "large rows");
}

static void test_many(struct look *l)
{
    fill(l);
    for (int i = 0; i < 130; i++) {
        char id[8];
        snprintf(id, sizeof(id), "m%d", i);
        struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
        put_many(l, &room, i == 7 ? 1000 : (uint32_t)i % 3 + 1);
        if (i % 60 == 0)
            put_large(l, id);
    }
    is_int(copy_to_file("many.db"), 0, "a copy of many rows, some of them large");
    is_same(source_file().file, path_of("many.db").text);
}

/* ---- one moment ---- */

struct writing {
    pthread_t thread;
    struct sql *db;
    atomic_bool is_over;
    int64_t rows;
};

/* An event, and the log's last number, which belong together. By the store's own connection, which
 * is idle: no other may write. */
static int write_one(struct sql *db, int64_t seq)
{
    struct sql_value room = sql_text(S("busy"));
    struct sql_value event[] = { room, sql_int(seq), sql_text(S("HAND")), sql_int(1),
        sql_text(S("{}")) };
    struct sql_value log[] = { sql_int(seq), sql_int(1), room, sql_text(S("e1")),
        sql_int(seq - 1) };
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err) {
        db->ops->run(db, SQL_ADD_EVENT, event, 5);
        db->ops->run(db, SQL_GO_ON_LOG, log, 5);
        err = db->ops->commit(db);
    }
    if (err)
        db->ops->rollback(db);
    return err;
}

static void *write_on(void *arg)
{
    struct writing *w = arg;
    struct sql *db = w->db;
    while (!atomic_load(&w->is_over) && write_one(db, w->rows + 2) == 0)
        w->rows++;
    return NULL;
}

static void test_one_moment(struct look *l)
{
    static const char in_step[] =
        "select (select count(*) from events where roomId = 'busy') = lastSeq"
        " and (select max(seq) from events where roomId = 'busy') = lastSeq"
        " from logs where roomId = 'busy'";
    struct writing w = { .db = l->writer.db };
    fill(l);
    rig_begin(&l->rig, "busy", 1);
    pthread_create(&w.thread, NULL, write_on, &w);
    int n_wrong = 0;
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d.db", i);
        n_wrong += copy_to_file(name) != 0;
        n_wrong += number_in(path_of(name).text, in_step) != 1;
    }
    atomic_store(&w.is_over, true);
    pthread_join(w.thread, NULL);
    is_int(n_wrong, 0, "what belongs together is together");
    ok(w.rows > 10, "%jd were written meanwhile", (intmax_t)w.rows);
}

/* ---- what fails ---- */

/* Into a file of the folder, from the store's, by way of a connection that goes wrong. */
static int copy_lossy(enum sql_statement skipped)
{
    struct path p = path_of("lossy.db");
    struct sqlite_settings to = { .file = p.text, .is_writer = true };
    struct sqlite_settings from = { .file = source_file().file };
    struct lossy lossy;
    struct sql *a = NULL, *b = NULL;
    char why[SQL_WHY_BYTES] = "";
    if (sqlite_open(&a, &to, why) || sqlite_open(&b, &from, why))
        abort();
    struct sql *target = lossy_init(&lossy, a);
    lossy.is_skipping = true;
    lossy.skipped = skipped;
    int err = copy_tables(why, target, b, NULL);
    note("%s", why);
    b->ops->close(b);
    target->ops->close(target);
    return err;
}

static void test_lost_row(struct look *l)
{
    fill(l);
    is_int(copy_lossy(SQL_PASTE_EVENTS), ERR_IO, "a row that does not arrive is missed");
    is_int(number_in(path_of("lossy.db").text, "select count(*) from sqlite_master"), 0,
        "and nothing of it stays");
    is_int(copy_lossy(SQL_ADD_FILE), 0, "else all is well");
    is_same(source_file().file, path_of("lossy.db").text);
    is_int(copy_lossy(SQL_ADD_FILE), ERR_CONFLICT, "what has tables is not written to");
    is_same(source_file().file, path_of("lossy.db").text);
}

static void test_stopped(struct look *l)
{
    struct path p = path_of("stopped.db");
    struct copy_place to = { .file = p.text }, from = source_file();
    char why[SQL_WHY_BYTES];
    atomic_bool is_stopped = true;
    fill(l);
    is_int(copy_database(why, &to, &from, &is_stopped), ERR_CLOSED, "it is broken off");
    is_int(count_files(), 0, "nothing is left");
}

/* ---- PostgreSQL ---- */

static struct sql *open_postgres(void)
{
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES];
    if (postgres_place->open(&db, true, why)) {
        note("%s", why);
        abort();
    }
    return db;
}

static int postgres_script(const char *text)
{
    struct sql *db = open_postgres();
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = db->ops->script(db, text);
    if (!err)
        err = db->ops->commit(db);
    db->ops->close(db);
    return err;
}

static void test_postgres(struct look *l)
{
    struct path back = path_of("back.db");
    struct rig_room room = { .id = "many", .epoch = "e1", .is_new = true };
    fill(l);
    put_many(l, &room, 300);
    put_large(l, "many");
    postgres_place->empty();
    struct copy_place server = { .url = postgres_url }, file = { .file = back.text };
    is_int(copy(server, source_file()), 0, "to PostgreSQL");
    is_int(copy(file, server), 0, "and back");
    is_same(source_file().file, back.text);
    is_int(copy(server, source_file()), ERR_CONFLICT, "it is not written to twice");
    unlink(back.text);
    is_int(copy(file, server), 0, "and once more");
    is_same(source_file().file, back.text);
}

static void test_postgres_of_another(struct look *l)
{
    fill(l);
    postgres_place->empty();
    struct copy_place server = { .url = postgres_url };
    is_int(postgres_script("create table files (name text)"), 0, "somebody else's table");
    is_int(copy(server, source_file()), ERR_CONFLICT, "is a reason not to");
    is_int(postgres_script("drop table files"), 0, "it is there, and goes");
    is_int(copy(server, source_file()), 0, "then it is empty: nothing was left");
}

static void test_postgres_stopped(struct look *l)
{
    struct copy_place from = source_file();
    char why[SQL_WHY_BYTES];
    atomic_bool is_stopped = true;
    fill(l);
    postgres_place->empty();
    struct copy_place server = { .url = postgres_url };
    is_int(copy_database(why, &server, &from, &is_stopped), ERR_CLOSED, "it is broken off");
    is_int(copy(server, from), 0, "nothing was left");
}

/* ---- on a thread ---- */

struct told {
    struct loop *loop;
    int n;
    int err[8];
};

static void on_told(void *arg, int err)
{
    struct told *t = arg;
    t->err[t->n++] = err;
}

static void wait_for(struct told *t, int n)
{
    while (t->n < n)
        loop_turn(t->loop, true);
}

static void test_copier(struct look *l)
{
    struct copy_place from = source_file();
    struct told t = { .loop = l->rig.loop };
    struct path p = path_of("a.db"), q = path_of("b.db");
    struct store_copy to = { .file = slice_str(p.text) }, too = { .file = slice_str(q.text) };
    fill(l);
    struct copier *c = copier_new(t.loop, &from);
    copier_copy(c, &to, on_told, &t);
    copier_copy(c, &too, on_told, &t);
    is_int(t.n, 0, "nothing is answered at once");
    wait_for(&t, 2);
    is_int(t.err[0], ERR_BUSY, "one at a time");
    is_int(t.err[1], 0, "which is made");
    copier_copy(c, &to, on_told, &t);
    wait_for(&t, 3);
    is_int(t.err[2], ERR_CONFLICT, "not twice");
    copier_copy(c, &too, on_told, &t);
    wait_for(&t, 4);
    is_int(t.err[3], 0, "then another");
    is_same(from.file, q.text);
    copier_copy(c, &to, on_told, &t);
    copier_copy(c, &to, on_told, &t);
    copier_free(c);
    loop_turn(t.loop, false);
    is_int(t.n, 4, "what was not answered is never answered");
}

/* Through the store, which goes on meanwhile. */
static void test_store(struct look *l)
{
    struct copy_place from = source_file();
    struct told t = { .loop = l->rig.loop };
    struct path p = path_of("a.db");
    struct store_copy to = { .file = slice_str(p.text) };
    struct engine_settings settings = { .batch_max = 100, .max_waiting_bytes = 1u << 30 };
    struct desk *desk;
    fill(l);
    rig_close(&l->rig);
    loop_turn(t.loop, false);
    settings.writer = look_open(l, true);
    settings.reader = look_open(l, false);
    if (desk_new(&desk, t.loop, &settings))
        abort();
    l->rig.store = store_durable_new(t.loop, desk, copier_new(t.loop, &from));
    l->rig.store->ops->copy(l->rig.store, &to, on_told, &t);
    rig_load(&l->rig, 'a', "none", "e2");
    is_str(rig_turn(&l->rig), "a:ROOM_NOT_FOUND ", "others are answered");
    wait_for(&t, 1);
    is_int(t.err[0], 0, "a copy is made");
    is_same(from.file, p.text);
}

/* ---- all ---- */

static void run(struct look *l, const struct sql_place *place, look_test *const *tests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        look_run(l, place, tests[i]);
        remove_files();
    }
}

int main(void)
{
    static look_test *const tests[] = {
        test_all_tables,
        test_file,
        test_goes_on,
        test_there_already,
        test_wrong_places,
        test_many,
        test_one_moment,
        test_lost_row,
        test_stopped,
        test_copier,
        test_store,
    };
    static look_test *const on_server[] = {
        test_postgres,
        test_postgres_of_another,
        test_postgres_stopped,
    };
    struct look *l = malloc(sizeof(*l));
    snprintf(folder, sizeof(folder), "/tmp/stoa-copy-XXXXXX");
    if (mkdtemp(folder) == NULL || sqlite_place->begin() != NULL)
        abort();
    run(l, sqlite_place, tests, COUNT(tests));
    const char *reason = postgres_place->begin();
    note("postgres %s", reason != NULL ? reason : "");
    if (reason == NULL)
        run(l, sqlite_place, on_server, COUNT(on_server));
    postgres_place->end();
    sqlite_place->end();
    rmdir(folder);
    free(l);
    return done();
}
