/* A message's way from its name to its answer, with everything that can go wrong on it: what is
 * unknown, mistyped, too often, about no room; what waits, in which order, and what becomes of it;
 * the shapes of answers; memory that ends at any point. */
#include "dialect/dispatch.h"

#include "auth/token.h"
#include "base/log.h"
#include "fault.h"
#include "toy.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is sent ---- */

static void bad_messages_are_refused(void)
{
    static const struct {
        const char *name;
        const char *json;
        const char *heard;
    } rows[] = {
        { "echo", "{\"text\":\"a\"}", "echo {\"text\":\"a\"}\n" },
        { "echo", "{\"text\":\"\\u00e9\",\"more\":[1]}", "echo {\"text\":\"\u00e9\"}\n" },
        { "echo", "", "echo {\"text\":\"\"}\n" },
        { "echo", "null", "echo {\"text\":\"\"}\n" },
        { "bare", "[[[", "echo {\"text\":\"none\"}\n" },
        { "nope", "{}",
            "no {\"code\":\"UNKNOWN_MESSAGE\",\"text\":\"There is no message of this "
            "name.\"}\n" },
        { "", "{}",
            "no {\"code\":\"UNKNOWN_MESSAGE\",\"text\":\"There is no message of this "
            "name.\"}\n" },
        { "echo", "[1]",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"An object with named fields was "
            "expected.\",\"request\":\"echo\"}\n" },
        { "echo", "\"a\"",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"An object with named fields was "
            "expected.\",\"request\":\"echo\"}\n" },
        { "echo", "{\"n\":10}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"n\\\" must be a whole "
            "number from 0 to 9.\",\"request\":\"echo\"}\n" },
        { "strict", "{}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"text\\\" is missing: it must "
            "be text of 1 to 10 characters.\",\"request\":\"strict\"}\n" },
        { "strict", "",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"text\\\" is missing: it must "
            "be text of 1 to 10 characters.\",\"request\":\"strict\"}\n" },
        { "echo", "{\"n\":",
            "no {\"code\":\"BAD_JSON\",\"text\":\"The text is not valid JSON.\","
            "\"request\":\"echo\"}\n" },
        { "echo", "{} {}",
            "no {\"code\":\"BAD_JSON\",\"text\":\"The text is not valid JSON.\","
            "\"request\":\"echo\"}\n" },
        { "echo", "{\"n\":1,\"n\":1}",
            "no {\"code\":\"BAD_JSON\",\"text\":\"The text is not valid "
            "JSON.\",\"request\":\"echo\"}\n" },
        { "echo", "{\"n\":\"\xff\"}",
            "no {\"code\":\"BAD_UTF8\",\"text\":\"The text is not valid "
            "UTF-8.\",\"request\":\"echo\"}\n" },
    };
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_str(toy_say(&a, rows[i].name, rows[i].json), rows[i].heard, "%s %s", rows[i].name,
            rows[i].json);
    toy_end(&a);
    toy_fini(&t);
}

static const char *code_of(const char *heard)
{
    static char code[64];
    const char *at = strstr(heard, "\"code\":\"");
    snprintf(code, sizeof(code), "%.*s", at ? (int)strcspn(at + 8, "\"") : 0, at ? at + 8 : "");
    return code;
}

static void add_many(struct buf *b, const char *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_str(b, text);
}

static void hostile_messages_are_refused(void)
{
    static struct toy_client a;
    struct toy t;
    struct buf b;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    buf_init(&b, 16u << 20);
    add_many(&b, "{\"a\":", 100000);
    buf_add_char(&b, '\0');
    is_str(code_of(toy_type(&a, b.p)), "TOO_DEEP", "a deep one");
    buf_reset(&b);
    buf_add_str(&b, "{\"text\":\"");
    add_many(&b, "\\u0061", 1500000);
    buf_add_str(&b, "\"}");
    buf_add_char(&b, '\0');
    is_str(code_of(toy_say(&a, "strict", b.p)), "TOO_BIG", "a long text, escaped");
    buf_reset(&b);
    buf_add_str(&b, "{\"");
    add_many(&b, "\\u0061", 1000000);
    buf_add_str(&b, "\":1,\"text\":\"b\"}");
    buf_add_char(&b, '\0');
    is_str(code_of(toy_say(&a, "echo", b.p)), "TOO_BIG", "a long key");
    buf_reset(&b);
    buf_add_str(&b, "{\"type\":\"echo\",\"x\":{");
    for (int i = 0; i < 1000; i++) {
        char member[32];
        snprintf(member, sizeof(member), "\"k%d\":1,", i);
        buf_add_str(&b, member);
    }
    buf_add_str(&b, "\"z\":1}}");
    buf_add_char(&b, '\0');
    is_str(code_of(toy_type(&a, b.p)), "TOO_MANY", "many members");
    is_str(toy_say(&a, "echo", "{\"text\":\"c\"}"), "echo {\"text\":\"c\"}\n", "and goes on");
    buf_fini(&b);
    toy_end(&a);
    toy_fini(&t);
}

