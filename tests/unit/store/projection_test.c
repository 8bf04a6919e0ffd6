/* The tables that the log fills, read as whoever runs the server reads them: by plain SQL, under
 * the names that people know, from both databases. */
#include "store/projection.h"

#include "stores.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#define ROWS_BYTES 4096

/* ---- plain SQL ---- */

/* What a statement gives: columns apart by "|", rows by a newline; null is "-". */
struct rows {
    size_t len;
    char text[ROWS_BYTES];
};

static void rows_add(struct rows *rows, const char *text, bool is_first)
{
    const char *before = rows->len == 0 ? "" : is_first ? "\n" : "|";
    rows->len += (size_t)snprintf(rows->text + rows->len, sizeof(rows->text) - rows->len, "%s%s",
        before, text != NULL ? text : "-");
    if (rows->len >= sizeof(rows->text))
        abort();
}

static int on_row(void *arg, int n, char **at, char **names)
{
    (void)names;
    for (int i = 0; i < n; i++)
        rows_add(arg, at[i], i == 0);
    return 0;
}

static void ask_sqlite(struct rows *rows, const char *sql)
{
    char path[96], *why = NULL;
    sqlite3 *db;
    sqlite_path(path, "");
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ||
        sqlite3_exec(db, sql, on_row, rows, &why))
        rows_add(rows, why != NULL ? why : "no database", true);
    sqlite3_free(why);
    sqlite3_close(db);
}

static void ask_postgres(struct rows *rows, const char *sql)
{
    PGconn *db = PQconnectdb(postgres_url);
    PGresult *answer = PQexec(db, sql);
    if (PQresultStatus(answer) != PGRES_TUPLES_OK)
        rows_add(rows, PQerrorMessage(db), true);
    for (int i = 0; i < PQntuples(answer); i++) {
        for (int k = 0; k < PQnfields(answer); k++)
            rows_add(rows, PQgetisnull(answer, i, k) ? NULL : PQgetvalue(answer, i, k), k == 0);
    }
    PQclear(answer);
    PQfinish(db);
}

/* Nobody else can read what is in memory. */
static void sql_is(const struct rig *r, const char *sql, const char *want, const char *what)
{
    struct rows rows = { .len = 0 };
    if (r->place == NULL)
        return;
    if (strcmp(r->place, "sqlite") == 0)
        ask_sqlite(&rows, sql);
    else
        ask_postgres(&rows, sql);
    is_str(rows.text, want, "%s", what);
}

/* ---- the room ---- */

static const struct room_settings odd_settings = {
    .mode = MODE_INTERVIEW,
    .is_public = true,
    .approval = true,
    .is_locked = true,
    .relay_only = true,
    .timer_by_hosts = true,
    .max_participants = 7,
    .duration_ms = 90001,
    .focus_ms = 11000,
    .break_ms = 12000,
    .long_break_ms = 13000,
    .rounds = 14,
    .auto_focus = true,
    .warn_at = 15,
    .auto_submit_at = 16,
    .question = SLICE("Why 'this'?"),
};

static struct rig_room begin_odd(struct rig *r)
{
    struct rig_room room = { .id = "A7x9K2", .epoch = "e1", .is_new = true };
    struct event created = rig_created(1000, "host", true);
    created.created.settings = odd_settings;
    rig_put(r, 'a', &room, &created, 1);
    rig_turn(r);
    return room;
}

static void put(struct rig *r, struct rig_room *room, struct event e)
{
    rig_put(r, 'p', room, &e, 1);
    is_str(rig_turn(r), "p:ok ", "%s", event_info(e.type)->name);
}

static void test_rooms(struct rig *r)
{
    static const char sql[] =
        "select roomId, hostId, roomname, maxGuests, question, duration, isPublic, status, "
        "createdAt, startedAt, endedAt from rooms";
    struct rig_room room = begin_odd(r);
    struct event updated = rig_updated("Other", false);
    sql_is(r, sql, "A7x9K2|host|Title|7|Why 'this'?|2|1|WAITING|1000|-|-", "a room is made");
    updated.updated.settings.mode = MODE_INTERVIEW;
    updated.updated.settings.duration_ms = 60000;
    put(r, &room, updated);
    sql_is(r, sql, "A7x9K2|host|Other|0|How?|1|0|WAITING|1000|-|-", "changed");
    put(r, &room, rig_event(EV_STARTED, 2000, "host"));
    sql_is(r, sql, "A7x9K2|host|Other|0|How?|1|0|LIVE|1000|2000|-", "started");
    updated.updated.title = S("Third");
    put(r, &room, updated);
    sql_is(r, sql, "A7x9K2|host|Third|0|How?|1|0|LIVE|1000|2000|-", "changed while it is live");
    put(r, &room, rig_event(EV_ENDED, 3000, "host"));
    sql_is(r, sql, "A7x9K2|host|Third|0|How?|1|0|ENDED|1000|2000|3000", "ended");
    put(r, &room, updated);
    sql_is(r, "select status from rooms", "ENDED", "and stays so");
    rig_begin(r, "open", 5);
    sql_is(r, "select status from rooms where roomId = 'open'", "LIVE",
        "no other waits to be started");
}

