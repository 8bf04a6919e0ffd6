/* A disk that fills up, or fails for a while, under the SQLite driver: what cannot be written is
 * refused as ERR_STORAGE_UNAVAILABLE, whole; what is there can be read; when the trouble is over
 * the same connections go on; and nothing that was committed is lost, even if the power goes then.
 * The statements are this file's own. */
#include "base/log.h"
#include "crash_disk.h"
#include "store/sqlite.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "no-such-folder/stoa.db"

enum test_statement { T_ADD, T_GROW, T_TOTAL, T_COUNT };

static const char *const texts[T_COUNT] = {
    [T_ADD] = "insert into things (batch, row, note) values ($1, $2, $3)",
    [T_GROW] = "update things set note = note || 'more'",
    [T_TOTAL] = "select count(*), max(batch), min(batch), sum(length(note)) from things",
};

static const char tables[] = "create table things (batch bigint not null, row bigint not null,"
                             " note text not null, primary key (batch, row));";

const char *sql_statement_text(enum sql_statement st)
{
    return texts[st];
}

struct desk {
    struct disk disk;
    struct sql *writer;
    struct sql *reader;
    int64_t batches; /* that were committed: 1, 2, ... */
    int rows;        /* of a transaction */
    size_t bytes;    /* of a note */
    char note[4096];
};

/* ---- asking ---- */

static int put(struct desk *d)
{
    struct sql *db = d->writer;
    int err = db->ops->begin(db, SQL_WRITING);
    for (int i = 0; i < d->rows; i++) {
        struct sql_value args[] = { sql_int(d->batches + 1), sql_int(i),
            sql_text(slice_of(d->note, d->bytes)) };
        db->ops->run(db, (enum sql_statement)T_ADD, args, 3);
    }
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    else
        d->batches++;
    return err;
}

/* A transaction that changes every page. */
static int grow(struct desk *d)
{
    struct sql *db = d->writer;
    int err = db->ops->begin(db, SQL_WRITING);
    db->ops->run(db, (enum sql_statement)T_GROW, NULL, 0);
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    return err;
}

struct total {
    int64_t at[4];
};

static int read_total(void *arg, const struct sql_value *at, unsigned n)
{
    struct total *t = arg;
    for (unsigned i = 0; i < n && i < 4; i++)
        t->at[i] = sql_number(&at[i]);
    return 0;
}

/* Exactly the batches that were committed. */
static bool is_whole(const struct desk *d, struct sql *db)
{
    struct total t;
    int err = db->ops->query(db, (enum sql_statement)T_TOTAL, NULL, 0, read_total, &t);
    int64_t n = d->batches;
    return !err && t.at[0] == n * d->rows && t.at[1] == n && t.at[2] == (n > 0) &&
        t.at[3] == n * d->rows * (int64_t)d->bytes;
}

static int put_until_refused(struct desk *d, int64_t most)
{
    int err = 0;
    for (int64_t i = 0; i < most && !err; i++)
        err = put(d);
    return err;
}

static int open_one(struct sql **out, bool is_writer)
{
    char why[SQL_WHY_BYTES];
    struct sqlite_settings s = { .file = FILE_NAME, .is_writer = is_writer, .wal_pages = 1000 };
    return sqlite_open(out, &s, why);
}

static bool sit_down(struct desk *d, uint64_t seed, size_t bytes)
{
    *d = (struct desk){ .rows = 8, .bytes = bytes };
    memset(d->note, 'n', sizeof d->note);
    disk_mount(&d->disk, seed);
    int err = open_one(&d->writer, true);
    if (!err)
        err = d->writer->ops->begin(d->writer, SQL_WRITING);
    if (!err)
        err = d->writer->ops->script(d->writer, tables);
    if (!err)
        err = d->writer->ops->commit(d->writer);
    if (!err)
        err = open_one(&d->reader, false);
    return !err;
}

static void shut(struct desk *d)
{
    d->reader->ops->close(d->reader);
    d->writer->ops->close(d->writer);
}

/* The power goes, before it is closed or after, and comes back. */
static bool cut_and_open_after(struct desk *d, bool is_closed)
{
    d->disk.is_off = !is_closed;
    shut(d);
    disk_cut(&d->disk);
    return !open_one(&d->writer, true) && !open_one(&d->reader, false);
}

static bool is_sound(struct desk *d)
{
    char why[SQL_WHY_BYTES];
    return !sqlite_check(d->writer, why) && is_whole(d, d->writer) && is_whole(d, d->reader);
}

static bool cut_and_open(struct desk *d)
{
    return cut_and_open_after(d, false);
}

/* ---- full ---- */

struct count {
    int wrong_error;
    int unread;
    int too_early;
    int not_back;
    int unsound;
};