static void typed_messages_have_a_type(void)
{
    static const struct {
        const char *json;
        const char *heard;
    } rows[] = {
        { "{\"type\":\"t-echo\",\"text\":\"a\"}", "echo {\"type\":\"echo\",\"text\":\"a\"}\n" },
        { "{\"text\":\"a\",\"type\":\"t\\u002decho\"}",
            "echo {\"type\":\"echo\",\"text\":\"a\"}\n" },
        { "{\"type\":\"nope\"}",
            "no {\"code\":\"UNKNOWN_MESSAGE\",\"text\":\"There is no message "
            "of this name.\"}\n" },
        { "{}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"type\\\" is missing: it must be text "
            "of 1 to 64 characters.\"}\n" },
        { "{\"type\":7}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"type\\\" must be text of 1 "
            "to 64 characters.\"}\n" },
        { "{\"type\":\"\"}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"type\\\" must be text of "
            "1 to 64 characters.\"}\n" },
        { "[]",
            "no {\"code\":\"BAD_JSON\",\"text\":\"A message is a JSON object with a "
            "\\\"type\\\".\"}\n" },
        { "null",
            "no {\"code\":\"BAD_JSON\",\"text\":\"A message is a JSON object with a "
            "\\\"type\\\".\"}\n" },
        { "", "no {\"code\":\"BAD_JSON\",\"text\":\"The text is not valid JSON.\"}\n" },
        { "{\"type\":\"t-echo\",\"n\":\"\"}",
            "no {\"code\":\"BAD_FIELD\",\"text\":\"\\\"n\\\" must "
            "be a whole number from 0 to 9.\",\"request\":"
            "\"t-echo\"}\n" },
    };
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_str(toy_type(&a, rows[i].json), rows[i].heard, "%s", rows[i].json);
    toy_end(&a);
    toy_fini(&t);
}

/* ---- how often ---- */

static void limits_hold(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    t.rig.settings.rates[RATE_PRESENCE] = (struct limit_rate){ .per_s = 4, .burst = 2 };
    t.rig.settings.rates[RATE_CHAT] = (struct limit_rate){ .per_s = 1, .burst = 1 };
    t.rig.settings.rates[LIMIT_CREATE] = (struct limit_rate){ .per_s = 1, .burst = 1 };
    toy_connect(&t, &a, "alice");
    ok(strstr(toy_say(&a, "echo", ""), "echo"), "one");
    is_str(code_of(toy_say(&a, "echo", "[]")), "BAD_FIELD", "a bad one counts");
    is_str(toy_say(&a, "echo", ""),
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"request\":\"echo\",\"retry\":250}\n",
        "the third is refused");
    is_str(toy_ask(&a, "bare", "", 5),
        "#5 {\"ok\":false,\"error\":{\"code\":\"RATE_LIMITED\",\"message\":\"Too many requests; "
        "wait a moment.\",\"retryAfterMs\":250}}\n"
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"request\":\"bare\",\"retry\":250,\"acked\":true}\n",
        "so is another row of the class");
    rig_pass(&t.rig, 249);
    is_str(code_of(toy_say(&a, "echo", "")), "RATE_LIMITED", "a millisecond early");
    rig_pass(&t.rig, 1);
    ok(strstr(toy_say(&a, "echo", ""), "echo"), "when it was said");
    is_str(toy_ask(&a, "make", "{\"room\":\"r\"}", 1), "#1 {\"ok\":true,\"room\":\"r\"}\n",
        "another class, and a room");
    is_str(toy_say(&a, "make", "{\"room\":\"s\"}"),
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"request\":\"make\",\"retry\":1000}\n",
        "rooms have a limit of their own");
    (void)toy_say(&a, "enter", "{\"room\":\"r\"}");
    is_str(toy_say(&a, "talk", "{\"text\":\"a\"}"), "talked {\"text\":\"a\"}\n", "a verb's class");
    is_str(code_of(toy_say(&a, "talk", "{\"text\":\"a\"}")), "RATE_LIMITED", "has its limit");
    toy_end(&a);
    toy_fini(&t);
}

