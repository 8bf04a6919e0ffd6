/* The SQLite driver on a disk whose power goes: a writer appends to logs in transactions, as the
 * store does, with a reader beside it; at some write, sync or change of a name everything stops.
 * What then is on the disk is drawn by lot (crash_disk.h), and the database is opened again from
 * that, to be what it was after the last transaction that was committed, or after the one that was
 * on its way, and nothing else. Then it goes on from there.
 *
 * Power goes in the first seconds of a new database, in checkpoints and in the recovery from the
 * cut before, too. Now and then it is only the program that is killed: what it had written is
 * there, and what was read after that must not be lost by a cut later. On some disks a sync fails
 * at times, and takes along what it was to write.
 *
 * That this would find a loss is shown on disks that lie about syncing, and on databases that do
 * not ask for it.
 *
 *     SEED=123 build/debug/tests/sim/crash_sim      plays that one disk again
 *     SOAK=1 build/debug/tests/sim/crash_sim        100,000 cuts, of disks never seen before
 *
 * The statements are this file's own. */
#include "base/log.h"
#include "crash_disk.h"
#include "store/sqlite.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POINTS          2000
#define SOAK_POINTS     100000
#define POINTS_OF_DISK  25
#define POINTS_OF_PROOF 1000 /* at most, until a loss is found */
#define FILE_NAME       "no-such-folder/stoa.db"
#define LOGS            6
#define LIVE            48  /* entries of a log, the oldest of which go */
#define DOUBTS          4   /* transactions of which nobody knows whether they happened */
#define ROUNDS          400 /* transactions between two cuts, at most */

enum test_statement {
    T_TABLES,
    T_ADD,
    T_DROP,
    T_HEAD,
    T_COUNT_UP,
    T_ENTRIES,
    T_HEADS,
    T_COUNTER,
    T_COUNT,
};

static const char *const texts[T_COUNT] = {
    [T_TABLES] = "select count(*) from sqlite_schema",
    [T_ADD] = "insert into entries (log, seq, salt, body) values ($1, $2, $3, $4)",
    [T_DROP] = "delete from entries where log = $1 and seq < $2",
    [T_HEAD] = "insert into heads (log, last) values ($1, $2)"
               " on conflict (log) do update set last = excluded.last",
    [T_COUNT_UP] = "update counter set n = n + 1",
    [T_ENTRIES] = "select log, seq, salt, body from entries order by log, seq",
    [T_HEADS] = "select log, last from heads order by log",
    [T_COUNTER] = "select n from counter",
};

static const char tables[] =
    "create table entries (log bigint not null, seq bigint not null, salt bigint not null,"
    " body text not null, primary key (log, seq));"
    "create index entries_by_salt on entries (salt);"
    "create table heads (log bigint not null primary key, last bigint not null);"
    "create table counter (n bigint not null);"
    "insert into counter (n) values (0);";

const char *sql_statement_text(enum sql_statement st)
{
    return texts[st];
}

/* All that a database should hold. */
struct model {
    bool has_tables;
    int64_t transactions;
    int64_t first[LOGS]; /* of the entries that are kept */
    int64_t last[LOGS];  /* 0: none ever */
    int64_t salt[LOGS][LIVE];
};

enum trust { TRUST_ALL, TRUST_LYING_DISK, TRUST_NO_SYNC };

struct sim {
    struct disk disk;
    uint64_t random;
    enum trust trust;
    struct sql *writer;
    struct sql *reader;
    bool is_reading;
    int64_t read_before; /* entries, that the open reading transaction sees */
    struct model sure;   /* what was committed */
    struct model doubts[DOUBTS];
    int n_doubts;
    struct model found;
    uint32_t points;
    uint32_t happened; /* doubts that turned out to be there */
    uint32_t commits;
    uint32_t in_commits; /* cuts, where the WAL was being written */
    uint32_t in_moves;   /* or the file, by a checkpoint */
    const char *wrong;
    char why[SQL_WHY_BYTES];
};

static uint64_t draw(struct sim *s, uint64_t below)
{
    return disk_draw(&s->random, below);
}

static bool one_in(struct sim *s, uint64_t n)
{
    return draw(s, n) == 0;
}

static void blame(struct sim *s, const char *what)
{
    if (!s->wrong)
        s->wrong = what;
}

/* ---- what is written ---- */

#define BODY_BYTES 9000

/* An entry's text follows from its salt. */
static struct slice body_of(char out[BODY_BYTES], int64_t salt)
{
    uint64_t random = (uint64_t)salt;
    size_t len = disk_draw(&random, 40) == 0 ? 1 + disk_draw(&random, BODY_BYTES)
                                             : 1 + disk_draw(&random, 500);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('a' + (disk_draw(&random, 26)));
    return slice_of(out, len);
}