struct seen {
    bool is_answered;
    unsigned wrong;
};

static bool are_same(const struct room_settings *a, const struct room_settings *b)
{
    struct room_settings x = *a, y = *b;
    bool is_question = slice_eq(a->question, b->question);
    x.question = y.question = S("");
    return is_question && memcmp(&x, &y, sizeof(x)) == 0;
}

static void see_settings(void *arg, int err, const struct store_rooms *page)
{
    struct seen *seen = arg;
    seen->is_answered = true;
    seen->wrong = err != 0 || page->n != 1 || !are_same(&page->at[0].settings, &odd_settings);
}

static void test_settings(struct rig *r)
{
    struct seen seen = { .wrong = 0 };
    struct store_room_query q = { .is_all = true, .limit = 9 };
    begin_odd(r);
    r->store->ops->rooms(r->store, &q, see_settings, &seen);
    while (!seen.is_answered)
        loop_turn(r->loop, true);
    is_int(seen.wrong, 0, "every setting comes back");
}

/* ---- people ---- */

static struct event person(enum event_type type, int64_t at_ms, const char *user, const char *name)
{
    struct event e = rig_event(type, at_ms, user);
    e.person.name = slice_str(name);
    e.person.avatar_url = S("/a.png");
    e.person.role = type == EV_REQUESTED ? ROLE_WAITING : ROLE_PARTICIPANT;
    e.person.is_guest = true;
    e.person.seats = 1;
    return e;
}

static struct event about(enum event_type type, int64_t at_ms, const char *user, const char *target)
{
    struct event e = rig_event(type, at_ms, user);
    e.target = slice_str(target);
    return e;
}

static struct event gone(enum event_type type, int64_t at_ms, const char *user, uint32_t seats)
{
    struct event e = rig_event(type, at_ms, user);
    e.gone.seats = seats;
    return e;
}

static const char people[] = "select roomId, userId, username, status, role, joinedAt, leftAt "
                             "from room_users order by userId";

static void test_asking(struct rig *r)
{
    static const char attempts[] = "select id, roomId, userId, username, status, timestamp, "
                                   "decidedBy, decidedAt from join_attempts order by seq";
    struct rig_room room = begin_odd(r);
    put(r, &room, person(EV_REQUESTED, 10, "ann", "Ann"));
    put(r, &room, person(EV_REQUESTED, 11, "ann", "Anna"));
    put(r, &room, person(EV_REQUESTED, 12, "bob", "Bob"));
    sql_is(r, people,
        "A7x9K2|ann|Anna|PENDING|participant|10|-\nA7x9K2|bob|Bob|PENDING|participant|12|-",
        "who waits has waited since the first time");
    put(r, &room, about(EV_APPROVED, 13, "host", "ann"));
    put(r, &room, about(EV_REJECTED, 14, "host", "bob"));
    sql_is(r, people,
        "A7x9K2|ann|Anna|APPROVED|participant|10|-\nA7x9K2|bob|Bob|REJECTED|participant|12|14",
        "they are decided upon");
    put(r, &room, person(EV_REQUESTED, 15, "bob", "Bob"));
    put(r, &room, gone(EV_LOST, 16, "bob", 1));
    put(r, &room, gone(EV_LOST, 17, "bob", 0));
    sql_is(r, people,
        "A7x9K2|ann|Anna|APPROVED|participant|10|-\nA7x9K2|bob|Bob|PENDING|participant|15|17",
        "who waits has no place that is kept");
    sql_is(r, attempts,
        "A7x9K2:2|A7x9K2|ann|Ann|APPROVED|10|host|13\n"
        "A7x9K2:3|A7x9K2|ann|Anna|APPROVED|11|host|13\n"
        "A7x9K2:4|A7x9K2|bob|Bob|REJECTED|12|host|14\n"
        "A7x9K2:7|A7x9K2|bob|Bob|PENDING|15|-|-",
        "each time that somebody asked");
}

