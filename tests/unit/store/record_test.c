/* Every event as its record, word for word, and back; what a reader takes and refuses; and texts of
 * every kind, which come back as they were. */
#include "store/record.h"

#include "base/json_read.h"
#include "base/utf8.h"
#include "fault.h"
#include "room/room.h"
#include "room/tape.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES  (8u << 20)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a record and its event ---- */

#define FROM(type_, audience_)                                                    \
    .type = EV_##type_, .audience = AUDIENCE_##audience_, .at_ms = 1700000000001, \
    .actor = SLICE("ann"), .seat = SLICE("s1"), .target = SLICE("bob")
#define HEAD(type)                                                                   \
    "{\"type\":\"" type "\",\"at\":1700000000001,\"actor\":\"ann\",\"seat\":\"s1\"," \
    "\"target\":\"bob\""

#define SETTINGS                                                                                  \
    {                                                                                             \
        .mode = MODE_INTERVIEW, .is_public = true, .approval = true, .is_locked = true,           \
        .relay_only = true, .timer_by_hosts = true, .max_participants = 1,                        \
        .duration_ms = 4294967295, .focus_ms = 2, .break_ms = 3, .long_break_ms = 4, .rounds = 5, \
        .auto_focus = true, .warn_at = 6, .auto_submit_at = 7, .question = SLICE("Why?"),         \
    }
#define SETTINGS_TEXT                                                                        \
    "\"settings\":{\"mode\":\"interview\",\"is_public\":true,\"approval\":true,"             \
    "\"is_locked\":true,\"relay_only\":true,\"timer_by_hosts\":true,\"max_participants\":1," \
    "\"duration_ms\":4294967295,\"focus_ms\":2,\"break_ms\":3,\"long_break_ms\":4,"          \
    "\"rounds\":5,\"auto_focus\":true,\"warn_at\":6,\"auto_submit_at\":7,"                   \
    "\"question\":\"Why?\"}"
#define PERSON                                                                                    \
    {                                                                                             \
        .name = SLICE("Ann"), .avatar_url = SLICE("/a.png"), .is_guest = true, .role = ROLE_HOST, \
        .seats = 2,                                                                               \
    }
#define PERSON_TEXT \
    ",\"name\":\"Ann\",\"avatar_url\":\"/a.png\",\"is_guest\":true,\"role\":\"host\",\"seats\":2}"
#define REQUEST                                                                                   \
    {                                                                                             \
        .name = SLICE("Ann"), .avatar_url = SLICE("/a.png"), .is_guest = true, .role = ROLE_HOST, \
        .seats = 2, .knock = SLICE("Hi \"you\""),                                                 \
    }
#define REQUEST_TEXT                                                                   \
    ",\"name\":\"Ann\",\"avatar_url\":\"/a.png\",\"is_guest\":true,\"role\":\"host\"," \
    "\"seats\":2,\"knock\":\"Hi \\\"you\\\"\"}"
#define CHAT                                                                                  \
    {                                                                                         \
        .id = SLICE("m1"), .name = SLICE("Ann"), .text = SLICE("a\n\"b\""),                   \
        .attachments = SLICE("[{\"a\":1}]"), .reply_to = SLICE("m0"), .kind = MESSAGE_SYSTEM, \
    }
#define CHAT_TEXT                                                 \
    ",\"id\":\"m1\",\"name\":\"Ann\",\"text\":\"a\\n\\\"b\\\"\"," \
    "\"attachments\":\"[{\\\"a\\\":1}]\",\"reply_to\":\"m0\",\"kind\":\"system\"}"
#define VIOLATION                                                                        \
    {                                                                                    \
        .kind = REPORT_TAB_SWITCH, .total = 4294967295, .of_kind = 2, .id = SLICE("r1"), \
    }
#define VIOLATION_TEXT ",\"kind\":\"TAB_SWITCH\",\"total\":4294967295,\"of_kind\":2,\"id\":\"r1\"}"
#define CODE                                                                  \
    {                                                                         \
        .id = SLICE("c1"), .code = SLICE("main\t{}"), .language = SLICE("c"), \
        .is_automatic = true,                                                 \
    }