static void run(struct sql *db, enum test_statement st, const struct sql_value *args, unsigned n)
{
    db->ops->run(db, (enum sql_statement)st, args, n);
}

static void add_entry(struct sim *s, struct model *m, int log)
{
    char body[BODY_BYTES];
    int64_t seq = ++m->last[log];
    int64_t salt = (int64_t)draw(s, INT64_MAX);
    m->salt[log][seq % LIVE] = salt;
    struct sql_value args[] = { sql_int(log), sql_int(seq), sql_int(salt),
        sql_text(body_of(body, salt)) };
    run(s->writer, T_ADD, args, 4);
}

static void drop_entries(struct sim *s, struct model *m, int log)
{
    int64_t kept = m->last[log] - m->first[log] + 1;
    bool is_due = kept > LIVE - 10 || (kept > 0 && one_in(s, 10));
    if (!is_due)
        return;
    m->first[log] += 1 + (int64_t)draw(s, (uint64_t)kept);
    struct sql_value args[] = { sql_int(log), sql_int(m->first[log]) };
    run(s->writer, T_DROP, args, 2);
}

static void change_log(struct sim *s, struct model *m, int log)
{
    int n = 1 + (int)draw(s, 6);
    drop_entries(s, m, log);
    for (int i = 0; i < n; i++)
        add_entry(s, m, log);
    struct sql_value args[] = { sql_int(log), sql_int(m->last[log]) };
    run(s->writer, T_HEAD, args, 2);
}

static void change(struct sim *s, struct model *m)
{
    unsigned logs = 1 + (unsigned)draw(s, (1 << LOGS) - 1);
    for (int log = 0; log < LOGS; log++) {
        if (logs & 1u << log && (one_in(s, 2) || log == 0))
            change_log(s, m, log);
    }
    run(s->writer, T_COUNT_UP, NULL, 0);
    m->transactions++;
}

static void make_tables(struct sim *s, struct model *m)
{
    s->writer->ops->script(s->writer, tables);
    m->has_tables = true;
    for (int log = 0; log < LOGS; log++)
        m->first[log] = 1;
}

/* One transaction. What it would lead to is a doubt until it has answered. */
static void write_one(struct sim *s)
{
    struct sql *db = s->writer;
    struct model *next = &s->doubts[s->n_doubts];
    *next = s->sure;
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err && s->sure.has_tables)
        change(s, next);
    else if (!err)
        make_tables(s, next);
    s->n_doubts++;
    if (!err && one_in(s, 30)) { /* given up */
        db->ops->rollback(db);
        s->n_doubts--;
        return;
    }
    if (!err)
        err = db->ops->commit(db);
    if (err) {
        db->ops->rollback(db);
        return;
    }
    s->sure = *next;
    s->n_doubts = 0;
    s->commits++;
}

/* ---- what is read ---- */

static int read_number(void *arg, const struct sql_value *at, unsigned n)
{
    *(int64_t *)arg = n == 1 ? sql_number(&at[0]) : -1;
    return 0;
}

static int64_t ask_number(struct sim *s, struct sql *db, enum test_statement st)
{
    int64_t n = 0;
    if (db->ops->query(db, (enum sql_statement)st, NULL, 0, read_number, &n))
        blame(s, "a number cannot be read");
    return n;
}

static int read_entry(void *arg, const struct sql_value *at, unsigned n)
{
    struct sim *s = arg;
    struct model *m = &s->found;
    char body[BODY_BYTES];
    int64_t log = sql_number(&at[0]);
    int64_t seq = sql_number(&at[1]);
    int64_t salt = sql_number(&at[2]);
    if (n != 4 || log < 0 || log >= LOGS || !slice_eq(sql_string(&at[3]), body_of(body, salt))) {
        blame(s, "an entry is not what was written");
        return ERR_INTERNAL;
    }
    if (m->first[log] == 0)
        m->first[log] = seq;
    else if (seq != m->last[log] + 1)
        blame(s, "an entry is missing");
    m->last[log] = seq;
    m->salt[log][seq % LIVE] = salt;
    return 0;
}

/* Of a log without entries it is all there is. */
static int read_head(void *arg, const struct sql_value *at, unsigned n)
{
    struct sim *s = arg;
    struct model *m = &s->found;
    int64_t log = sql_number(&at[0]);
    int64_t last = sql_number(&at[1]);
    if (n != 2 || log < 0 || log >= LOGS || (m->first[log] && m->last[log] != last)) {
        blame(s, "a head is not its log's");
        return ERR_INTERNAL;
    }
    m->last[log] = last;
    return 0;
}