static void what_is_not_understood_costs(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    t.rig.settings.rates[RATE_CONTROL] = (struct limit_rate){ .per_s = 2, .burst = 3 };
    toy_connect(&t, &a, "alice");
    is_str(code_of(toy_say(&a, "nope", "{}")), "UNKNOWN_MESSAGE", "no such message");
    is_str(code_of(toy_type(&a, "{\"type\":\"nope\"}")), "UNKNOWN_MESSAGE", "typed");
    is_str(code_of(toy_type(&a, "[")), "BAD_JSON", "no message at all");
    is_str(toy_type(&a, "["),
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"retry\":500}\n",
        "the fourth");
    is_str(toy_say(&a, "nope", "{}"),
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"retry\":500}\n",
        "and the fifth");
    toy_end(&a);
    toy_fini(&t);
}

static void lines_may_refuse(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    t.rig.settings.rates[RATE_PRESENCE] = (struct limit_rate){ .per_s = 1, .burst = 1 };
    toy_connect(&t, &a, "alice");
    toy_forget(&a);
    dispatch_refuse(t.dispatch, a.session, S("echo"), S("Not like this."), 7);
    is_str(a.heard,
        "#7 {\"ok\":false,\"error\":{\"code\":\"BAD_FIELD\",\"message\":\"Not like this.\"}}\n"
        "no {\"code\":\"BAD_FIELD\",\"text\":\"Not like this.\",\"request\":\"echo\","
        "\"acked\":true}\n",
        "as the dispatcher would");
    is_str(code_of(toy_say(&a, "echo", "")), "RATE_LIMITED", "it counts");
    toy_forget(&a);
    dispatch_refuse(t.dispatch, a.session, S("nope"), S("Not like this."), TONGUE_NO_ACK);
    is_str(code_of(a.heard), "UNKNOWN_MESSAGE", "what there is not");
    toy_end(&a);
    toy_fini(&t);
}

static void long_messages_cost_more(void)
{
    static struct toy_client a;
    struct toy t;
    struct buf b;
    toy_init(&t);
    t.rig.settings.rates[RATE_PRESENCE] = (struct limit_rate){ .per_s = 10, .burst = 6 };
    toy_connect(&t, &a, "alice");
    buf_init(&b, 1u << 20);
    buf_add_str(&b, "{\"x\":\"");
    for (int i = 0; i < 4 * SESSION_TOKEN_BYTES; i++)
        buf_add_char(&b, 'x');
    buf_add_str(&b, "\"}");
    buf_add_char(&b, '\0');
    ok(strstr(toy_say(&a, "echo", b.p), "echo"), "a long one");
    ok(strstr(toy_say(&a, "echo", b.p), "echo"), "another, as a token is left");
    is_str(toy_say(&a, "echo", ""),
        "no {\"code\":\"RATE_LIMITED\",\"text\":\"Too many requests; wait a moment.\","
        "\"request\":\"echo\",\"retry\":500}\n",
        "then a short one waits for what they were worth");
    rig_pass(&t.rig, 500);
    ok(strstr(toy_say(&a, "echo", ""), "echo"), "so long");
    buf_fini(&b);
    toy_end(&a);
    toy_fini(&t);
}

/* ---- which room ---- */

