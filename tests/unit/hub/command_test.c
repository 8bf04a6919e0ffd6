/* Every verb runs, does what the verb's own function does, and with its own arguments. */
#include "hub/command.h"

#include "room/play.h"

/* In the order in which they follow on each other; from the host's seat unless said otherwise. */
static const struct {
    struct command c;
    const char *who;
    const char *said;
} rows[] = {
    { { .verb = VERB_START }, .said = "STARTED(hal@h)" },
    { { .verb = VERB_JOIN, .join = { .name = SLICE("Pat") } }, "pat@p",
        "REQUESTED(pat@p waiting 1)" },
    { { .verb = VERB_APPROVE, .approve = { .user_id = SLICE("pat"), .is_approved = true } },
        .said = "APPROVED(hal@h>pat) JOINED(pat@p participant 1)" },
    { { .verb = VERB_MUTE, .mute = { .user_id = SLICE("pat"), .kind = SLICE("audio") } },
        .said = "MUTED(hal@h>pat)" },
    { { .verb = VERB_HAND, .hand = { .is_raised = true } }, .said = "HAND(hal@h)" },
    { { .verb = VERB_MEDIA, .media = { .audio = true } }, .said = "MEDIA(hal@h)" },
    { { .verb = VERB_TYPING, .typing = { .is_typing = true } }, .said = "TYPING(hal@h)" },
    { { .verb = VERB_SIGNAL,
          .signal = { .to_seat = SLICE("p"), .kind = SLICE("offer"), .data = SLICE("{}") } },
        .said = "SIGNAL(hal@h>pat)" },
    { { .verb = VERB_CHAT, .chat = { .text = SLICE("hello") } }, .said = "CHAT(hal@h)" },
    { { .verb = VERB_CHAT_EDIT, .message = { .id = SLICE("id"), .text = SLICE("bye") } },
        .said = "CHAT_EDITED(hal@h)" },
    { { .verb = VERB_CHAT_DELETE, .message = { .id = SLICE("id") } },
        .said = "CHAT_DELETED(hal@h)" },
    { { .verb = VERB_SAY, .say = { .name = SLICE("Sam"), .chat = { .text = SLICE("hi") } } },
        .said = "CHAT(hal@h)" },
    { { .verb = VERB_FILE,
          .file = { .file_name = SLICE("a"), .url = SLICE("/a"), .type = SLICE("b/c") } },
        .said = "FILE(hal@h)" },
    { { .verb = VERB_DRAW, .draw = { .ops = SLICE("[{\"id\":\"o\",\"type\":\"line\"}]") } },
        .said = "DREW(hal@h)" },
    { { .verb = VERB_UNDRAW, .undraw = { .op_id = SLICE("o") } }, .said = "UNDREW(hal@h)" },
    { { .verb = VERB_CLEAR }, .said = "CLEARED(hal@h)" },
    { { .verb = VERB_BOARD_SAVE, .save = { .url = SLICE("/b.png") } },
        .said = "BOARD_SAVED(hal@h)" },
    { { .verb = VERB_CURSOR, .cursor = { .data = SLICE("{}") } }, .said = "CURSOR(hal@h)" },
    { { .verb = VERB_TIMER, .timer = { .act = TIMER_ACT_START, .phase = TIMER_FOCUS } },
        .said = "TIMER(hal@h)" },
    { { .verb = VERB_GOAL, .goal = { .text = SLICE("read") } }, .said = "GOAL(hal@h)" },
    { { .verb = VERB_REPORT, .report = { .kind = REPORT_PASTE } }, "pat@p", "VIOLATION(pat@p)" },
    { { .verb = VERB_CODE, .code = { .code = SLICE("main"), .language = SLICE("c") } }, "pat@p",
        "CODE(pat@p)" },
    { { .verb = VERB_SUBMIT, .code = { .code = SLICE("main"), .language = SLICE("c") } }, "pat@p",
        "SUBMITTED(pat@p)" },
    { { .verb = VERB_ROLE, .role = { .user_id = SLICE("pat"), .role = ROLE_COHOST } },
        .said = "ROLE(hal@h>pat cohost)" },
    { { .verb = VERB_KICK, .kick = { .user_id = SLICE("pat"), .reason = SLICE("why") } },
        .said = "KICKED(hal@h>pat)" },
    { { .verb = VERB_READMIT, .readmit = { .user_id = SLICE("pat") } },
        .said = "READMITTED(hal@h>pat)" },
    { { .verb = VERB_UPDATE, .update = { .title = SLICE("Other") } }, .said = "UPDATED(hal@h)" },
    { { .verb = VERB_LEAVE }, "hal@h2", "LEFT(hal@h2 1)" },
    { { .verb = VERB_END, .end = { .message = SLICE("over") } }, .said = "ENDED(hal@h 'over')" },
};

static int run(struct play *p, const char *who, const struct command *c)
{
    struct deed d = play_deed(p, who);
    struct command whole = *c;
    if (c->verb == VERB_UPDATE)
        whole.update.settings = p->args.update.settings;
    play_forget(p);
    return play_settle(p, command_run(&p->result, &p->happened, p->room, &d, &whole));
}

/* The verbs' own arguments, where the event's name does not tell them apart. */
static void test_arguments(struct play *p, const struct command *c)
{
    const struct event *e = &p->happened.at[0];
    if (p->happened.n == 0)
        return;
    if (c->verb == VERB_CHAT_EDIT)
        is_slice(e->chat.text, "bye", "the new text");
    if (c->verb == VERB_KICK)
        is_slice(e->kicked.reason, "why", "the reason");
    if (c->verb == VERB_MEDIA)
        ok(e->media.audio && !e->media.video, "audio alone");
    if (c->verb == VERB_REPORT)
        is_int(e->violation.kind, REPORT_PASTE, "the kind");
    if (c->verb == VERB_HAND)
        ok(e->hand.is_raised, "it is raised");
    if (c->verb == VERB_TYPING)
        ok(e->typing.is_typing, "it types");
    if (c->verb == VERB_SUBMIT)
        is_slice(e->code.code, "main", "the code");
    if (c->verb == VERB_UPDATE)
        is_slice(e->updated.title, "Other", "the title");
}

int main(void)
{
    struct play p;
    bool seen[VERB_COUNT] = { false };
    int missing = 0;
    bool is_made = play_init(&p, MODE_INTERVIEW, "hal") == 0;
    is_made = is_made && play(&p, VERB_JOIN, "hal@h", "") == 0;
    ok(is_made && play(&p, VERB_JOIN, "hal@h2", "") == 0, "an interview");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct command *c = &rows[i].c;
        const char *name = verb_info(c->verb)->name;
        seen[c->verb] = true;
        p.result = JOIN_RETURNED;
        is_int(run(&p, rows[i].who ? rows[i].who : "hal@h", c), 0, "%s", name);
        is_str(play_said(&p), rows[i].said, "%s: what happened", name);
        test_arguments(&p, c);
        if (c->verb == VERB_JOIN)
            is_int(p.result, JOIN_WAITS, "what joining led to");
    }
    for (int v = 0; v < VERB_COUNT; v++)
        missing += !seen[v];
    is_int(missing, 0, "every verb was run");
    play_fini(&p);
    return done();
}