static void read_all(struct sim *s, struct sql *db)
{
    struct model *m = &s->found;
    *m = (struct model){ .has_tables = ask_number(s, db, T_TABLES) > 0 };
    if (!m->has_tables)
        return;
    m->transactions = ask_number(s, db, T_COUNTER);
    if (db->ops->query(db, (enum sql_statement)T_ENTRIES, NULL, 0, read_entry, s) ||
        db->ops->query(db, (enum sql_statement)T_HEADS, NULL, 0, read_head, s))
        blame(s, "it cannot be read");
    for (int log = 0; log < LOGS; log++) {
        if (m->first[log] == 0)
            m->first[log] = m->last[log] + 1;
    }
}

static bool is_same_log(const struct model *a, const struct model *b, int log)
{
    if (a->first[log] != b->first[log] || a->last[log] != b->last[log])
        return false;
    for (int64_t seq = a->first[log]; seq <= a->last[log]; seq++) {
        if (a->salt[log][seq % LIVE] != b->salt[log][seq % LIVE])
            return false;
    }
    return true;
}

static bool is_same(const struct model *a, const struct model *b)
{
    if (a->has_tables != b->has_tables || a->transactions != b->transactions)
        return false;
    for (int log = 0; log < LOGS; log++) {
        if (a->has_tables && !is_same_log(a, b, log))
            return false;
    }
    return true;
}

/* What is there now is sure, for it was read. */
static void compare(struct sim *s)
{
    bool is_known = is_same(&s->found, &s->sure);
    for (int i = 0; i < s->n_doubts && !is_known; i++) {
        is_known = is_same(&s->found, &s->doubts[i]);
        if (is_known) {
            s->sure = s->doubts[i];
            s->happened++;
        }
    }
    if (!is_known)
        blame(s,
            s->found.transactions < s->sure.transactions ? "what was committed is lost"
                                                         : "it never was like this");
    s->n_doubts = 0;
}

static void check(struct sim *s)
{
    if (sqlite_check(s->writer, s->why))
        blame(s, "it is damaged");
    if (!s->wrong)
        read_all(s, s->reader);
    if (!s->wrong)
        compare(s);
}

/* A view that stays as it was, and keeps the writer from starting the WAL anew. */
static void read_some(struct sim *s)
{
    struct sql *db = s->reader;
    if (!s->is_reading && one_in(s, 6)) {
        s->is_reading = db->ops->begin(db, SQL_READING) == 0;
        s->read_before = ask_number(s, db, T_COUNTER);
        if (s->read_before != s->sure.transactions)
            blame(s, "a reader sees something else");
    } else if (s->is_reading && one_in(s, 8)) {
        if (ask_number(s, db, T_COUNTER) != s->read_before)
            blame(s, "a reader's view has changed");
        db->ops->rollback(db);
        s->is_reading = false;
    }
}

/* ---- living and dying ---- */

/* So that checkpoints come often. */
static int open_one(struct sim *s, struct sql **out, bool is_writer)
{
    static const int pages[] = { 5, 30, 30, 200, 1000 };
    struct sqlite_settings settings = {
        .file = FILE_NAME, .is_writer = is_writer, .wal_pages = pages[draw(s, 5)]
    };
    return sqlite_open(out, &settings, s->why);
}

static void shut_all(struct sim *s)
{
    if (s->reader)
        s->reader->ops->close(s->reader);
    if (s->writer)
        s->writer->ops->close(s->writer);
    s->reader = s->writer = NULL;
    s->is_reading = false;
}

static int open_all(struct sim *s)
{
    int err = open_one(s, &s->writer, true);
    if (!err)
        err = open_one(s, &s->reader, false);
    if (!err && s->trust == TRUST_NO_SYNC)
        err = s->writer->ops->script(s->writer, "pragma synchronous = off");
    return err;
}

/* With the power on it must open. What was written before and is not synced yet must be synced
 * here: if that fails, and the program is killed, and the power goes, nothing can help. */
static bool come_back(struct sim *s)
{
    uint32_t fails = s->disk.sync_fails_of;
    bool is_short = one_in(s, 3);
    s->disk.sync_fails_of = 0;
    s->disk.power_until = is_short ? s->disk.changes + 1 + draw(s, 12) : 0;
    int err = open_all(s);
    s->disk.sync_fails_of = fails;
    s->disk.power_until = 0;
    if (err && !s->disk.is_off)
        blame(s, "it cannot be opened");
    return !err && !s->disk.is_off;
}

static void live(struct sim *s)
{
    static const uint64_t spans[] = { 3, 10, 30, 100, 300, 1500 };
    s->disk.power_until = s->disk.changes + 1 + draw(s, spans[draw(s, 6)]);
    for (int i = 0; i < ROUNDS && !s->disk.is_off && s->n_doubts < DOUBTS && !s->wrong; i++) {
        if (s->sure.has_tables)
            read_some(s);
        write_one(s);
    }
}

