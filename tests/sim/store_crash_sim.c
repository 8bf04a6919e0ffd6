/* The store's own works on a disk whose power goes (crash_disk.h): rooms are made, appended to,
 * loaded anew and snapshot, people get accounts, several works to a transaction as the engine does
 * it, and tried again when a sync failed. After every cut what was answered must be there, an
 * append must be there with all that belongs to it (the log's head, the messages that people ask
 * for) or not at all, and one that was never answered may be either. crash_sim.c is about the
 * driver alone, and cuts more finely.
 *
 *     SEED=123 build/debug/tests/sim/store_crash_sim      plays that one disk again
 *     SOAK=1 build/debug/tests/sim/store_crash_sim     20,000 cuts, of disks never seen before */
#include "base/list.h"
#include "base/log.h"
#include "crash_disk.h"
#include "store/batch.h"
#include "store/migrate.h"
#include "store/sqlite.h"
#include "store/works.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POINTS          600
#define SOAK_POINTS     20000
#define POINTS_OF_DISK  20
#define POINTS_OF_PROOF 500
#define FILE_NAME       "no-such-folder/stoa.db"
#define ROOMS           5
#define EVENTS_MAX      1500 /* of a room: all of them are loaded */
#define APPEND_MAX      6    /* events of one append */
#define WORKS_MAX       6    /* of a transaction */
#define USERS_MAX       400
#define ASKED_MAX       32
#define TRIES           4
#define TEXT_BYTES      48

/* What we know of a room. */
struct diary {
    char id[8];
    char epoch[16];
    bool is_sent;                         /* made, perhaps */
    uint32_t stored;                      /* number of the last event that was answered */
    uint32_t sent;                        /* the same, or of the last that was asked for */
    bool is_end[EVENTS_MAX + APPEND_MAX]; /* of an append */
    uint32_t salt[EVENTS_MAX + APPEND_MAX];
};

struct sim;

struct asked {
    struct sim *sim;
    struct diary *room; /* NULL: a user */
    uint32_t number;    /* the last event, or the user */
};

