/* The settings of a room, both ways: as an object that says all of them, and as a table of what may
 * be wished for. Lengths are minutes on the wire, fractions included, and milliseconds inside. */
#include "dialect/minutes.h"
#include "dialect/study/parts.h"

#define MAX_DURATION 43200 /* minutes: thirty days */
#define MAX_ROUNDS   100
#define MAX_COUNT    10000 /* of violations */

static const char *const modes[] = { "study", "focus", "call", "interview", NULL };
static const char *const policies[] = { "all", "relay", NULL };

/* ---- saying ---- */

static void put_minutes(struct json_writer *w, const char *key, uint32_t ms)
{
    jw_field_double(w, key, minutes_of_ms(ms));
}

static void put_timer(struct json_writer *w, const struct room_settings *s)
{
    put_minutes(w, "focusMinutes", s->focus_ms);
    put_minutes(w, "breakMinutes", s->break_ms);
    put_minutes(w, "longBreakMinutes", s->long_break_ms);
    jw_field_u64(w, "rounds", s->rounds);
    jw_field_bool(w, "autoFocus", s->auto_focus);
    jw_field_bool(w, "hostsOnly", s->timer_by_hosts);
}

void study_settings(struct json_writer *w, const struct room_settings *s)
{
    jw_field_str(w, "mode", slice_str(modes[s->mode]));
    jw_field_bool(w, "isPublic", s->is_public);
    jw_field_bool(w, "approval", s->approval);
    jw_field_u64(w, "maxParticipants", s->max_participants);
    jw_field_bool(w, "locked", s->is_locked);
    jw_field_str(w, "question", s->question);
    put_minutes(w, "durationMinutes", s->duration_ms);
    jw_field_object(w, "timer");
    put_timer(w, s);
    jw_end(w);
    jw_field_object(w, "proctor");
    jw_field_u64(w, "warnAt", s->warn_at);
    jw_field_u64(w, "autoSubmitAt", s->auto_submit_at);
    jw_end(w);
    jw_field_str(w, "iceTransportPolicy", slice_str(policies[s->relay_only]));
}

static struct slice phase_name(enum timer_phase phase)
{
    static const struct slice names[] = {
        [TIMER_IDLE] = SLICE("idle"),
        [TIMER_FOCUS] = SLICE("focus"),
        [TIMER_BREAK] = SLICE("break"),
        [TIMER_LONG_BREAK] = SLICE("longBreak"),
    };
    return names[phase];
}

static int64_t left_of(const struct timer_state *t, int64_t now_ms)
{
    if (!t->is_running)
        return t->remaining_ms;
    return t->ends_at_ms > now_ms ? t->ends_at_ms - now_ms : 0;
}

void study_timer(struct json_writer *w, const struct timer_state *t, const struct room_settings *s,
    int64_t now_ms)
{
    jw_field_str(w, "phase", phase_name(t->phase));
    jw_field_bool(w, "running", t->is_running);
    jw_field_i64(w, "remainingMs", left_of(t, now_ms));
    study_ms(w, "endsAt", t->is_running ? t->ends_at_ms : 0);
    jw_field_i64(w, "serverNow", now_ms);
    jw_field_u64(w, "round", t->round);
    jw_field_object(w, "settings");
    put_timer(w, s);
    jw_end(w);
}

/* ---- wishing ---- */

