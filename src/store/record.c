/* A record's keys are the rows of two tables: those that every event has, and those of the event's
 * shape. Writing walks them; reading looks each key up in them, first for the type, then, with the
 * shape known, for the rest. So the two directions cannot differ, and the order of the keys does
 * not matter to the reader.
 *
 * What is empty, 0 or false is left out. Words are always written: a list of them may get a new
 * first one, and old records mean what they meant. JSON inside an event stands as a text, because
 * it may be nested as deeply as the reader goes, and a record that cannot be read again is a room
 * that is lost. */
#include "store/record.h"

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/panic.h"

enum row_kind {
    ROW_TEXT,
    ROW_JSON,
    ROW_ARRAY,
    ROW_BOOL,
    ROW_U32,
    ROW_U64,
    ROW_I64,
    ROW_WORD,
    ROW_SETTINGS,
};

/* The words of an enum, from 0. */
struct words {
    const char *(*word)(unsigned i);
    unsigned n;
};

struct row {
    const char *key;
    const struct words *words; /* of ROW_WORD */
    size_t offset;
    enum row_kind kind;
};

struct shape {
    const struct row *rows;
    size_t n;
};

/* ---- words ---- */

static const char *type_word(unsigned i)
{
    return event_info((enum event_type)i)->name;
}

static const char *audience_word(unsigned i)
{
    static const char *const words[] = {
        [AUDIENCE_ALL] = "all",
        [AUDIENCE_OTHERS] = "others",
        [AUDIENCE_HOSTS] = "hosts",
        [AUDIENCE_TARGET] = "target",
        [AUDIENCE_PAIR] = "pair",
        [AUDIENCE_NOBODY] = "nobody",
    };
    return words[i];
}

static const char *mode_word(unsigned i)
{
    static const char *const words[] = {
        [MODE_STUDY] = "study",
        [MODE_FOCUS] = "focus",
        [MODE_CALL] = "call",
        [MODE_INTERVIEW] = "interview",
    };
    return words[i];
}

static const char *role_word(unsigned i)
{
    return role_name((enum role)i);
}

static const char *status_word(unsigned i)
{
    static const char *const words[] = {
        [ROOM_WAITING] = "waiting",
        [ROOM_LIVE] = "live",
        [ROOM_ENDED] = "ended",
    };
    return words[i];
}

static const char *member_word(unsigned i)
{
    static const char *const words[] = {
        [MEMBER_PENDING] = "pending",
        [MEMBER_APPROVED] = "approved",
        [MEMBER_REJECTED] = "rejected",
        [MEMBER_KICKED] = "kicked",
    };
    return words[i];
}

static const char *message_word(unsigned i)
{
    static const char *const words[] = {
        [MESSAGE_TEXT] = "text",
        [MESSAGE_EMOJI] = "emoji",
        [MESSAGE_SYSTEM] = "system",
    };
    return words[i];
}

static const char *phase_word(unsigned i)
{
    static const char *const words[] = {
        [TIMER_IDLE] = "idle",
        [TIMER_FOCUS] = "focus",
        [TIMER_BREAK] = "break",
        [TIMER_LONG_BREAK] = "long_break",
    };
    return words[i];
}

static const char *cause_word(unsigned i)
{
    static const char *const words[] = {
        [TIMER_STARTED] = "started",
        [TIMER_PAUSED] = "paused",
        [TIMER_RESUMED] = "resumed",
        [TIMER_RESET] = "reset",
        [TIMER_FOCUS_ENDED] = "focus_ended",
        [TIMER_BREAK_STARTED] = "break_started",
        [TIMER_BREAK_ENDED] = "break_ended",
        [TIMER_BREAK_SKIPPED] = "break_skipped",
        [TIMER_CONFIGURED] = "configured",
    };
    return words[i];
}

static const char *report_word(unsigned i)
{
    return report_name((enum report_kind)i);
}

#define AUDIENCES (AUDIENCE_NOBODY + 1)

