/* Each client is a session of the hub; its line keeps what it is sent until the transcript expects
 * it. After each step the loop turns until nothing that was begun is left undone: the store answers
 * in the next turn, and what waits for it goes on in that turn. Texts live in the stage's arena. */
#include "stage.h"

#include "auth/token.h"
#include "base/list.h"
#include "base/xalloc.h"
#include "store/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TURNS           24 /* more than any chain of answers has links */
#define TEXTS_MAX_BYTES (256u << 20)
#define TIME_STEPS      100 /* of a wait */
#define SECRET          "a secret of thirty-two bytes, at least"
#define TOKEN_TTL_MS    3600000
#define SHOWN_BYTES     1500
#define SHOWN_BEHIND    6
#define SID_BYTES       20 /* as Socket.IO's */
#define SID_DIGITS      4
#define TEXT(s)         (int)(s).len, (s).p ? (s).p : ""

/* Something a client was sent. */
struct heard {
    struct link link;
    struct slice name;
    struct slice json;
    uint64_t ack_id;
};

struct client {
    struct link link;
    struct stage *stage;
    struct slice name;
    const struct language *language;
    struct session *session; /* NULL: it has ended */
    struct dispatch *dispatch;
    struct link messages;
    struct link acks;
    uint64_t asked;
    uint64_t answered;
    int refused; /* why it was not let in, or its connection was closed */
    bool has_begun;
};

struct stage {
    const struct script *script;
    const struct step *step;
    struct buf *why;
    struct coverage *coverage;
    bool is_loud;
    bool has_failed;
    struct arena arena;
    struct names names;
    struct test_clock clock;
    struct loop *loop;
    struct store *store;
    struct hub_settings settings;
    const char *ice[2]; /* STUN, TURN */
    struct hub *hub;
    struct line lines[STAGE_LINES];
    struct dispatch *socket; /* of all languages that share Socket.IO */
    struct dispatch *focus;
    struct dispatch *proctor;
    struct link clients;
    struct client *current;
    unsigned n_connections;
};

struct frame {
    unsigned refs;
    struct slice name;
    struct slice json;
};

#define FAIL(s, ...) fail((s), (s)->step->line, __VA_ARGS__)

