/* Retention: of each kind what is too old goes and nothing else does, by whatever way the sweep's
 * steps fall between what others do; and what is left of a room can be folded. */
#include "look.h"
#include "room/stage.h"
#include "store/record.h"

#define NOW_MS   1000
#define AGE_MS   800 /* so what is older than 200 goes */
#define OLD_MS   199
#define YOUNG_MS 200

/* ---- asking ---- */

static void sweep(struct look *l, char label, const struct store_retention *r)
{
    l->rig.store->ops->sweep(l->rig.store, r, rig_on_done, rig_ask(&l->rig, label));
}

static void swept(struct look *l, const struct store_retention *r)
{
    sweep(l, 's', r);
    is_str(rig_turn(&l->rig), "s:ok ", "it is swept");
}

static void snapshot(
    struct look *l, const struct rig_room *room, const struct slice *records, uint32_t n)
{
    struct store_snapshot s = {
        .room_id = slice_str(room->id),
        .epoch = slice_str(room->epoch),
        .seq = room->seq,
        .records = records,
        .n = n,
    };
    l->rig.store->ops->snapshot(l->rig.store, &s, rig_on_done, rig_ask(&l->rig, 'n'));
    is_str(rig_turn(&l->rig), "n:ok ", "a snapshot is kept");
}

static void snapshot_any(struct look *l, const struct rig_room *room)
{
    struct slice record = S("{}");
    snapshot(l, room, &record, 1);
}

static void put_one(struct look *l, struct rig_room *room, enum event_type type, int64_t at_ms)
{
    struct event e = rig_event(type, at_ms, "ann");
    if (type == EV_CHAT)
        e.chat.id = S("m");
    rig_put(&l->rig, '-', room, &e, 1);
}

static struct rig_room begin(struct look *l, const char *id, int64_t at_ms)
{
    return rig_begin(&l->rig, id, at_ms);
}

struct kept {
    char text[4096];
    size_t len;
};

static int on_kept(void *arg, const struct sql_value *at, unsigned n)
{
    struct kept *k = arg;
    (void)n;
    struct slice type = sql_string(&at[2]);
    k->len += (size_t)snprintf(k->text + k->len, sizeof(k->text) - k->len, "%jd %.*s,",
        (intmax_t)sql_number(&at[0]), RIG_TEXT(type));
    return 0;
}

/* "1 CREATED,3 CHAT,": the first hundred. */
static const char *kept_of(struct kept *k, struct look *l, enum sql_statement st, const char *room)
{
    struct sql_value args[] = { sql_text(slice_str(room)), sql_int(0), sql_int(100) };
    *k = (struct kept){ .len = 0 };
    int err = l->db->ops->query(l->db, st, args, 3, on_kept, k);
    return err ? err_name(err) : k->text;
}

/* ---- each kind ---- */

/* By which setting an event goes: the setting's first letter; `-`: by none. */
static const struct {
    enum event_type type;
    char by;
} kinds[] = {
    { EV_CREATED, '-' },
    { EV_UPDATED, '-' },
    { EV_STARTED, '-' },
    { EV_REQUESTED, 'a' },
    { EV_APPROVED, 'a' },
    { EV_REJECTED, 'a' },
    { EV_JOINED, 'a' },
    { EV_RETURNED, 'a' },
    { EV_LOST, 'a' },
    { EV_LEFT, 'a' },
    { EV_ROLE, 'a' },
    { EV_MUTED, 'a' },
    { EV_KICKED, 'a' },
    { EV_READMITTED, 'a' },
    { EV_HAND, 'a' },
    { EV_CHAT, 'm' },
    { EV_CHAT_EDITED, 'm' },
    { EV_CHAT_DELETED, 'm' },
    { EV_CHAT, 'm' },
    { EV_FILE, 'a' },
    { EV_DREW, 'b' },
    { EV_UNDREW, 'b' },
    { EV_CLEARED, 'b' },
    { EV_BOARD_SAVED, 'a' },
    { EV_TIMER, 'a' },
    { EV_GOAL, 'a' },
    { EV_FOCUSED, 'a' },
    { EV_VIOLATION, 'v' },
    { EV_WARNED, 'v' },
    { EV_VIOLATION_CLEARED, 'v' },
    { EV_CODE, 'c' },
    { EV_SUBMITTED, '-' },
    { EV_ENDED, '-' },
};

