/* Each client is a session of the hub; its line keeps what it is sent until the transcript expects
 * it. After each step the loop turns until nothing that was begun is left undone: the store answers
 * in the next turn, and what waits for it goes on in that turn. Texts live in the stage's arena. */
#include "base/json_read.h"
#include "base/xalloc.h"
#include "stage_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define TIME_STEPS   100 /* of a wait */
#define SHOWN_BEHIND 6

void stage_fail(struct stage *s, int line, const char *fmt, ...)
{
    char text[STAGE_SHOWN_BYTES + 500];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    script_complain(s->why, s->script->path, line, "%s", text);
    s->has_failed = true;
}

struct slice stage_keep(struct stage *s, struct slice text)
{
    struct slice copy = S("");
    if (arena_copy(&copy, &s->arena, text))
        stage_fail(s, 1, "the stage has no memory left");
    return copy;
}

/* ---- what was covered ---- */

static size_t language_number(const struct language *l)
{
    size_t i = 0;
    while (registry_all[i] != l)
        i++;
    return i;
}

bool stage_cover_row(struct stage *s, const struct language *l, struct slice name)
{
    for (size_t i = 0; i < l->n_rows && i < COVERAGE_MAX; i++) {
        if (slice_eq(slice_str(l->rows[i].name), name))
            return s->coverage->rows[language_number(l)][i] = true;
    }
    return false;
}

static bool cover_said(struct stage *s, const struct language *l, struct slice name)
{
    for (size_t i = 0; i < l->n_said && i < COVERAGE_MAX; i++) {
        if (slice_eq(slice_str(l->said[i].name), name))
            return s->coverage->said[language_number(l)][i] = true;
    }
    return false;
}

/* A client on Socket.IO may have joined in another language than it is said to speak. */
static void cover(struct client *c, struct slice name,
    bool (*mark)(struct stage *s, const struct language *l, struct slice name), struct buf *missing)
{
    struct stage *s = c->stage;
    bool is_known = mark(s, c->language, name);
    for (size_t i = 0; i < REGISTRY_SOCKET && !is_known && c->dispatch == s->socket; i++)
        is_known = mark(s, registry_socket[i], name);
    if (is_known || missing == NULL)
        return;
    buf_add_str(missing, c->language->dialect->name);
    buf_add_str(missing, " says '");
    buf_add_slice(missing, name);
    buf_add_str(missing, "'\n");
}

static void do_client(struct stage *s, const struct step *step)
{
    struct client *c = client_find(s, step->name);
    if (step->client.dialect.len > 0)
        client_connect(s, c, step);
    else if (c == NULL)
        FAIL(s, "nobody is called %.*s: write @%.*s and a language first", TEXT(step->name),
            TEXT(step->name));
    else
        s->current = c;
}

/* ---- steps of a client ---- */

static struct slice name_of(const struct client *c, const struct step *step, struct slice json)
{
    struct slice type = S("");
    struct names names = { .arena = &c->stage->arena };
    struct buf ignored;
    if (!c->language->dialect->is_typed)
        return step->name;
    buf_init(&ignored, 1 << 20);
    if (match_json(&ignored, &names, S("{\"type\":\"$type\",\"*\":\"*\"}"), json) && names.n == 1)
        type = names.at[0].json;
    buf_fini(&ignored);
    return type.len > 2 ? slice_of(type.p + 1, type.len - 2) : S("");
}

/* Socket.IO clients cannot send what is no JSON: it is a text then. */
static struct slice made_json(struct client *c, struct slice text)
{
    struct json_value v;
    struct json_writer w;
    struct buf quoted;
    bool is_raw = c->language->dialect->is_typed;
    if (is_raw || text.len == 0 || !json_read_whole(&v, text, &c->stage->arena))
        return text;
    buf_init(&quoted, 1 << 20);
    jw_init(&w, &quoted);
    jw_str(&w, text);
    text = stage_keep(c->stage, buf_slice(&quoted));
    buf_fini(&quoted);
    return text;
}

