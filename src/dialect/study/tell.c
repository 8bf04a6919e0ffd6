/* From events to messages: which function says what. */
#include "dialect/refusal.h"
#include "dialect/study/parts.h"

/* What is not here is for the log. */
static study_out *const outs[EV_COUNT] = {
    [EV_UPDATED] = study_out_updated,
    [EV_STARTED] = study_out_started,
    [EV_ENDED] = study_out_ended,
    [EV_REQUESTED] = study_out_requested,
    [EV_APPROVED] = study_out_approved,
    [EV_REJECTED] = study_out_rejected,
    [EV_JOINED] = study_out_came,
    [EV_RETURNED] = study_out_came,
    [EV_LOST] = study_out_gone,
    [EV_LEFT] = study_out_gone,
    [EV_ROLE] = study_out_role,
    [EV_MUTED] = study_out_muted,
    [EV_KICKED] = study_out_kicked,
    [EV_HAND] = study_out_hand,
    [EV_MEDIA] = study_out_media,
    [EV_TYPING] = study_out_typing,
    [EV_SIGNAL] = study_out_signal,
    [EV_CHAT] = study_out_chat,
    [EV_CHAT_EDITED] = study_out_edited,
    [EV_CHAT_DELETED] = study_out_deleted,
    [EV_FILE] = study_out_file,
    [EV_DREW] = study_out_drew,
    [EV_UNDREW] = study_out_undrew,
    [EV_CLEARED] = study_out_cleared,
    [EV_BOARD_SAVED] = study_out_saved,
    [EV_CURSOR] = study_out_cursor,
    [EV_TIMER] = study_out_timer,
    [EV_GOAL] = study_out_goal,
    [EV_VIOLATION] = study_out_violation,
    [EV_WARNED] = study_out_warned,
    [EV_VIOLATION_CLEARED] = study_out_violation_cleared,
    [EV_CODE] = study_out_code,
    [EV_SUBMITTED] = study_out_submitted,
};

struct json_writer *study_begin(
    struct words *w, const char *name, const struct view *v, const struct event *e)
{
    struct json_writer *writer = words_begin_event(w, name, e);
    jw_field_str(writer, "roomId", slice_str(v->room->id));
    return writer;
}

unsigned study_ear(const struct room_news *news, const struct member *m, const char *seat)
{
    (void)seat;
    bool is_target = news->event->type == EV_KICKED && news->target == m;
    return is_target ? STUDY_EAR_TARGET : STUDY_EAR_ANY;
}

void study_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (outs[e->type] != NULL)
        outs[e->type](w, v, e, (enum study_ear)ear);
}

/* Who asked for an answer has got one that says the same. */
static void refuse(struct words *words, const struct refusal *r)
{
    if (r->is_acked)
        return;
    struct json_writer *w = words_begin(words, "error");
    refusal_put(w, r);
    if (r->room_id.len > 0)
        jw_field_str(w, "roomId", r->room_id);
    words_end(words);
}

const struct dialect study_dialect = {
    .name = "study",
    .number = 0,
    .ear = study_ear,
    .tell = study_tell,
    .refuse = refuse,
};