static const struct {
    char by;
    struct store_retention retention;
} settings[] = {
    { 'a', { .now_ms = NOW_MS, .activity_ms = AGE_MS } },
    { 'm', { .now_ms = NOW_MS, .messages_ms = AGE_MS } },
    { 'b', { .now_ms = NOW_MS, .board_ms = AGE_MS } },
    { 'c', { .now_ms = NOW_MS, .code_ms = AGE_MS } },
    { 'v', { .now_ms = NOW_MS, .violations_ms = AGE_MS } },
    { '0', { .now_ms = NOW_MS } },
};

/* A room in which each has happened once before the limit and once after it. */
static struct rig_room every_kind(struct look *l, const char *id)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    for (int old = 1; old >= 0; old--) {
        for (size_t i = 0; i < COUNT(kinds); i++)
            put_one(l, &room, kinds[i].type, old ? OLD_MS : YOUNG_MS);
    }
    rig_turn(&l->rig);
    return room;
}

/* What is left of it by that setting; `covered`: up to that number a snapshot has it all. */
static const char *left_by(struct kept *k, char by, uint64_t covered)
{
    *k = (struct kept){ .len = 0 };
    for (size_t i = 0; i < 2 * COUNT(kinds); i++) {
        size_t kind = i % COUNT(kinds);
        bool is_old = i < COUNT(kinds), is_covered = i + 1 <= covered;
        bool goes = is_old && kinds[kind].by == by && (by == 'm' || is_covered);
        if (!goes)
            k->len += (size_t)snprintf(k->text + k->len, sizeof(k->text) - k->len, "%zu %s,", i + 1,
                event_info(kinds[kind].type)->name);
    }
    return k->text;
}

static void test_kinds(struct look *l)
{
    static struct kept got, want;
    for (size_t i = 0; i < COUNT(settings); i++) {
        char id[] = { 'r', settings[i].by, '\0' };
        struct rig_room room = every_kind(l, id);
        swept(l, &settings[i].retention);
        is_str(kept_of(&got, l, SQL_SWEEP_EVENTS, id), left_by(&want, settings[i].by, 0),
            "%c, without a snapshot: messages alone", settings[i].by);
        room.seq = 20;
        snapshot_any(l, &room);
        swept(l, &settings[i].retention);
        is_str(kept_of(&got, l, SQL_SWEEP_EVENTS, id), left_by(&want, settings[i].by, 20),
            "%c, with a snapshot of a part: that part", settings[i].by);
        room.seq = 2 * COUNT(kinds);
        snapshot_any(l, &room);
        swept(l, &settings[i].retention);
        is_str(kept_of(&got, l, SQL_SWEEP_EVENTS, id),
            left_by(&want, settings[i].by, 2 * COUNT(kinds)), "%c, with one of everything",
            settings[i].by);
        rig_forget(&l->rig, '-', id);
        rig_turn(&l->rig);
    }
}

/* Whoever adds a type of event must say here, and in the sweep, by what it goes. */
static void test_all_types(struct look *l)
{
    (void)l;
    for (unsigned type = 0; type < EV_COUNT; type++) {
        const struct event_info *info = event_info((enum event_type)type);
        bool is_known = info->durability == DURABILITY_NONE || strncmp(info->name, "KEPT_", 5) == 0;
        for (size_t i = 0; i < COUNT(kinds); i++)
            is_known = is_known || kinds[i].type == type;
        ok(is_known, "%s", info->name);
    }
}

/* ---- rows ---- */

