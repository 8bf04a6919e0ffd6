#include "dialect/proctor/parts.h"

/* What went wrong, in a sentence that fits the request better than the error's own. */
struct reason {
    int err;
    struct slice text;
};

static int explain(struct ask *a, int err, const struct reason *reasons, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (reasons[i].err == err)
            a->why = reasons[i].text;
    }
    return err;
}

#define EXPLAIN(a, err, reasons) explain(a, err, reasons, sizeof(reasons) / sizeof((reasons)[0]))

/* Everybody is told of it, who asked, too. */
int proctor_in_approve(struct ask *a)
{
    static const struct reason reasons[] = {
        { .err = ERR_NOT_FOUND, .text = SLICE("Nobody with this userId is waiting.") },
        { .err = ERR_ROOM_FULL, .text = SLICE("The room is full: nobody else can be let in.") },
    };
    const struct proctor_approve *args = a->args;
    struct command c = {
        .verb = VERB_APPROVE,
        .approve = { .user_id = args->user_id, .is_approved = args->approve },
    };
    return EXPLAIN(a, ask_do(a, &c), reasons);
}

int proctor_in_start(struct ask *a)
{
    static const struct reason reasons[] = {
        { .err = ERR_CONFLICT, .text = SLICE("The room has been started already.") },
    };
    struct command c = { .verb = VERB_START };
    return EXPLAIN(a, ask_do(a, &c), reasons);
}

int proctor_in_end(struct ask *a)
{
    struct command c = { .verb = VERB_END };
    return ask_do(a, &c);
}

int proctor_in_kick(struct ask *a)
{
    static const struct reason reasons[] = {
        { .err = ERR_NOT_FOUND, .text = SLICE("Nobody with this userId has been in the room.") },
        { .err = ERR_FORBIDDEN,
            .text = SLICE("The owner, yourself and, as a cohost, hosts cannot be removed.") },
        { .err = ERR_CONFLICT, .text = SLICE("This user has been removed already.") },
    };
    const struct proctor_kick *args = a->args;
    struct command c = {
        .verb = VERB_KICK,
        .kick = { .user_id = args->user_id, .reason = args->reason },
    };
    return EXPLAIN(a, ask_do(a, &c), reasons);
}

int proctor_in_leave(struct ask *a)
{
    struct command c = { .verb = VERB_LEAVE };
    int err = ask_do(a, &c);
    if (err)
        return err;
    struct json_writer *w = ask_say(a, "ROOM_LEFT");
    jw_field_str(w, "roomId", slice_str(ask_view(a).room->id));
    ask_said(a);
    return 0;
}