static void rooms_are_found(void)
{
    static struct toy_client a, b;
    struct toy t;
    char json[128];
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    toy_connect(&t, &b, "bob");
    is_str(code_of(toy_say(&a, "talk", "{\"text\":\"a\"}")), "NOT_IN_ROOM", "in no room");
    is_str(code_of(toy_say(&a, "wave", "{\"seat\":\"x\"}")), "NOT_IN_ROOM", "in no room, a seat");
    is_str(toy_say(&a, "enter", "{}"),
        "no {\"code\":\"BAD_FIELD\",\"text\":\"Name the room that this is about.\","
        "\"request\":\"enter\"}\n",
        "joining needs a name");
    is_str(code_of(toy_say(&a, "enter-new", "{}")), "BAD_FIELD", "a new one, too");
    is_str(code_of(toy_say(&a, "enter", "{\"room\":\"r\"}")), "ROOM_NOT_FOUND", "there is none");
    is_str(toy_say(&a, "enter", "{\"room\":\"a b\"}"),
        "no {\"code\":\"BAD_FIELD\",\"text\":\"A room's id is 1 to 64 letters, digits, - and _.\","
        "\"request\":\"enter\"}\n",
        "there cannot be one");
    is_str(code_of(toy_say(&a, "enter-new", "{\"room\":\"../r\"}")), "BAD_FIELD", "nor a new one");
    is_str(toy_say(&a, "enter-new", "{\"room\":\"r\"}"), "entered {\"room\":\"r\"}\n", "a new one");
    is_str(toy_say(&b, "enter-new", "{\"room\":\"r\"}"), "entered {\"room\":\"r\"}\n", "is there");
    is_str(toy_say(&a, "talk", "{\"text\":\"a\"}"), "talked {\"text\":\"a\"}\n", "the only one");
    is_str(code_of(toy_say(&a, "wave", "{\"seat\":\"x\"}")), "NOT_FOUND", "nobody sits there");
    (void)toy_say(&a, "enter-new", "{\"room\":\"s\"}");
    is_str(toy_say(&a, "talk", "{\"text\":\"a\"}"),
        "no {\"code\":\"BAD_FIELD\",\"text\":\"Name the room that this is about.\","
        "\"request\":\"talk\"}\n",
        "one of two");
    is_str(toy_say(&a, "talk", "{\"room\":\"s\",\"text\":\"a\"}"), "talked {\"text\":\"a\"}\n",
        "a named one");
    snprintf(json, sizeof(json), "{\"seat\":\"%s\"}", b.session->id);
    is_str(toy_say(&a, "wave", json), "waved {\"to\":\"bob\"}\n", "the one that both sit in");
    is_str(toy_say(&a, "wave", "{\"seat\":\"x\"}"),
        "no {\"code\":\"NOT_FOUND\",\"text\":\"Nobody in a room of yours has this socket id.\","
        "\"request\":\"wave\"}\n",
        "none that both sit in");
    snprintf(json, sizeof(json), "{\"room\":\"s\",\"seat\":\"%s\"}", b.session->id);
    is_str(code_of(toy_say(&a, "wave", json)), "NOT_FOUND", "named, where only one sits");
    toy_end(&a);
    toy_connect_to(&t, &a, "alice", "r");
    is_str(toy_say(&a, "enter", "{}"), "entered {\"room\":\"r\"}\n", "a connection's own");
    is_str(toy_say(&a, "enter", "{\"room\":\"s\"}"), "entered {\"room\":\"s\"}\n", "or another");
    is_str(toy_say(&a, "talk", "{\"text\":\"b\"}"), "talked {\"text\":\"b\"}\n", "its own of two");
    toy_end(&a);
    toy_end(&b);
    toy_fini(&t);
}

/* ---- what is answered ---- */

static void answers_have_their_shapes(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    is_str(toy_ask(&a, "make", "{\"room\":\"r\"}", 0), "#0 {\"ok\":true,\"room\":\"r\"}\n",
        "the handler's own, and an id of 0");
    is_str(toy_say(&a, "make", "{\"room\":\"s\"}"), "", "nobody who did not ask is answered");
    is_str(toy_ask(&a, "enter", "{\"room\":\"r\"}", 3),
        "entered {\"room\":\"r\"}\n#3 {\"ok\":true,\"you\":\"alice\"}\n", "behind the messages");
    is_str(toy_ask(&a, "talk", "{\"text\":\"a\"}", 4),
        "talked {\"text\":\"a\"}\n#4 {\"ok\":true}\n", "a plain one");
    is_str(toy_ask(&a, "echo", "{\"text\":\"a\"}", 5), "echo {\"text\":\"a\"}\n#5 {\"ok\":true}\n",
        "without a room");
    is_str(toy_ask(&a, "fail", "{}", 6),
        "#6 {\"ok\":false,\"error\":{\"code\":\"FORBIDDEN\",\"message\":\"You know why.\"}}\n"
        "no {\"code\":\"FORBIDDEN\",\"text\":\"You know why.\",\"request\":\"fail\","
        "\"acked\":true}\n",
        "a refusal, and nothing of what the handler had said");
    is_str(toy_say(&a, "fail", "{\"n\":1}"),
        "no {\"code\":\"FORBIDDEN\",\"text\":\"This is not permitted.\",\"request\":\"fail\"}\n",
        "the error's own sentence");
    is_str(code_of(toy_ask(&a, "flood", "{}", 7)), "TOO_BIG", "an answer that is too large");
    is_str(toy_ask(&a, "echo", "{\"text\":\"a\"}", 8), "echo {\"text\":\"a\"}\n#8 {\"ok\":true}\n",
        "the next one is");
    is_str(toy_ask(&a, "nope", "", 9),
        "#9 {\"ok\":false,\"error\":{\"code\":\"UNKNOWN_MESSAGE\",\"message\":\"There is no "
        "message of this name.\"}}\n"
        "no {\"code\":\"UNKNOWN_MESSAGE\",\"text\":\"There is no message of this name.\","
        "\"acked\":true}\n",
        "an unknown one");
    a.session->line = &toy_mute_line;
    is_str(toy_ask(&a, "echo", "{\"text\":\"a\"}", 10), "echo {\"text\":\"a\"}\n",
        "a line without answers");
    is_str(toy_ask(&a, "fail", "{\"n\":1}", 11),
        "no {\"code\":\"FORBIDDEN\",\"text\":\"This is not permitted.\",\"request\":\"fail\"}\n",
        "says refusals as if nobody had asked");
    toy_end(&a);
    toy_fini(&t);
}