static void fail(struct stage *s, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fail(struct stage *s, int line, const char *fmt, ...)
{
    char text[SHOWN_BYTES + 500];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    script_complain(s->why, s->script->path, line, "%s", text);
    s->has_failed = true;
}

/* ---- the loopback line ---- */

static struct slice keep(struct stage *s, struct slice text)
{
    struct slice copy = S("");
    if (arena_copy(&copy, &s->arena, text))
        fail(s, 1, "the stage has no memory left");
    return copy;
}

static struct frame *line_encode(const struct line *line, struct slice name, struct slice json)
{
    struct frame *f = xtry(NULL, sizeof(*f) + name.len + json.len);
    (void)line;
    if (f == NULL)
        return NULL;
    char *texts = (char *)(f + 1);
    *f = (struct frame){ .refs = 1, .name = slice_of(texts, name.len) };
    f->json = slice_of(texts + name.len, json.len);
    memcpy(texts, name.p, name.len);
    memcpy(texts + name.len, json.p, json.len);
    return f;
}

static void line_unref(struct frame *f)
{
    if (--f->refs == 0)
        xfree(f);
}

static void trace(const struct client *c, const char *mark, struct slice name, struct slice json)
{
    if (c->stage->is_loud)
        printf("# %.*s %s %.*s%s%.*s\n", TEXT(c->name), mark, TEXT(name), name.len > 0 ? " " : "",
            TEXT(json));
}

static void hear(struct client *c, struct link *queue, struct heard what)
{
    struct heard *h = arena_alloc(&c->stage->arena, sizeof(*h));
    if (h == NULL) {
        fail(c->stage, 1, "the stage has no memory left");
        return;
    }
    h->name = keep(c->stage, what.name);
    h->json = keep(c->stage, what.json);
    h->ack_id = what.ack_id;
    list_push(queue, &h->link);
}

static void line_send(struct session *session, struct frame *f)
{
    struct client *c = session->carrier;
    bool is_raw = c->language->dialect->is_typed;
    trace(c, "<", is_raw ? S("") : f->name, f->json);
    hear(c, &c->messages, (struct heard){ .name = f->name, .json = f->json });
}

static void line_answer(struct session *session, uint64_t ack_id, struct slice json)
{
    struct client *c = session->carrier;
    trace(c, "<?", S(""), json);
    hear(c, &c->acks, (struct heard){ .json = json, .ack_id = ack_id });
}

/* The session does not know its client any more. */
static void line_close(struct session *session, int err)
{
    const struct line *first = session->line - session->line->number;
    struct stage *s = CONTAINER_OF((void *)(uintptr_t)first, struct stage, lines);
    LIST_EACH(l, &s->clients) {
        struct client *c = CONTAINER_OF(l, struct client, link);
        if (c->session != session)
            continue;
        dispatch_drop(c->dispatch, session);
        c->session = NULL;
        c->refused = err;
    }
}

/* ---- setting it up ---- */

static const struct {
    const char *name;
    unsigned limit;
    uint32_t per_s;
    uint32_t burst; /* times per_s */
} rates[LIMITS] = {
    { "rate.join", RATE_JOIN, 5, 4 },
    { "rate.control", RATE_CONTROL, 10, 2 },
    { "rate.presence", RATE_PRESENCE, 10, 2 },
    { "rate.signal", RATE_SIGNAL, 50, 4 },
    { "rate.chat", RATE_CHAT, 10, 2 },
    { "rate.board", RATE_BOARD, 60, 2 },
    { "rate.proctor", RATE_PROCTOR, 5, 4 },
    { "rate.code", RATE_CODE, 20, 2 },
    { "rate.create", LIMIT_CREATE, 5, 20 },
};

static void set_rate(struct stage *s, size_t i, uint32_t per_s)
{
    s->settings.rates[rates[i].limit] = (struct limit_rate){ .per_s = per_s,
        .burst = per_s * rates[i].burst };
}

static bool set_auth(struct stage *s, struct slice value)
{
    static const struct slice modes[] = { [AUTH_OPEN] = SLICE("open"),
        [AUTH_OPTIONAL] = SLICE("optional"),
        [AUTH_REQUIRED] = SLICE("required") };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (slice_eq(value, modes[i])) {
            s->settings.auth_mode = (enum auth_mode)i;
            return true;
        }
    }
    return false;
}

static bool set_number(struct stage *s, struct slice name, uint64_t n)
{
    if (slice_eq(name, S("mesh"))) {
        s->settings.mesh_limit = (uint32_t)n;
        return true;
    }
    if (slice_eq(name, S("rooms"))) {
        s->settings.max_rooms = (uint32_t)n;
        return true;
    }
    for (size_t i = 0; i < LIMITS; i++) {
        if (slice_eq(name, slice_str(rates[i].name))) {
            set_rate(s, i, (uint32_t)n);
            return true;
        }
    }
    return false;
}

static bool set_ice(struct stage *s, struct slice name, struct slice value)
{
    struct hub_ice *ice = &s->settings.ice;
    struct slice kept = keep(s, value);
    if (slice_eq(name, S("stun"))) {
        s->ice[0] = kept.p;
        ice->stun = &s->ice[0];
        ice->n_stun = 1;
    } else if (slice_eq(name, S("turn"))) {
        s->ice[1] = kept.p;
        ice->turn = &s->ice[1];
        ice->n_turn = 1;
    } else if (slice_eq(name, S("turn-secret"))) {
        ice->turn_secret = kept;
    } else {
        return false;
    }
    return true;
}

static bool set(struct stage *s, const struct setting *o)
{
    uint64_t ms = 0, n = 0;
    bool is_time = script_duration(&ms, o->value) == 0;
    if (slice_eq(o->name, S("grace")) && is_time)
        s->settings.grace_ms = (uint32_t)ms;
    else if (slice_eq(o->name, S("idle")) && is_time)
        s->settings.idle_ms = (uint32_t)ms;
    else if (slice_eq(o->name, S("auth")))
        return set_auth(s, o->value);
    else if (slice_u64(&n, o->value) == 0)
        return set_number(s, o->name, n);
    else
        return set_ice(s, o->name, o->value);
    return true;
}