static void test_rows(struct look *l)
{
    struct kept k;
    struct rig_room room = begin(l, "room", 1);
    put_one(l, &room, EV_CHAT, OLD_MS);
    put_one(l, &room, EV_VIOLATION, OLD_MS);
    put_one(l, &room, EV_SUBMITTED, OLD_MS);
    put_one(l, &room, EV_CHAT, YOUNG_MS);
    put_one(l, &room, EV_VIOLATION, YOUNG_MS);
    rig_turn(&l->rig);
    swept(l, &settings[0].retention);
    is_int(look_at(l, SQL_COUNT_MESSAGES, NULL), 2, "messages stay");
    swept(l, &settings[1].retention);
    is_str(kept_of(&k, l, SQL_SWEEP_MESSAGES, "room"), "5 CHAT,", "but not by their own setting");
    is_int(look_at(l, SQL_COUNT_VIOLATIONS, NULL), 2, "violations stay");
    swept(l, &settings[4].retention);
    is_str(kept_of(&k, l, SQL_SWEEP_VIOLATIONS, "room"), "6 VIOLATION,", "but not by theirs");
    is_int(look_at(l, SQL_COUNT_SUBMISSIONS, NULL), 1, "what was handed in stays");
    struct store_message_query q = { .room_id = S("room"), .limit = 10 };
    rig_messages(&l->rig, 'a', &q);
    is_str(rig_turn(&l->rig), "a:<5:ann:> ", "a page shows it");
}

/* Who loads the room goes on behind its last event: it must know the number. */
static void test_last(struct look *l)
{
    struct rig_room room = begin(l, "room", 1);
    put_one(l, &room, EV_CHAT, 2);
    put_one(l, &room, EV_CHAT, 3);
    rig_turn(&l->rig);
    swept(l, &settings[1].retention);
    rig_load(&l->rig, 'a', "room", "e2");
    is_str(rig_turn(&l->rig), "a:[1 CREATED,3 CHAT(number 3)](e1@0) ", "the last one stays");
    room.epoch = "e2";
    put_one(l, &room, EV_HAND, 4);
    is_str(rig_turn(&l->rig), "-:ok ", "so that more can follow");
    swept(l, &settings[1].retention);
    rig_load(&l->rig, 'a', "room", "e3");
    is_str(rig_turn(&l->rig), "a:[1 CREATED,4 HAND(number 4)](e1@0,e2@3) ",
        "until something comes after it");
}

static void test_last_covered(struct look *l)
{
    struct kept k;
    struct rig_room room = begin(l, "room", 1);
    put_one(l, &room, EV_CHAT, 2);
    rig_turn(&l->rig);
    snapshot_any(l, &room);
    swept(l, &settings[1].retention);
    is_str(kept_of(&k, l, SQL_SWEEP_EVENTS, "room"), "1 CREATED,", "a snapshot knows the number");
}

/* ---- many ---- */

static void test_many_rows(struct look *l)
{
    struct rig_room room = begin(l, "room", 1), other = begin(l, "sroom", 1);
    struct event *events = calloc(3100, sizeof(*events));
    for (int i = 0; i < 3100; i++)
        events[i] = rig_event(i % 31 == 0 ? EV_STARTED : EV_DREW, OLD_MS, "ann");
    rig_put(&l->rig, '-', &room, events, 3100);
    rig_put(&l->rig, '-', &other, events, 700);
    rig_turn(&l->rig);
    free(events);
    snapshot_any(l, &room);
    snapshot_any(l, &other);
    uint64_t before = l->rig.store->ops->status(l->rig.store)->commits;
    swept(l, &settings[2].retention);
    uint64_t steps = l->rig.store->ops->status(l->rig.store)->commits - before;
    is_int(look_at(l, SQL_COUNT_EVENTS, NULL), 2 + 100 + 23, "all that were to go");
    ok(steps >= 8 && steps <= 30, "in %ju transactions", (uintmax_t)steps);
}

/* What stays is passed over. */
static void test_many_that_stay(struct look *l)
{
    struct rig_room room = begin(l, "room", 1);
    struct event *events = calloc(2600, sizeof(*events));
    for (int i = 0; i < 2600; i++)
        events[i] = rig_event(i < 2500 ? EV_STARTED : EV_DREW, OLD_MS, "ann");
    rig_put(&l->rig, '-', &room, events, 2600);
    rig_turn(&l->rig);
    free(events);
    snapshot_any(l, &room);
    swept(l, &settings[2].retention);
    is_int(look_at(l, SQL_COUNT_EVENTS, NULL), 2501, "what lies behind it is found");
}

static void test_many_rooms(struct look *l)
{
    char id[16];
    for (int i = 0; i < 230; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
        struct event events[] = { rig_created(1, "host", true), rig_event(EV_CHAT, OLD_MS, "ann"),
            rig_event(EV_HAND, YOUNG_MS, "ann") };
        rig_put(&l->rig, '-', &room, events, 3);
    }
    rig_turn(&l->rig);
    swept(l, &settings[1].retention);
    is_int(look_at(l, SQL_COUNT_EVENTS, NULL), 2 * 230, "of every room");
    is_int(look_at(l, SQL_COUNT_MESSAGES, NULL), 0, "all");
}