/* With so many bytes of space. */
static void fill_up(struct count *c, uint64_t space, size_t bytes)
{
    struct desk d;
    if (!sit_down(&d, space, bytes) || put_until_refused(&d, 5)) {
        c->wrong_error++;
        return;
    }
    d.disk.quota_bytes = disk_used_bytes(&d.disk) + space;
    c->wrong_error += put_until_refused(&d, 1000) != ERR_STORAGE_UNAVAILABLE;
    c->wrong_error += strstr(d.writer->ops->why(d.writer), "full") == NULL;
    c->unread += !is_whole(&d, d.reader) || !is_whole(&d, d.writer);
    int again = put(&d);
    c->too_early += again && again != ERR_STORAGE_UNAVAILABLE;
    c->unread += !is_whole(&d, d.reader);
    d.disk.quota_bytes = 0;
    c->not_back += d.writer->ops->revive(d.writer) != 0;
    c->not_back += put_until_refused(&d, 5) != 0;
    c->unread += !is_whole(&d, d.reader);
    c->unsound += !cut_and_open(&d) || !is_sound(&d);
    shut(&d);
    disk_unmount(&d.disk);
}

static void the_disk_fills_up(void)
{
    struct count c = { 0 };
    int n = 0;
    for (uint64_t space = 0; space < 60000; space += 1111, n++) {
        fill_up(&c, space, 20);
        fill_up(&c, space, 3000);
    }
    is_int(c.wrong_error, 0, "%d times full: refused as it should be", n * 2);
    is_int(c.unread, 0, "what is there can be read, all and nothing else");
    is_int(c.too_early, 0, "trying again is refused the same way");
    is_int(c.not_back, 0, "with space, the same connection goes on");
    is_int(c.unsound, 0, "nothing is lost when the power goes");
}

/* The pages of the WAL have no place in the file, so it grows as far as it may. */
static void no_space_for_a_checkpoint(void)
{
    struct desk d;
    ok(sit_down(&d, 1, 4000) && !put_until_refused(&d, 5), "a database");
    d.disk.quota_bytes = 6 << 20;
    is_int(put_until_refused(&d, 1000), ERR_STORAGE_UNAVAILABLE, "there is an end");
    ok(disk_size_of(&d.disk, "-wal") > 3 << 20, "the WAL could not be moved");
    ok(is_whole(&d, d.reader), "all of it can be read");
    ok(d.writer->ops->revive(d.writer) || put(&d), "it is not worth trying again");
    d.disk.quota_bytes = 0;
    is_int(d.writer->ops->revive(d.writer), 0, "with space it is");
    is_int(put_until_refused(&d, 300), 0, "and goes on for long");
    ok(is_whole(&d, d.reader) && disk_size_of(&d.disk, "-wal") < 16 << 20,
        "the WAL does not grow any more");
    ok(cut_and_open(&d) && is_sound(&d), "nothing is lost when the power goes");
    shut(&d);
    disk_unmount(&d.disk);
}

/* It does not fit into memory, so the disk is full long before its end, and SQLite gives it up.
 * What is run behind that must not become a transaction of its own. */
static void full_within_a_transaction(void)
{
    struct desk d;
    ok(sit_down(&d, 4, 4000) && !put_until_refused(&d, 5), "a database");
    d.disk.quota_bytes = 3 << 20;
    int small = d.rows;
    d.rows = 6000;
    is_int(put(&d), ERR_STORAGE_UNAVAILABLE, "a transaction of 24 MB on a disk of 3 MiB");
    d.rows = small;
    ok(is_whole(&d, d.reader) && is_whole(&d, d.writer), "nothing of it was kept");
    is_int(put(&d), 0, "a small one can be made");
    ok(cut_and_open(&d) && is_sound(&d), "nothing is lost when the power goes");
    shut(&d);
    disk_unmount(&d.disk);
}

/* Killed on a full disk, it starts on a full disk, for reading at least. */
static void starting_on_a_full_disk(void)
{
    struct desk d;
    ok(sit_down(&d, 2, 2000) && !put_until_refused(&d, 40), "a database");
    d.disk.is_off = true;
    shut(&d);
    disk_kill(&d.disk);
    d.disk.quota_bytes = disk_used_bytes(&d.disk);
    is_int(open_one(&d.writer, true), 0, "it opens");
    is_int(open_one(&d.reader, false), 0, "for reading, too");
    ok(is_whole(&d, d.reader), "all is there");
    is_int(put_until_refused(&d, 1000), ERR_STORAGE_UNAVAILABLE, "nothing can be written");
    ok(is_whole(&d, d.reader), "all is there still");
    d.disk.quota_bytes = 0;
    is_int(d.writer->ops->revive(d.writer), 0, "until there is space");
    is_int(put_until_refused(&d, 10), 0, "then it can");
    ok(cut_and_open(&d) && is_sound(&d), "nothing is lost when the power goes");
    shut(&d);
    disk_unmount(&d.disk);
}

/* ---- broken ---- */