#define KEPT_MEMBER                                                                                \
    {                                                                                              \
        .name = SLICE("Ann"), .avatar_url = SLICE("/a.png"), .knock = SLICE("Hi"),                 \
        .reports = SLICE("7 r1\n8 r2"), .handed_in = SLICE("9 c1"), .seats = SLICE("s1\ns2"),      \
        .goal = SLICE("G"), .code = SLICE("x"), .language = SLICE("c"), .status = MEMBER_KICKED,   \
        .role = ROLE_HOST, .is_guest = true, .is_present = true, .hand = true, .goal_done = true,  \
        .is_warned = true, .has_submitted = true, .is_auto_submitted = true, .is_code_new = true,  \
        .joined_seq = UINT64_MAX, .lost_at_ms = 1, .left_at_ms = 2, .hand_at_ms = 3,               \
        .focus_since_ms = 5, .submitted_at_ms = 4, .violations = 15, .by_kind = { 1, 2, 3, 4, 5 }, \
    }
#define KEPT_MEMBER_TEXT                                                                   \
    ",\"name\":\"Ann\",\"avatar_url\":\"/a.png\",\"knock\":\"Hi\",\"is_guest\":true,"      \
    "\"status\":\"kicked\",\"role\":\"host\",\"seats\":\"s1\\ns2\",\"is_present\":true,"   \
    "\"joined_seq\":18446744073709551615,\"lost_at\":1,\"left_at\":2,\"hand\":true,"       \
    "\"hand_at\":3,\"focus_since\":5,\"goal\":\"G\",\"goal_done\":true,\"violations\":15," \
    "\"fullscreen_exits\":1,\"tab_switches\":2,\"pastes\":3,\"copies\":4,"                 \
    "\"disconnects\":5,\"is_warned\":true,\"code\":\"x\",\"language\":\"c\","              \
    "\"is_code_new\":true,\"has_submitted\":true,\"submitted_at\":4,"                      \
    "\"is_auto_submitted\":true,\"reports\":\"7 r1\\n8 r2\",\"handed_in\":\"9 c1\"}"
#define CODE_TEXT ",\"id\":\"c1\",\"code\":\"main\\t{}\",\"language\":\"c\",\"is_automatic\":true}"

struct pair {
    const char *record;
    struct event event;
};

