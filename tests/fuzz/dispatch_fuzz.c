/* dispatch: five clients, one for each language, say what the input says. Nobody is told anything
 * but JSON under a name that some language's table has, and who asks for an answer gets it once.
 *
 * The input is lines. Their first character is a client, '0' to '4' in the order of registry_all:
 *
 *     0 name json      it sends a message;  0?name json  and asks for an answer
 *     3 json           the same of the typed ones, focus and proctor
 *     0!  0^  0#       its connection is lost; is there again; ends, and another begins
 *     .                what was begun is finished;  +700  time passes, in milliseconds
 *
 * In JSON `$t` is the client's token, `$m` an id that was told lately. The clients' socket ids are
 * "s0" to "s4", their accounts "u0" to "u4" (1 is a guest); the room "r" is u0's. */
#include "dialect/dispatch.h"

#include "auth/token.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "fuzz.h"
#include "store/memory.h"

#include <stdlib.h>

#define CLIENTS        REGISTRY_ALL
#define GUEST          1
#define TURNS          16 /* more than any chain of answers has links */
#define ASKED_MAX      512
#define TEXT_MAX_BYTES (1u << 20)
#define ID_BYTES       40
#define MAX_PASS_MS    200000 /* of one line */

struct client {
    struct play *play;
    struct session *session;
    const struct language *language;
    struct dispatch *dispatch;
    bool was_answered[ASKED_MAX];
    unsigned asked;    /* ids below were given out */
    unsigned forgiven; /* those below were asked on a connection that is gone */
};

struct play {
    struct test_clock clock;
    struct loop *loop;
    struct store *store;
    struct hub_settings settings;
    struct places places;
    struct hubs hubs;
    struct hub *hub;
    struct dispatch *socket;
    struct dispatch *focus;
    struct dispatch *proctor;
    struct arena arena;
    struct buf text;
    char told_id[ID_BYTES];
    size_t told_len;
    struct client clients[CLIENTS];
};

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* ---- the line ---- */

struct frame {
    unsigned refs;
    size_t len;
    char json[];
};

static bool is_said(const struct language *l, struct slice name)
{
    for (size_t i = 0; i < l->n_said; i++) {
        if (slice_eq(slice_str(l->said[i].name), name))
            return true;
    }
    return false;
}

static void check_said(struct slice name, struct slice json)
{
    struct arena arena;
    struct json_value v;
    unsigned n = 0;
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        n += is_said(registry_all[i], name);
    must(n > 0);
    arena_init(&arena, TEXT_MAX_BYTES);
    must(json_read_whole(&v, json, &arena) == 0);
    must(v.type == JSON_OBJECT || v.type == JSON_ARRAY);
    arena_fini(&arena);
}

static struct frame *line_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    (void)line;
    check_said(name, json);
    struct frame *f = xalloc(sizeof(*f) + json.len);
    *f = (struct frame){ .refs = 1, .len = json.len };
    memcpy(f->json, json.p, json.len);
    return f;
}

static void line_unref(struct frame *f)
{
    if (--f->refs == 0)
        xfree(f);
}

/* Keeps the first id that is told. */
static void line_send(struct session *s, struct frame *f)
{
    static const struct slice key = SLICE("d\":\"");
    struct play *p = ((struct client *)s->carrier)->play;
    struct slice id, rest = slice_of(f->json, f->len);
    const char *at = memmem(f->json, f->len, key.p, key.len);
    if (at == NULL)
        return;
    rest = slice_drop(rest, (size_t)(at - f->json) + key.len);
    if (!slice_cut(&id, &rest, '"') || id.len == 0 || id.len > ID_BYTES)
        return;
    memcpy(p->told_id, id.p, id.len);
    p->told_len = id.len;
}

static void line_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    struct client *c = s->carrier;
    struct arena arena;
    struct json_value v;
    arena_init(&arena, TEXT_MAX_BYTES);
    must(json_read_whole(&v, json, &arena) == 0 && v.type == JSON_OBJECT);
    must(ack_id < c->asked && !c->was_answered[ack_id]);
    c->was_answered[ack_id] = true;
    arena_fini(&arena);
}

