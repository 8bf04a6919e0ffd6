/* A function for each event that has rows. They follow the folds of room/ as far as a table shows
 * it; what only lives in memory (seats, graces, hands) is in none. A row that an event would change
 * may be missing, because it was swept: then nothing is changed. */
#include "store/projection.h"

#include "base/panic.h"

#define MINUTE_MS 60000u

/* ---- words ---- */

static const struct slice modes[] = {
    [MODE_STUDY] = SLICE("study"),
    [MODE_FOCUS] = SLICE("focus"),
    [MODE_CALL] = SLICE("call"),
    [MODE_INTERVIEW] = SLICE("interview"),
};

static const struct slice kinds[] = {
    [MESSAGE_TEXT] = SLICE("text"),
    [MESSAGE_EMOJI] = SLICE("emoji"),
    [MESSAGE_SYSTEM] = SLICE("system"),
};

#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

static unsigned find_word(const struct slice *words, unsigned n, struct slice word)
{
    for (unsigned i = 0; i < n; i++) {
        if (slice_eq(words[i], word))
            return i;
    }
    return 0;
}

enum room_mode projection_mode(struct slice word)
{
    return find_word(modes, COUNT(modes), word);
}

enum message_kind projection_kind(struct slice word)
{
    return find_word(kinds, COUNT(kinds), word);
}

/* ---- arguments ---- */

static struct sql_value text(struct runs *out, struct slice s)
{
    return sql_text(runs_text(out, s));
}

static struct sql_value text_or_null(struct runs *out, struct slice s)
{
    return s.len > 0 ? text(out, s) : sql_null();
}

static struct sql_value number(uint64_t n)
{
    return sql_int((int64_t)n);
}

/* "room:813", where the event brings no id of its own. */
static struct sql_value id_of(
    struct runs *out, struct slice own, struct slice room_id, const struct event *e)
{
    if (own.len > 0)
        return text(out, own);
    return sql_text(runs_pair_u64(out, room_id, e->seq));
}

static struct slice subject_of(const struct event *e)
{
    return e->target.len > 0 ? e->target : e->actor;
}

/* ---- the room ---- */

#define SETTINGS 19 /* columns from roomname to autoSubmitAt, with the status between them */

static struct sql_value status_of(const struct room_settings *s)
{
    return sql_text(s->mode == MODE_INTERVIEW ? S("WAITING") : S("LIVE"));
}

static void fill_settings(struct sql_value at[SETTINGS], struct runs *out, struct slice title,
    const struct room_settings *s)
{
    struct sql_value filled[SETTINGS] = {
        text(out, title),
        number(s->max_participants),
        text(out, s->question),
        number((s->duration_ms + (uint64_t)MINUTE_MS - 1) / MINUTE_MS),
        number(s->is_public),
        status_of(s),
        sql_text(modes[s->mode]),
        number(s->approval),
        number(s->is_locked),
        number(s->relay_only),
        number(s->timer_by_hosts),
        number(s->duration_ms),
        number(s->focus_ms),
        number(s->break_ms),
        number(s->long_break_ms),
        number(s->rounds),
        number(s->auto_focus),
        number(s->warn_at),
        number(s->auto_submit_at),
    };
    memcpy(at, filled, sizeof(filled));
}

static void on_created(struct runs *out, struct slice room_id, const struct event *e)
{
    struct sql_value args[SETTINGS + 3];
    fill_settings(args, out, e->created.title, &e->created.settings);
    args[SETTINGS] = sql_text(room_id);
    args[SETTINGS + 1] = text(out, e->created.owner_id);
    args[SETTINGS + 2] = sql_int(e->at_ms);
    runs_add(out, SQL_ADD_ROOM, args, COUNT(args));
}

static void on_updated(struct runs *out, struct slice room_id, const struct event *e)
{
    struct sql_value args[SETTINGS + 1];
    fill_settings(args, out, e->updated.title, &e->updated.settings);
    args[SETTINGS] = sql_text(room_id);
    runs_add(out, SQL_CHANGE_ROOM, args, COUNT(args));
}

static void on_started(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, START_ROOM, sql_int(e->at_ms), sql_text(room_id));
}

static void on_ended(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, END_ROOM, sql_int(e->at_ms), sql_text(room_id));
}

/* ---- coming ---- */

static void on_requested(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, e->actor);
    struct slice name = runs_text(out, e->person.name);
    RUNS_ADD(out, MEMBER_ASKS, sql_text(runs_pair(out, room_id, user_id)), sql_text(room_id),
        sql_text(user_id), sql_text(name), text(out, e->person.avatar_url),
        number(e->person.is_guest), sql_int(e->at_ms));
    RUNS_ADD(out, ADD_JOIN_ATTEMPT, id_of(out, S(""), room_id, e), sql_text(room_id),
        sql_text(user_id), sql_text(name), sql_int(e->at_ms), number(e->seq));
}

static void on_joined(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, e->actor);
    RUNS_ADD(out, MEMBER_COMES, sql_text(runs_pair(out, room_id, user_id)), sql_text(room_id),
        sql_text(user_id), text(out, e->person.name), text(out, e->person.avatar_url),
        number(e->person.is_guest), sql_text(slice_str(role_name(e->person.role))),
        sql_int(e->at_ms));
}

static void on_returned(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, MEMBER_RETURNS, text(out, e->person.name), text(out, e->person.avatar_url),
        number(e->person.is_guest), sql_text(room_id), text(out, e->actor));
}

static void decide(struct runs *out, struct slice room_id, const struct event *e, struct slice word)
{
    RUNS_ADD(out, DECIDE_JOIN_ATTEMPTS, sql_text(word), text(out, e->actor), sql_int(e->at_ms),
        sql_text(room_id), text(out, subject_of(e)));
}