static const struct pair pairs[] = {
    { HEAD("CREATED") ",\"title\":\"T\",\"owner_id\":\"o\"," SETTINGS_TEXT "}",
        { FROM(CREATED, NOBODY),
            .created = { .title = SLICE("T"), .owner_id = SLICE("o"), .settings = SETTINGS } } },
    { HEAD("UPDATED") ",\"title\":\"T\"," SETTINGS_TEXT "}",
        { FROM(UPDATED, ALL), .updated = { .title = SLICE("T"), .settings = SETTINGS } } },
    { HEAD("STARTED") ",\"ends_at\":9223372036854775807}",
        { FROM(STARTED, ALL), .started = { .ends_at_ms = INT64_MAX } } },
    { HEAD("ENDED") ",\"message\":\"Bye\"}",
        { FROM(ENDED, ALL), .ended = { .message = SLICE("Bye") } } },
    { HEAD("REQUESTED") REQUEST_TEXT, { FROM(REQUESTED, HOSTS), .person = REQUEST } },
    { HEAD("REQUESTED") PERSON_TEXT, { FROM(REQUESTED, HOSTS), .person = PERSON } },
    { HEAD("APPROVED") "}", { FROM(APPROVED, TARGET) } },
    { HEAD("REJECTED") "}", { FROM(REJECTED, TARGET) } },
    { HEAD("JOINED") PERSON_TEXT, { FROM(JOINED, OTHERS), .person = PERSON } },
    { HEAD("RETURNED") PERSON_TEXT, { FROM(RETURNED, OTHERS), .person = PERSON } },
    { HEAD("LOST") ",\"seats\":1}", { FROM(LOST, OTHERS), .gone = { .seats = 1 } } },
    { HEAD("LEFT") ",\"seats\":3}", { FROM(LEFT, OTHERS), .gone = { .seats = 3 } } },
    { HEAD("ROLE") ",\"role\":\"cohost\"}", { FROM(ROLE, ALL), .role = { .role = ROLE_COHOST } } },
    { HEAD("MUTED") ",\"kind\":\"audio\"}",
        { FROM(MUTED, ALL), .muted = { .kind = SLICE("audio") } } },
    { HEAD("KICKED") ",\"reason\":\"R\",\"seats\":\"s1\\ns2\"}",
        { FROM(KICKED, ALL), .kicked = { .reason = SLICE("R"), .seats = SLICE("s1\ns2") } } },
    { HEAD("READMITTED") "}", { FROM(READMITTED, NOBODY) } },
    { HEAD("HAND") ",\"is_raised\":true}", { FROM(HAND, ALL), .hand = { .is_raised = true } } },
    { HEAD("MEDIA") ",\"audio\":true,\"screen\":true}",
        { FROM(MEDIA, ALL), .media = { .audio = true, .screen = true } } },
    { HEAD("MEDIA") ",\"video\":true}", { FROM(MEDIA, ALL), .media = { .video = true } } },
    { HEAD("TYPING") ",\"is_typing\":true}",
        { FROM(TYPING, OTHERS), .typing = { .is_typing = true } } },
    { HEAD("SIGNAL") ",\"to_seat\":\"s2\",\"kind\":\"offer\",\"data\":\"7\"}",
        { FROM(SIGNAL, TARGET),
            .signal = { .to_seat = SLICE("s2"), .kind = SLICE("offer"), .data = SLICE("7") } } },
    { HEAD("CHAT") CHAT_TEXT, { FROM(CHAT, ALL), .chat = CHAT } },
    { HEAD("CHAT") ",\"audience\":\"pair\"" CHAT_TEXT, { FROM(CHAT, PAIR), .chat = CHAT } },
    { HEAD("CHAT_EDITED") CHAT_TEXT, { FROM(CHAT_EDITED, ALL), .chat = CHAT } },
    { HEAD("CHAT_DELETED") CHAT_TEXT, { FROM(CHAT_DELETED, ALL), .chat = CHAT } },
    { HEAD("FILE") ",\"id\":\"f1\",\"name\":\"Ann\",\"file_name\":\"a.txt\",\"url\":\"/f\","
                   "\"file_type\":\"text/plain\",\"bytes\":18446744073709551615}",
        { FROM(FILE, ALL),
            .file = { .id = SLICE("f1"),
                .name = SLICE("Ann"),
                .file_name = SLICE("a.txt"),
                .url = SLICE("/f"),
                .type = SLICE("text/plain"),
                .bytes = UINT64_MAX } } },
    { HEAD("DREW") ",\"ops\":\"[ {\\\"id\\\":\\\"o\\\"}]\"}",
        { FROM(DREW, OTHERS), .drew = { .ops = SLICE("[ {\"id\":\"o\"}]") } } },
    { HEAD("UNDREW") ",\"op_id\":\"o\"}",
        { FROM(UNDREW, ALL), .undrew = { .op_id = SLICE("o") } } },
    { HEAD("CLEARED") "}", { FROM(CLEARED, ALL) } },
    { HEAD("BOARD_SAVED") ",\"id\":\"b1\",\"url\":\"/b\"}",
        { FROM(BOARD_SAVED, ALL), .saved = { .id = SLICE("b1"), .url = SLICE("/b") } } },
    { HEAD("CURSOR") ",\"data\":\"{\\\"x\\\":1}\"}",
        { FROM(CURSOR, OTHERS), .cursor = { .data = SLICE("{\"x\":1}") } } },
    { HEAD("TIMER") ",\"phase\":\"long_break\",\"is_running\":true,\"round\":9,\"ends_at\":-1,"
                    "\"remaining\":-9223372036854775808,\"cause\":\"break_skipped\"}",
        { FROM(TIMER, ALL),
            .timer = { .state = { .phase = TIMER_LONG_BREAK,
                           .is_running = true,
                           .round = 9,
                           .ends_at_ms = -1,
                           .remaining_ms = INT64_MIN },
                .cause = TIMER_BREAK_SKIPPED } } },
    { HEAD("FOCUSED") ",\"since\":1700000000000}",
        { FROM(FOCUSED, NOBODY), .focused = { .since_ms = 1700000000000 } } },
    { HEAD("GOAL") ",\"is_shared\":true,\"is_done\":true,\"text\":\"G\"}",
        { FROM(GOAL, ALL), .goal = { .is_shared = true, .is_done = true, .text = SLICE("G") } } },
    { HEAD("VIOLATION") VIOLATION_TEXT, { FROM(VIOLATION, HOSTS), .violation = VIOLATION } },
    { HEAD("WARNED") VIOLATION_TEXT, { FROM(WARNED, TARGET), .violation = VIOLATION } },
    { HEAD("VIOLATION_CLEARED") VIOLATION_TEXT,
        { FROM(VIOLATION_CLEARED, HOSTS), .violation = VIOLATION } },
    { HEAD("CODE") CODE_TEXT, { FROM(CODE, HOSTS), .code = CODE } },
    { HEAD("SUBMITTED") CODE_TEXT, { FROM(SUBMITTED, HOSTS), .code = CODE } },
    { HEAD("KEPT_ROOM") ",\"title\":\"T\",\"owner_id\":\"o\"," SETTINGS_TEXT
                        ",\"status\":\"ended\",\"started_at\":1,\"ends_at\":2,\"ended_at\":3,"
                        "\"phase\":\"focus\",\"is_running\":true,\"round\":4,"
                        "\"phase_ends_at\":5,\"remaining\":6,\"goal\":\"G\",\"goal_done\":true,"
                        "\"snapshot_id\":\"b1\",\"snapshot_url\":\"/b\",\"snapshot_by\":\"ann\","
                        "\"snapshot_at\":7,\"snapshot_number\":8,"
                        "\"next_number\":18446744073709551615}",
        { FROM(KEPT_ROOM, NOBODY),
            .kept_room = { .title = SLICE("T"),
                .owner_id = SLICE("o"),
                .goal = SLICE("G"),
                .settings = SETTINGS,
                .timer = { .phase = TIMER_FOCUS,
                    .is_running = true,
                    .round = 4,
                    .ends_at_ms = 5,
                    .remaining_ms = 6 },
                .status = ROOM_ENDED,
                .goal_done = true,
                .started_at_ms = 1,
                .ends_at_ms = 2,
                .ended_at_ms = 3,
                .snapshot_id = SLICE("b1"),
                .snapshot_url = SLICE("/b"),
                .snapshot_by = SLICE("ann"),
                .snapshot_at_ms = 7,
                .snapshot_number = 8,
                .next_number = UINT64_MAX } } },
    { HEAD("KEPT_MEMBER") KEPT_MEMBER_TEXT,
        { FROM(KEPT_MEMBER, NOBODY), .kept_member = KEPT_MEMBER } },
    { HEAD("KEPT_MESSAGE") ",\"id\":\"m1\",\"name\":\"Ann\",\"text\":\"T\","
                           "\"attachments\":\"[]\",\"reply_to\":\"m0\",\"kind\":\"emoji\","
                           "\"edited_at\":-1,\"said_seq\":18446744073709551615}",
        { FROM(KEPT_MESSAGE, NOBODY),
            .chat = { .id = SLICE("m1"),
                .name = SLICE("Ann"),
                .text = SLICE("T"),
                .attachments = SLICE("[]"),
                .reply_to = SLICE("m0"),
                .kind = MESSAGE_EMOJI,
                .edited_at_ms = -1,
                .said_seq = UINT64_MAX } } },
    { HEAD("KEPT_FILE") ",\"id\":\"f1\",\"name\":\"Ann\",\"file_name\":\"a\",\"url\":\"/f\","
                        "\"file_type\":\"a/b\",\"bytes\":1}",
        { FROM(KEPT_FILE, NOBODY),
            .file = { .id = SLICE("f1"),
                .name = SLICE("Ann"),
                .file_name = SLICE("a"),
                .url = SLICE("/f"),
                .type = SLICE("a/b"),
                .bytes = 1 } } },
    { HEAD("KEPT_OP") ",\"id\":\"o1\",\"json\":\"{\\\"id\\\":\\\"o1\\\"}\","
                      "\"number\":18446744073709551615}",
        { FROM(KEPT_OP, NOBODY),
            .kept_op = { .id = SLICE("o1"),
                .json = SLICE("{\"id\":\"o1\"}"),
                .number = UINT64_MAX } } },
    /* what is empty, 0 and false is not there, words are */
    { "{\"type\":\"CREATED\",\"settings\":{\"mode\":\"study\"}}",
        { .type = EV_CREATED, .audience = AUDIENCE_NOBODY } },
    { "{\"type\":\"JOINED\",\"audience\":\"all\",\"role\":\"outsider\"}",
        { .type = EV_JOINED, .audience = AUDIENCE_ALL } },
    { "{\"type\":\"CHAT\",\"kind\":\"text\"}", { .type = EV_CHAT, .audience = AUDIENCE_ALL } },
    { "{\"type\":\"TIMER\",\"phase\":\"idle\",\"cause\":\"started\"}",
        { .type = EV_TIMER, .audience = AUDIENCE_ALL } },
    { "{\"type\":\"VIOLATION\",\"kind\":\"FULLSCREEN_EXIT\"}",
        { .type = EV_VIOLATION, .audience = AUDIENCE_HOSTS } },
    { "{\"type\":\"KEPT_MEMBER\",\"name\":\"Ann\",\"status\":\"pending\",\"role\":\"participant\"}",
        { .type = EV_KEPT_MEMBER,
            .audience = AUDIENCE_NOBODY,
            .kept_member = { .name = SLICE("Ann"), .role = ROLE_PARTICIPANT } } },
    { "{\"type\":\"CLEARED\",\"at\":-5}",
        { .type = EV_CLEARED, .audience = AUDIENCE_ALL, .at_ms = -5 } },
};