/* ---- rooms ---- */

static void put_file(struct look *l, const char *id, const char *room)
{
    struct store_file f = { .id = slice_str(id), .room_id = slice_str(room), .user_id = S("ann") };
    l->rig.store->ops->put_file(
        l->rig.store, STORE_ADD, &f, NULL, rig_on_done, rig_ask(&l->rig, '-'));
    rig_turn(&l->rig);
}

static void say_rooms(struct look *l)
{
    static const char *const ids[] = { "a", "b", "c", "d", "e", "f" };
    for (size_t i = 0; i < COUNT(ids); i++)
        rig_load(&l->rig, ids[i][0], ids[i], "e9");
}

static struct rig_room fleeting(struct look *l, const char *id, int64_t at_ms)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true, .is_fleeting = true };
    struct event created = rig_created(at_ms, "", true);
    rig_put(&l->rig, '-', &room, &created, 1);
    rig_turn(&l->rig);
    return room;
}

static void some_rooms(struct look *l)
{
    struct rig_room a = begin(l, "a", 1), b = begin(l, "b", 1), e;
    begin(l, "c", 1);
    fleeting(l, "d", OLD_MS);
    e = fleeting(l, "e", OLD_MS);
    fleeting(l, "f", YOUNG_MS);
    put_one(l, &a, EV_ENDED, OLD_MS);
    put_one(l, &b, EV_ENDED, YOUNG_MS);
    put_one(l, &e, EV_HAND, YOUNG_MS);
    rig_turn(&l->rig);
    put_file(l, "fa", "a");
    put_file(l, "fb", "b");
}

static void test_ended(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .rooms_ms = AGE_MS };
    some_rooms(l);
    swept(l, &r);
    say_rooms(l);
    is_str(rig_turn(&l->rig),
        "a:ROOM_NOT_FOUND b:[1 CREATED,2 ENDED](e1@0) c:[1 CREATED](e1@0) "
        "d:fleeting[1 CREATED](e1@0) e:fleeting[1 CREATED,2 HAND](e1@0) "
        "f:fleeting[1 CREATED](e1@0) ",
        "those that ended long ago");
    is_int(look_at(l, SQL_COUNT_ROOMS, NULL), 5, "as a whole");
    struct sql_value doomed[] = { sql_text(S("")), sql_int(10) };
    int64_t n = -1;
    is_int(l->db->ops->query(l->db, SQL_FILES_DOOMED, doomed, 2, look_on_number, &n), 0, "asked");
    ok(n >= 0, "its file is doomed");
    is_int(look_at(l, SQL_COUNT_FILES, NULL), 2, "and another is not gone");
}

static void test_fleeting(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .fleeting_ms = AGE_MS };
    some_rooms(l);
    swept(l, &r);
    say_rooms(l);
    is_str(rig_turn(&l->rig),
        "a:[1 CREATED,2 ENDED](e1@0) b:[1 CREATED,2 ENDED](e1@0) c:[1 CREATED](e1@0) "
        "d:ROOM_NOT_FOUND e:fleeting[1 CREATED,2 HAND](e1@0) f:fleeting[1 CREATED](e1@0) ",
        "those where nothing has happened since");
}

static void test_far_room(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .fleeting_ms = AGE_MS };
    char id[16];
    for (int i = 0; i < 170; i++) {
        snprintf(id, sizeof(id), "r%03d", i);
        struct rig_room room = { .id = id, .epoch = "e1", .is_new = true, .is_fleeting = true };
        struct event created = rig_created(i % 60 == 49 ? OLD_MS : YOUNG_MS, "", true);
        rig_put(&l->rig, '-', &room, &created, 1);
    }
    rig_turn(&l->rig);
    swept(l, &r);
    is_int(look_at(l, SQL_COUNT_LOGS, NULL), 170 - 3, "rooms are found wherever they stand");
}