/* Closing in peace is the beginning of a cut, too. */
static void die(struct sim *s)
{
    s->disk.is_off = s->disk.is_off || !one_in(s, 10);
    shut_all(s);
    s->in_commits += !disk_is_synced(&s->disk, ".db-wal");
    s->in_moves += !disk_is_synced(&s->disk, ".db");
    if (one_in(s, 5))
        disk_kill(&s->disk);
    else
        disk_cut(&s->disk);
}

static void begin(struct sim *s, uint64_t seed, enum trust trust)
{
    *s = (struct sim){ .random = seed, .trust = trust };
    disk_mount(&s->disk, seed ^ 0x5eed);
    s->disk.is_lying = trust == TRUST_LYING_DISK;
    if (trust == TRUST_ALL && one_in(s, 4))
        s->disk.sync_fails_of = 20;
}

/* True: all is well. A point is counted when it was lived through and looked at. */
static bool play_disk(struct sim *s, uint64_t seed, enum trust trust)
{
    begin(s, seed, trust);
    while (!s->wrong && s->points <= POINTS_OF_DISK) {
        if (come_back(s)) {
            check(s);
            s->points++;
            if (!s->wrong)
                live(s);
        }
        die(s);
    }
    s->points -= s->points > 0; /* the first was the empty disk */
    disk_unmount(&s->disk);
    return !s->wrong;
}

/* ---- all of it ---- */

struct sum {
    uint64_t points;
    uint64_t commits;
    uint64_t happened;
    uint64_t in_commits;
    uint64_t in_moves;
    uint64_t kept;
    uint64_t lost;
    uint64_t spoilt;
    uint64_t failed_syncs;
};

static void add_up(struct sum *sum, const struct sim *s)
{
    sum->points += s->points;
    sum->commits += s->commits;
    sum->happened += s->happened;
    sum->in_commits += s->in_commits;
    sum->in_moves += s->in_moves;
    sum->kept += s->disk.kept;
    sum->lost += s->disk.lost;
    sum->spoilt += s->disk.spoilt;
    sum->failed_syncs += s->disk.failed_syncs;
}

static bool play_one(struct sum *sum, uint64_t seed)
{
    struct sim s;
    bool is_well = play_disk(&s, seed, TRUST_ALL);
    add_up(sum, &s);
    if (!is_well)
        note("SEED=%ju, after %u cuts: %s (%s)", (uintmax_t)seed, s.points, s.wrong, s.why);
    return is_well;
}

static void play_all(uint64_t first, uint64_t points)
{
    struct sum sum = { 0 };
    uint64_t random = first;
    bool is_well = true;
    while (is_well && sum.points < points)
        is_well = play_one(&sum, disk_draw(&random, UINT32_MAX));
    ok(is_well,
        "%ju cuts, seeds from %ju: nothing that was committed is lost, nothing is half done",
        (uintmax_t)sum.points, (uintmax_t)first);
    note("%ju transactions committed; of those on their way %ju had happened",
        (uintmax_t)sum.commits, (uintmax_t)sum.happened);
    note("of what was not synced %ju pieces were kept, %ju lost, %ju spoilt; %ju syncs failed",
        (uintmax_t)sum.kept, (uintmax_t)sum.lost, (uintmax_t)sum.spoilt,
        (uintmax_t)sum.failed_syncs);
    note("%ju cuts were in commits, %ju in checkpoints", (uintmax_t)sum.in_commits,
        (uintmax_t)sum.in_moves);
    ok(sum.happened > points / 100 && sum.failed_syncs > 0 && sum.spoilt > 0 &&
            sum.in_commits > points / 10 && sum.in_moves > points / 10,
        "the power went wherever it can");
}

static void it_finds_losses(const char *what, enum trust trust)
{
    struct sim s;
    uint64_t points = 0;
    uint64_t seed = 1;
    while (play_disk(&s, seed++, trust) && points < POINTS_OF_PROOF)
        points += s.points;
    ok(s.wrong != NULL, "%s: found after %ju cuts: %s", what, (uintmax_t)(points + s.points),
        s.wrong ? s.wrong : "nothing");
}

int main(void)
{
    const char *given = getenv("SEED");
    bool is_soak = getenv("SOAK") != NULL;
    struct sum sum = { 0 };
    log_set_level(LOG_OFF);
    _Static_assert((int)T_COUNT <= (int)SQL_STATEMENTS, "the driver keeps so many statements");
    if (given) {
        ok(play_one(&sum, strtoull(given, NULL, 10)), "the disk of SEED=%s", given);
        return done();
    }
    play_all(is_soak ? (uint64_t)time(NULL) : 1, is_soak ? SOAK_POINTS : POINTS);
    it_finds_losses("a disk that lies about syncing", TRUST_LYING_DISK);
    it_finds_losses("a database that does not sync", TRUST_NO_SYNC);
    return done();
}