static void write(struct buf *out, const struct event *e)
{
    buf_init(out, RECORD_MAX_BYTES);
    record_write(out, e);
}

/* Member by member; the texts by what they say. */
static bool is_same(const struct event *a, const struct event *b)
{
    struct event x, y;
    bool same = a->type == b->type;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    for (size_t n = 0; same && tape_text(&x, n) != NULL; n++) {
        same = slice_eq(*tape_text(&x, n), *tape_text(&y, n));
        *tape_text(&x, n) = *tape_text(&y, n) = (struct slice){ .p = NULL };
    }
    return same && memcmp(&x, &y, sizeof(x)) == 0;
}

static void test_pair(const struct pair *p)
{
    struct event e, want;
    struct arena arena;
    struct buf text;
    memcpy(&want, &p->event, sizeof(want));
    want.seq = 813;
    arena_init(&arena, ARENA_BYTES);
    write(&text, &want);
    if (!ok(slice_eq(buf_slice(&text), slice_str(p->record)), "written: %.60s", p->record))
        note("got %.*s", (int)text.len, text.p);
    memset(&e, 0xa5, sizeof(e));
    is_int(record_read(&e, &arena, 813, slice_str(p->record)), 0, "read");
    ok(is_same(&e, &want), "the same event");
    buf_fini(&text);
    arena_fini(&arena);
}