static const struct field timer_list[] = {
    { .name = "focusMinutes",
        .aliases = { "focus_minutes" },
        FIELD_MEMBER(struct study_timer_wishes, focus_minutes),
        FIELD_HAS(struct study_timer_wishes, has_focus),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long a focus is" },
    { .name = "breakMinutes",
        .aliases = { "break_minutes" },
        FIELD_MEMBER(struct study_timer_wishes, break_minutes),
        FIELD_HAS(struct study_timer_wishes, has_break),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long a break is" },
    { .name = "longBreakMinutes",
        .aliases = { "long_break_minutes" },
        FIELD_MEMBER(struct study_timer_wishes, long_break_minutes),
        FIELD_HAS(struct study_timer_wishes, has_long_break),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long the break after the last round is" },
    { .name = "rounds",
        FIELD_MEMBER(struct study_timer_wishes, rounds),
        FIELD_HAS(struct study_timer_wishes, has_rounds),
        .type = FIELD_INT,
        .min = 1,
        .max = MAX_ROUNDS,
        .help = "of focus before a long break" },
    { .name = "autoFocus",
        .aliases = { "auto_focus" },
        FIELD_MEMBER(struct study_timer_wishes, auto_focus),
        FIELD_HAS(struct study_timer_wishes, has_auto_focus),
        .type = FIELD_BOOL,
        .help = "whether the next focus begins by itself after a break" },
    { .name = "hostsOnly",
        FIELD_MEMBER(struct study_timer_wishes, hosts_only),
        FIELD_HAS(struct study_timer_wishes, has_hosts_only),
        .type = FIELD_BOOL,
        .help = "whether only hosts may set the timer" },
};
static const struct fields timer_fields = FIELDS(timer_list);

static const struct field proctor_list[] = {
    { .name = "warnAt",
        FIELD_MEMBER(struct study_proctor_wishes, warn_at),
        FIELD_HAS(struct study_proctor_wishes, has_warn_at),
        .type = FIELD_INT,
        .max = MAX_COUNT,
        .help = "violations after which a candidate is warned; 0: never" },
    { .name = "autoSubmitAt",
        FIELD_MEMBER(struct study_proctor_wishes, auto_submit_at),
        FIELD_HAS(struct study_proctor_wishes, has_auto_submit_at),
        .type = FIELD_INT,
        .max = MAX_COUNT,
        .help = "violations after which a candidate's code is submitted; 0: never" },
};
static const struct fields proctor_fields = FIELDS(proctor_list);

static const struct field wishes_list[] = {
    { .name = "mode",
        FIELD_MEMBER(struct study_wishes, mode),
        FIELD_HAS(struct study_wishes, has_mode),
        .type = FIELD_ENUM,
        .names = modes,
        .help = "what the room is for" },
    { .name = "isPublic",
        FIELD_MEMBER(struct study_wishes, is_public),
        FIELD_HAS(struct study_wishes, has_is_public),
        .type = FIELD_BOOL,
        .help = "whether it is listed" },
    { .name = "approval",
        FIELD_MEMBER(struct study_wishes, approval),
        FIELD_HAS(struct study_wishes, has_approval),
        .type = FIELD_BOOL,
        .help = "whether hosts let people in" },
    { .name = "maxParticipants",
        .aliases = { "max_participants", "maxGuests" },
        FIELD_MEMBER(struct study_wishes, max_participants),
        FIELD_HAS(struct study_wishes, has_max_participants),
        .type = FIELD_INT,
        .max = ROOM_MAX_MEMBERS,
        .help = "how many may be in it; 0: no limit" },
    { .name = "maxPeers",
        FIELD_MEMBER(struct study_wishes, max_peers),
        FIELD_HAS(struct study_wishes, has_max_peers),
        .type = FIELD_INT,
        .min = 2,
        .max = ROOM_MAX_MEMBERS,
        .help = "the same, of a room for calls, which it is then unless `mode` says otherwise" },
    { .name = "locked",
        FIELD_MEMBER(struct study_wishes, is_locked),
        FIELD_HAS(struct study_wishes, has_is_locked),
        .type = FIELD_BOOL,
        .help = "whether nobody new comes in" },
    { .name = "question",
        FIELD_MEMBER(struct study_wishes, question),
        FIELD_HAS(struct study_wishes, has_question),
        .type = FIELD_STR,
        .max = ROOM_QUESTION_MAX,
        .help = "what candidates are asked" },
    { .name = "durationMinutes",
        .aliases = { "duration" },
        FIELD_MEMBER(struct study_wishes, duration_minutes),
        FIELD_HAS(struct study_wishes, has_duration),
        .type = FIELD_DOUBLE,
        .max = MAX_DURATION,
        .help = "how long the room is live, at least 0.01; 0: no end" },
    { .name = "timer",
        FIELD_MEMBER(struct study_wishes, timer),
        .type = FIELD_OBJECT,
        .sub = &timer_fields,
        .help = "the focus timer" },
    { .name = "proctor",
        FIELD_MEMBER(struct study_wishes, proctor),
        .type = FIELD_OBJECT,
        .sub = &proctor_fields,
        .help = "what violations lead to" },
    { .name = "iceTransportPolicy",
        FIELD_MEMBER(struct study_wishes, relay),
        FIELD_HAS(struct study_wishes, has_relay),
        .type = FIELD_ENUM,
        .names = policies,
        .help = "relay: calls hide addresses from each other" },
};
const struct fields study_wishes_fields = FIELDS(wishes_list);

/* ---- granting ---- */

static void grant_count(uint32_t *to, bool has, int64_t value)
{
    if (has)
        *to = (uint32_t)value;
}

/* Next to nothing is not nothing: 0 has a meaning of its own. */
static void grant_minutes(uint32_t *to_ms, bool has, double minutes)
{
    uint32_t ms = minutes_to_ms(minutes);
    if (has)
        *to_ms = ms == 0 && minutes > 0 ? 1 : ms;
}

static void grant_flag(bool *to, bool has, bool value)
{
    if (has)
        *to = value;
}

static void grant_timer(struct room_settings *s, const struct study_timer_wishes *t)
{
    grant_minutes(&s->focus_ms, t->has_focus, t->focus_minutes);
    grant_minutes(&s->break_ms, t->has_break, t->break_minutes);
    grant_minutes(&s->long_break_ms, t->has_long_break, t->long_break_minutes);
    grant_count(&s->rounds, t->has_rounds, t->rounds);
    grant_flag(&s->auto_focus, t->has_auto_focus, t->auto_focus);
    grant_flag(&s->timer_by_hosts, t->has_hosts_only, t->hosts_only);
}

void study_grant(struct room_settings *s, const struct study_wishes *wishes)
{
    if (wishes->has_mode)
        s->mode = wishes->mode;
    else if (wishes->has_max_peers)
        s->mode = MODE_CALL;
    if (wishes->has_question)
        s->question = wishes->question;
    grant_flag(&s->is_public, wishes->has_is_public, wishes->is_public);
    grant_flag(&s->approval, wishes->has_approval, wishes->approval);
    grant_flag(&s->is_locked, wishes->has_is_locked, wishes->is_locked);
    grant_flag(&s->relay_only, wishes->has_relay, wishes->relay == 1);
    grant_count(&s->max_participants, wishes->has_max_participants, wishes->max_participants);
    grant_count(&s->max_participants, wishes->has_max_peers, wishes->max_peers);
    grant_minutes(&s->duration_ms, wishes->has_duration, wishes->duration_minutes);
    grant_timer(s, &wishes->timer);
    grant_count(&s->warn_at, wishes->proctor.has_warn_at, wishes->proctor.warn_at);
    grant_count(
        &s->auto_submit_at, wishes->proctor.has_auto_submit_at, wishes->proctor.auto_submit_at);
}