static void drop(struct client *c)
{
    c->forgiven = c->asked;
    c->session = NULL;
}

static const struct line socket_line = { .name = "/",
    .number = 0,
    .encode = line_encode,
    .unref = line_unref,
    .send = line_send,
    .answer = line_answer };
static const struct line raw_line = {
    .name = "raw", .number = 1, .encode = line_encode, .unref = line_unref, .send = line_send
};

/* ---- acting ---- */

static void settle(struct play *p)
{
    for (int i = 0; i < TURNS; i++)
        loop_turn(p->loop, false);
}

/* A name in every client's own words: "u0". */
static struct slice name_of(const struct client *c, const char *names)
{
    return slice_of(names + 2 * (c - c->play->clients), 2);
}

static void connect_client(struct client *c)
{
    struct play *p = c->play;
    struct slice name = name_of(c, "u0u1u2u3u4");
    struct identity who = { .user_id = name, .name = name, .avatar_url = S("") };
    bool is_guest = c - p->clients == GUEST;
    bool is_focus = c->language == &focus_language;
    struct session_options o = { .hub = p->hub,
        .line = c->language->dialect->is_typed ? &raw_line : &socket_line,
        .dialect = c->language->dialect,
        .carrier = c,
        .id = name_of(c, "s0s1s2s3s4"),
        .room_id = is_focus ? S("r") : S(""),
        .identity = is_guest ? NULL : &who };
    must(session_new(&c->session, &o) == 0);
    if (is_focus)
        dispatch_message(c->dispatch, c->session, S("connect"), S(""), TONGUE_NO_ACK);
}

static void end_client(struct client *c)
{
    struct session *s = c->session;
    if (s == NULL)
        return;
    dispatch_drop(c->dispatch, s);
    session_end(s);
    drop(c);
}

static void change_connection(struct client *c, char how)
{
    if (how == '#' || c->session == NULL) {
        end_client(c);
        settle(c->play);
        connect_client(c);
    } else if (how == '!' && !c->session->is_lost) {
        c->forgiven = c->asked;
        session_lose(c->session);
    } else if (how == '^' && c->session->is_lost) {
        session_regain(c->session);
    }
}

static void add_token(struct buf *out, const struct client *c)
{
    struct play *p = c->play;
    struct slice token, name = name_of(c, "u0u1u2u3u4");
    struct token_key key = { .secret = p->settings.token_secret };
    struct token_claims claims = {
        .who = { .user_id = name, .name = name }, .now_ms = loop_wall_ms(p->loop), .ttl_ms = 60000
    };
    arena_reset(&p->arena);
    must(token_mint(&token, &p->arena, &key, &claims) == 0);
    buf_add_slice(out, token);
}

/* With its variables filled in; in memory of its exact size, for ASan to see reads beyond it. */
static char *fill_in(size_t *len, const struct client *c, struct slice json)
{
    struct play *p = c->play;
    buf_reset(&p->text);
    for (; json.len > 0; json = slice_drop(json, 1)) {
        bool is_token = slice_starts(json, S("$t")), is_id = slice_starts(json, S("$m"));
        if (is_token)
            add_token(&p->text, c);
        else if (is_id)
            buf_add(&p->text, p->told_id, p->told_len);
        else
            buf_add_char(&p->text, json.p[0]);
        json = slice_drop(json, is_token || is_id);
    }
    *len = p->text.len;
    char *copy = malloc(*len + (*len == 0));
    must(copy != NULL);
    if (*len > 0)
        memcpy(copy, p->text.p, *len);
    return copy;
}

static void say(struct client *c, struct slice what, bool is_asked)
{
    bool is_typed = c->language->dialect->is_typed;
    struct slice name = S("");
    uint64_t ack_id = TONGUE_NO_ACK;
    if (c->session == NULL || c->session->is_lost)
        return;
    if (!is_typed)
        (void)slice_cut(&name, &what, ' ');
    if (!is_typed && is_asked && c->asked < ASKED_MAX)
        ack_id = c->asked++;
    size_t len;
    char *json = fill_in(&len, c, what);
    if (is_typed)
        dispatch_typed(c->dispatch, c->session, slice_of(json, len));
    else
        dispatch_message(c->dispatch, c->session, name, slice_of(json, len), ack_id);
    free(json);
}