static void the_disk_is_away(void)
{
    struct desk d;
    ok(sit_down(&d, 3, 500) && !put_until_refused(&d, 20), "a database");
    for (int i = 0; i < 5; i++) {
        d.disk.is_off = true;
        is_int(put(&d), ERR_STORAGE_UNAVAILABLE, "a disk that is away");
        ok(d.writer->ops->revive(d.writer) != 0, "it is not worth trying again");
        d.disk.is_off = false;
        is_int(d.writer->ops->revive(d.writer), 0, "it is back");
        ok(is_whole(&d, d.writer) && is_whole(&d, d.reader), "as it was");
        is_int(put(&d), 0, "and can be written to");
        d.disk.power_until = d.disk.changes + 1 + (uint64_t)i;
        put(&d);
        d.disk.is_off = false;
        ok(is_whole(&d, d.reader), "going away in the middle of a write takes the whole write");
    }
    ok(cut_and_open(&d) && is_sound(&d), "nothing is lost when the power goes");
    shut(&d);
    disk_unmount(&d.disk);
}

/* What a failed sync was to write is never written, and nobody says so again. */
static void a_sync_fails(void)
{
    int unsound = 0;
    int failed = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct desk d;
        if (!sit_down(&d, seed, 300))
            unsound++;
        d.disk.sync_fails_of = 3;
        for (int i = 0; i < 30; i++) {
            int err = put(&d);
            unsound += err && err != ERR_STORAGE_UNAVAILABLE;
            failed += err != 0;
        }
        unsound += !is_whole(&d, d.reader);
        d.disk.sync_fails_of = 0;
        unsound += d.writer->ops->revive(d.writer) != 0 || put(&d);
        unsound += !cut_and_open(&d) || !is_sound(&d);
        shut(&d);
        disk_unmount(&d.disk);
    }
    ok(failed > 100, "syncs failed, and so did their commits: %d", failed);
    is_int(unsound, 0, "nothing else came of it");
}

/* Killed after a commit that could not be synced, and started again, and the power goes on the way:
 * what is read at the start must not be what the disk never got. */
static void killed_after_a_failed_sync(void)
{
    int unsound = 0;
    int cut_short = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct desk d;
        if (!sit_down(&d, seed, 2000) || put_until_refused(&d, 10) || !cut_and_open(&d) || put(&d))
            unsound++;
        d.disk.sync_fails_of = 1;
        unsound += grow(&d) != ERR_STORAGE_UNAVAILABLE;
        d.disk.is_off = true;
        shut(&d);
        disk_kill(&d.disk);
        d.disk.sync_fails_of = 0;
        d.disk.power_until = d.disk.changes + 2 + seed % 12;
        if (open_one(&d.writer, true) == 0)
            d.writer->ops->close(d.writer);
        cut_short += d.disk.is_off;
        d.disk.is_off = true;
        disk_cut(&d.disk);
        if (open_one(&d.writer, true) || open_one(&d.reader, false)) {
            unsound++;
            continue;
        }
        unsound += !is_sound(&d);
        shut(&d);
        disk_unmount(&d.disk);
    }
    ok(cut_short > 30, "the power went while it was started: %d", cut_short);
    is_int(unsound, 0, "nothing came of it");
}

/* A reader cuts a checkpoint short; the next one, which would sync what the first wrote, fails to,
 * and takes it along. Then the WAL, which alone has it, must not be started anew. */
static void a_checkpoint_is_not_synced(bool is_closed)
{
    struct desk d;
    ok(sit_down(&d, 5, 4000) && !put_until_refused(&d, 60), "a database");
    d.reader->ops->begin(d.reader, SQL_READING);
    ok(is_whole(&d, d.reader), "a reader");
    is_int(put_until_refused(&d, 80), 0, "keeps a checkpoint from its end");
    ok(!disk_is_synced(&d.disk, ".db"), "which has begun");
    d.reader->ops->rollback(d.reader);
    d.disk.sync_fails_of = 1;
    d.disk.sync_fails_at = ".db";
    is_int(put(&d), 0, "the next one fails, and what is written is safe all the same");
    is_int(d.disk.failed_syncs, 1, "it did fail");
    d.disk.sync_fails_of = 0;
    is_int(put_until_refused(&d, 80), 0, "it goes on");
    ok(is_whole(&d, d.reader), "as if nothing had been");
    ok(cut_and_open_after(&d, is_closed) && is_sound(&d), "nothing is lost when the power goes");
    is_int(disk_size_of(&d.disk, "-wal"), 0, "and all has been moved");
    shut(&d);
    disk_unmount(&d.disk);
}

int main(void)
{
    log_set_level(LOG_OFF);
    _Static_assert((int)T_COUNT <= (int)SQL_STATEMENTS, "the driver keeps so many statements");
    the_disk_fills_up();
    no_space_for_a_checkpoint();
    full_within_a_transaction();
    starting_on_a_full_disk();
    the_disk_is_away();
    a_sync_fails();
    killed_after_a_failed_sync();
    a_checkpoint_is_not_synced(false);
    a_checkpoint_is_not_synced(true);
    return done();
}