static const struct words type_words = { .word = type_word, .n = EV_COUNT };
static const struct words audience_words = { .word = audience_word, .n = AUDIENCES };
static const struct words mode_words = { .word = mode_word, .n = MODE_INTERVIEW + 1 };
static const struct words role_words = { .word = role_word, .n = ROLE_COUNT };
static const struct words status_words = { .word = status_word, .n = ROOM_ENDED + 1 };
static const struct words member_words = { .word = member_word, .n = MEMBER_KICKED + 1 };
static const struct words message_words = { .word = message_word, .n = MESSAGE_SYSTEM + 1 };
static const struct words phase_words = { .word = phase_word, .n = TIMER_LONG_BREAK + 1 };
static const struct words cause_words = { .word = cause_word, .n = TIMER_CONFIGURED + 1 };
static const struct words report_words = { .word = report_word, .n = REPORT_TAB_FOCUS + 1 };

/* ---- tables ---- */

/* The kind of a row follows from the member's type, but for words and JSON. */
/* clang-format off */
#define KIND_OF(lvalue)                                                                            \
    _Generic((lvalue), struct slice: ROW_TEXT, bool: ROW_BOOL, uint32_t: ROW_U32,                  \
        uint64_t: ROW_U64, int64_t: ROW_I64, struct room_settings: ROW_SETTINGS)
/* clang-format on */

#define ROW_OF(of, name, member, kind_, words_)                                            \
    {                                                                                      \
        .key = (name), .words = (words_), .offset = offsetof(of, member), .kind = (kind_), \
    }