static void do_send(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    struct slice json, unknown;
    uint64_t ack_id = step->kind == STEP_ASK ? c->asked++ : TONGUE_NO_ACK;
    bool is_typed = c->language->dialect->is_typed;
    if (c->session == NULL) {
        FAIL(s, "%.*s is not connected", TEXT(c->name));
    } else if (names_fill(&json, &unknown, &s->names, step->json)) {
        FAIL(s, "nothing is called $%.*s yet", TEXT(unknown));
    } else if (is_typed && step->kind == STEP_ASK) {
        FAIL(s, "%.*s cannot ask for an answer: its line knows none", TEXT(c->name));
    } else {
        json = made_json(c, json);
        loopback_trace(c, ">", step->name, json);
        cover(c, name_of(c, step, json), stage_cover_row, NULL);
        if (is_typed)
            dispatch_typed(c->dispatch, c->session, step->name.len > 0 ? step->name : json);
        else
            dispatch_message(c->dispatch, c->session, step->name, json, ack_id);
    }
}

static void say_queue(struct buf *out, const struct link *queue, const char *before)
{
    unsigned n = 0;
    LIST_EACH(l, queue) {
        const struct heard *h = CONTAINER_OF(l, struct heard, link);
        if (n++ == SHOWN_BEHIND)
            break;
        buf_add_str(out, n == 1 ? before : ", ");
        buf_add_slice(out, h->name.len > 0 ? h->name : S("an answer"));
    }
    if (n > 0)
        buf_add_char(out, '\n');
}

static void say_what_came(struct stage *s, const struct heard *h, const struct link *queue)
{
    struct slice shown = slice_take(h->json, STAGE_SHOWN_BYTES);
    buf_add_str(s->why, "    what came: ");
    buf_add_slice(s->why, h->name);
    buf_add_char(s->why, ' ');
    buf_add_slice(s->why, shown);
    buf_add_str(s->why, shown.len < h->json.len ? "...\n" : "\n");
    say_queue(s->why, queue, "    and behind it: ");
}

static void do_hear(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    struct heard *h = loopback_take(&c->messages);
    bool is_named = step->name.len > 0; /* typed messages need not be */
    struct buf diff;
    if (h == NULL) {
        FAIL(s, "%.*s waits for %.*s %.*s; nothing came", TEXT(c->name), TEXT(step->name),
            TEXT(slice_take(step->json, 200)));
        return;
    }
    buf_init(&diff, 1 << 20);
    if (is_named && !slice_eq(step->name, h->name)) {
        FAIL(s, "%.*s waits for %.*s; %.*s came", TEXT(c->name), TEXT(step->name), TEXT(h->name));
        say_what_came(s, h, &c->messages);
    } else if (step->json.len > 0 && !match_json(&diff, &s->names, step->json, h->json)) {
        FAIL(s, "%.*s hears another %.*s than expected", TEXT(c->name), TEXT(h->name));
        buf_add_slice(s->why, buf_slice(&diff));
        say_what_came(s, h, &c->messages);
    } else {
        cover(c, h->name, cover_said, &s->coverage->unsaid);
    }
    buf_fini(&diff);
}

static void do_answer(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    struct heard *h = loopback_take(&c->acks);
    struct buf diff;
    if (c->answered == c->asked) {
        FAIL(s, "%.*s has not asked for an answer", TEXT(c->name));
        return;
    }
    if (h == NULL) {
        FAIL(s, "%.*s waits for an answer; none came", TEXT(c->name));
        say_queue(s->why, &c->messages, "    but messages: ");
        return;
    }
    if (h->ack_id != c->answered++)
        FAIL(s, "an answer to another request of %.*s came", TEXT(c->name));
    buf_init(&diff, 1 << 20);
    if (!match_json(&diff, &s->names, step->json, h->json)) {
        FAIL(s, "%.*s gets another answer than expected", TEXT(c->name));
        buf_add_slice(s->why, buf_slice(&diff));
        say_what_came(s, h, &c->acks);
    }
    buf_fini(&diff);
}

bool stage_has_nothing_left(struct stage *s, struct client *c)
{
    int line = s->step != NULL ? s->step->line : 0;
    struct heard *h = loopback_take(&c->messages);
    struct link *rest = &c->messages;
    if (h == NULL) {
        h = loopback_take(&c->acks);
        rest = &c->acks;
    }
    if (h == NULL)
        return true;
    stage_fail(s, line, "%.*s hears what is not expected: %.*s", TEXT(c->name),
        TEXT(h->name.len > 0 ? h->name : S("an answer")));
    say_what_came(s, h, rest);
    return false;
}