static void set_all(struct stage *s)
{
    s->settings = (struct hub_settings){
        .auth_mode = AUTH_OPTIONAL,
        .max_rooms = 10000,
        .max_sessions = 10000,
        .idle_ms = 600000,
        .grace_ms = 120000,
        .mesh_limit = 4,
        .token_secret = S(SECRET),
        .token_ttl_ms = TOKEN_TTL_MS,
    };
    for (size_t i = 0; i < LIMITS; i++)
        set_rate(s, i, rates[i].per_s);
    for (const struct setting *o = s->script->settings; o != NULL; o = o->next) {
        if (!set(s, o))
            fail(s, o->line, "there is no setting '%.*s', or it has another kind of value",
                TEXT(o->name));
    }
}

static void make_lines(struct stage *s)
{
    static const char *const names[STAGE_LINES] = { "/", "/rooms", "raw" };
    for (unsigned i = 0; i < STAGE_LINES; i++) {
        s->lines[i] = (struct line){
            .name = names[i],
            .number = i,
            .encode = line_encode,
            .unref = line_unref,
            .send = line_send,
            .answer = i < 2 ? line_answer : NULL,
            .close = line_close,
        };
    }
}

static void set_up(struct stage *s)
{
    const struct language *focus = &focus_language, *proctor = &proctor_language;
    arena_init(&s->arena, TEXTS_MAX_BYTES);
    s->names.arena = &s->arena;
    link_init(&s->clients);
    test_clock_init(&s->clock);
    if (loop_new(&s->loop, &s->clock.clock))
        abort();
    s->store = store_memory_new(s->loop);
    set_all(s);
    make_lines(s);
    s->hub = hub_new(s->loop, s->store, &s->settings);
    s->socket = dispatch_new(s->hub, registry_socket, REGISTRY_SOCKET);
    s->focus = dispatch_new(s->hub, &focus, 1);
    s->proctor = dispatch_new(s->hub, &proctor, 1);
}

static void settle(struct stage *s)
{
    for (int i = 0; i < TURNS; i++)
        loop_turn(s->loop, false);
}

static void hang_up(struct client *c)
{
    if (c->session == NULL)
        return;
    dispatch_drop(c->dispatch, c->session);
    session_end(c->session);
    c->session = NULL;
}

static void tear_down(struct stage *s)
{
    LIST_EACH(l, &s->clients)
        hang_up(CONTAINER_OF(l, struct client, link));
    settle(s);
    dispatch_free(s->socket);
    dispatch_free(s->focus);
    dispatch_free(s->proctor);
    hub_free(s->hub);
    s->store->ops->close(s->store);
    loop_free(s->loop);
    arena_fini(&s->arena);
}

/* ---- clients ---- */

static struct client *client_find(struct stage *s, struct slice name)
{
    LIST_EACH(l, &s->clients) {
        struct client *c = CONTAINER_OF(l, struct client, link);
        if (slice_eq(c->name, name))
            return c;
    }
    return NULL;
}

static const struct language *language_find(struct slice name)
{
    for (size_t i = 0; i < REGISTRY_ALL; i++) {
        if (slice_eq(slice_str(registry_all[i]->dialect->name), name))
            return registry_all[i];
    }
    return NULL;
}

static struct slice mint(struct stage *s, const struct identity *who, int64_t at_ms)
{
    struct slice token = S("");
    const struct token_key key = { .secret = S(SECRET) };
    const struct token_claims claims = { .who = *who, .now_ms = at_ms, .ttl_ms = TOKEN_TTL_MS };
    if (token_mint(&token, &s->arena, &key, &claims))
        FAIL(s, "no token can be made for '%.*s'", TEXT(who->user_id));
    return token;
}

static struct slice joined(struct stage *s, struct slice name, const char *suffix)
{
    char text[200];
    snprintf(text, sizeof(text), "%.*s%s", TEXT(name), suffix);
    return keep(s, slice_str(text));
}

static void name_value(struct stage *s, struct slice name, const char *suffix, struct slice text)
{
    if (names_set_text(&s->names, joined(s, name, suffix), text))
        FAIL(s, "there are too many names");
}