#define IN_EVENT(member)         (((struct event *)0)->member)
#define IN_SETTINGS(member)      (((struct room_settings *)0)->member)
#define ROW(name, member)        ROW_OF(struct event, name, member, KIND_OF(IN_EVENT(member)), NULL)
#define WORD(name, member, list) ROW_OF(struct event, name, member, ROW_WORD, &list)
#define JSON(name, member)       ROW_OF(struct event, name, member, ROW_JSON, NULL)
#define ARRAY(name, member)      ROW_OF(struct event, name, member, ROW_ARRAY, NULL)
#define SETTING(member) \
    ROW_OF(struct room_settings, #member, member, KIND_OF(IN_SETTINGS(member)), NULL)

#define SHAPE(array)                                             \
    {                                                            \
        .rows = (array), .n = sizeof(array) / sizeof((array)[0]) \
    }

/* The last row is written only where it is not as the type says. */
static const struct row common_rows[] = {
    WORD("type", type, type_words),
    ROW("at", at_ms),
    ROW("actor", actor),
    ROW("seat", seat),
    ROW("target", target),
    WORD("audience", audience, audience_words),
};
static const struct shape common_shape = SHAPE(common_rows);

static const struct row settings_rows[] = {
    ROW_OF(struct room_settings, "mode", mode, ROW_WORD, &mode_words),
    SETTING(is_public),
    SETTING(approval),
    SETTING(is_locked),
    SETTING(relay_only),
    SETTING(timer_by_hosts),
    SETTING(max_participants),
    SETTING(duration_ms),
    SETTING(focus_ms),
    SETTING(break_ms),
    SETTING(long_break_ms),
    SETTING(rounds),
    SETTING(auto_focus),
    SETTING(warn_at),
    SETTING(auto_submit_at),
    SETTING(question),
};
static const struct shape settings_shape = SHAPE(settings_rows);

static const struct row created_rows[] = {
    ROW("title", created.title),
    ROW("owner_id", created.owner_id),
    ROW("settings", created.settings),
};

static const struct row updated_rows[] = {
    ROW("title", updated.title),
    ROW("settings", updated.settings),
};

static const struct row started_rows[] = { ROW("ends_at", started.ends_at_ms) };
static const struct row ended_rows[] = { ROW("message", ended.message) };

static const struct row person_rows[] = {
    ROW("name", person.name),
    ROW("avatar_url", person.avatar_url),
    ROW("is_guest", person.is_guest),
    WORD("role", person.role, role_words),
    ROW("seats", person.seats),
};

static const struct row requested_rows[] = {
    ROW("name", person.name),
    ROW("avatar_url", person.avatar_url),
    ROW("is_guest", person.is_guest),
    WORD("role", person.role, role_words),
    ROW("seats", person.seats),
    ROW("knock", person.knock),
};

static const struct row gone_rows[] = { ROW("seats", gone.seats) };

static const struct row kicked_rows[] = {
    ROW("reason", kicked.reason),
    ROW("seats", kicked.seats),
};

static const struct row role_rows[] = { WORD("role", role.role, role_words) };
static const struct row muted_rows[] = { ROW("kind", muted.kind) };
static const struct row hand_rows[] = { ROW("is_raised", hand.is_raised) };

static const struct row media_rows[] = {
    ROW("audio", media.audio),
    ROW("video", media.video),
    ROW("screen", media.screen),
};

static const struct row typing_rows[] = { ROW("is_typing", typing.is_typing) };

static const struct row signal_rows[] = {
    ROW("to_seat", signal.to_seat),
    ROW("kind", signal.kind),
    JSON("data", signal.data),
};

static const struct row chat_rows[] = {
    ROW("id", chat.id),
    ROW("name", chat.name),
    ROW("text", chat.text),
    ARRAY("attachments", chat.attachments),
    ROW("reply_to", chat.reply_to),
    WORD("kind", chat.kind, message_words),
};

static const struct row kept_message_rows[] = {
    ROW("id", chat.id),
    ROW("name", chat.name),
    ROW("text", chat.text),
    ARRAY("attachments", chat.attachments),
    ROW("reply_to", chat.reply_to),
    WORD("kind", chat.kind, message_words),
    ROW("edited_at", chat.edited_at_ms),
    ROW("said_seq", chat.said_seq),
};

static const struct row file_rows[] = {
    ROW("id", file.id),
    ROW("name", file.name),
    ROW("file_name", file.file_name),
    ROW("url", file.url),
    ROW("file_type", file.type),
    ROW("bytes", file.bytes),
};

static const struct row drew_rows[] = { ARRAY("ops", drew.ops) };
static const struct row undrew_rows[] = { ROW("op_id", undrew.op_id) };

static const struct row saved_rows[] = {
    ROW("id", saved.id),
    ROW("url", saved.url),
};

static const struct row cursor_rows[] = { JSON("data", cursor.data) };

static const struct row timer_rows[] = {
    WORD("phase", timer.state.phase, phase_words),
    ROW("is_running", timer.state.is_running),
    ROW("round", timer.state.round),
    ROW("ends_at", timer.state.ends_at_ms),
    ROW("remaining", timer.state.remaining_ms),
    WORD("cause", timer.cause, cause_words),
};

static const struct row goal_rows[] = {
    ROW("is_shared", goal.is_shared),
    ROW("is_done", goal.is_done),
    ROW("text", goal.text),
};

static const struct row focused_rows[] = { ROW("since", focused.since_ms) };

static const struct row violation_rows[] = {
    WORD("kind", violation.kind, report_words),
    ROW("total", violation.total),
    ROW("of_kind", violation.of_kind),
    ROW("id", violation.id),
};

static const struct row code_rows[] = {
    ROW("id", code.id),
    ROW("code", code.code),
    ROW("language", code.language),
    ROW("is_automatic", code.is_automatic),
};

static const struct row kept_room_rows[] = {
    ROW("title", kept_room.title),
    ROW("owner_id", kept_room.owner_id),
    ROW("settings", kept_room.settings),
    WORD("status", kept_room.status, status_words),
    ROW("started_at", kept_room.started_at_ms),
    ROW("ends_at", kept_room.ends_at_ms),
    ROW("ended_at", kept_room.ended_at_ms),
    WORD("phase", kept_room.timer.phase, phase_words),
    ROW("is_running", kept_room.timer.is_running),
    ROW("round", kept_room.timer.round),
    ROW("phase_ends_at", kept_room.timer.ends_at_ms),
    ROW("remaining", kept_room.timer.remaining_ms),
    ROW("goal", kept_room.goal),
    ROW("goal_done", kept_room.goal_done),
    ROW("snapshot_id", kept_room.snapshot_id),
    ROW("snapshot_url", kept_room.snapshot_url),
    ROW("snapshot_by", kept_room.snapshot_by),
    ROW("snapshot_at", kept_room.snapshot_at_ms),
    ROW("snapshot_number", kept_room.snapshot_number),
    ROW("next_number", kept_room.next_number),
};

_Static_assert(REPORT_VIOLATIONS == 5, "each kind of violation is counted in a row of its own");

static const struct row kept_member_rows[] = {
    ROW("name", kept_member.name),
    ROW("avatar_url", kept_member.avatar_url),
    ROW("knock", kept_member.knock),
    ROW("is_guest", kept_member.is_guest),
    WORD("status", kept_member.status, member_words),
    WORD("role", kept_member.role, role_words),
    ROW("seats", kept_member.seats),
    ROW("is_present", kept_member.is_present),
    ROW("joined_seq", kept_member.joined_seq),
    ROW("lost_at", kept_member.lost_at_ms),
    ROW("left_at", kept_member.left_at_ms),
    ROW("hand", kept_member.hand),
    ROW("hand_at", kept_member.hand_at_ms),
    ROW("focus_since", kept_member.focus_since_ms),
    ROW("goal", kept_member.goal),
    ROW("goal_done", kept_member.goal_done),
    ROW("violations", kept_member.violations),
    ROW("fullscreen_exits", kept_member.by_kind[REPORT_FULLSCREEN_EXIT]),
    ROW("tab_switches", kept_member.by_kind[REPORT_TAB_SWITCH]),
    ROW("pastes", kept_member.by_kind[REPORT_PASTE]),
    ROW("copies", kept_member.by_kind[REPORT_COPY]),
    ROW("disconnects", kept_member.by_kind[REPORT_DISCONNECT]),
    ROW("is_warned", kept_member.is_warned),
    ROW("code", kept_member.code),
    ROW("language", kept_member.language),
    ROW("is_code_new", kept_member.is_code_new),
    ROW("has_submitted", kept_member.has_submitted),
    ROW("submitted_at", kept_member.submitted_at_ms),
    ROW("is_auto_submitted", kept_member.is_auto_submitted),
    ROW("reports", kept_member.reports),
    ROW("handed_in", kept_member.handed_in),
};

static const struct row kept_op_rows[] = {
    ROW("id", kept_op.id),
    JSON("json", kept_op.json),
    ROW("number", kept_op.number),
};

/* What is not named here has no payload: APPROVED, REJECTED, READMITTED, CLEARED. */
static const struct shape shapes[EV_COUNT] = {
    [EV_CREATED] = SHAPE(created_rows),
    [EV_UPDATED] = SHAPE(updated_rows),
    [EV_STARTED] = SHAPE(started_rows),
    [EV_ENDED] = SHAPE(ended_rows),
    [EV_REQUESTED] = SHAPE(requested_rows),
    [EV_JOINED] = SHAPE(person_rows),
    [EV_RETURNED] = SHAPE(person_rows),
    [EV_LOST] = SHAPE(gone_rows),
    [EV_LEFT] = SHAPE(gone_rows),
    [EV_ROLE] = SHAPE(role_rows),
    [EV_MUTED] = SHAPE(muted_rows),
    [EV_KICKED] = SHAPE(kicked_rows),
    [EV_HAND] = SHAPE(hand_rows),
    [EV_MEDIA] = SHAPE(media_rows),
    [EV_TYPING] = SHAPE(typing_rows),
    [EV_SIGNAL] = SHAPE(signal_rows),
    [EV_CHAT] = SHAPE(chat_rows),
    [EV_CHAT_EDITED] = SHAPE(chat_rows),
    [EV_CHAT_DELETED] = SHAPE(chat_rows),
    [EV_FILE] = SHAPE(file_rows),
    [EV_DREW] = SHAPE(drew_rows),
    [EV_UNDREW] = SHAPE(undrew_rows),
    [EV_BOARD_SAVED] = SHAPE(saved_rows),
    [EV_CURSOR] = SHAPE(cursor_rows),
    [EV_TIMER] = SHAPE(timer_rows),
    [EV_GOAL] = SHAPE(goal_rows),
    [EV_FOCUSED] = SHAPE(focused_rows),
    [EV_VIOLATION] = SHAPE(violation_rows),
    [EV_WARNED] = SHAPE(violation_rows),
    [EV_VIOLATION_CLEARED] = SHAPE(violation_rows),
    [EV_CODE] = SHAPE(code_rows),
    [EV_SUBMITTED] = SHAPE(code_rows),
    [EV_KEPT_ROOM] = SHAPE(kept_room_rows),
    [EV_KEPT_MEMBER] = SHAPE(kept_member_rows),
    [EV_KEPT_MESSAGE] = SHAPE(kept_message_rows),
    [EV_KEPT_FILE] = SHAPE(file_rows),
    [EV_KEPT_OP] = SHAPE(kept_op_rows),
};

/* ---- writing ---- */

static void write_text(struct json_writer *w, const char *key, struct slice text)
{
    if (text.len > 0)
        jw_field_str(w, key, text);
}

static void write_u64(struct json_writer *w, const char *key, uint64_t value)
{
    if (value != 0)
        jw_field_u64(w, key, value);
}

static void write_i64(struct json_writer *w, const char *key, int64_t value)
{
    if (value != 0)
        jw_field_i64(w, key, value);
}

static void write_bool(struct json_writer *w, const char *key, bool value)
{
    if (value)
        jw_field_bool(w, key, value);
}

static void write_word(struct json_writer *w, const struct row *row, unsigned i)
{
    ASSERT(i < row->words->n);
    jw_field_str(w, row->key, slice_str(row->words->word(i)));
}

static void write_rows(
    struct json_writer *w, const struct shape *shape, size_t n, const void *object);

static void write_row(struct json_writer *w, const struct row *row, const void *member)
{
    switch (row->kind) {
    case ROW_TEXT:
    case ROW_JSON:
    case ROW_ARRAY:
        write_text(w, row->key, *(const struct slice *)member);
        break;
    case ROW_BOOL:
        write_bool(w, row->key, *(const bool *)member);
        break;
    case ROW_U32:
        write_u64(w, row->key, *(const uint32_t *)member);
        break;
    case ROW_U64:
        write_u64(w, row->key, *(const uint64_t *)member);
        break;
    case ROW_I64:
        write_i64(w, row->key, *(const int64_t *)member);
        break;
    case ROW_WORD:
        write_word(w, row, *(const unsigned *)member);
        break;
    case ROW_SETTINGS:
        jw_field_object(w, row->key);
        write_rows(w, &settings_shape, settings_shape.n, member);
        jw_end(w);
        break;
    }
}

/* The first `n` rows. */
static void write_rows(
    struct json_writer *w, const struct shape *shape, size_t n, const void *object)
{
    for (size_t i = 0; i < n; i++)
        write_row(w, &shape->rows[i], (const char *)object + shape->rows[i].offset);
}

void record_write(struct buf *out, const struct event *e)
{
    struct json_writer w;
    bool is_narrowed = e->audience != event_info(e->type)->audience;
    const struct shape *shape = &shapes[e->type];
    jw_init(&w, out);
    jw_object(&w);
    write_rows(&w, &common_shape, common_shape.n - !is_narrowed, e);
    write_rows(&w, shape, shape->n, e);
    jw_end(&w);
}

/* ---- reading ---- */

static int read_json(
    struct slice *out, struct arena *arena, const struct row *row, const struct json_value *v)
{
    struct json_value inside;
    int err = json_text(out, arena, v);
    if (!err)
        err = json_read_whole(&inside, *out, arena);
    if (!err && row->kind == ROW_ARRAY && inside.type != JSON_ARRAY)
        err = ERR_BAD_VALUE;
    return err;
}

static int read_bool(bool *out, const struct json_value *v)
{
    *out = v->type == JSON_TRUE;
    return v->type == JSON_TRUE || v->type == JSON_FALSE ? 0 : ERR_BAD_VALUE;
}

static int read_u32(uint32_t *out, const struct json_value *v)
{
    int64_t value;
    int err = json_int(&value, v);
    if (err || value < 0 || value > UINT32_MAX)
        return ERR_BAD_VALUE;
    *out = (uint32_t)value;
    return 0;
}

/* As it was written, in digits: not every one is an int64_t. */
static int read_u64(uint64_t *out, const struct json_value *v)
{
    return v->type == JSON_NUMBER ? slice_u64(out, v->raw) : ERR_BAD_VALUE;
}

static int read_word(unsigned *out, const struct row *row, const struct json_value *v)
{
    for (unsigned i = 0; v->type == JSON_STRING && i < row->words->n; i++) {
        if (json_is(v, slice_str(row->words->word(i)))) {
            *out = i;
            return 0;
        }
    }
    return ERR_BAD_VALUE;
}

static int read_member(
    void *member, struct arena *arena, const struct row *row, const struct json_value *v)
{
    switch (row->kind) {
    case ROW_TEXT:
        return json_text(member, arena, v);
    case ROW_JSON:
    case ROW_ARRAY:
        return read_json(member, arena, row, v);
    case ROW_BOOL:
        return read_bool(member, v);
    case ROW_U32:
        return read_u32(member, v);
    case ROW_U64:
        return read_u64(member, v);
    case ROW_I64:
        return json_int(member, v);
    case ROW_WORD:
        return read_word(member, row, v);
    case ROW_SETTINGS:
        break; /* an object, and read as one */
    }
    return ERR_BAD_VALUE;
}

static const struct row *find_row(const struct shape *shape, const struct json_value *key)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (json_is(key, slice_str(shape->rows[i].key)))
            return &shape->rows[i];
    }
    return NULL;
}