static void pass(struct play *p, struct slice digits)
{
    uint64_t ms;
    if (slice_u64(&ms, digits) || ms > MAX_PASS_MS)
        return;
    test_clock_turn(&p->clock, ms * 1000);
    settle(p);
}

static void act(struct play *p, struct slice line)
{
    if (line.len == 0)
        return;
    if (line.p[0] == '+')
        pass(p, slice_drop(line, 1));
    else if (line.p[0] == '.')
        settle(p);
    if (line.p[0] < '0' || line.p[0] >= '0' + CLIENTS || line.len < 2)
        return;
    struct client *c = &p->clients[line.p[0] - '0'];
    if (line.p[1] == ' ' || line.p[1] == '?')
        say(c, slice_drop(line, 2), line.p[1] == '?');
    else
        change_connection(c, line.p[1]);
}

/* ---- beginning and end ---- */

static void begin(struct play *p)
{
    struct hub_room *room;
    struct hub_creation create = { .id = S("r"),
        .by = S("u0"),
        .room = { .title = S("Fuzz"),
            .owner_id = S("u0"),
            .settings = room_default_settings(MODE_STUDY) } };
    p->settings = (struct hub_settings){ .auth_mode = AUTH_OPTIONAL,
        .max_rooms = 8,
        .max_sessions = 8,
        .idle_ms = 60000,
        .grace_ms = 10000,
        .mesh_limit = 2,
        .token_secret = S("0123456789abcdef0123456789abcdef"),
        .token_ttl_ms = 60000 };
    p->settings.rates[LIMIT_CREATE] = (struct limit_rate){ .per_s = 1, .burst = 4 };
    p->settings.rates[RATE_PROCTOR] = (struct limit_rate){ .per_s = 1, .burst = 20 };
    test_clock_init(&p->clock);
    must(loop_new(&p->loop, &p->clock.clock) == 0);
    p->store = store_memory_new(p->loop);
    places_alone(&p->places, p->loop);
    hubs_init(&p->hubs, &p->places);
    p->hub = hub_new(&p->hubs, 0, p->store, &p->settings);
    p->socket = dispatch_new(p->hub, registry_socket, REGISTRY_SOCKET);
    p->focus = dispatch_new(p->hub, (const struct language *const[]){ &focus_language }, 1);
    p->proctor = dispatch_new(p->hub, (const struct language *const[]){ &proctor_language }, 1);
    arena_init(&p->arena, TOKEN_ARENA_BYTES);
    buf_init(&p->text, TEXT_MAX_BYTES);
    must(hub_create(&room, p->hub, &create) == 0);
    settle(p);
}

static struct dispatch *dispatch_of(const struct play *p, const struct language *l)
{
    if (l == &focus_language)
        return p->focus;
    return l == &proctor_language ? p->proctor : p->socket;
}

static void connect_all(struct play *p)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client *c = &p->clients[i];
        *c = (struct client){ .play = p, .language = registry_all[i] };
        c->dispatch = dispatch_of(p, c->language);
        connect_client(c);
    }
}

static void check_answered(const struct client *c)
{
    for (unsigned i = c->forgiven; i < c->asked; i++)
        must(c->was_answered[i]);
}

static void end(struct play *p)
{
    settle(p);
    for (size_t i = 0; i < CLIENTS; i++)
        check_answered(&p->clients[i]);
    for (size_t i = 0; i < CLIENTS; i++)
        end_client(&p->clients[i]);
    settle(p);
    dispatch_free(p->socket);
    dispatch_free(p->focus);
    dispatch_free(p->proctor);
    p->store->ops->close(p->store);
    hub_free(p->hub);
    loop_turn(p->loop, false);
    loop_free(p->loop);
    arena_fini(&p->arena);
    buf_fini(&p->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct play *p = xalloc(sizeof(*p));
    struct slice rest = slice_of(data, size), line;
    log_set_level(LOG_OFF);
    begin(p);
    connect_all(p);
    while (slice_cut(&line, &rest, '\n'))
        act(p, line);
    end(p);
    xfree(p);
    return 0;
}