/* It is emptied before, by many steps. */
static void test_large_room(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .rooms_ms = AGE_MS };
    struct rig_room a = begin(l, "a", 1), b = begin(l, "b", 1);
    struct event *events = calloc(1800, sizeof(*events));
    for (int i = 0; i < 1800; i++)
        events[i] = rig_event(i % 3 ? EV_CHAT : EV_SUBMITTED, OLD_MS, "ann");
    rig_put(&l->rig, '-', &a, events, 1800);
    put_one(l, &a, EV_ENDED, OLD_MS);
    rig_turn(&l->rig);
    snapshot_any(l, &a);
    put_one(l, &a, EV_HAND, OLD_MS);
    rig_put(&l->rig, '-', &b, events, 300);
    rig_turn(&l->rig);
    free(events);
    uint64_t before = l->rig.store->ops->status(l->rig.store)->commits;
    swept(l, &r);
    uint64_t steps = l->rig.store->ops->status(l->rig.store)->commits - before;
    is_int(look_at(l, SQL_COUNT_EVENTS, NULL), 301, "nothing of it is left");
    is_int(look_at(l, SQL_COUNT_MESSAGES, NULL), 200, "nor of what was said there");
    is_int(look_at(l, SQL_COUNT_SUBMISSIONS, NULL), 100, "or handed in");
    ok(steps >= 7, "in %ju transactions", (uintmax_t)steps);
}

/* Something happens in a room that is about to go, after each number of turns: then it stays, or
 * what happened was refused. */
static void test_meanwhile(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .fleeting_ms = AGE_MS, .messages_ms = AGE_MS };
    int stayed = 0, went = 0, wrong = 0, unswept = 0;
    for (int turns = 0; turns < 12 && l->place == NULL; turns++) {
        struct rig_room before = begin(l, "before", 1), room = fleeting(l, "room", 1);
        put_one(l, &before, EV_CHAT, OLD_MS);
        put_one(l, &before, EV_HAND, OLD_MS);
        rig_turn(&l->rig);
        sweep(l, 's', &r);
        for (int i = 0; i < turns; i++)
            loop_turn(l->rig.loop, false);
        put_one(l, &room, EV_HAND, NOW_MS);
        bool is_told = strstr(rig_turn(&l->rig), "-:ok") != NULL;
        rig_load(&l->rig, 'a', "room", "e2");
        const char *kept = rig_turn(&l->rig);
        unswept += look_at(l, SQL_COUNT_MESSAGES, NULL) != 0;
        wrong += is_told != (strcmp(kept, "a:fleeting[1 CREATED,2 HAND](e1@0) ") == 0);
        stayed += is_told;
        went += !is_told;
        rig_forget(&l->rig, '-', "room");
        rig_forget(&l->rig, '-', "before");
        rig_turn(&l->rig);
    }
    is_int(unswept, 0, "other rooms are swept whatever happens there");
    is_int(wrong, 0, "what was told is kept, with its room");
    ok(l->place != NULL || (stayed > 1 && went > 1), "%d stayed, %d went", stayed, went);
}

/* ---- snapshots ---- */

static size_t write_message(char *out, size_t cap, int64_t at_ms, const char *text)
{
    struct buf record;
    struct event e = rig_event(EV_KEPT_MESSAGE, at_ms, "ann");
    e.seq = 9;
    e.chat.id = S("m1");
    e.chat.text = slice_str(text);
    buf_init(&record, cap);
    record_write(&record, &e);
    memcpy(out, record.p, record.len);
    size_t len = record.len;
    buf_fini(&record);
    return len;
}

static void test_kept_messages(struct look *l)
{
    char old[300], young[300], board[] = "{\"type\":\"KEPT_OP\",\"at\":1}";
    struct slice records[40];
    struct rig_room room = begin(l, "room", 1);
    char want[20000] = "a:{1:";
    size_t len = strlen(want);
    struct slice o = slice_of(old, write_message(old, sizeof(old), OLD_MS, "say\n\"it\""));
    struct slice y = slice_of(young, write_message(young, sizeof(young), YOUNG_MS, "hm"));
    for (int i = 0; i < 40; i++)
        records[i] = i % 4 == 3 ? slice_str(board) : i % 2 ? y : o;
    for (int i = 0; i < 40; i++) {
        if (records[i].p != old)
            len += (size_t)snprintf(
                want + len, sizeof(want) - len, "%s%.*s", i == 1 ? "" : ",", RIG_TEXT(records[i]));
    }
    snprintf(want + len, sizeof(want) - len, "}[1 CREATED](e1@0) ");
    snapshot(l, &room, records, 40);
    swept(l, &settings[0].retention);
    swept(l, &settings[1].retention);
    rig_load(&l->rig, 'a', "room", "e2");
    is_str(rig_turn(&l->rig), want, "old messages go from it, and nothing else");
    struct rig_room other = begin(l, "other", 1);
    snapshot(l, &other, &y, 1);
    uint64_t before = l->rig.store->ops->status(l->rig.store)->commits;
    swept(l, &settings[1].retention);
    uint64_t commits = l->rig.store->ops->status(l->rig.store)->commits - before;
    ok(commits <= (l->place == NULL ? 2 : 1), "where there are none nothing is written: %ju",
        (uintmax_t)commits);
}