static void answers_wait_for_the_store(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    (void)toy_say(&a, "enter-new", "{\"room\":\"r\"}");
    t.rig.held.is_holding = true;
    is_str(toy_ask(&a, "talk", "{\"text\":\"a\"}", 1), "", "it is not stored");
    is_str(toy_ask(&a, "echo", "{\"text\":\"b\"}", 2), "echo {\"text\":\"b\"}\n#2 {\"ok\":true}\n",
        "what has no room does not wait");
    is_str(code_of(toy_ask(&a, "fail", "", 3)), "FORBIDDEN", "refusals do not wait");
    toy_forget(&a);
    held_store_release_all(&t.rig.held);
    is_str(a.heard, "talked {\"text\":\"a\"}\n#1 {\"ok\":true}\n", "now it is");
    t.rig.held.is_full = true;
    is_str(toy_ask(&a, "talk", "{\"text\":\"c\"}", 4), "", "it will not be stored");
    held_store_release_all(&t.rig.held);
    is_str(code_of(a.heard), "STORAGE_UNAVAILABLE", "which is said");
    is_int(a.acks, 4, "each was answered once");
    toy_end(&a);
    toy_fini(&t);
}

static void joining_changes_the_language(void)
{
    static struct toy_client a;
    struct toy t;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    is_str(toy_ask(&a, "t-enter", "{\"room\":\"r\"}", 1),
        "#1 {\"ok\":false,\"error\":{\"code\":\"ROOM_NOT_FOUND\",\"message\":\"There is no such "
        "room.\"}}\n",
        "a join is refused in its own language");
    is_str(code_of(toy_say(&a, "nope", "")), "UNKNOWN_MESSAGE", "which is not the session's yet");
    ok(a.session->dialect == &toy_dialect, "as it failed");
    (void)toy_say(&a, "make", "{\"room\":\"r\"}");
    is_str(toy_say(&a, "t-enter", "{\"room\":\"r\"}"),
        "entered {\"type\":\"entered\",\"room\":\"r\"}\n", "it is carried out in it");
    ok(a.session->dialect == &toy_typed_dialect, "and is the session's then");
    is_str(toy_say(&a, "nope", ""),
        "no {\"type\":\"no\",\"code\":\"UNKNOWN_MESSAGE\",\"text\":\"There is no message of this "
        "name.\"}\n",
        "for refusals");
    is_str(toy_say(&a, "talk", "{\"text\":\"a\"}"), "talked {\"type\":\"talked\",\"text\":\"a\"}\n",
        "and for what happens");
    is_str(toy_say(&a, "echo", ""), "echo {\"text\":\"\"}\n", "rows answer in their own");
    toy_end(&a);
    toy_fini(&t);
}

/* ---- who ---- */

static const char *token_json(char json[1024], struct toy *t, const char *user)
{
    struct arena arena;
    struct slice token = S("");
    struct token_key key = { .secret = t->rig.settings.token_secret };
    struct token_claims claims = { .who = { .user_id = slice_str(user), .name = slice_str(user) },
        .now_ms = loop_wall_ms(t->rig.loop),
        .ttl_ms = 60000 };
    arena_init(&arena, TOKEN_ARENA_BYTES);
    is_int(token_mint(&token, &arena, &key, &claims), 0, "a token of %s", user);
    snprintf(json, 1024, "{\"text\":\"%.*s\"}", (int)token.len, token.p);
    arena_fini(&arena);
    return json;
}