static void test_coming(struct rig *r)
{
    struct rig_room room = begin_odd(r);
    struct event host = about(EV_ROLE, 22, "host", "ann"),
                 kicked = about(EV_KICKED, 28, "host", "ann");
    host.role.role = ROLE_COHOST;
    kicked.kicked.reason = S("Multiple violations");
    put(r, &room, person(EV_JOINED, 20, "ann", "Ann"));
    sql_is(r, "select id, userId, isGuest, avatarUrl, violationCount, hasSubmitted from room_users",
        "A7x9K2:ann|ann|1|/a.png|0|0", "who comes is a member");
    put(r, &room, person(EV_RETURNED, 21, "ann", "Anna"));
    put(r, &room, host);
    put(r, &room, gone(EV_LOST, 23, "ann", 0));
    sql_is(r, people, "A7x9K2|ann|Anna|APPROVED|cohost|20|-", "a lost place is kept");
    put(r, &room, gone(EV_LEFT, 24, "ann", 1));
    sql_is(
        r, people, "A7x9K2|ann|Anna|APPROVED|cohost|20|-", "who has another connection is there");
    put(r, &room, gone(EV_LEFT, 25, "ann", 0));
    sql_is(r, people, "A7x9K2|ann|Anna|APPROVED|cohost|20|25", "who has none has left");
    put(r, &room, person(EV_JOINED, 26, "ann", "Ann"));
    sql_is(r, people, "A7x9K2|ann|Ann|APPROVED|participant|26|-", "and comes again");
    put(r, &room, kicked);
    sql_is(r, people, "A7x9K2|ann|Ann|KICKED|participant|26|28", "kicked");
    sql_is(r, "select id, roomId, userId, reason, kickedAt, kickedBy from kick_events",
        "A7x9K2:9|A7x9K2|ann|Multiple violations|28|host", "which is written down");
    put(r, &room, about(EV_READMITTED, 29, "host", "ann"));
    sql_is(r, people, "A7x9K2|ann|Ann|APPROVED|participant|26|28", "readmitted");
}

/* ---- what they do ---- */

static void test_exam(struct rig *r)
{
    struct rig_room room = begin_odd(r);
    struct event violation = rig_event(EV_VIOLATION, 31, "ann");
    struct event code = rig_event(EV_SUBMITTED, 32, "ann");
    violation.violation.kind = REPORT_TAB_SWITCH;
    violation.violation.total = 3;
    violation.violation.of_kind = 2;
    code.code.code = slice_of("a\0b\xff", 4);
    code.code.language = S("c");
    put(r, &room, person(EV_JOINED, 30, "ann", "Ann"));
    put(r, &room, violation);
    sql_is(r,
        "select id, roomId, userId, type, timestamp, violationCount, typeCount from violations",
        "A7x9K2:3|A7x9K2|ann|TAB_SWITCH|31|3|2", "a violation");
    put(r, &room, code);
    code.code.id = S("own");
    code.code.code = S("it's; drop table rooms; --");
    code.code.is_automatic = true;
    put(r, &room, code);
    sql_is(r,
        "select id, roomId, userId, code, language, submittedAt, isAutomatic from submissions "
        "order by seq",
        "A7x9K2:4|A7x9K2|ann|a\xef\xbf\xbd"
        "b\xef\xbf\xbd|c|32|0\nown|A7x9K2|ann|it's; drop table rooms; --|c|32|1",
        "submissions, without what no text can hold");
    sql_is(r, "select violationCount, hasSubmitted from room_users", "3|1", "both are counted");
}

static void test_chat(struct rig *r)
{
    struct rig_room room = begin_odd(r);
    struct event private = rig_chat("m3", "ann", "bob", "psst"),
                 full = rig_chat("m2", "ann", "", "1");
    full.chat.kind = MESSAGE_EMOJI;
    full.chat.reply_to = S("m0");
    full.chat.attachments = S("[{\"url\":\"/f\"}]");
    put(r, &room, full);
    put(r, &room, private);
    put(r, &room, rig_edited(9, 2, "2"));
    put(r, &room, rig_chat("m9", "", "", "system"));
    sql_is(r,
        "select id, roomId, senderId, senderName, recipientId, text, attachments, replyTo, kind, "
        "timestamp, editedAt from messages order by seq",
        "m2|A7x9K2|ann|Name|-|2|[{\"url\":\"/f\"}]|m0|emoji|3|9\n"
        "m3|A7x9K2|ann|Name|bob|psst|||text|3|-\n"
        "m9|A7x9K2||Name|-|system|||text|3|-",
        "messages");
    put(r, &room, rig_deleted(3));
    sql_is(r, "select * from chat_messages order by message",
        "A7x9K2|ann|Name|2|emoji|3|9\nA7x9K2||Name|system|text|3|3", "under the other names, too");
}

static void test_board(struct rig *r)
{
    struct rig_room room = begin_odd(r);
    struct event saved = rig_event(EV_BOARD_SAVED, 40, "ann");
    saved.saved.id = S("s1");
    saved.saved.url = S("/files/x");
    put(r, &room, saved);
    sql_is(r, "select id, roomId, dataUrl, createdAt, savedBy from whiteboard_snapshots",
        "s1|A7x9K2|/files/x|40|ann", "a saved board");
}