struct sizes {
    uint32_t n;
    size_t bytes;
};

static void on_sizes(void *arg, int err, const struct store_log *log)
{
    struct sizes *z = arg;
    is_int(err, 0, "it is loaded");
    z->n = err ? 1 : log->n_snapshot;
    for (uint32_t i = 0; !err && i < log->n_snapshot; i++)
        z->bytes += log->snapshot[i].len;
}

/* Parts of which the first, one in between and the last are touched, one to the last record. */
static void test_parts(struct look *l)
{
    static char large[600000];
    char old[300];
    struct slice records[5];
    struct rig_room room = begin(l, "room", 1);
    memset(large, 'x', sizeof(large));
    struct slice o = slice_of(old, write_message(old, sizeof(old), OLD_MS, "old"));
    struct slice x = slice_of(large, sizeof(large));
    records[0] = o;
    records[1] = x;
    records[2] = x;
    records[3] = x;
    records[4] = o;
    snapshot(l, &room, records, 5);
    is_int(look_at(l, SQL_COUNT_ROOM_SNAPSHOTS, NULL), 3, "there are several parts");
    swept(l, &settings[1].retention);
    struct sizes z = { .n = 0 };
    l->rig.store->ops->load(l->rig.store, S("room"), S("e2"), on_sizes, &z);
    while (z.n == 0)
        loop_turn(l->rig.loop, true);
    is_int(z.n, 3, "of five records three stay");
    is_int(z.bytes, 3 * sizeof(large), "as they were");
}

/* ---- folding what is left ---- */

static void put_events(struct look *l, const struct stage *s, uint32_t from, bool is_new)
{
    struct stored_event stored[64];
    struct buf records[64];
    uint32_t n = s->log.n - from;
    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = &s->log.at[from + i];
        buf_init(&records[i], 1u << 20);
        record_write(&records[i], e);
        stored[i] =
            (struct stored_event){ .seq = e->seq, .record = buf_slice(&records[i]), .event = e };
    }
    struct store_append a = {
        .room_id = S("stage"), .epoch = S("e1"), .events = stored, .n = n, .is_new = is_new
    };
    l->rig.store->ops->append(l->rig.store, &a, rig_on_done, rig_ask(&l->rig, '-'));
    is_str(rig_turn(&l->rig), "-:ok ", "what happened is kept");
    for (uint32_t i = 0; i < n; i++)
        buf_fini(&records[i]);
}

static void put_snapshot(struct look *l, const struct stage *s)
{
    struct arena arena;
    struct events all;
    struct slice lines[64];
    struct buf records[64];
    struct rig_room room = { .id = "stage", .epoch = "e1", .seq = s->room->seq };
    arena_init(&arena, 1u << 20);
    events_init(&all, &arena);
    is_int(room_recall(&all, s->room), 0, "the room is recalled");
    for (uint32_t i = 0; i < all.n; i++) {
        buf_init(&records[i], 1u << 20);
        record_write(&records[i], &all.at[i]);
        lines[i] = buf_slice(&records[i]);
    }
    snapshot(l, &room, lines, all.n);
    for (uint32_t i = 0; i < all.n; i++)
        buf_fini(&records[i]);
    arena_fini(&arena);
}

struct folding {
    struct rig_asked *asked;
    struct room *room;
    uint32_t n_events;
};

