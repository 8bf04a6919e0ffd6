#include "dialect/proctor/parts.h"

/* Everybody hears it, who said it, too. */
int proctor_in_chat(struct ask *a)
{
    const struct proctor_chat *args = a->args;
    const struct command c = { .verb = VERB_CHAT, .id = args->id, .chat = { .text = args->text } };
    struct event said;
    return ask_chat(&said, a, &c);
}

int proctor_in_heartbeat(struct ask *a)
{
    struct json_writer *w = ask_say(a, "HEARTBEAT_ACK");
    jw_field_i64(w, "timestamp", ask_view(a).now_ms);
    ask_said(a);
    return 0;
}
