/* Accounts by REST, with passwords hashed for real, cheaply: the client goes in the middle, the
 * server stops in the middle, memory ends anywhere. What the calls mean is tested live. */
#include "web/rest_auth.h"

#include "auth/accounts.h"
#include "rig.h"
#include "store/memory.h"
#include "web/throttle.h"

#define MEMORY_TURNS 400

struct auth_rig {
    struct rig web;
    struct store *store;
    struct hub_settings settings;
    struct lobby lobby;
};

static const struct limit_rate plenty = { .per_s = 1000000, .burst = 1000000 };

static void on_revoked(void *arg, const struct revocation *what)
{
    const struct auth_rig *r = arg;
    hub_send_away(r->lobby.hub, what);
}

static void start(struct auth_rig *r)
{
    static const struct language none = { .title = "none" };
    const struct language *languages[] = { &none };
    rig_init(&r->web);
    rig_start(&r->web);
    r->store = store_memory_new(r->web.loop);
    struct revocations *revocations = revocations_new(r->store);
    r->settings = (struct hub_settings){ .max_rooms = 10,
        .max_sessions = 10,
        .auth_mode = AUTH_OPTIONAL,
        .token_secret = S("0123456789abcdef0123456789abcdef"),
        .token_ttl_ms = 3600000,
        .revocations = revocations };
    const struct accounts_settings accounts = { .loop = r->web.loop,
        .store = r->store,
        .revocations = revocations,
        .passwords = { .memory_bytes = 8192, .passes = 1, .threads = 1 } };
    struct hub *hub = hub_new(&r->web.hubs, 0, r->store, &r->settings);
    r->lobby = (struct lobby){ .hub = hub,
        .rests = rests_new(),
        .accounts = accounts_new(&accounts),
        .revocations = revocations,
        .throttle = throttle_new(plenty, plenty),
        .is_signup_open = true,
        .socket = dispatch_new(hub, languages, 1) };
    revocations_set_listener(revocations, on_revoked, r);
    r->web.front->lobby = &r->lobby;
}

/* As the server ends. */
static void stop(struct auth_rig *r)
{
    struct loop *loop = r->web.loop;
    rig_hang_up(&r->web);
    front_free(r->web.front);
    fronts_fini(&r->web.fronts);
    accounts_free(r->lobby.accounts);
    dispatch_free(r->lobby.socket);
    r->store->ops->close(r->store);
    rests_free(r->lobby.rests);
    hub_free(r->lobby.hub);
    revocations_free(r->lobby.revocations);
    throttle_free(r->lobby.throttle);
    loop_turn(loop, false);
    loop_free(loop);
    free(r->web.heard);
}

/* ---- requests ---- */