static void test_focus(struct rig *r)
{
    static const char stretches[] =
        "select userId, roomId, startedAt, endedAt from focus_stretches "
        "order by userId, startedAt";
    struct rig_room room = begin_odd(r);
    struct event focused = rig_event(EV_FOCUSED, 160000, "ann");
    focused.focused.since_ms = 100000;
    put(r, &room, focused);
    focused.actor = S("bob");
    put(r, &room, focused);
    sql_is(r, stretches, "ann|A7x9K2|100000|160000\nbob|A7x9K2|100000|160000", "two have focused");
    focused.focused.since_ms = focused.at_ms;
    put(r, &room, focused);
    sql_is(r, "select count(*) from focus_stretches", "2", "one of no length is none");
    rig_forget(r, 'f', "A7x9K2");
    rig_turn(r);
    sql_is(r, "select count(*) from focus_stretches", "2", "they stay when the room is forgotten");
}

/* Whoever is told so last loses the connection after that. */
static void test_focus_of_nobody(struct rig *r)
{
    struct store_user user = { .id = S("u_1"), .email = S("a@x"), .name = S("Ann") };
    struct store_revocation v = { .subject = S("user:u_1"), .before_ms = 5, .until_ms = 9 };
    struct rig_room room = begin_odd(r);
    struct event focused = rig_event(EV_FOCUSED, 160000, "u_1");
    r->store->ops->put_user(r->store, STORE_ADD, &user, rig_on_done, rig_ask(r, 'u'));
    r->store->ops->revoke(r->store, &v, rig_on_done, rig_ask(r, 'v'));
    rig_turn(r);
    focused.focused.since_ms = 100000;
    put(r, &room, focused);
    sql_is(r, "select count(*) from focus_stretches", "1", "of somebody with another password");
    r->store->ops->drop_user(r->store, S("u_1"), rig_on_done, rig_ask(r, 'd'));
    rig_turn(r);
    sql_is(r, "select count(*) from focus_stretches", "0", "they go with the account");
    focused.focused.since_ms = 120000;
    put(r, &room, focused);
    sql_is(r, "select count(*) from focus_stretches", "0", "and none comes behind");
}

static void test_log(struct rig *r)
{
    struct rig_room room = begin_odd(r);
    put(r, &room, rig_event(EV_HAND, 50, "ann"));
    sql_is(r, "select roomId, seq, type, createdAt, record from events order by seq",
        "A7x9K2|1|CREATED|1000|1 CREATED\nA7x9K2|2|HAND|50|2 HAND", "all that happened");
    sql_is(r, "select roomId, lastSeq, activeAt, isFleeting from logs", "A7x9K2|2|50|0", "the log");
    sql_is(r, "select number, name from schema_version where number = 1", "1|rooms",
        "and how the tables came to be");
}

/* ---- and gone ---- */

#define SOME_OF(name)                                                                    \
    {                                                                                    \
        .table = name, .sql = "select case when count(*) > 0 then 'some' end from " name \
    }

static void count_rows(const struct rig *r, bool has_some)
{
    static const struct {
        const char *table;
        const char *sql;
    } rows[] = {
        SOME_OF("rooms"),
        SOME_OF("room_users"),
        SOME_OF("messages"),
        SOME_OF("chat_messages"),
        SOME_OF("whiteboard_snapshots"),
        SOME_OF("violations"),
        SOME_OF("submissions"),
        SOME_OF("join_attempts"),
        SOME_OF("kick_events"),
        SOME_OF("events"),
        SOME_OF("logs"),
        SOME_OF("epochs"),
        SOME_OF("room_snapshots"),
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        sql_is(r, rows[i].sql, has_some ? "some" : "-", rows[i].table);
}

static void test_forget(struct rig *r)
{
    const char *const records[] = { "x", NULL };
    struct rig_room room = begin_odd(r);
    put(r, &room, person(EV_REQUESTED, 1, "ann", "Ann"));
    put(r, &room, about(EV_KICKED, 1, "host", "ann"));
    put(r, &room, rig_event(EV_VIOLATION, 1, "ann"));
    put(r, &room, rig_event(EV_SUBMITTED, 1, "ann"));
    put(r, &room, rig_event(EV_BOARD_SAVED, 1, "ann"));
    put(r, &room, rig_chat("m", "ann", "", "x"));
    rig_snapshot(r, 's', &room, 2, records);
    rig_turn(r);
    count_rows(r, true);
    rig_forget(r, 'f', "A7x9K2");
    rig_turn(r);
    count_rows(r, false);
}

static store_test *const tests[] = {
    test_rooms,
    test_settings,
    test_asking,
    test_coming,
    test_exam,
    test_chat,
    test_board,
    test_focus,
    test_focus_of_nobody,
    test_log,
    test_forget,
};

int main(void)
{
    stores_test(tests, COUNT(tests));
    return done();
}