static void test_pairs(void)
{
    unsigned missing = 0;
    bool seen[EV_COUNT] = { false };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        seen[pairs[i].event.type] = true;
        test_pair(&pairs[i]);
    }
    for (int t = 0; t < EV_COUNT; t++)
        missing += !seen[t];
    is_int(missing, 0, "every event is here");
}

/* ---- words ---- */

/* Every value of an enum has a word, another one than the others. */
static void test_words(void)
{
    struct event e = { .type = EV_TIMER };
    static const struct {
        enum event_type type;
        size_t at;
        unsigned n;
        const char *words; /* of all, in order */
    } all[] = {
        { EV_CLEARED, offsetof(struct event, audience), AUDIENCE_NOBODY + 1,
            "- others hosts target pair nobody " },
        { EV_CREATED, offsetof(struct event, created.settings.mode), MODE_INTERVIEW + 1,
            "study focus call interview " },
        { EV_ROLE, offsetof(struct event, role.role), ROLE_COUNT,
            "outsider waiting participant cohost host " },
        { EV_CHAT, offsetof(struct event, chat.kind), MESSAGE_SYSTEM + 1, "text emoji system " },
        { EV_TIMER, offsetof(struct event, timer.state.phase), TIMER_LONG_BREAK + 1,
            "idle focus break long_break " },
        { EV_TIMER, offsetof(struct event, timer.cause), TIMER_CONFIGURED + 1,
            "started paused resumed reset focus_ended break_started break_ended break_skipped "
            "configured " },
        { EV_KEPT_ROOM, offsetof(struct event, kept_room.status), ROOM_ENDED + 1,
            "waiting live ended " },
        { EV_KEPT_MEMBER, offsetof(struct event, kept_member.status), MEMBER_KICKED + 1,
            "pending approved rejected kicked " },
        { EV_VIOLATION, offsetof(struct event, violation.kind), REPORT_TAB_FOCUS + 1,
            "FULLSCREEN_EXIT TAB_SWITCH PASTE COPY DISCONNECT FULLSCREEN_ENTER TAB_FOCUS " },
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        char said[256] = "";
        struct arena arena;
        unsigned wrong = 0;
        arena_init(&arena, ARENA_BYTES);
        for (unsigned value = 0; value < all[i].n; value++) {
            struct event back;
            struct buf text;
            struct slice rest = slice_str(all[i].words), word = S("");
            memset(&e, 0, sizeof(e));
            e.type = all[i].type;
            e.audience = event_info(e.type)->audience;
            memcpy((char *)&e + all[i].at, &value, sizeof(value));
            for (unsigned k = 0; k <= value; k++)
                (void)slice_cut(&word, &rest, ' ');
            write(&text, &e);
            buf_add_char(&text, '\0');
            snprintf(said, sizeof(said), "\"%.*s\"", (int)word.len, word.p);
            wrong += word.p[0] != '-' && strstr(text.p, said) == NULL;
            wrong += record_read(&back, &arena, 0, slice_of(text.p, text.len - 1)) != 0;
            wrong += !is_same(&e, &back);
            buf_fini(&text);
        }
        is_int(wrong, 0, "words: %s", all[i].words);
        arena_fini(&arena);
    }
}