static int fold(struct room *room, uint64_t seq, struct slice record)
{
    struct arena arena;
    struct event e;
    arena_init(&arena, 1u << 20);
    int err = record_read(&e, &arena, seq, record);
    if (!err)
        err = room_fold(room, &e);
    arena_fini(&arena);
    return err;
}

static void on_log(void *arg, int err, const struct store_log *log)
{
    struct folding *f = arg;
    rig_answered(f->asked);
    rig_said_it(f->asked);
    for (uint32_t i = 0; !err && i < log->n_snapshot; i++)
        err = fold(f->room, log->snapshot_seq, log->snapshot[i]);
    for (uint32_t i = 0; !err && i < log->n; i++) {
        f->n_events++;
        if (log->events[i].seq > log->snapshot_seq)
            err = fold(f->room, log->events[i].seq, log->events[i].record);
    }
    is_int(err, 0, "what is left can be folded");
}

static uint32_t load(struct look *l, struct room *room)
{
    struct folding f = { .room = room, .asked = rig_ask(&l->rig, 'l') };
    l->rig.store->ops->load(l->rig.store, S("stage"), S("e2"), on_log, &f);
    rig_turn(&l->rig);
    return f.n_events;
}

static void say(struct stage *s, const char *user, const char *text)
{
    struct deed d = stage_deed(s, user);
    struct room_chat a = { .text = slice_str(text) };
    is_int(stage_did(s, room_chat(&s->log, s->room, &d, &a)), 0, "it is said");
    s->now_ms++;
}

static void draw(struct stage *s, const char *user)
{
    struct deed d = stage_deed(s, user);
    struct slice ops = S("[{\"type\":\"stroke\"},{\"type\":\"stroke\"}]");
    is_int(stage_did(s, room_draw(&s->log, s->room, &d, ops)), 0, "it is drawn");
    s->now_ms++;
}

/* A room with a past, a snapshot, and something behind it. The stage's beginning is what happened
 * first: its events are of a room of the same kind. */
static void play(struct look *l, struct stage *s)
{
    *s = (struct stage){ .now_ms = 100 };
    arena_init(&s->arena, 16u << 20);
    events_init(&s->log, &s->arena);
    s->room = room_new(S("stage"), stage_key());
    s->twin = room_new(S("stage"), stage_key());
    is_int(stage_fill(s, MODE_STUDY), 0, "there are people");
    say(s, "ann", "one");
    draw(s, "ann");
    draw(s, "bob");
    say(s, "bob", "two");
    put_events(l, s, 0, true);
    put_snapshot(l, s);
    uint32_t from = s->log.n;
    s->now_ms = 150;
    say(s, "ann", "three");
    draw(s, "bob");
    s->now_ms = 300;
    say(s, "ann", "four");
    say(s, "bob", "five");
    put_events(l, s, from, false);
}

static void test_fold_all_but_messages(struct look *l)
{
    struct store_retention r = {
        .now_ms = NOW_MS,
        .board_ms = 1,
        .code_ms = 1,
        .violations_ms = 1,
        .activity_ms = 1,
    };
    struct stage s;
    char why[128] = "";
    play(l, &s);
    swept(l, &r);
    struct room *again = room_new(S("stage"), stage_key());
    is_int(load(l, again), 7, "the first event, what was said, and what a snapshot has not");
    ok(room_equal(s.room, again, why), "the same room %s", why);
    room_free(again);
    stage_fini(&s, "play");
}

static void test_fold_without_messages(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .messages_ms = AGE_MS };
    struct stage s;
    play(l, &s);
    swept(l, &r);
    struct room *again = room_new(S("stage"), stage_key());
    load(l, again);
    is_int(again->seq, s.room->seq, "it counts on as it would");
    is_int(again->n_messages, 2, "what was said lately is there");
    is_int(again->board.n, s.room->board.n, "and all that was drawn");
    is_int(again->n_members, s.room->n_members, "and everybody");
    room_free(again);
    stage_fini(&s, "play");
}

/* ---- revocations ---- */

