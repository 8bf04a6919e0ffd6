/* A handler asks auth/accounts and returns; on_account() writes the answer. Whoever tries passwords
 * passes web/throttle first. Passwords are wiped from the request as soon as they were copied for
 * the worker. */
#include "web/rest_auth.h"

#include "auth/accounts.h"
#include "auth/email.h"
#include "base/base64.h"
#include "base/panic.h"
#include "base/random.h"
#include "web/cookie.h"
#include "web/rest_access.h"
#include "web/throttle.h"

#include <openssl/crypto.h>

#define EMAIL_MAX        (STORE_EMAIL_MAX + 16) /* with spaces around it */
#define TOKEN_ID_RANDOM  15                     /* bytes: 20 characters */
#define TOKEN_AVATAR_MAX 1024 /* a longer one is not in tokens: cookies have a size, too */
#define SECOND_MS        1000

#define EXAMPLE_USER                                                                  \
    "\"_id\":\"u_Qb3xT5kLm2Np8RsVw1Yz\",\"id\":\"u_Qb3xT5kLm2Np8RsVw1Yz\","           \
    "\"userId\":\"u_Qb3xT5kLm2Np8RsVw1Yz\",\"name\":\"Ada\",\"displayName\":\"Ada\"," \
    "\"email\":\"ada@example.org\",\"avatarUrl\":null,\"guest\":false,"               \
    "\"createdAt\":\"2026-01-02T03:04:05.678Z\""
#define EXAMPLE "{\"user\":{" EXAMPLE_USER "},\"token\":\"eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl\"}"

/* ---- what is told ---- */

static void put_ids(struct json_writer *w, struct slice id, struct slice name)
{
    jw_field_str(w, "_id", id);
    jw_field_str(w, "id", id);
    jw_field_str(w, "userId", id);
    jw_field_str(w, "name", name);
    jw_field_str(w, "displayName", name);
}

static void put_avatar(struct json_writer *w, struct slice url)
{
    if (url.len > 0)
        jw_field_str(w, "avatarUrl", url);
    else
        jw_field_null(w, "avatarUrl");
}

static void put_user(struct json_writer *w, const struct store_user *u)
{
    jw_field_object(w, "user");
    put_ids(w, u->id, u->name);
    jw_field_str(w, "email", u->email);
    put_avatar(w, u->avatar_url);
    if (u->is_admin)
        jw_field_str(w, "role", S("admin"));
    jw_field_bool(w, "guest", false);
    jw_field_time(w, "createdAt", u->created_at_ms);
    jw_end(w);
}

/* Somebody without an account here: all that is known is what the token says. */
static int put_bearer(struct rest *c)
{
    const struct identity *who = &c->asker.who;
    struct json_writer *w = rest_object(c);
    jw_field_object(w, "user");
    put_ids(w, who->user_id, who->name);
    put_avatar(w, who->avatar_url);
    if (who->is_admin)
        jw_field_str(w, "role", S("admin"));
    jw_field_bool(w, "guest", who->is_guest);
    jw_field_null(w, "createdAt");
    jw_end(w);
    return 0;
}

/* ---- tokens ---- */

static int mint(struct slice *token, struct rest *c, const struct account *account)
{
    char bytes[TOKEN_ID_RANDOM];
    char id[2 * TOKEN_ID_RANDOM];
    const struct store_user *u = &account->user;
    const struct token_key key = { .secret = c->settings.token_secret };
    struct token_claims claims = {
        .who = { .user_id = u->id, .name = u->name, .is_admin = u->is_admin },
        .now_ms = account->as_of_ms,
        .ttl_ms = c->settings.token_ttl_ms,
    };
    random_bytes(bytes, sizeof bytes);
    base64_encode(id, slice_of(bytes, sizeof bytes), BASE64_URL);
    claims.who.token_id = slice_of(id, base64_encoded_len(sizeof bytes, BASE64_URL));
    if (u->avatar_url.len <= TOKEN_AVATAR_MAX)
        claims.who.avatar_url = u->avatar_url;
    return token_mint(token, &c->request->arena, &key, &claims);
}

