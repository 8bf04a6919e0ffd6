/* Every verb by its number, with arguments from one place: what play.h drives a room with. */
#pragma once

#include "base/arena.h"
#include "room/verb.h"
#include "tape.h"

#define PLAY_SAID_MAX 8192 /* bytes of the line that tells what happened */

/* What the verbs take beside a deed and a target, for all of them. */
struct play_args {
    struct slice id; /* of what is made, edited, deleted, undone */
    struct slice text;
    struct slice name;
    struct slice avatar_url;
    struct slice knock;
    struct slice to; /* of a private message */
    struct slice attachments;
    struct slice reply_to;
    struct slice ops;
    struct slice url;
    bool is_guest;
    bool yes;
    bool is_done; /* a goal */
    enum role role;
    enum report_kind report;
    enum message_kind kind;
    struct room_timer timer;
    struct room_update update;
};

struct play {
    struct room *room;
    struct arena arena;
    struct events happened; /* by the last verb */
    struct tape tape;
    struct play_args args;
    enum join_result result;
    int64_t now_ms;
    char said[PLAY_SAID_MAX];
};

typedef int(play_fn)(struct play *p, const struct deed *d, struct slice target);

#define PLAY_FN(name)                 \
    static inline int play_in_##name( \
        struct play *p, const struct deed *d, struct slice target __attribute__((unused)))

PLAY_FN(join)
{
    struct room_join a = { .name = p->args.name.len > 0 ? p->args.name : d->user_id,
        .avatar_url = p->args.avatar_url,
        .is_guest = p->args.is_guest,
        .knock = p->args.knock };
    return room_join(&p->result, &p->happened, p->room, d, &a);
}

PLAY_FN(leave)
{
    return room_leave(&p->happened, p->room, d);
}

PLAY_FN(approve)
{
    return room_approve(&p->happened, p->room, d, target, p->args.yes);
}

PLAY_FN(update)
{
    return room_update(&p->happened, p->room, d, &p->args.update);
}

PLAY_FN(start)
{
    return room_start(&p->happened, p->room, d);
}

PLAY_FN(end)
{
    return room_end(&p->happened, p->room, d, S(""));
}

PLAY_FN(role)
{
    return room_set_role(&p->happened, p->room, d, target, p->args.role);
}

PLAY_FN(mute)
{
    return room_mute(&p->happened, p->room, d, target, S("audio"));
}

PLAY_FN(kick)
{
    return room_kick(&p->happened, p->room, d, target, S(""));
}

PLAY_FN(readmit)
{
    return room_readmit(&p->happened, p->room, d, target);
}

PLAY_FN(hand)
{
    return room_hand(&p->happened, p->room, d, p->args.yes);
}

PLAY_FN(media)
{
    struct room_media a = { .audio = p->args.yes, .video = true };
    return room_set_media(&p->happened, p->room, d, &a);
}

PLAY_FN(typing)
{
    return room_typing(&p->happened, p->room, d, p->args.yes);
}

PLAY_FN(signal)
{
    struct room_signal a = { .to_seat = target, .kind = S("offer"), .data = S("{}") };
    return room_signal(&p->happened, p->room, d, &a);
}

PLAY_FN(chat)
{
    struct room_chat a = { .text = p->args.text,
        .to = target,
        .attachments = p->args.attachments,
        .reply_to = p->args.reply_to,
        .kind = p->args.kind };
    return room_chat(&p->happened, p->room, d, &a);
}

PLAY_FN(say)
{
    struct room_say a = { .name = p->args.name.len > 0 ? p->args.name : d->user_id,
        .chat = { .text = p->args.text, .to = target, .kind = p->args.kind } };
    return room_say(&p->happened, p->room, d, &a);
}

PLAY_FN(chat_edit)
{
    return room_chat_edit(&p->happened, p->room, d, p->args.id, p->args.text);
}

PLAY_FN(chat_delete)
{
    return room_chat_delete(&p->happened, p->room, d, p->args.id);
}

PLAY_FN(file)
{
    struct room_file a = {
        .file_name = S("notes.pdf"), .url = S("/files/1"), .type = S("text/plain"), .bytes = 9
    };
    return room_share(&p->happened, p->room, d, &a);
}

PLAY_FN(draw)
{
    return room_draw(&p->happened, p->room, d, p->args.ops);
}

PLAY_FN(undraw)
{
    return room_undraw(&p->happened, p->room, d, p->args.id);
}

PLAY_FN(clear)
{
    return room_clear(&p->happened, p->room, d);
}

PLAY_FN(board_save)
{
    return room_save_board(&p->happened, p->room, d, p->args.url);
}

PLAY_FN(cursor)
{
    return room_cursor(&p->happened, p->room, d, S("{\"x\":1}"));
}

PLAY_FN(timer)
{
    return room_set_timer(&p->happened, p->room, d, &p->args.timer);
}

PLAY_FN(goal)
{
    struct room_goal a = {
        .is_shared = p->args.yes, .is_done = p->args.is_done, .text = p->args.text
    };
    return room_set_goal(&p->happened, p->room, d, &a);
}

PLAY_FN(report)
{
    return room_report(&p->happened, p->room, d, p->args.report);
}

PLAY_FN(code)
{
    struct room_code a = { .code = p->args.text, .language = S("c") };
    return room_code(&p->happened, p->room, d, &a);
}

PLAY_FN(submit)
{
    struct room_code a = { .code = p->args.text, .language = S("c") };
    return room_submit(&p->happened, p->room, d, &a);
}

static play_fn *const play_verbs[VERB_COUNT] = {
    [VERB_JOIN] = play_in_join,
    [VERB_LEAVE] = play_in_leave,
    [VERB_APPROVE] = play_in_approve,
    [VERB_UPDATE] = play_in_update,
    [VERB_START] = play_in_start,
    [VERB_END] = play_in_end,
    [VERB_ROLE] = play_in_role,
    [VERB_MUTE] = play_in_mute,
    [VERB_KICK] = play_in_kick,
    [VERB_READMIT] = play_in_readmit,
    [VERB_HAND] = play_in_hand,
    [VERB_MEDIA] = play_in_media,
    [VERB_TYPING] = play_in_typing,
    [VERB_SIGNAL] = play_in_signal,
    [VERB_CHAT] = play_in_chat,
    [VERB_SAY] = play_in_say,
    [VERB_CHAT_EDIT] = play_in_chat_edit,
    [VERB_CHAT_DELETE] = play_in_chat_delete,
    [VERB_FILE] = play_in_file,
    [VERB_DRAW] = play_in_draw,
    [VERB_UNDRAW] = play_in_undraw,
    [VERB_CLEAR] = play_in_clear,
    [VERB_BOARD_SAVE] = play_in_board_save,
    [VERB_CURSOR] = play_in_cursor,
    [VERB_TIMER] = play_in_timer,
    [VERB_GOAL] = play_in_goal,
    [VERB_REPORT] = play_in_report,
    [VERB_CODE] = play_in_code,
    [VERB_SUBMIT] = play_in_submit,
};