/* ---- what a reader takes ---- */

/* Each is read as the event that is written as the other. */
static void test_lenient(void)
{
    static const struct {
        const char *record;
        const char *means;
        const char *what;
    } rows[] = {
        { "{\"kind\":\"emoji\",\"text\":\"x\",\"at\":5,\"type\":\"CHAT\"}",
            "{\"type\":\"CHAT\",\"at\":5,\"text\":\"x\",\"kind\":\"emoji\"}", "any order" },
        { " { \"type\" : \"CLEARED\" , \"at\" : 5e0 } ", "{\"type\":\"CLEARED\",\"at\":5}",
            "any spelling" },
        { "{\"type\":\"CLEARED\",\"new\":{\"type\":[1,{}]},\"newer\":[[]],\"x\":1,\"ops\":true}",
            "{\"type\":\"CLEARED\"}", "unknown keys" },
        { "{\"type\":\"UPDATED\",\"settings\":{\"mode\":\"call\",\"new\":[{}],\"title\":3}}",
            "{\"type\":\"UPDATED\",\"settings\":{\"mode\":\"call\"}}", "unknown settings" },
        { "{\"type\":\"CHAT\",\"text\":null,\"at\":null,\"audience\":null,\"kind\":null}",
            "{\"type\":\"CHAT\",\"kind\":\"text\"}", "null" },
        { "{\"type\":\"UPDATED\",\"settings\":null}",
            "{\"type\":\"UPDATED\",\"settings\":{\"mode\":\"study\"}}", "no settings" },
        { "{\"type\":\"HAND\",\"is_raised\":false}", "{\"type\":\"HAND\"}", "false" },
        { "{\"t\\u0079pe\":\"CLE\\u0041RED\"}", "{\"type\":\"CLEARED\"}", "escapes" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e;
        struct arena arena;
        struct buf text;
        arena_init(&arena, ARENA_BYTES);
        is_int(record_read(&e, &arena, 1, slice_str(rows[i].record)), 0, "%s", rows[i].what);
        write(&text, &e);
        is_slice(buf_slice(&text), rows[i].means, "means the same: %s", rows[i].what);
        buf_fini(&text);
        arena_fini(&arena);
    }
}

static void test_refused(void)
{
    static const char *const rows[] = {
        "",
        "null",
        "7",
        "[]",
        "\"CHAT\"",
        "{}",
        "{\"at\":5}",
        "{\"type\":null}",
        "{\"type\":\"FUTURE\"}",
        "{\"type\":\"chat\"}",
        "{\"type\":20}",
        "{\"type\":[\"CHAT\"]}",
        "{\"type\":\"CLEARED\"",
        "{\"type\":\"CLEARED\"}{}",
        "{\"type\":\"CLEARED\",\"type\":\"CLEARED\"}",
        "{\"type\":\"CLEARED\",\"at\":\"5\"}",
        "{\"type\":\"CLEARED\",\"at\":0.5}",
        "{\"type\":\"CLEARED\",\"at\":9223372036854775808}",
        "{\"type\":\"CLEARED\",\"actor\":5}",
        "{\"type\":\"CLEARED\",\"actor\":\"\xff\"}",
        "{\"type\":\"CLEARED\",\"actor\":[]}",
        "{\"type\":\"CLEARED\",\"audience\":\"some\"}",
        "{\"type\":\"ROLE\",\"role\":\"king\"}",
        "{\"type\":\"ROLE\",\"role\":4}",
        "{\"type\":\"HAND\",\"is_raised\":1}",
        "{\"type\":\"LOST\",\"seats\":-1}",
        "{\"type\":\"LOST\",\"seats\":4294967296}",
        "{\"type\":\"FILE\",\"bytes\":-1}",
        "{\"type\":\"FILE\",\"bytes\":18446744073709551616}",
        "{\"type\":\"FILE\",\"bytes\":\"1\"}",
        "{\"type\":\"DREW\",\"ops\":[]}",
        "{\"type\":\"DREW\",\"ops\":\"\"}",
        "{\"type\":\"DREW\",\"ops\":\"[\"}",
        "{\"type\":\"DREW\",\"ops\":\"{}\"}",
        "{\"type\":\"CHAT\",\"attachments\":\"{}\"}",
        "{\"type\":\"CURSOR\",\"data\":\"x\"}",
        "{\"type\":\"UPDATED\",\"settings\":[]}",
        "{\"type\":\"UPDATED\",\"settings\":\"call\"}",
        "{\"type\":\"UPDATED\",\"settings\":{\"mode\":\"party\"}}",
        "{\"type\":\"UPDATED\",\"settings\":{\"rounds\":true}}",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e;
        struct arena arena;
        arena_init(&arena, ARENA_BYTES);
        is_int(
            record_read(&e, &arena, 1, slice_str(rows[i])), ERR_BAD_VALUE, "refused: row %zu", i);
        arena_fini(&arena);
    }
}

/* ---- texts ---- */

/* A chat of that text, there and back. */
static bool survives(const struct event *e)
{
    struct event back;
    struct arena arena;
    struct buf text;
    arena_init(&arena, ARENA_BYTES);
    write(&text, e);
    int err = buf_err(&text);
    if (!err)
        err = record_read(&back, &arena, e->seq, buf_slice(&text));
    bool same = !err && is_same(e, &back);
    buf_fini(&text);
    arena_fini(&arena);
    return same;
}

static void test_characters(void)
{
    unsigned lost = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x300 ? 1 : 0xfd) {
        char bytes[UTF8_MAX_BYTES + 2] = "(";
        size_t n = utf8_encode(bytes + 1, c);
        struct event e = { .type = EV_CHAT, .audience = AUDIENCE_ALL };
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        e.chat.text = e.actor = slice_of(bytes, n + 1);
        lost += !survives(&e);
    }
    is_int(lost, 0, "any character comes back, NUL among them");
}