static int welcome(struct rest *c, const struct account *account)
{
    struct slice token;
    uint64_t seconds = c->settings.token_ttl_ms / SECOND_MS;
    int err = mint(&token, c, account);
    if (!err)
        err = cookie_give_session(&c->session_cookie, c->request, token, seconds);
    if (err)
        return err;
    struct json_writer *w = rest_object(c);
    put_user(w, &account->user);
    jw_field_str(w, "token", token);
    return 0;
}

static int take_cookie_away(struct rest *c)
{
    return cookie_give_session(&c->session_cookie, c->request, S(""), 0);
}

/* ---- asking ---- */

/* What a call of these is about, as long as its client waits. */
struct errand {
    int (*answer)(struct rest *c, const struct account *account);
    bool is_try; /* of a password */
    struct throttle_try which;
};

static uint64_t now_us(const struct rest *c)
{
    return loop_now_us(hub_loop(rest_hub(c)));
}

static void note_outcome(struct rest *c, const struct errand *e, int err)
{
    struct throttle *t = c->lobby->throttle;
    if (!e->is_try || err == ERR_WRONG_LOGIN)
        return;
    if (err)
        throttle_undo(t, &e->which);
    else
        throttle_forgive(t, &e->which);
}

static int no_account(struct rest *c, int err)
{
    if (err == ERR_NOT_FOUND)
        c->why = S("You have no account here: your token was issued elsewhere.");
    return err;
}

static void on_account(void *arg, int err, const struct account *account)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    const struct errand *e = c->own;
    note_outcome(c, e, err);
    err = err ? no_account(c, err) : e->answer(c, account);
    rest_go_on(c, err);
}

static void wipe(struct slice s)
{
    if (s.len > 0)
        OPENSSL_cleanse((void *)(uintptr_t)s.p, s.len);
}

/* They lie in the body, or in the arena where they had to be decoded. */
static void wipe_passwords(struct rest *c, const struct account_ask *ask)
{
    wipe(ask->password);
    wipe(ask->new_password);
    wipe(c->request->body);
}

static int ask(struct rest *c, const struct account_ask *what, const struct errand *about)
{
    const char *fault = accounts_fault(what);
    if (fault) {
        c->why = slice_str(fault);
        return ERR_BAD_FIELD;
    }
    c->own = arena_alloc(&c->request->arena, sizeof *about);
    if (!c->own)
        return ERR_NO_MEMORY;
    memcpy(c->own, about, sizeof *about);
    int err = accounts_ask(c->lobby->accounts, what, on_account, c);
    wipe_passwords(c, what);
    if (!err)
        rest_wait_for_store(c);
    else
        note_outcome(c, about, err);
    return err;
}

/* One more try of a password. */
static int try_password(struct rest *c, struct errand *e, struct slice account)
{
    e->is_try = true;
    e->which = (struct throttle_try){ .from = c->request->peer };
    int err = arena_copy(&e->which.account, &c->request->arena, account);
    return err ? err : throttle_take(&c->retry_ms, c->lobby->throttle, &e->which, now_us(c));
}

static int find_accounts(const struct rest *c)
{
    return c->lobby->accounts ? 0 : ERR_NOT_FOUND;
}

static int find_own(struct slice *user_id, const struct rest *c)
{
    *user_id = rest_account(c);
    if (user_id->len == 0)
        return ERR_UNAUTHORIZED;
    return find_accounts(c);
}

/* clang-format off */
#define EMAIL_FIELD(type_, member)                                                                 \
    { .name = "email", FIELD_MEMBER(type_, member), .type = FIELD_STR, .required = true,           \
      .max = EMAIL_MAX, .trim = true, .help = "the address that names the account" }