static void tokens_say_who_it_is(void)
{
    static struct toy_client a;
    struct toy t;
    char json[1024];
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    is_str(toy_ask(&a, "be", "", 1), "#1 {\"ok\":true,\"you\":\"alice\"}\n", "no token, no change");
    is_str(toy_ask(&a, "be", token_json(json, &t, "bob"), 2), "#2 {\"ok\":true,\"you\":\"bob\"}\n",
        "a good one");
    is_str(code_of(toy_ask(&a, "be", "{\"text\":\"a.b.c\"}", 3)), "UNAUTHORIZED", "a bad one");
    ok(strstr(a.heard, err_info(ERR_UNAUTHORIZED)->text) == NULL, "which says why");
    (void)toy_say(&a, "enter-new", "{\"room\":\"r\"}");
    is_str(toy_ask(&a, "be", json, 4), "#4 {\"ok\":true,\"you\":\"bob\"}\n", "the same person");
    is_str(code_of(toy_ask(&a, "be", token_json(json, &t, "carol"), 5)), "CONFLICT",
        "not another one while it sits in a room");
    toy_end(&a);
    toy_fini(&t);
}

/* ---- what waits ---- */

/* Rooms r and s are in the store alone. */
static void init_stored(struct toy *t, struct toy_client *a)
{
    toy_init(t);
    toy_connect(t, a, "alice");
    (void)toy_say(a, "make", "{\"room\":\"r\"}");
    (void)toy_say(a, "make", "{\"room\":\"s\"}");
    toy_idle(t);
    ok(hub_peek(t->rig.hub, S("r")) == NULL && hub_peek(t->rig.hub, S("s")) == NULL,
        "stored rooms");
    toy_forget(a);
}

static void what_waits_keeps_its_order(void)
{
    static struct toy_client a;
    struct toy t;
    init_stored(&t, &a);
    t.rig.settings.rates[RATE_JOIN] = (struct limit_rate){ .per_s = 1, .burst = 3 };
    char enter[] = "{\"room\":\"r\"}";
    toy_post(&a, "enter", enter, 1);
    memset(enter, 'x', sizeof(enter) - 1);
    toy_post(&a, "talk", "{\"text\":\"a\"}", 2);
    toy_post(&a, "echo", "{\"text\":\"b\"}", 3);
    toy_post(&a, "enter", "{\"room\":\"s\"}", 4);
    toy_post(&a, "enter", "{\"room\":\"none\"}", 5);
    toy_post(&a, "talk", "{\"text\":\"c\",\"room\":\"s\"}", 6);
    toy_post(&a, "echo", "{\"n\":-1}", 7);
    is_str(a.heard, "", "all of it waits");
    rig_settle(&t.rig);
    /* Carried out in order; answered when each room is stored, and without a room at once. */
    ok(strstr(a.heard, "#1 ") < strstr(a.heard, "#2 "), "the second behind the first");
    ok(strstr(a.heard, "#4 ") < strstr(a.heard, "#6 "), "in the other room, too");
    ok(strstr(a.heard, "#3 ") < strstr(a.heard, "#5 "), "what has no room keeps its place");
    ok(strstr(a.heard, "#5 ") < strstr(a.heard, "#7 "), "and so do refusals");
    ok(strstr(a.heard, "#5 {\"ok\":false"), "there is no third room");
    is_int(a.acks, 7, "each was answered once");
    is_int(a.session->n_rooms, 2, "it sits in both");
    toy_forget(&a);
    is_str(toy_say(&a, "echo", "{\"text\":\"d\"}"), "echo {\"text\":\"d\"}\n", "nothing waits now");
    toy_end(&a);
    toy_fini(&t);
}

/* That JSON, with white space behind it. */
static void large_one(char *out, const char *json, size_t len)
{
    memset(out, ' ', len);
    memcpy(out, json, strlen(json));
    out[len] = '\0';
}

