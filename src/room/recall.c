/* A room in events: what there is, not how it came to be. Each part of the room is one event, in
 * the order in which the room has them; the other files fold them, each its own. */
#include "room/parts.h"

/* A new event of the room's number at the end of the list. */
static struct event *begin(
    struct events *out, const struct room *r, enum event_type type, int64_t at_ms)
{
    struct event *e = events_add(out, type);
    if (e == NULL)
        return NULL;
    e->seq = r->seq;
    e->at_ms = at_ms;
    return e;
}

static void recall_board(struct event *e, const struct board *b)
{
    e->kept_room.snapshot_id = slice_str(b->snapshot_id);
    e->kept_room.snapshot_url = slice_str(b->snapshot_url);
    e->kept_room.snapshot_by = slice_str(b->snapshot_by);
    e->kept_room.snapshot_at_ms = b->snapshot_at_ms;
    e->kept_room.snapshot_number = b->snapshot_number;
    e->kept_room.next_number = b->next_number;
}

static int recall_room(struct events *out, const struct room *r)
{
    struct event *e = begin(out, r, EV_KEPT_ROOM, r->created_at_ms);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->kept_room.title = slice_str(r->title);
    e->kept_room.owner_id = slice_str(r->owner_id);
    e->kept_room.goal = slice_str(r->goal);
    e->kept_room.goal_done = r->goal_done;
    e->kept_room.settings = r->settings;
    e->kept_room.timer = r->timer;
    e->kept_room.status = r->status;
    e->kept_room.started_at_ms = r->started_at_ms;
    e->kept_room.ends_at_ms = r->ends_at_ms;
    e->kept_room.ended_at_ms = r->ended_at_ms;
    recall_board(e, &r->board);
    return 0;
}

static void recall_exam(struct event *e, const struct member *m)
{
    e->kept_member.violations = m->violations;
    memcpy(e->kept_member.by_kind, m->by_kind, sizeof(m->by_kind));
    e->kept_member.is_warned = m->is_warned;
    e->kept_member.code = slice_of(m->code, m->code_len);
    e->kept_member.language = slice_str(m->language);
    e->kept_member.is_code_new = m->is_code_new;
    e->kept_member.has_submitted = m->has_submitted;
    e->kept_member.submitted_at_ms = m->submitted_at_ms;
    e->kept_member.is_auto_submitted = m->is_auto_submitted;
    e->kept_member.reports = slice_str(m->reports);
    e->kept_member.handed_in = slice_str(m->handed_in);
}

static int recall_member(struct events *out, const struct room *r, const struct member *m)
{
    struct event *e = begin(out, r, EV_KEPT_MEMBER, m->joined_at_ms);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->actor = slice_str(m->user_id);
    e->kept_member.name = slice_str(m->name);
    e->kept_member.avatar_url = slice_str(m->avatar_url);
    e->kept_member.knock = slice_str(m->knock);
    e->kept_member.status = m->status;
    e->kept_member.role = m->role;
    e->kept_member.is_guest = m->is_guest;
    e->kept_member.is_present = m->is_present;
    e->kept_member.joined_seq = m->joined_seq;
    e->kept_member.lost_at_ms = m->lost_at_ms;
    e->kept_member.left_at_ms = m->left_at_ms;
    e->kept_member.hand = m->hand;
    e->kept_member.hand_at_ms = m->hand_at_ms;
    e->kept_member.focus_since_ms = m->focus_since_ms;
    e->kept_member.goal = slice_str(m->goal);
    e->kept_member.goal_done = m->goal_done;
    recall_exam(e, m);
    return member_list_seats(&e->kept_member.seats, out->arena, m);
}

static int recall_message(struct events *out, const struct room *r, const struct message *m)
{
    struct event *e = begin(out, r, EV_KEPT_MESSAGE, m->at_ms);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->actor = slice_str(m->user_id);
    e->target = slice_str(m->to);
    e->chat.id = slice_str(m->id);
    e->chat.name = slice_str(m->name);
    e->chat.text = slice_str(m->text);
    e->chat.attachments = slice_str(m->attachments);
    e->chat.reply_to = slice_str(m->reply_to);
    e->chat.kind = m->kind;
    e->chat.edited_at_ms = m->edited_at_ms;
    e->chat.said_seq = m->seq;
    return 0;
}

static int recall_file(struct events *out, const struct room *r, const struct shared_file *f)
{
    struct event *e = begin(out, r, EV_KEPT_FILE, f->at_ms);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->actor = slice_str(f->user_id);
    e->file.id = slice_str(f->id);
    e->file.name = slice_str(f->name);
    e->file.file_name = slice_str(f->file_name);
    e->file.url = slice_str(f->url);
    e->file.type = slice_str(f->type);
    e->file.bytes = f->bytes;
    return 0;
}

static int recall_op(struct events *out, const struct room *r, const struct op *op)
{
    struct event *e = begin(out, r, EV_KEPT_OP, 0);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->actor = slice_str(op->user_id);
    e->kept_op.id = slice_str(op->id);
    e->kept_op.json = slice_of(op->json, op->json_len);
    e->kept_op.number = op->number;
    return 0;
}

int room_recall(struct events *out, const struct room *r)
{
    int err = r->seq > 0 ? recall_room(out, r) : 0;
    LIST_EACH(l, &r->members)
        err = err ? err : recall_member(out, r, CONTAINER_OF(l, struct member, link));
    LIST_EACH(l, &r->messages)
        err = err ? err : recall_message(out, r, CONTAINER_OF(l, struct message, link));
    LIST_EACH(l, &r->files)
        err = err ? err : recall_file(out, r, CONTAINER_OF(l, struct shared_file, link));
    LIST_EACH(l, &r->board.ops)
        err = err ? err : recall_op(out, r, CONTAINER_OF(l, struct op, link));
    return err;
}