#define PASSWORD_FIELD(type_, member)                                                              \
    { .name = "password", FIELD_MEMBER(type_, member), .type = FIELD_STR, .required = true,        \
      .max = PASSWORD_MAX_BYTES, .help = "the password" }
/* clang-format on */

/* ---- signing up ---- */

struct signup {
    struct slice name;
    struct slice email;
    struct slice password;
};

static const struct field signup_list[] = {
    { .name = "name",
        .aliases = { "displayName", "username" },
        FIELD_MEMBER(struct signup, name),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what others see" },
    EMAIL_FIELD(struct signup, email),
    PASSWORD_FIELD(struct signup, password),
};
static const struct fields signup_fields = FIELDS(signup_list);

static int signup(struct rest *c)
{
    const struct signup *a = c->args;
    const struct errand about = { .answer = welcome };
    const struct throttle_try which = { .from = c->request->peer };
    const struct account_ask what = {
        .deed = ACCOUNT_CREATE, .email = a->email, .name = a->name, .new_password = a->password
    };
    int err = find_accounts(c);
    if (!err && !c->lobby->is_signup_open)
        err = ERR_SIGNUP_CLOSED;
    if (!err)
        err = throttle_take(&c->retry_ms, c->lobby->throttle, &which, now_us(c));
    return err ? err : ask(c, &what, &about);
}

const struct rest_row rest_auth_signup = {
    REST_ARGS(struct signup, signup_fields),
    .is_a_door = true,
    .act = signup,
    .gives_status = 201,
    .gives = EXAMPLE,
};

/* ---- logging in and out ---- */

struct login {
    struct slice email;
    struct slice password;
};

static const struct field login_list[] = {
    EMAIL_FIELD(struct login, email),
    PASSWORD_FIELD(struct login, password),
};
static const struct fields login_fields = FIELDS(login_list);

static int login(struct rest *c)
{
    char email[STORE_EMAIL_MAX + 1];
    const struct login *a = c->args;
    struct errand about = { .answer = welcome };
    const struct account_ask what = {
        .deed = ACCOUNT_LOG_IN, .email = a->email, .password = a->password
    };
    bool is_email = email_normalise(email, a->email) == 0;
    int err = find_accounts(c);
    if (!err)
        err = try_password(c, &about, is_email ? slice_str(email) : a->email);
    return err ? err : ask(c, &what, &about);
}

const struct rest_row rest_auth_login = {
    REST_ARGS(struct login, login_fields),
    .is_a_door = true,
    .act = login,
    .gives_status = 200,
    .gives = EXAMPLE,
};

static void on_revoked(void *arg, int err)
{
    struct rest *c = arg;
    if (rest_is_back(c))
        rest_go_on(c, err);
}

/* Where nobody is known there is nothing to end but the cookie. */
static int logout(struct rest *c)
{
    const struct identity *who = &c->asker.who;
    struct revocations *r = c->lobby->revocations;
    int err = take_cookie_away(c);
    if (err || !c->asker.is_known || !r)
        return err;
    int64_t now_ms = rest_now_ms(c);
    const struct revocation what = { .user_id = who->user_id,
        .token_id = who->token_id,
        .before_ms = revocations_moment(r, now_ms),
        .until_ms = c->asker.expires_at_ms < INT64_MAX - TOKEN_LEEWAY_S * SECOND_MS
            ? c->asker.expires_at_ms + TOKEN_LEEWAY_S * SECOND_MS
            : 0 };
    err = revocations_add(r, &what, now_ms, on_revoked, c);
    if (!err)
        rest_wait_for_store(c);
    return err;
}

const struct rest_row rest_auth_logout = {
    .is_a_door = true,
    .act = logout,
    .gives_status = 204,
};

/* ---- one's own account ---- */

static int show(struct rest *c, const struct account *account)
{
    put_user(rest_object(c), &account->user);
    return 0;
}

/* Whoever another issuer knows has no account here. */
static void on_shown(void *arg, int err, const struct account *account)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (err == ERR_NOT_FOUND)
        err = put_bearer(c);
    else if (!err)
        err = show(c, account);
    rest_go_on(c, err);
}