static void waiting_is_bounded(void)
{
    static struct toy_client a, b;
    struct toy t;
    init_stored(&t, &a);
    toy_post(&a, "enter", "{\"room\":\"r\"}", 0);
    for (unsigned i = 1; i < SESSION_WAITING; i++)
        toy_post(&a, "echo", "", i);
    is_str(a.heard, "", "so many wait");
    toy_post(&a, "echo", "", 99);
    is_str(a.heard,
        "#99 {\"ok\":false,\"error\":{\"code\":\"BUSY\",\"message\":\"Too many messages wait for a "
        "room to be loaded; send this again later.\"}}\n"
        "no {\"code\":\"BUSY\",\"text\":\"Too many messages wait for a room to be loaded; send "
        "this again later.\",\"request\":\"echo\",\"acked\":true}\n",
        "no more do");
    rig_settle(&t.rig);
    is_int(a.acks, SESSION_WAITING + 1, "each was answered once");
    toy_idle(&t);
    toy_end(&a);
    toy_idle(&t);

    toy_connect(&t, &a, "alice");
    char *large = malloc(SESSION_WAITING_BYTES + 2);
    size_t half = SESSION_WAITING_BYTES / 2;
    for (unsigned i = 0; i < 2; i++) {
        large_one(large, i == 0 ? "{\"room\":\"r\"}" : "{\"room\":\"s\"}", half);
        a.acks = 0;
        toy_post(&a, "enter", large, 1);
        large_one(large, "{}", half);
        toy_post(&a, "echo", large, 2);
        is_int(a.acks, 0, "two large ones wait");
        toy_post(&a, "echo", "{}", 3);
        is_str(code_of(a.heard), "BUSY", "a third does not");
        rig_settle(&t.rig);
        is_int(a.acks, 3, "each was answered once");
        toy_forget(&a);
    }
    toy_end(&a);
    toy_idle(&t);

    toy_connect(&t, &a, "alice");
    large_one(large, "{\"room\":\"r\"}", SESSION_WAITING_BYTES - 2);
    toy_post(&a, "enter", large, 1);
    toy_post(&a, "echo", " {}", 2);
    is_str(code_of(a.heard), "BUSY", "nor one behind a very large one");
    toy_forget(&a);
    toy_post(&a, "echo", "{}", 3);
    is_str(a.heard, "", "unless it is small");
    toy_end(&a);
    toy_idle(&t);

    toy_connect(&t, &a, "alice");
    large_one(large, "{\"room\":\"r\"}", SESSION_WAITING_BYTES + 1);
    toy_post(&a, "enter", large, 1);
    is_str(code_of(a.heard), "BUSY", "nor a first one that is larger than that");
    toy_connect(&t, &b, "bob");
    toy_post(&b, "enter", "{\"room\":\"r\"}", 2);
    toy_post(&a, "enter", "{\"room\":\"r\"}", 3);
    rig_settle(&t.rig);
    is_int(a.acks, 2, "it goes on");
    is_int(b.acks, 1, "and so do others");
    toy_end(&b);
    free(large);
    toy_end(&a);
    toy_fini(&t);
}

static void sessions_go_while_they_wait(void)
{
    static struct toy_client a, b;
    struct toy t;
    init_stored(&t, &a);
    toy_connect(&t, &b, "bob");
    toy_post(&a, "enter", "{\"room\":\"r\"}", 1);
    toy_post(&a, "echo", "", 2);
    toy_post(&b, "enter", "{\"room\":\"r\"}", 3);
    toy_end(&a);
    is_int(a.acks, 0, "who has ended hears nothing");
    is_int(b.acks, 1, "another does");
    toy_end(&b);
    toy_idle(&t);

    toy_connect(&t, &a, "alice");
    toy_post(&a, "enter", "{\"room\":\"r\"}", 1);
    session_lose(a.session);
    rig_settle(&t.rig);
    is_int(a.session->n_rooms, 0, "who was lost meanwhile does not come in");
    session_regain(a.session);
    is_str(toy_say(&a, "enter", "{\"room\":\"r\"}"), "entered {\"room\":\"r\"}\n", "but may again");
    toy_end(&a);
    toy_idle(&t);

    toy_connect(&t, &a, "alice");
    toy_post(&a, "enter", "{\"room\":\"r\"}", 1);
    toy_post(&a, "vanish", "", 2);
    toy_post(&a, "echo", "", 3);
    rig_settle(&t.rig);
    ok(a.session == NULL && strstr(a.heard, "#3") == NULL,
        "nothing behind the message that ends it");
    toy_connect(&t, &a, "alice");
    toy_post(&a, "vanish", "", 4);
    rig_settle(&t.rig);
    ok(a.session == NULL && a.len == 0, "nor to one that ended at once");
    toy_fini(&t);
}

/* Somebody else's message brings the word that the room is there: it is taken up when that one has
 * been settled, if the session still is. */