struct sim {
    struct disk disk;
    uint64_t random;
    struct sql *writer;
    struct sql *reader;
    struct diary rooms[ROOMS];
    bool has_user[USERS_MAX]; /* answered */
    uint32_t users;           /* asked for */
    uint32_t epochs;
    struct link batch;
    struct asked asked[ASKED_MAX]; /* of the batch */
    unsigned n_asked;
    uint32_t points;
    uint32_t answers;
    uint32_t tries; /* that were not the first */
    uint32_t happened;
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

/* ---- asking ---- */

static struct asked *ask(struct sim *s, struct diary *room, uint32_t number)
{
    struct asked *a = &s->asked[s->n_asked++];
    if (s->n_asked > ASKED_MAX)
        abort();
    *a = (struct asked){ .sim = s, .room = room, .number = number };
    return a;
}

static void on_stored(void *arg, int err)
{
    struct asked *a = arg;
    struct sim *s = a->sim;
    s->answers++;
    if (err)
        blame(s, err_name(err));
    else if (a->room && a->number > a->room->stored)
        a->room->stored = a->number;
    else if (!a->room)
        s->has_user[a->number] = true;
}

static void add_work(struct sim *s, struct work *w)
{
    if (!w)
        abort();
    list_push(&s->batch, &w->link);
}

/* Every text says where it belongs. */
static struct slice text_of(char out[TEXT_BYTES], const struct diary *r, uint32_t seq)
{
    int len = snprintf(out, TEXT_BYTES, "%s %u %u", r->id, seq, r->salt[seq]);
    return slice_of(out, (size_t)len);
}

static void make_event(struct event *e, struct diary *r, uint32_t seq, struct slice text)
{
    *e = (struct event){ .type = seq == 1 ? EV_CREATED : EV_CHAT, .seq = seq, .at_ms = 5 };
    e->actor = S("ann");
    if (seq == 1) {
        e->created.title = slice_str(r->id);
        e->created.owner_id = S("ann");
        return;
    }
    e->chat.id = text;
    e->chat.name = S("Ann");
    e->chat.text = text;
}

static void ask_append(struct sim *s, struct diary *r)
{
    struct event events[APPEND_MAX];
    struct stored_event stored[APPEND_MAX];
    char texts[APPEND_MAX][TEXT_BYTES];
    struct store_append a = {
        .room_id = slice_str(r->id),
        .epoch = slice_str(r->epoch),
        .events = stored,
        .n = 1 + (uint32_t)draw(s, APPEND_MAX),
        .is_new = !r->is_sent,
    };
    if (r->sent + a.n > EVENTS_MAX)
        return;
    for (uint32_t i = 0; i < a.n; i++) {
        uint32_t seq = ++r->sent;
        r->salt[seq] = (uint32_t)draw(s, UINT32_MAX);
        r->is_end[seq] = i + 1 == a.n;
        struct slice text = text_of(texts[i], r, seq);
        make_event(&events[i], r, seq, text);
        stored[i] = (struct stored_event){ .seq = seq, .record = text, .event = &events[i] };
    }
    r->is_sent = true;
    add_work(s, work_append(&a, on_stored, ask(s, r, r->sent)));
}

/* Of all that is answered; it replaces nothing of what is looked at here. */
static void ask_snapshot(struct sim *s, struct diary *r)
{
    struct slice record = S("all of it");
    struct store_snapshot n = {
        .room_id = slice_str(r->id),
        .epoch = slice_str(r->epoch),
        .seq = r->stored,
        .records = &record,
        .n = 1,
    };
    if (r->stored > 0)
        add_work(s, work_snapshot(&n, on_stored, ask(s, r, 0)));
}

static void ask_user(struct sim *s)
{
    char name[16];
    if (s->users == USERS_MAX)
        return;
    snprintf(name, sizeof name, "u%u", s->users);
    struct store_user u = {
        .id = slice_str(name), .name = S("Somebody"), .email = slice_str(name)
    };
    add_work(s, work_put_user(STORE_ADD, &u, on_stored, ask(s, NULL, s->users++)));
}

/* ---- a transaction ---- */

static void answer_all(struct sim *s)
{
    struct link *l;
    while ((l = list_pop(&s->batch)) != NULL) {
        struct work *w = work_of(l);
        int err = w->err;
        if (!err && w->kind->read)
            err = batch_read(s->reader, w);
        w->kind->answer(w, err);
        w->kind->free(w);
    }
}

/* Nobody is told, so what was asked for is in doubt. */
static void drop_all(struct sim *s)
{
    struct link *l;
    while ((l = list_pop(&s->batch)) != NULL)
        work_of(l)->kind->free(work_of(l));
}

/* True: it is committed and answered. */
static bool carry_out(struct sim *s)
{
    int err = batch_write(s->writer, &s->batch);
    for (int i = 1; i < TRIES && err && !s->disk.is_off; i++) {
        s->tries++;
        err = s->writer->ops->revive(s->writer);
        if (!err)
            err = batch_write(s->writer, &s->batch);
    }
    if (err)
        drop_all(s);
    else
        answer_all(s);
    s->n_asked = 0;
    return !err;
}

/* Several for one room are in their order, and stand or fall by themselves. */
static bool write_some(struct sim *s)
{
    unsigned n = 1 + (unsigned)draw(s, WORKS_MAX);
    for (unsigned i = 0; i < n; i++) {
        struct diary *r = &s->rooms[draw(s, ROOMS)];
        uint64_t lot = draw(s, 10);
        if (lot == 0)
            ask_user(s);
        else if (lot == 1)
            ask_snapshot(s, r);
        else
            ask_append(s, r);
    }
    return carry_out(s);
}

/* ---- what is there ---- */

/* Everything that was answered, and of the rest whole appends. What is read now is as good as
 * answered. */
static void on_log(void *arg, int err, const struct store_log *log)
{
    struct asked *a = arg;
    struct diary *r = a->room;
    char text[TEXT_BYTES];
    uint32_t n = log ? log->n : 0;
    if (err == ERR_ROOM_NOT_FOUND && r->stored == 0)
        r->is_sent = false;
    else if (err)
        blame(a->sim, "a room cannot be loaded");
    for (uint32_t i = 0; i < n; i++) {
        bool is_same = log->events[i].seq == i + 1 && i < r->sent &&
            slice_eq(log->events[i].record, text_of(text, r, i + 1));
        if (!is_same)
            blame(a->sim, "an event is not what was stored");
    }
    if (n < r->stored)
        blame(a->sim, "an event is lost");
    if (n > 0 && !r->is_end[n])
        blame(a->sim, "an append is there in part");
    a->sim->happened += n > r->stored;
    r->stored = r->sent = n;
}

/* False: the power has gone, or a sync failed. */
static bool load_rooms(struct sim *s)
{
    for (int i = 0; i < ROOMS; i++) {
        struct diary *r = &s->rooms[i];
        if (!r->is_sent)
            continue;
        snprintf(r->epoch, sizeof r->epoch, "e%u", s->epochs++);
        struct asked *a = ask(s, r, 0);
        add_work(s, work_load(slice_str(r->id), slice_str(r->epoch), on_log, a));
    }
    return list_is_empty(&s->batch) || carry_out(s);
}

/* What must not be, by SQL of its own. */
static const char *const never[] = {
    "select count(*) from logs as l where l.lastSeq <>"
    " (select count(*) from events as e where e.roomId = l.roomId)",
    "select count(*) from logs as l where l.lastSeq <>"
    " (select max(seq) from events as e where e.roomId = l.roomId)",
    "select count(*) from events where roomId not in (select roomId from logs)",
    "select count(*) from events where roomId not in (select roomId from rooms)",
    "select count(*) from messages as m where text not in"
    " (select record from events as e where e.roomId = m.roomId and e.seq = m.seq)",
    "select count(*) from events as e where type = 'CHAT' and record not in"
    " (select text from messages as m where m.roomId = e.roomId and m.seq = e.seq)",
    "select count(*) from logs as l where l.snapshotSeq > 0 and l.snapshotSeq not in"
    " (select seq from room_snapshots as s where s.roomId = l.roomId)",
    "select count(*) from epochs where sinceSeq >"
    " (select lastSeq from logs as l where l.roomId = epochs.roomId)",
};

static int64_t ask_raw(struct sim *s, sqlite3 *raw, const char *text)
{
    sqlite3_stmt *st = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(raw, text, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    else
        blame(s, text);
    sqlite3_finalize(st);
    return n;
}

static void look_for_users(struct sim *s, sqlite3 *raw)
{
    char text[80];
    for (uint32_t i = 0; i < s->users; i++) {
        snprintf(text, sizeof text, "select count(*) from users where id = 'u%u'", i);
        int64_t n = s->has_user[i] ? ask_raw(s, raw, text) : 1;
        if (n != 1)
            blame(s, "a user is lost");
    }
}

/* The connection is closed while the others are open: it moves nothing. */
static void look(struct sim *s)
{
    sqlite3 *raw = NULL;
    if (sqlite_check(s->writer, s->why))
        blame(s, "it is damaged");
    if (sqlite3_open_v2(FILE_NAME, &raw, SQLITE_OPEN_READONLY, NULL))
        blame(s, "it cannot be looked at");
    for (size_t i = 0; i < sizeof never / sizeof *never && !s->wrong; i++) {
        if (ask_raw(s, raw, never[i]) != 0)
            blame(s, never[i]);
    }
    if (!s->wrong)
        look_for_users(s, raw);
    sqlite3_close(raw);
}

/* ---- living and dying ---- */

static int open_one(struct sim *s, struct sql **out, bool is_writer)
{
    struct sqlite_settings settings = {
        .file = FILE_NAME, .is_writer = is_writer, .wal_pages = one_in(s, 2) ? 40 : 0
    };
    return sqlite_open(out, &settings, s->why);
}

static int open_all(struct sim *s)
{
    int err = open_one(s, &s->writer, true);
    if (!err)
        err = open_one(s, &s->reader, false);
    if (!err)
        err = migrate(s->why, s->writer, 1);
    return err;
}

/* Sometimes the power goes on the way. */
static bool come_back(struct sim *s)
{
    bool is_short = one_in(s, 3);
    uint32_t fails = s->disk.sync_fails_of;
    s->disk.sync_fails_of = 0;
    s->disk.power_until = is_short ? s->disk.changes + 1 + draw(s, 30) : 0;
    bool is_open = open_all(s) == 0 && load_rooms(s);
    s->disk.power_until = 0;
    s->disk.sync_fails_of = fails;
    if (!is_open && !s->disk.is_off)
        blame(s, "it cannot be opened");
    return is_open && !s->disk.is_off;
}

static void live(struct sim *s)
{
    static const uint64_t spans[] = { 5, 30, 100, 400 };
    s->disk.power_until = s->disk.changes + 1 + draw(s, spans[draw(s, 4)]);
    while (!s->wrong && write_some(s))
        ;
}

static void die(struct sim *s)
{
    s->disk.is_off = s->disk.is_off || !one_in(s, 10);
    if (s->reader)
        s->reader->ops->close(s->reader);
    if (s->writer)
        s->writer->ops->close(s->writer);
    s->reader = s->writer = NULL;
    if (one_in(s, 5))
        disk_kill(&s->disk);
    else
        disk_cut(&s->disk);
}

static void begin(struct sim *s, uint64_t seed, bool is_lying)
{
    *s = (struct sim){ .random = seed };
    link_init(&s->batch);
    disk_mount(&s->disk, seed ^ 0x5eed);
    s->disk.is_lying = is_lying;
    s->disk.sync_fails_of = one_in(s, 3) ? 6 : 0;
    for (int i = 0; i < ROOMS; i++) {
        snprintf(s->rooms[i].id, sizeof s->rooms[i].id, "room%d", i);
        snprintf(s->rooms[i].epoch, sizeof s->rooms[i].epoch, "e");
    }
}

static bool play_disk(struct sim *s, uint64_t seed, bool is_lying)
{
    begin(s, seed, is_lying);
    while (!s->wrong && s->points <= POINTS_OF_DISK) {
        if (come_back(s) && !s->wrong) {
            look(s);
            s->points++;
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
    uint64_t answers;
    uint64_t tries;
    uint64_t happened;
};

static bool play_one(struct sum *sum, struct sim *s, uint64_t seed)
{
    bool is_well = play_disk(s, seed, false);
    sum->points += s->points;
    sum->answers += s->answers;
    sum->tries += s->tries;
    sum->happened += s->happened;
    if (!is_well)
        note("SEED=%ju, after %u cuts: %s (%s)", (uintmax_t)seed, s->points, s->wrong, s->why);
    return is_well;
}

static void play_all(struct sim *s, uint64_t first, uint64_t points)
{
    struct sum sum = { 0 };
    uint64_t random = first;
    bool is_well = true;
    while (is_well && sum.points < points)
        is_well = play_one(&sum, s, disk_draw(&random, UINT32_MAX));
    ok(is_well, "%ju cuts, seeds from %ju: what was answered is there, an append whole or not",
        (uintmax_t)sum.points, (uintmax_t)first);
    note("%ju answers, %ju tries again; %ju appends were there without an answer",
        (uintmax_t)sum.answers, (uintmax_t)sum.tries, (uintmax_t)sum.happened);
    ok(sum.answers > points && sum.tries > points / 20 && sum.happened > points / 100,
        "cuts met all that they should");
}

static void it_finds_losses(struct sim *s)
{
    uint64_t points = 0;
    uint64_t seed = 1;
    while (play_disk(s, seed++, true) && points < POINTS_OF_PROOF)
        points += s->points;
    ok(s->wrong != NULL, "a disk that lies about syncing is found out after %ju cuts: %s",
        (uintmax_t)(points + s->points), s->wrong ? s->wrong : "no");
}

int main(void)
{
    const char *given = getenv("SEED");
    bool is_soak = getenv("SOAK") != NULL;
    struct sim *s = calloc(1, sizeof *s);
    struct sum sum = { 0 };
    log_set_level(LOG_OFF);
    if (given) {
        ok(play_one(&sum, s, strtoull(given, NULL, 10)), "the disk of SEED=%s", given);
    } else {
        play_all(s, is_soak ? (uint64_t)time(NULL) : 1, is_soak ? SOAK_POINTS : POINTS);
        it_finds_losses(s);
    }
    free(s);
    return done();
}