static int read_members(void *object, struct json *j, const struct shape *shape);

/* The value behind a key; `row` is NULL where nobody knows the key. */
static int read_value(void *object, struct json *j, const struct row *row, struct json_value *v)
{
    bool opens = v->type == JSON_OBJECT || v->type == JSON_ARRAY;
    void *member = row != NULL ? (char *)object + row->offset : NULL;
    if (row != NULL && row->kind == ROW_SETTINGS && v->type == JSON_OBJECT)
        return read_members(member, j, &settings_shape);
    if (opens && json_read_rest(v, j) == JSON_ERROR)
        return json_err(j);
    if (row == NULL || v->type == JSON_NULL)
        return 0;
    return read_member(member, j->arena, row, v);
}

/* The members of an object that was opened, and its end. Keys of other shapes are passed over. */
static int read_members(void *object, struct json *j, const struct shape *shape)
{
    struct json_value key, value;
    while (json_next(&key, j) == JSON_KEY) {
        if (json_next(&value, j) == JSON_ERROR)
            break;
        int err = read_value(object, j, find_row(shape, &key), &value);
        if (err)
            return err;
    }
    return json_err(j);
}

static int read_shape(
    struct event *e, struct arena *arena, const struct shape *shape, struct slice record)
{
    struct json j;
    struct json_value v;
    json_init(&j, record, arena);
    if (json_next(&v, &j) != JSON_OBJECT)
        return ERR_BAD_VALUE;
    int err = read_members(e, &j, shape);
    if (!err && json_next(&v, &j) != JSON_END)
        err = json_err(&j);
    return err;
}

/* The type and what every event has. */
static int read_common(struct event *e, struct arena *arena, struct slice record)
{
    e->type = EV_COUNT;
    e->audience = (enum audience)AUDIENCES;
    int err = read_shape(e, arena, &common_shape, record);
    if (!err && e->type == EV_COUNT)
        err = ERR_BAD_VALUE;
    if (!err && e->audience == AUDIENCES)
        e->audience = event_info(e->type)->audience;
    return err;
}

int record_read(struct event *e, struct arena *arena, uint64_t seq, struct slice record)
{
    memset(e, 0, sizeof(*e));
    e->seq = seq;
    int err = read_common(e, arena, record);
    if (!err)
        err = read_shape(e, arena, &shapes[e->type], record);
    return err && err != ERR_TOO_BIG ? ERR_BAD_VALUE : err;
}