static void a_wake_up_call_within_a_message(void)
{
    static struct toy_client a, b;
    for (unsigned is_gone = 0; is_gone < 2; is_gone++) {
        struct toy t;
        init_stored(&t, &a);
        toy_connect(&t, &b, "bob");
        toy_post(&a, "enter", "{\"room\":\"r\"}", 1);
        toy_post(&a, "talk", "{\"text\":\"a\"}", 2);
        toy_post(&b, "wake", "{\"room\":\"r\"}", 3);
        is_int(b.acks, 1, "the one is settled");
        is_int(a.acks, 0, "the other is not");
        if (is_gone)
            toy_end(&a);
        rig_settle(&t.rig);
        is_int(a.acks, is_gone ? 0 : 2, "but then, if it is there");
        toy_end(&a);
        toy_end(&b);
        toy_fini(&t);
    }
}

/* ---- mistakes and memory ---- */

static void nothing_is_left_of_a_message(void)
{
    static struct toy_client a;
    struct toy t;
    struct buf b;
    toy_init(&t);
    toy_connect(&t, &a, "alice");
    buf_init(&b, 16u << 20);
    buf_add_str(&b, "{\"text\":\"");
    add_many(&b, "\\u0061", 500000);
    buf_add_str(&b, "\"}");
    buf_add_char(&b, '\0');
    unsigned good = 0;
    for (unsigned i = 0; i < 60; i++)
        good += strcmp(toy_ask(&a, "echo", b.p, 1), "#1 {\"ok\":true}\n") == 0;
    is_int(good, 60, "sixty large ones, more than memory for one holds");
    buf_fini(&b);
    toy_end(&a);
    toy_fini(&t);
}

static void two_rows_of_one_name(void)
{
    struct toy t;
    static const struct language *const twice[] = { &toy_language, &toy_language };
    toy_init(&t);
    dispatch_free(dispatch_new(t.rig.hub, twice, 2));
}

static void mistakes_panic(void)
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        two_rows_of_one_name();
        _exit(0);
    }
    bool has_ended = pid > 0 && waitpid(pid, &status, 0) == pid;
    ok(has_ended && !(WIFEXITED(status) && WEXITSTATUS(status) == 0), "two rows of one name panic");
}

/* What is asked here gets an answer, whatever fails. */
static void talk_it_through(struct toy_client *a)
{
    struct rig *r = &a->toy->rig;
    toy_post(a, "enter", "{\"room\":\"r\"}", 1);
    toy_post(a, "talk", "{\"text\":\"\\u0061\"}", 2);
    toy_post(a, "echo", "{\"text\":\"a\"}", 3);
    rig_settle(r);
    toy_post(a, "enter-new", "{\"room\":\"fresh\"}", 4);
    toy_post(a, "make", "{\"room\":\"other\"}", 5);
    toy_post(a, "talk", "{\"room\":\"r\",\"text\":\"b\"}", 6);
    toy_post(a, "fail", "{\"room\":\"r\"}", 7);
    rig_settle(r);
}

#define ASKED 7

static void memory_ends_anywhere(void)
{
    static struct toy_client a;
    unsigned hits = 0, wrong = 0, broken = 0;
    bool is_hit = true;
    for (unsigned n = 1; is_hit && n < FAULT_RUNS_MAX; n++) {
        struct toy t;
        toy_init(&t);
        toy_connect(&t, &a, "alice");
        (void)toy_say(&a, "make", "{\"room\":\"r\"}");
        toy_idle(&t);
        a.acks = 0;
        fault_alloc_at(n);
        talk_it_through(&a);
        is_hit = fault_hit();
        fault_off();
        rig_pass(&t.rig, 2000);
        if (a.acks != ASKED && wrong++ < 3)
            note("allocation %u: %u answers: %s", n, a.acks, a.heard);
        broken += a.is_broken;
        hits += is_hit;
        toy_end(&a);
        toy_fini(&t);
    }
    ok(hits > 20, "memory ended at %u points", hits);
    is_int(wrong, 0, "every request was answered once");
    is_int(broken, 0, "every answer was JSON");
}

int main(void)
{
    log_set_level(LOG_OFF);
    bad_messages_are_refused();
    hostile_messages_are_refused();
    typed_messages_have_a_type();
    limits_hold();
    what_is_not_understood_costs();
    lines_may_refuse();
    long_messages_cost_more();
    rooms_are_found();
    answers_have_their_shapes();
    answers_wait_for_the_store();
    joining_changes_the_language();
    tokens_say_who_it_is();
    what_waits_keeps_its_order();
    waiting_is_bounded();
    sessions_go_while_they_wait();
    a_wake_up_call_within_a_message();
    nothing_is_left_of_a_message();
    mistakes_panic();
    memory_ends_anywhere();
    return done();
}