static void on_approved(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, MEMBER_IS_APPROVED, sql_text(room_id), text(out, subject_of(e)));
    decide(out, room_id, e, S("APPROVED"));
}

static void on_rejected(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(
        out, MEMBER_IS_REJECTED, sql_int(e->at_ms), sql_text(room_id), text(out, subject_of(e)));
    decide(out, room_id, e, S("REJECTED"));
}

static void on_readmitted(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, MEMBER_IS_APPROVED, sql_text(room_id), text(out, subject_of(e)));
}

/* ---- going ---- */

/* The place of somebody inside is kept for a while: that person has not left yet. */
static void on_lost(struct runs *out, struct slice room_id, const struct event *e)
{
    if (e->gone.seats == 0)
        RUNS_ADD(out, MEMBER_IS_LOST, sql_int(e->at_ms), sql_text(room_id), text(out, e->actor));
}

static void on_left(struct runs *out, struct slice room_id, const struct event *e)
{
    if (e->gone.seats == 0)
        RUNS_ADD(out, MEMBER_LEAVES, sql_int(e->at_ms), sql_text(room_id), text(out, e->actor));
}

static void on_kicked(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, subject_of(e));
    RUNS_ADD(out, MEMBER_IS_KICKED, sql_int(e->at_ms), sql_text(room_id), sql_text(user_id));
    RUNS_ADD(out, ADD_KICK_EVENT, id_of(out, S(""), room_id, e), sql_text(room_id),
        sql_text(user_id), text(out, e->kicked.reason), sql_int(e->at_ms), text(out, e->actor),
        number(e->seq));
}

static void on_role(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, MEMBER_ROLE, sql_text(slice_str(role_name(e->role.role))), sql_text(room_id),
        text(out, subject_of(e)));
}

/* ---- what people do ---- */

static void on_chat(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, ADD_MESSAGE, id_of(out, e->chat.id, room_id, e), sql_text(room_id),
        text(out, e->actor), text(out, e->chat.text), text(out, e->chat.attachments),
        sql_int(e->at_ms), number(e->seq), text(out, e->chat.name), text_or_null(out, e->target),
        text(out, e->chat.reply_to), sql_text(kinds[e->chat.kind]));
}

static void on_edited(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, EDIT_MESSAGE, text(out, e->chat.text), sql_int(e->at_ms), sql_text(room_id),
        number(e->chat.said_seq));
}

static void on_deleted(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, DROP_MESSAGE, sql_text(room_id), number(e->chat.said_seq));
}

static void on_board_saved(struct runs *out, struct slice room_id, const struct event *e)
{
    RUNS_ADD(out, ADD_WHITEBOARD_SNAPSHOT, id_of(out, e->saved.id, room_id, e), sql_text(room_id),
        text(out, e->saved.url), sql_int(e->at_ms), text(out, e->actor), number(e->seq));
}

static void on_violation(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, e->actor);
    RUNS_ADD(out, ADD_VIOLATION, id_of(out, S(""), room_id, e), sql_text(room_id),
        sql_text(user_id), sql_text(slice_str(report_name(e->violation.kind))), sql_int(e->at_ms),
        number(e->violation.total), number(e->violation.of_kind), number(e->seq));
    RUNS_ADD(
        out, MEMBER_VIOLATIONS, number(e->violation.total), sql_text(room_id), sql_text(user_id));
}

static void on_submitted(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, e->actor);
    RUNS_ADD(out, ADD_SUBMISSION, id_of(out, e->code.id, room_id, e), sql_text(room_id),
        sql_text(user_id), text(out, e->code.code), text(out, e->code.language), sql_int(e->at_ms),
        number(e->code.is_automatic), number(e->seq));
    RUNS_ADD(out, MEMBER_SUBMITS, sql_text(room_id), sql_text(user_id));
}

/* One of no length says where the next begins. */
static void on_focused(struct runs *out, struct slice room_id, const struct event *e)
{
    struct slice user_id = runs_text(out, e->actor);
    if (e->at_ms > e->focused.since_ms)
        RUNS_ADD(out, ADD_STRETCH, sql_text(user_id), sql_int(e->focused.since_ms),
            sql_text(room_id), sql_int(e->at_ms), sql_text(runs_pair(out, S("user"), user_id)));
}

/* ---- all of them ---- */

typedef void(project_fn)(struct runs *out, struct slice room_id, const struct event *e);

void projection_add(struct runs *out, struct slice room_id, const struct event *e)
{
    static project_fn *const rows[EV_COUNT] = {
        [EV_CREATED] = on_created,
        [EV_UPDATED] = on_updated,
        [EV_STARTED] = on_started,
        [EV_ENDED] = on_ended,
        [EV_REQUESTED] = on_requested,
        [EV_APPROVED] = on_approved,
        [EV_REJECTED] = on_rejected,
        [EV_JOINED] = on_joined,
        [EV_RETURNED] = on_returned,
        [EV_LOST] = on_lost,
        [EV_LEFT] = on_left,
        [EV_ROLE] = on_role,
        [EV_KICKED] = on_kicked,
        [EV_READMITTED] = on_readmitted,
        [EV_CHAT] = on_chat,
        [EV_CHAT_EDITED] = on_edited,
        [EV_CHAT_DELETED] = on_deleted,
        [EV_BOARD_SAVED] = on_board_saved,
        [EV_FOCUSED] = on_focused,
        [EV_VIOLATION] = on_violation,
        [EV_SUBMITTED] = on_submitted,
    };
    ASSERT(e->type < EV_COUNT);
    if (rows[e->type] != NULL)
        rows[e->type](out, room_id, e);
}
