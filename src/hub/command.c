#include "hub/command.h"

#include "base/panic.h"

struct run {
    enum join_result *joined;
    struct events *out;
    struct room *room;
    const struct deed *deed;
    const struct command *c;
};

static int run_join(const struct run *x)
{
    return room_join(x->joined, x->out, x->room, x->deed, &x->c->join);
}

static int run_leave(const struct run *x)
{
    return room_leave(x->out, x->room, x->deed);
}

static int run_approve(const struct run *x)
{
    return room_approve(x->out, x->room, x->deed, x->c->approve.user_id, x->c->approve.is_approved);
}

static int run_update(const struct run *x)
{
    return room_update(x->out, x->room, x->deed, &x->c->update);
}

static int run_start(const struct run *x)
{
    return room_start(x->out, x->room, x->deed);
}

static int run_end(const struct run *x)
{
    return room_end(x->out, x->room, x->deed, x->c->end.message);
}

static int run_role(const struct run *x)
{
    return room_set_role(x->out, x->room, x->deed, x->c->role.user_id, x->c->role.role);
}

static int run_mute(const struct run *x)
{
    return room_mute(x->out, x->room, x->deed, x->c->mute.user_id, x->c->mute.kind);
}

static int run_kick(const struct run *x)
{
    return room_kick(x->out, x->room, x->deed, x->c->kick.user_id, x->c->kick.reason);
}

static int run_readmit(const struct run *x)
{
    return room_readmit(x->out, x->room, x->deed, x->c->readmit.user_id);
}

static int run_hand(const struct run *x)
{
    return room_hand(x->out, x->room, x->deed, x->c->hand.is_raised);
}

static int run_media(const struct run *x)
{
    return room_set_media(x->out, x->room, x->deed, &x->c->media);
}

static int run_typing(const struct run *x)
{
    return room_typing(x->out, x->room, x->deed, x->c->typing.is_typing);
}

static int run_signal(const struct run *x)
{
    return room_signal(x->out, x->room, x->deed, &x->c->signal);
}

static int run_chat(const struct run *x)
{
    return room_chat(x->out, x->room, x->deed, &x->c->chat);
}

static int run_say(const struct run *x)
{
    return room_say(x->out, x->room, x->deed, &x->c->say);
}

static int run_chat_edit(const struct run *x)
{
    return room_chat_edit(x->out, x->room, x->deed, x->c->message.id, x->c->message.text);
}

static int run_chat_delete(const struct run *x)
{
    return room_chat_delete(x->out, x->room, x->deed, x->c->message.id);
}

static int run_file(const struct run *x)
{
    return room_share(x->out, x->room, x->deed, &x->c->file);
}

static int run_draw(const struct run *x)
{
    return room_draw(x->out, x->room, x->deed, x->c->draw.ops);
}

static int run_undraw(const struct run *x)
{
    return room_undraw(x->out, x->room, x->deed, x->c->undraw.op_id);
}

static int run_clear(const struct run *x)
{
    return room_clear(x->out, x->room, x->deed);
}

static int run_board_save(const struct run *x)
{
    return room_save_board(x->out, x->room, x->deed, x->c->save.url);
}

static int run_cursor(const struct run *x)
{
    return room_cursor(x->out, x->room, x->deed, x->c->cursor.data);
}

static int run_timer(const struct run *x)
{
    return room_set_timer(x->out, x->room, x->deed, &x->c->timer);
}

static int run_goal(const struct run *x)
{
    return room_set_goal(x->out, x->room, x->deed, &x->c->goal);
}

static int run_report(const struct run *x)
{
    return room_report(x->out, x->room, x->deed, x->c->report.kind);
}

static int run_code(const struct run *x)
{
    return room_code(x->out, x->room, x->deed, &x->c->code);
}

static int run_submit(const struct run *x)
{
    return room_submit(x->out, x->room, x->deed, &x->c->code);
}

static int (*const runs[VERB_COUNT])(const struct run *x) = {
    [VERB_JOIN] = run_join,
    [VERB_LEAVE] = run_leave,
    [VERB_APPROVE] = run_approve,
    [VERB_UPDATE] = run_update,
    [VERB_START] = run_start,
    [VERB_END] = run_end,
    [VERB_ROLE] = run_role,
    [VERB_MUTE] = run_mute,
    [VERB_KICK] = run_kick,
    [VERB_READMIT] = run_readmit,
    [VERB_HAND] = run_hand,
    [VERB_MEDIA] = run_media,
    [VERB_TYPING] = run_typing,
    [VERB_SIGNAL] = run_signal,
    [VERB_CHAT] = run_chat,
    [VERB_SAY] = run_say,
    [VERB_CHAT_EDIT] = run_chat_edit,
    [VERB_CHAT_DELETE] = run_chat_delete,
    [VERB_FILE] = run_file,
    [VERB_DRAW] = run_draw,
    [VERB_UNDRAW] = run_undraw,
    [VERB_CLEAR] = run_clear,
    [VERB_BOARD_SAVE] = run_board_save,
    [VERB_CURSOR] = run_cursor,
    [VERB_TIMER] = run_timer,
    [VERB_GOAL] = run_goal,
    [VERB_REPORT] = run_report,
    [VERB_CODE] = run_code,
    [VERB_SUBMIT] = run_submit,
};

int command_run(enum join_result *joined, struct events *out, struct room *r, const struct deed *d,
    const struct command *c)
{
    ASSERT(c->verb < VERB_COUNT && runs[c->verb] != NULL);
    return runs[c->verb](
        &(struct run){ .joined = joined, .out = out, .room = r, .deed = d, .c = c });
}