static void add_request(
    struct buf *out, const char *method, const char *path, const char *token, const char *body)
{
    buf_reset(out);
    buf_add_str(out, method);
    buf_add_char(out, ' ');
    buf_add_str(out, path);
    buf_add_str(out, " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
    if (token[0]) {
        buf_add_str(out, "Authorization: Bearer ");
        buf_add_str(out, token);
        buf_add_str(out, "\r\n");
    }
    buf_add_str(out, "Content-Length: ");
    buf_add_u64(out, strlen(body));
    buf_add_str(out, "\r\n\r\n");
    buf_add_str(out, body);
}

static void say(
    struct auth_rig *r, const char *method, const char *path, const char *token, const char *body)
{
    static char memory[16384]; /* not of the memory that a test makes fail */
    struct buf text = { .p = memory, .cap = sizeof memory, .max = sizeof memory };
    add_request(&text, method, path, token, body);
    rig_connect(&r->web);
    rig_say_bytes(&r->web, text.p, text.len);
}

/* Until there is an answer, or the server has hung up. */
static int hear(struct auth_rig *r)
{
    for (unsigned i = 0; i < MEMORY_TURNS && !rig_status(&r->web) && !r->web.is_end; i++) {
        loop_turn(r->web.loop, r->lobby.accounts != NULL && i % 8 == 7 && !fault_hit());
        rig_read(&r->web);
    }
    rig_hear(&r->web);
    return rig_status(&r->web);
}

static int ask(
    struct auth_rig *r, const char *method, const char *path, const char *token, const char *body)
{
    say(r, method, path, token, body);
    return hear(r);
}

#define SIGNUP "{\"name\":\"Ada\",\"email\":\"ada@example.org\",\"password\":\"correct horse\"}"
#define LOGIN  "{\"email\":\"ada@example.org\",\"password\":\"correct horse\"}"

/* The token that was given out last. */
static void find_token(char out[2048], const struct rig *web)
{
    static const char key[] = "\"token\":\"";
    const char *at = memmem(web->heard, web->len, key, strlen(key));
    out[0] = '\0';
    if (!at)
        return;
    at += strlen(key);
    size_t len = strcspn(at, "\"");
    memcpy(out, at, len);
    out[len] = '\0';
}

static int signup(struct auth_rig *r, char token[2048])
{
    int status = ask(r, "POST", "/api/auth/signup", "", SIGNUP);
    find_token(token, &r->web);
    return status;
}

struct call {
    const char *method, *path, *body;
    int status;
};

static const struct call calls[] = {
    { "POST", "/api/auth/login", LOGIN, 200 },
    { "POST", "/api/auth/login", "{\"email\":\"eve@a.b\",\"password\":\"correct horse\"}", 401 },
    { "POST", "/api/auth/signup",
        "{\"name\":\"Bob\",\"email\":\"bob@a.b\",\"password\":\"correct\\u0020horse\"}", 201 },
    { "GET", "/api/auth/me", "", 200 },
    { "PATCH", "/api/auth/me", "{\"name\":\"Countess\",\"avatarUrl\":\"/a.png\"}", 200 },
    { "POST", "/api/auth/password",
        "{\"password\":\"correct horse\",\"newPassword\":\"battery staple\"}", 200 },
    { "POST", "/api/auth/logout", "", 204 },
    { "DELETE", "/api/auth/me", "{\"password\":\"correct horse\"}", 204 },
};

#define CALLS (sizeof calls / sizeof *calls)

static void say_call(struct auth_rig *r, const struct call *c, const char *token)
{
    say(r, c->method, c->path, token, c->body);
}

/* ---- tests ---- */

static void test_calls(void)
{
    for (size_t i = 0; i < CALLS; i++) {
        struct auth_rig r;
        char token[2048];
        start(&r);
        is_int(signup(&r, token), 201, "somebody");
        ok(rig_has(&r.web, "Set-Cookie: stoa_session=eyJ"), "with a cookie");
        say_call(&r, &calls[i], token);
        is_int(hear(&r), calls[i].status, "%s %s", calls[i].method, calls[i].path);
        stop(&r);
    }
}

static void test_client_goes(void)
{
    for (size_t i = 0; i < CALLS; i++) {
        unsigned wrong = 0;
        for (unsigned turns = 0; turns < 8; turns++) {
            struct auth_rig r;
            char token[2048];
            start(&r);
            wrong += signup(&r, token) != 201;
            say_call(&r, &calls[i], token);
            rig_turns(&r.web, turns);
            rig_hang_up(&r.web);
            int status = ask(&r, "POST", "/api/auth/login", "", LOGIN);
            wrong += status != 200 && status != 401; /* it may have been done, or not */
            wrong += r.web.fronts.admission.n != 1;
            stop(&r);
        }
        is_int(wrong, 0, "%s %s: who goes in the middle is gone", calls[i].method, calls[i].path);
    }
}

static void test_server_stops(void)
{
    for (size_t i = 0; i < CALLS; i++) {
        for (unsigned turns = 0; turns < 8; turns++) {
            struct auth_rig r;
            char token[2048];
            start(&r);
            signup(&r, token);
            say_call(&r, &calls[i], token);
            rig_turns(&r.web, turns);
            stop(&r);
        }
    }
    ok(true, "the server stops in the middle of anything");
}

/* The client gets an answer or is hung up on; nothing of it is left. */
static void test_without_memory(void)
{
    for (size_t i = 0; i < CALLS; i++) {
        unsigned n = 0, silent = 0, odd = 0;
        for (bool is_over = false; !is_over && n < 500;) {
            struct auth_rig r;
            char token[2048];
            start(&r);
            signup(&r, token);
            fault_alloc_at(++n);
            say_call(&r, &calls[i], token);
            int status = hear(&r);
            is_over = !fault_hit();
            fault_off();
            silent += status == 0 && !r.web.is_end;
            odd += status != 0 && status != 503 && status != 413 && status != calls[i].status;
            stop(&r);
        }
        ok(n > 3, "%s %s: %u faults", calls[i].method, calls[i].path, n - 1);
        is_int(silent, 0, "nobody is left waiting");
        is_int(odd, 0, "or told anything else");
    }
}

static void test_no_accounts(void)
{
    struct auth_rig r;
    start(&r);
    struct accounts *accounts = r.lobby.accounts;
    r.lobby.accounts = NULL;
    is_int(ask(&r, "POST", "/api/auth/login", "", LOGIN), 404, "a face without accounts");
    is_int(ask(&r, "POST", "/api/auth/signup", "", SIGNUP), 404, "makes none");
    r.lobby.accounts = accounts;
    r.lobby.is_signup_open = false;
    is_int(ask(&r, "POST", "/api/auth/signup", "", SIGNUP), 403, "nor does one that is closed");
    ok(rig_has(&r.web, "SIGNUP_CLOSED"), "which says so");
    stop(&r);
}

/* What was sent is not in the request's memory when it is used again. */
static void test_wiped(void)
{
    struct auth_rig r;
    char token[2048];
    start(&r);
    signup(&r, token);
    say(&r, "POST", "/api/auth/login", "", LOGIN);
    rig_turns(&r.web, 1);
    const struct request *q = NULL;
    LIST_EACH(l, &r.web.front->conns)
        q = CONTAINER_OF(l, struct conn, link)->request;
    ok(q && q->body.len == strlen(LOGIN), "a log-in is on its way");
    if (q)
        ok(!memmem(q->body.p, q->body.len, "horse", 5), "and its password is not kept with it");
    is_int(hear(&r), 200, "it comes in");
    stop(&r);
}

int main(void)
{
    rig_prepare();
    test_calls();
    test_client_goes();
    test_server_stops();
    test_without_memory();
    test_no_accounts();
    test_wiped();
    return done();
}
