/* What a newcomer is told: the room as it is, for this person. Private messages of others, and what
 * only hosts may see, are left out.
 *
 * A client may look for the state in `roomState` or among the members of the message itself, so it
 * is there twice, but for a large board, which is in `roomState` alone. */
#include "dialect/guest_token.h"
#include "dialect/study/parts.h"

#define BOARD_TWICE_BYTES (256u << 10) /* of ops; a larger board is not repeated */

static struct member *member_of(struct link *l)
{
    return CONTAINER_OF(l, struct member, link);
}

/* ---- who the listener is ---- */

void study_self(
    struct json_writer *w, const struct view *v, const struct member *m, struct slice seat)
{
    struct study_user user = study_user_of(m);
    study_user(w, &user);
    study_text(w, "socketId", seat);
    guest_token_put(w, v, m);
}

void study_violations(struct json_writer *w, const struct member *m)
{
    jw_field_u64(w, "total", m->violations);
    jw_field_object(w, "byType");
    for (unsigned kind = 0; kind < REPORT_VIOLATIONS; kind++)
        jw_field_u64(w, report_name((enum report_kind)kind), m->by_kind[kind]);
    jw_end(w);
}

/* ---- participants ---- */

static void put_goal(struct json_writer *w, const char *text, bool is_done)
{
    jw_key(w, S("goal"));
    if (text[0] == '\0') {
        jw_null(w);
        return;
    }
    jw_object(w);
    jw_field_str(w, "text", slice_str(text));
    jw_field_bool(w, "done", is_done);
    jw_end(w);
}

static void put_media(struct json_writer *w, const struct seat *s)
{
    jw_field_object(w, "media");
    jw_field_bool(w, "audio", s->audio);
    jw_field_bool(w, "video", s->video);
    jw_field_bool(w, "screen", s->screen);
    jw_end(w);
}

/* Who is here makes the offer to who comes. */
static void put_participant(
    struct json_writer *w, const struct member *m, const struct seat *s, bool is_own)
{
    struct study_user user = study_user_of(m);
    jw_object(w);
    study_user(w, &user);
    jw_field_str(w, "socketId", slice_str(s->id));
    put_media(w, s);
    jw_field_bool(w, "hand", m->hand);
    study_at(w, "handAt", m->hand_at_ms);
    put_goal(w, m->goal, m->goal_done);
    jw_field_time(w, "joinedAt", m->joined_at_ms);
    if (!is_own) {
        jw_field_bool(w, "initiator", false);
        jw_field_bool(w, "polite", true);
    }
    jw_end(w);
}

static void put_participants(
    struct json_writer *w, const struct room *r, const struct study_newcomer *n)
{
    jw_field_array(w, "participants");
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (m->status != MEMBER_APPROVED)
            continue;
        LIST_EACH(k, &m->seats) {
            const struct seat *s = CONTAINER_OF(k, struct seat, link);
            put_participant(w, m, s, slice_eq(slice_str(s->id), n->seat));
        }
    }
    jw_end(w);
}

/* ---- talk ---- */

static bool is_for(const struct message *m, const char *user_id)
{
    return m->to[0] == '\0' || strcmp(m->to, user_id) == 0 || strcmp(m->user_id, user_id) == 0;
}

static const struct message *message_of(const struct link *l)
{
    return CONTAINER_OF(l, const struct message, link);
}

/* The first of the newest ones that are for the user. */
static const struct link *oldest_told(const struct room *r, const char *user_id)
{
    const struct link *first = &r->messages;
    unsigned n = 0;
    for (const struct link *l = r->messages.prev; l != &r->messages; l = l->prev) {
        if (!is_for(message_of(l), user_id))
            continue;
        if (n++ == STUDY_STATE_MESSAGES)
            break;
        first = l;
    }
    return first;
}

static void put_messages(struct json_writer *w, const struct room *r, const char *user_id)
{
    jw_field_array(w, "messages");
    for (const struct link *l = oldest_told(r, user_id); l != &r->messages; l = l->next) {
        if (!is_for(message_of(l), user_id))
            continue;
        struct store_message m = study_message_of(message_of(l));
        jw_object(w);
        study_message(w, slice_str(r->id), &m);
        jw_end(w);
    }
    jw_end(w);
}

static void put_file(struct json_writer *w, const struct room *r, const struct shared_file *f)
{
    struct study_file file = {
        .id = slice_str(f->id),
        .user_id = slice_str(f->user_id),
        .user_name = slice_str(f->name),
        .file_name = slice_str(f->file_name),
        .url = slice_str(f->url),
        .type = slice_str(f->type),
        .bytes = f->bytes,
        .at_ms = f->at_ms,
    };
    jw_object(w);
    study_file(w, slice_str(r->id), &file);
    jw_end(w);
}

static void put_files(struct json_writer *w, const struct room *r)
{
    uint32_t older = r->n_files > STUDY_STATE_FILES ? r->n_files - STUDY_STATE_FILES : 0;
    jw_field_array(w, "files");
    LIST_EACH(l, &r->files) {
        if (older > 0)
            older--;
        else
            put_file(w, r, CONTAINER_OF(l, struct shared_file, link));
    }
    jw_end(w);
}