static int me(struct rest *c)
{
    const struct account_ask what = { .deed = ACCOUNT_SHOW, .user_id = rest_account(c) };
    if (!c->asker.is_known)
        return ERR_UNAUTHORIZED;
    if (what.user_id.len == 0 || !c->lobby->accounts)
        return put_bearer(c);
    int err = accounts_ask(c->lobby->accounts, &what, on_shown, c);
    if (!err)
        rest_wait_for_store(c);
    return err;
}

const struct rest_row rest_auth_me = {
    .act = me,
    .gives_status = 200,
    .gives = "{\"user\":{" EXAMPLE_USER "}}",
};

struct change {
    struct slice name;
    struct slice avatar_url;
    bool has_avatar;
};

static const struct field change_list[] = {
    { .name = "name",
        .aliases = { "displayName", "username" },
        FIELD_MEMBER(struct change, name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what others see; without it, it stays" },
    { .name = "avatarUrl",
        .aliases = { "avatar" },
        FIELD_MEMBER(struct change, avatar_url),
        FIELD_HAS(struct change, has_avatar),
        .type = FIELD_STR,
        .max = TOKEN_AVATAR_MAX,
        .help = "a picture, of https or of this server; empty: none" },
};
static const struct fields change_fields = FIELDS(change_list);

static int change(struct rest *c)
{
    const struct change *a = c->args;
    const struct errand about = { .answer = welcome };
    struct account_ask what = {
        .deed = ACCOUNT_CHANGE, .name = a->name, .avatar = a->has_avatar ? &a->avatar_url : NULL
    };
    int err = find_own(&what.user_id, c);
    return err ? err : ask(c, &what, &about);
}

const struct rest_row rest_auth_change = {
    REST_ARGS(struct change, change_fields),
    .limit = REST_LIMIT(RATE_CONTROL),
    .act = change,
    .gives_status = 200,
    .gives = EXAMPLE,
};

struct password {
    struct slice old;
    struct slice new;
};

static const struct field password_list[] = {
    PASSWORD_FIELD(struct password, old),
    { .name = "newPassword",
        FIELD_MEMBER(struct password, new),
        .type = FIELD_STR,
        .required = true,
        .max = PASSWORD_MAX_BYTES,
        .help = "the one from now on: 8 bytes at least" },
};
static const struct fields password_fields = FIELDS(password_list);

static int set_password(struct rest *c)
{
    const struct password *a = c->args;
    struct errand about = { .answer = welcome };
    struct account_ask what = {
        .deed = ACCOUNT_SET_PASSWORD, .password = a->old, .new_password = a->new
    };
    int err = find_own(&what.user_id, c);
    if (!err)
        err = try_password(c, &about, what.user_id);
    return err ? err : ask(c, &what, &about);
}

const struct rest_row rest_auth_password = {
    REST_ARGS(struct password, password_fields),
    .act = set_password,
    .gives_status = 200,
    .gives = EXAMPLE,
};

struct farewell {
    struct slice password;
};

static const struct field farewell_list[] = { PASSWORD_FIELD(struct farewell, password) };
static const struct fields farewell_fields = FIELDS(farewell_list);

static int on_deleted(struct rest *c, const struct account *account)
{
    (void)account;
    return take_cookie_away(c);
}

static int delete (struct rest *c)
{
    const struct farewell *a = c->args;
    struct errand about = { .answer = on_deleted };
    struct account_ask what = { .deed = ACCOUNT_DELETE, .password = a->password };
    int err = find_own(&what.user_id, c);
    if (!err)
        err = try_password(c, &about, what.user_id);
    return err ? err : ask(c, &what, &about);
}

const struct rest_row rest_auth_delete = {
    REST_ARGS(struct farewell, farewell_fields),
    .act = delete,
    .gives_status = 204,
};