static void test_revocations(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS };
    char subject[16];
    for (int i = 0; i < 1201; i++) {
        snprintf(subject, sizeof(subject), "user:%d", i);
        struct store_revocation v = {
            .subject = slice_str(subject), .before_ms = 1, .until_ms = NOW_MS + (i == 7)
        };
        l->rig.store->ops->revoke(l->rig.store, &v, rig_on_done, rig_ask(&l->rig, '-'));
    }
    rig_turn(&l->rig);
    swept(l, &r);
    is_int(look_at(l, SQL_COUNT_REVOCATIONS, NULL), 1, "what matters no more is forgotten");
    is_int(look_at(l, SQL_COPY_REVOCATIONS, ""), NOW_MS + 1, "the rest is not");
}

/* ---- when it goes wrong ---- */

static void test_closed_meanwhile(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .rooms_ms = AGE_MS, .messages_ms = AGE_MS };
    struct rig_room room = begin(l, "room", 1);
    put_one(l, &room, EV_CHAT, 2);
    put_one(l, &room, EV_ENDED, 3);
    rig_turn(&l->rig);
    sweep(l, 's', &r);
    loop_turn(l->rig.loop, false);
    loop_turn(l->rig.loop, false);
    ok(true, "what is under way goes with the store");
}

/* A look that breaks off is begun again. */
static void test_lost_looks(struct look *l)
{
    int wrong = 0;
    for (unsigned i = 1; i < 8 && l->place != NULL; i++) {
        struct rig_room a = begin(l, "a", 1), b = begin(l, "b", 1);
        struct event said[2] = { rig_event(EV_CHAT, OLD_MS, "ann"),
            rig_event(EV_HAND, 300, "ann") };
        rig_put(&l->rig, '-', &a, said, 2);
        rig_put(&l->rig, '-', &b, said, 2);
        rig_turn(&l->rig);
        atomic_store(&l->reader.fails_query, i);
        swept(l, &settings[1].retention);
        atomic_store(&l->reader.fails_query, 0);
        wrong += look_at(l, SQL_COUNT_EVENTS, NULL) != 4;
        wrong += look_at(l, SQL_COUNT_MESSAGES, NULL) != 0;
        rig_forget(&l->rig, '-', "a");
        rig_forget(&l->rig, '-', "b");
        rig_turn(&l->rig);
    }
    is_int(wrong, 0, "and nothing is passed over");
}

static void test_lost_commits(struct look *l)
{
    struct store_retention r = { .now_ms = NOW_MS, .rooms_ms = AGE_MS, .activity_ms = AGE_MS };
    if (l->place == NULL)
        return;
    some_rooms(l);
    l->writer.loses_commits = 2;
    swept(l, &r);
    ok(l->writer.lost_commits > 0, "a commit was lost");
    is_int(look_at(l, SQL_COUNT_LOGS, NULL), 5, "and done once");
}

struct run {
    struct look look;
    int n;
};

static void sweep_a_little(void *arg)
{
    struct store_retention r = { .now_ms = NOW_MS, .rooms_ms = AGE_MS, .messages_ms = AGE_MS };
    struct run *run = arg;
    struct look *l = &run->look;
    char id[16];
    snprintf(id, sizeof(id), "r%d", run->n++);
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    struct event events[] = { rig_created(1, "host", true), rig_event(EV_CHAT, 2, "ann"),
        rig_event(EV_ENDED, 3, "host") };
    rig_put(&l->rig, 'a', &room, events, 3);
    sweep(l, 's', &r);
    const char *said = rig_turn(&l->rig);
    if (!fault_hit() || strstr(said, "NO_MEMORY") == NULL)
        is_str(said, "a:ok s:ok ", "without a fault that matters");
}

int main(void)
{
    static look_test *const tests[] = {
        test_kinds,
        test_all_types,
        test_rows,
        test_last,
        test_last_covered,
        test_many_rows,
        test_many_that_stay,
        test_many_rooms,
        test_ended,
        test_fleeting,
        test_far_room,
        test_large_room,
        test_meanwhile,
        test_kept_messages,
        test_parts,
        test_fold_all_but_messages,
        test_fold_without_messages,
        test_revocations,
        test_closed_meanwhile,
        test_lost_looks,
        test_lost_commits,
    };
    look_each(tests, COUNT(tests));
    struct run *run = calloc(1, sizeof(*run));
    look_begin(&run->look, NULL);
    fault_each(FAULT_ALLOC, sweep_a_little, run);
    is_int(look_at(&run->look, SQL_COUNT_LOGS, NULL), 0, "in the end all is swept");
    look_end(&run->look);
    free(run);
    return done();
}