/* ---- the board ---- */

/* Those of the snapshot, or those behind it. */
static void put_ops(struct json_writer *w, const struct board *b, bool are_in_snapshot)
{
    jw_field_array(w, "ops");
    LIST_EACH(l, &b->ops) {
        const struct op *op = CONTAINER_OF(l, struct op, link);
        if ((op->number < b->snapshot_number) == are_in_snapshot)
            jw_raw(w, slice_of(op->json, op->json_len));
    }
    jw_end(w);
}

static void put_snapshot(struct json_writer *w, const struct board *b)
{
    jw_key(w, S("snapshot"));
    if (b->snapshot_id[0] == '\0') {
        jw_null(w);
        return;
    }
    jw_object(w);
    jw_field_str(w, "id", slice_str(b->snapshot_id));
    study_text(w, "dataUrl", slice_str(b->snapshot_url));
    put_ops(w, b, true);
    jw_field_time(w, "createdAt", b->snapshot_at_ms);
    study_text(w, "savedBy", slice_str(b->snapshot_by));
    jw_end(w);
}

static void put_board(struct json_writer *w, const struct board *b)
{
    jw_field_object(w, "whiteboard");
    put_snapshot(w, b);
    put_ops(w, b, false);
    jw_end(w);
}

/* ---- interviews ---- */

/* What the listener wrote before it was lost. */
static void put_own_code(struct json_writer *w, const struct member *m)
{
    jw_key(w, S("ownCode"));
    if (m->code_len == 0 && !m->has_submitted) {
        jw_null(w);
        return;
    }
    jw_object(w);
    jw_field_str(w, "code", slice_of(m->code, m->code_len));
    jw_field_str(w, "language", slice_str(m->language));
    jw_field_bool(w, "submitted", m->has_submitted);
    study_at(w, "submittedAt", m->submitted_at_ms);
    jw_end(w);
}

static void put_join_requests(struct json_writer *w, const struct room *r)
{
    jw_field_array(w, "joinRequests");
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (m->status != MEMBER_PENDING)
            continue;
        jw_object(w);
        jw_field_str(w, "userId", slice_str(m->user_id));
        jw_field_str(w, "name", slice_str(m->name));
        study_text(w, "socketId", study_only_seat(m));
        jw_field_bool(w, "connected", !list_is_empty(&m->seats));
        jw_field_i64(w, "timestamp", m->joined_at_ms);
        study_knock(w, "message", slice_str(m->knock));
        jw_end(w);
    }
    jw_end(w);
}

static void put_candidates(struct json_writer *w, const struct room *r)
{
    jw_field_array(w, "candidates");
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (m->status != MEMBER_APPROVED || m->role != ROLE_PARTICIPANT)
            continue;
        jw_object(w);
        jw_field_str(w, "userId", slice_str(m->user_id));
        jw_field_str(w, "name", slice_str(m->name));
        jw_field_bool(w, "connected", !list_is_empty(&m->seats));
        jw_field_time(w, "joinedAt", m->joined_at_ms);
        study_text(w, "language", slice_str(m->language));
        jw_field_u64(w, "violationCount", m->violations);
        jw_field_bool(w, "hasSubmitted", m->has_submitted);
        study_at(w, "submittedAt", m->submitted_at_ms);
        jw_end(w);
    }
    jw_end(w);
}

static void put_exam(struct json_writer *w, const struct room *r, const struct member *m)
{
    jw_field_object(w, "violations");
    study_violations(w, m);
    jw_end(w);
    put_own_code(w, m);
    if (m->role < ROLE_COHOST)
        return;
    put_join_requests(w, r);
    if (r->settings.mode == MODE_INTERVIEW)
        put_candidates(w, r);
}

/* ---- all of it ---- */

static void put_state(
    struct json_writer *w, const struct view *v, const struct study_newcomer *n, bool has_board)
{
    const struct room *r = v->room;
    struct study_room facts = study_room_of(r);
    study_room_facts(w, v->settings, &facts);
    put_participants(w, r, n);
    put_messages(w, r, n->member->user_id);
    put_files(w, r);
    if (has_board)
        put_board(w, &r->board);
    jw_field_object(w, "timer");
    study_timer(w, &r->timer, &r->settings, v->now_ms);
    jw_end(w);
    put_goal(w, r->goal, r->goal_done);
    jw_field_u64(w, "meshLimit", hub_mesh_limit(v->settings, &r->settings));
    jw_key(w, S("iceServers"));
    study_ice_servers(w, v->settings, slice_str(n->member->user_id), v->now_ms);
    put_exam(w, r, n->member);
}

void study_joined(struct json_writer *w, const struct view *v, const struct study_newcomer *n)
{
    jw_field_u64(w, "seq", v->room->seq);
    jw_field_str(w, "epoch", v->epoch);
    jw_field_object(w, "self");
    study_self(w, v, n->member, n->seat);
    jw_end(w);
    jw_field_raw(w, "missed", n->missed);
    jw_field_object(w, "roomState");
    put_state(w, v, n, true);
    jw_end(w);
    put_state(w, v, n, v->room->board.bytes <= BOARD_TWICE_BYTES);
}