static void do_nothing(struct stage *s, const struct step *step)
{
    (void)step;
    (void)stage_has_nothing_left(s, s->current);
}

/* Of preparations: what came of them is not what the transcript is about. */
static void do_anything(struct stage *s, const struct step *step)
{
    (void)step;
    while (loopback_take(&s->current->messages) != NULL)
        ;
}

static void do_refused(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    const char *code = c->refused ? err_name(c->refused) : "";
    if (!slice_eq(slice_str(code), step->name))
        FAIL(s, "%.*s should have been refused by %.*s, and was %s%s", TEXT(c->name),
            TEXT(step->name), c->refused ? "by " : "not", code);
    c->refused = 0;
}

static void do_lose(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    (void)step;
    if (c->session == NULL) {
        FAIL(s, "%.*s is not connected", TEXT(c->name));
    } else if (c->language->dialect->is_typed) {
        client_hang_up(c); /* there is no coming back as the same */
    } else {
        session_lose(c->session);
    }
}

static void do_end(struct stage *s, const struct step *step)
{
    (void)step;
    if (s->current->session == NULL)
        FAIL(s, "%.*s is not connected", TEXT(s->current->name));
    client_hang_up(s->current);
}

static void do_resume(struct stage *s, const struct step *step)
{
    struct client *c = s->current;
    (void)step;
    if (c->session == NULL || !c->session->is_lost)
        FAIL(s, "%.*s cannot resume: only who is lost, on Socket.IO", TEXT(c->name));
    else
        session_regain(c->session);
}

/* In pieces, so that what one timer sets off comes in time. */
static void do_wait(struct stage *s, const struct step *step)
{
    uint64_t left_us = step->wait_ms * 1000;
    uint64_t piece_us = left_us / TIME_STEPS + 1;
    while (left_us > 0) {
        uint64_t by_us = left_us < piece_us ? left_us : piece_us;
        test_clock_turn(&s->clock, by_us);
        loop_turn(s->loop, false);
        left_us -= by_us;
    }
}

static void (*const doings[])(struct stage *s, const struct step *step) = {
    [STEP_CLIENT] = do_client,
    [STEP_SEND] = do_send,
    [STEP_ASK] = do_send,
    [STEP_HEAR] = do_hear,
    [STEP_ANSWER] = do_answer,
    [STEP_NOTHING] = do_nothing,
    [STEP_ANYTHING] = do_anything,
    [STEP_REFUSED] = do_refused,
    [STEP_WAIT] = do_wait,
    [STEP_LOSE] = do_lose,
    [STEP_END] = do_end,
    [STEP_RESUME] = do_resume,
    [STEP_HTTP] = do_wait,
};

static void play_step(struct stage *s, const struct step *step)
{
    s->step = step;
    if (s->current == NULL && step->kind != STEP_CLIENT && step->kind != STEP_WAIT) {
        FAIL(s, "who? There is no client yet");
        return;
    }
    doings[step->kind](s, step);
    stage_settle(s);
    if (s->current != NULL && s->current->refused && step->next != NULL &&
        step->next->kind != STEP_REFUSED)
        FAIL(s, "%.*s was refused: %s", TEXT(s->current->name), err_name(s->current->refused));
}

bool stage_play(
    struct buf *why, const struct script *script, struct coverage *coverage, bool is_loud)
{
    struct stage *s = xalloc(sizeof(*s));
    *s = (struct stage){
        .script = script,
        .why = why,
        .coverage = coverage,
        .is_loud = is_loud,
    };
    stage_set_up(s);
    for (const struct step *step = script->steps; step != NULL && !s->has_failed; step = step->next)
        play_step(s, step);
    LIST_EACH(l, &s->clients) {
        if (!s->has_failed)
            (void)stage_has_nothing_left(s, CONTAINER_OF(l, struct client, link));
    }
    bool holds = !s->has_failed;
    stage_tear_down(s);
    xfree(s);
    return holds;
}