/* An account of that name, and its tokens as $name.token and $name.expired. */
static struct identity make_account(struct stage *s, struct slice name, const struct step *step)
{
    const struct script_client *o = &step->client;
    int64_t now_ms = loop_wall_ms(s->loop);
    struct identity who = { .user_id = o->user.len > 0 ? o->user : name, .avatar_url = S("") };
    who.name = o->name.len > 0 ? o->name : who.user_id;
    who.is_admin = o->is_admin;
    name_value(s, name, ".token", mint(s, &who, now_ms));
    name_value(s, name, ".expired", mint(s, &who, now_ms - 2 * TOKEN_TTL_MS));
    return who;
}

/* What a connection's token says: as the carriers look at it. Those of proctor come in messages. */
static int identify(struct identity *who, bool *is_guest, struct stage *s, const struct step *step)
{
    const struct script_client *o = &step->client;
    const struct token_key key = { .secret = S(SECRET) };
    struct token token;
    struct slice text = o->token;
    struct identity account = make_account(s, step->name, step);
    bool is_late = slice_eq(o->dialect, slice_str(proctor_language.dialect->name));
    *is_guest = text.len == 0 && o->user.len == 0;
    if (*is_guest)
        return s->settings.auth_mode == AUTH_REQUIRED && !is_late ? ERR_UNAUTHORIZED : 0;
    if (text.len == 0)
        text = mint(s, &account, loop_wall_ms(s->loop));
    int err = token_verify(&token, &s->arena, &key, text, loop_wall_ms(s->loop));
    *who = token.who;
    return err;
}

/* Ids of Socket.IO are chosen by the line: here so that one sees whose they are. */
static struct slice make_sid(struct stage *s, struct slice name)
{
    char id[SID_BYTES + 1];
    struct slice front = slice_take(name, SID_BYTES - SID_DIGITS - 1);
    memset(id, '-', SID_BYTES);
    memcpy(id, front.p, front.len);
    snprintf(id + SID_BYTES - SID_DIGITS, SID_DIGITS + 1, "%0*u", SID_DIGITS,
        ++s->n_connections % 10000);
    return keep(s, slice_str(id));
}

/* A room may have a name that was heard: "$room". */
static struct slice room_of(struct stage *s, const struct script_client *o)
{
    const struct slice *json = NULL;
    if (!slice_starts(o->room, S("$")))
        return keep(s, o->room);
    json = names_find(&s->names, slice_drop(o->room, 1));
    if (json == NULL || json->len < 2) {
        FAIL(s, "nothing is called %.*s yet", TEXT(o->room));
        return S("");
    }
    return slice_of(json->p + 1, json->len - 2);
}

static unsigned line_number(const struct client *c, const struct script_client *o)
{
    if (c->language->dialect->is_typed)
        return 2;
    if (o->on.len > 0)
        return slice_eq(o->on, S("/rooms")) ? 1 : 0;
    return c->language == &study_language ? 1 : 0;
}

static struct dispatch *dispatch_for(struct stage *s, const struct language *language)
{
    if (language == &focus_language)
        return s->focus;
    return language == &proctor_language ? s->proctor : s->socket;
}

static bool cover_row(struct stage *s, const struct language *l, struct slice name);

/* What opening a connection for one room means is a message of its own. */
static void open_room(struct client *c)
{
    (void)cover_row(c->stage, c->language, S("connect"));
    dispatch_typed(c->dispatch, c->session, S("{\"type\":\"connect\"}"));
}

static void dial(struct client *c, const struct step *step)
{
    struct stage *s = c->stage;
    const struct script_client *o = &step->client;
    struct identity who;
    bool is_guest = true;
    unsigned line = line_number(c, o);
    bool is_late = c->language == &proctor_language; /* it says who it is when it asks something */
    c->refused = identify(&who, &is_guest, s, step);
    if (!c->refused && is_guest && !is_late && s->settings.auth_mode == AUTH_REQUIRED)
        c->refused = ERR_UNAUTHORIZED;
    if (c->refused)
        return;
    c->refused = session_new(&c->session,
        &(struct session_options){
            .hub = s->hub,
            .line = &s->lines[line],
            .dialect = line < 2 ? study_language.dialect : c->language->dialect,
            .carrier = c,
            .id = line < 2 ? make_sid(s, c->name) : S(""),
            .room_id = room_of(s, o),
            .identity = is_guest || is_late ? NULL : &who,
            .guest_name = o->name,
        });
    if (c->refused)
        return;
    if (c->language == &focus_language)
        open_room(c);
    name_value(s, c->name, ".id", slice_str(c->session->id));
    name_value(s, c->name, ".user", is_guest ? c->session->identity.user_id : who.user_id);
}