/* `depth` levels, an array outermost. */
static struct slice nested(char *out, unsigned depth)
{
    memset(out, '[', depth);
    memset(out + depth, ']', depth);
    return slice_of(out, 2ul * depth);
}

static void test_depth(void)
{
    char text[2 * JSON_MAX_DEPTH];
    struct event drew = { .type = EV_DREW, .audience = AUDIENCE_OTHERS };
    struct event chat = { .type = EV_CHAT, .audience = AUDIENCE_ALL };
    drew.drew.ops = chat.chat.attachments = nested(text, JSON_MAX_DEPTH);
    ok(survives(&drew) && survives(&chat), "JSON as deep as it may be fits into a record");
}

/* As large as a room lets anything become. */
static void test_largest(void)
{
    struct event e = { .type = EV_DREW, .audience = AUDIENCE_OTHERS };
    size_t len = ROOM_DRAW_BYTES + ROOM_DRAW_OPS * 4 * ROOM_ID_MAX;
    char *text = malloc(len);
    memset(text, '\n', len);
    text[0] = '[';
    text[len - 1] = ']';
    e.drew.ops = slice_of(text, len);
    ok(survives(&e), "the largest drawing");
    free(text);
    text = malloc(ROOM_CODE_MAX);
    memset(text, 1, ROOM_CODE_MAX);
    e = (struct event){ .type = EV_CODE, .audience = AUDIENCE_HOSTS };
    e.code.code = slice_of(text, ROOM_CODE_MAX);
    ok(survives(&e), "the largest program");
    free(text);
}

static void test_arena(void)
{
    struct event e;
    struct arena arena;
    arena_init(&arena, 8);
    is_int(record_read(&e, &arena, 1, S("{\"type\":\"ENDED\",\"message\":\"12345\\n67890\"}")),
        ERR_TOO_BIG, "an arena that is too small");
    is_int(record_read(&e, &arena, 1, S("{\"type\":\"ENDED\",\"message\":\"1234567890\"}")), 0,
        "what has no escapes needs none");
    arena_fini(&arena);
}

static void read_faulty(void *arg)
{
    struct event e;
    struct arena arena;
    (void)arg;
    arena_init(&arena, ARENA_BYTES);
    int err = record_read(&e, &arena, 1, S("{\"type\":\"DREW\",\"ops\":\"[\\\"\\\"]\"}"));
    if (fault_hit())
        is_int(err, ERR_TOO_BIG, "no memory");
    else
        is_slice(e.drew.ops, "[\"\"]", "read");
    arena_fini(&arena);
}

int main(void)
{
    test_pairs();
    test_words();
    test_lenient();
    test_refused();
    test_characters();
    test_depth();
    test_largest();
    test_arena();
    fault_each(FAULT_ALLOC, read_faulty, NULL);
    return done();
}