static bool has_nothing_left(struct stage *s, struct client *c);

static void connect_client(struct stage *s, struct client *c, const struct step *step)
{
    if (c != NULL && c->session != NULL) {
        FAIL(s, "%.*s is connected already", TEXT(step->name));
        return;
    }
    if (c != NULL && !has_nothing_left(s, c))
        return;
    if (c == NULL) {
        c = arena_alloc(&s->arena, sizeof(*c));
        if (c == NULL)
            abort();
        *c = (struct client){ .stage = s, .name = step->name };
        link_init(&c->link);
        list_push(&s->clients, &c->link);
    }
    c->language = language_find(step->client.dialect);
    if (c->language == NULL) {
        FAIL(s, "there is no language '%.*s': study, session, focus, proctor, call",
            TEXT(step->client.dialect));
        return;
    }
    link_init(&c->messages);
    link_init(&c->acks);
    c->dispatch = dispatch_for(s, c->language);
    c->asked = c->answered = 0;
    s->current = c;
    dial(c, step);
}

static void do_client(struct stage *s, const struct step *step)
{
    struct client *c = client_find(s, step->name);
    if (step->client.dialect.len > 0)
        connect_client(s, c, step);
    else if (c == NULL)
        FAIL(s, "nobody is called %.*s: write @%.*s and a language first", TEXT(step->name),
            TEXT(step->name));
    else
        s->current = c;
}

/* ---- what was covered ---- */

static size_t language_number(const struct language *l)
{
    size_t i = 0;
    while (registry_all[i] != l)
        i++;
    return i;
}

static bool cover_row(struct stage *s, const struct language *l, struct slice name)
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
        trace(c, ">", step->name, json);
        cover(c, name_of(c, step, json), cover_row, NULL);
        if (is_typed)
            dispatch_typed(c->dispatch, c->session, step->name.len > 0 ? step->name : json);
        else
            dispatch_message(c->dispatch, c->session, step->name, json, ack_id);
    }
}

static struct heard *take(struct link *queue)
{
    struct link *l = list_pop(queue);
    return l != NULL ? CONTAINER_OF(l, struct heard, link) : NULL;
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
    struct slice shown = slice_take(h->json, SHOWN_BYTES);
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
    struct heard *h = take(&c->messages);
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
    struct heard *h = take(&c->acks);
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

static bool has_nothing_left(struct stage *s, struct client *c)
{
    int line = s->step != NULL ? s->step->line : 0;
    struct heard *h = take(&c->messages);
    struct link *rest = &c->messages;
    if (h == NULL) {
        h = take(&c->acks);
        rest = &c->acks;
    }
    if (h == NULL)
        return true;
    fail(s, line, "%.*s hears what is not expected: %.*s", TEXT(c->name),
        TEXT(h->name.len > 0 ? h->name : S("an answer")));
    say_what_came(s, h, rest);
    return false;
}

static void do_nothing(struct stage *s, const struct step *step)
{
    (void)step;
    (void)has_nothing_left(s, s->current);
}

/* Of preparations: what came of them is not what the transcript is about. */
static void do_anything(struct stage *s, const struct step *step)
{
    (void)step;
    while (take(&s->current->messages) != NULL)
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
        hang_up(c); /* there is no coming back as the same */
    } else {
        session_lose(c->session);
    }
}

static void do_end(struct stage *s, const struct step *step)
{
    (void)step;
    if (s->current->session == NULL)
        FAIL(s, "%.*s is not connected", TEXT(s->current->name));
    hang_up(s->current);
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
    settle(s);
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
    set_up(s);
    for (const struct step *step = script->steps; step != NULL && !s->has_failed; step = step->next)
        play_step(s, step);
    LIST_EACH(l, &s->clients) {
        if (!s->has_failed)
            (void)has_nothing_left(s, CONTAINER_OF(l, struct client, link));
    }
    bool holds = !s->has_failed;
    tear_down(s);
    xfree(s);
    return holds;
}
