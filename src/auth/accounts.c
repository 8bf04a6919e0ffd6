/* Each deed is a list of steps; a step is done at once, or waits for the store or for a worker and
 * is followed by the next one when that has answered.
 *
 * Whoever changes an account reads it first and writes all of it, so changes of one account wait
 * for each other (lock). What is written together with a revocation is asked for in one go: the
 * revocation first, so that a crash between the two leaves nobody with a token who should have
 * none; and the store answers no reading that was asked for later without having written both. So
 * a log-in that was asked for earlier, and may have seen the old password, has a moment before the
 * revocation's. */
#include "auth/accounts.h"

#include "auth/email.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "room/text.h"

#include <sodium.h>

#define ERRAND_MAGIC       0x4143434fu
#define ERRAND_ARENA_BYTES (32u << 10) /* two accounts with the longest texts there are */
#define ID_RANDOM          15          /* bytes: 20 characters */
#define ID_PREFIX          "u_"        /* unlike a guest's, and hardly another issuer's */
#define STOP               1           /* of a step: it is done, whatever follows in the list */

struct errand;

/* 0: the next step; STOP; ERR_AGAIN: go_on() follows later; or an error. */
typedef int(step_fn)(struct errand *e);

struct accounts {
    struct loop *loop;
    struct store *store;
    struct revocations *revocations;
    struct passwords *passwords;
    struct link errands;
    bool is_closing;
};

struct errand {
    uint32_t magic;
    struct link link;
    struct accounts *accounts;
    step_fn *const *next;
    enum account_deed deed;
    bool is_operator;
    bool is_found;
    bool has_lock;
    bool wants_lock;
    unsigned n_parts; /* of a change that the store has not answered */
    int err;          /* of one of them */
    bool is_admin;
    bool has_admin;
    bool has_avatar;
    int64_t moment_ms;
    char id[ROOM_USER_ID_MAX + 1]; /* "": by the e-mail */
    char email[STORE_EMAIL_MAX + 1];
    struct slice name;
    struct slice avatar;
    struct slice old_hash;
    struct store_user user; /* texts are in the arena, or those above */
    char password[PASSWORD_MAX_BYTES];
    size_t password_len;
    char new_password[PASSWORD_MAX_BYTES];
    size_t new_password_len;
    struct password_work work;
    account_done *done; /* NULL: it was answered */
    void *arg;
    struct arena arena;
};

static void go_on(struct errand *e, int err);

/* ---- its life ---- */

static struct errand *errand_of(struct link *l)
{
    return CONTAINER_OF(l, struct errand, link);
}

static void errand_free(struct errand *e)
{
    CHECK_MAGIC(e, ERRAND_MAGIC);
    link_leave(&e->link);
    arena_fini(&e->arena);
    sodium_memzero(e, sizeof *e);
    xfree(e);
}

/* Who waits for the same account goes on. */
static void unlock(struct errand *e)
{
    struct accounts *a = e->accounts;
    e->has_lock = false;
    LIST_EACH(l, &a->errands) {
        struct errand *next = errand_of(l);
        if (!next->wants_lock || strcmp(next->id, e->id) != 0)
            continue;
        next->wants_lock = false;
        next->has_lock = true;
        go_on(next, 0);
        return;
    }
}

static void answer(struct errand *e, int err)
{
    const struct account account = { .user = e->user, .as_of_ms = e->moment_ms };
    account_done *done = e->done;
    e->done = NULL;
    if (done)
        done(e->arg, err, err ? NULL : &account);
}

static void finish(struct errand *e, int err)
{
    answer(e, err);
    if (e->has_lock)
        unlock(e);
    errand_free(e);
}

/* ERR_AGAIN: it waits. */
static int advance(struct errand *e)
{
    int err = 0;
    while (!err && *e->next)
        err = (*e->next++)(e);
    return err == STOP ? 0 : err;
}

static void go_on(struct errand *e, int err)
{
    CHECK_MAGIC(e, ERRAND_MAGIC);
    if (e->accounts->is_closing)
        return;
    if (!err)
        err = advance(e);
    if (err != ERR_AGAIN)
        finish(e, err);
}

/* ---- finding ---- */

static int keep_user(struct errand *e, const struct store_user *u)
{
    struct store_user *to = &e->user;
    struct slice id;
    int err = arena_copy(&id, &e->arena, slice_take(u->id, ROOM_USER_ID_MAX));
    *to = *u;
    to->id = id;
    if (!err)
        err = arena_copy(&to->email, &e->arena, u->email);
    if (!err)
        err = arena_copy(&to->name, &e->arena, u->name);
    if (!err)
        err = arena_copy(&to->avatar_url, &e->arena, u->avatar_url);
    if (!err)
        err = arena_copy(&to->password_hash, &e->arena, u->password_hash);
    if (!err)
        memcpy(e->id, id.p, id.len + 1);
    return err;
}

static void on_found(void *arg, int err, const struct store_users *page)
{
    struct errand *e = arg;
    CHECK_MAGIC(e, ERRAND_MAGIC);
    e->is_found = !err && page->n > 0;
    if (e->is_found)
        err = keep_user(e, &page->at[0]);
    go_on(e, err == ERR_NOT_FOUND ? 0 : err);
}

static int find(struct errand *e)
{
    struct store *store = e->accounts->store;
    struct store_user_query q = { .id = slice_str(e->id), .limit = 1 };
    if (e->id[0] == '\0')
        q.email = slice_str(e->email);
    store->ops->users(store, &q, on_found, e);
    return ERR_AGAIN;
}

static int must_be_found(struct errand *e)
{
    bool is_good = e->is_found && (e->is_operator || !e->user.is_disabled);
    return is_good ? 0 : ERR_NOT_FOUND;
}

static bool is_locked(const struct errand *e)
{
    LIST_EACH(l, &e->accounts->errands) {
        if (errand_of(l)->has_lock && strcmp(errand_of(l)->id, e->id) == 0)
            return true;
    }
    return false;
}

static int lock(struct errand *e)
{
    e->wants_lock = is_locked(e);
    e->has_lock = !e->wants_lock;
    return e->wants_lock ? ERR_AGAIN : 0;
}

/* An operator may know the e-mail alone. */
static int find_id(struct errand *e)
{
    return e->id[0] != '\0' ? 0 : find(e);
}

static int must_have_id(struct errand *e)
{
    return e->id[0] != '\0' ? 0 : ERR_NOT_FOUND;
}

/* ---- passwords ---- */

static void on_worked(struct password_work *w)
{
    go_on(CONTAINER_OF(w, struct errand, work), w->err);
}

static int verify(struct errand *e)
{
    struct slice hash = e->is_found ? e->user.password_hash : S("");
    if (e->is_operator)
        return 0;
    e->old_hash = hash;
    int err = password_verify(
        &e->work, e->accounts->passwords, slice_of(e->password, e->password_len), hash);
    return err ? err : ERR_AGAIN;
}

static int must_be_right(struct errand *e)
{
    bool is_right = e->is_operator || (e->work.is_right && !e->user.is_disabled);
    return is_right ? 0 : ERR_WRONG_LOGIN;
}

static int make_hash(struct errand *e)
{
    int err = password_make(
        &e->work, e->accounts->passwords, slice_of(e->new_password, e->new_password_len));
    return err ? err : ERR_AGAIN;
}

static int take_hash(struct errand *e)
{
    return arena_copy(&e->user.password_hash, &e->arena, slice_str(e->work.hash));
}

/* The rest is no longer the asker's business. */
static int answer_now(struct errand *e)
{
    answer(e, 0);
    return e->work.is_renewed ? 0 : STOP;
}

/* Somebody may have set another one meanwhile. */
static int must_be_unchanged(struct errand *e)
{
    /* not secret: both are the store's */
    return e->is_found && slice_eq(e->user.password_hash, e->old_hash) ? 0 : STOP;
}

/* ---- writing ---- */

static void on_added(void *arg, int err)
{
    struct errand *e = arg;
    if (!err)
        log_info(LOG_AUTH, "account made", LOG_STR("user", e->id));
    go_on(e, err == ERR_CONFLICT ? ERR_EMAIL_TAKEN : err);
}

static void make_id(char id[ROOM_USER_ID_MAX + 1])
{
    char bytes[ID_RANDOM];
    size_t len = strlen(ID_PREFIX);
    random_bytes(bytes, sizeof bytes);
    memcpy(id, ID_PREFIX, len);
    base64_encode(id + len, slice_of(bytes, sizeof bytes), BASE64_URL);
    id[len + base64_encoded_len(sizeof bytes, BASE64_URL)] = '\0';
}

static int add(struct errand *e)
{
    struct store *store = e->accounts->store;
    make_id(e->id);
    e->user = (struct store_user){
        .id = slice_str(e->id),
        .email = slice_str(e->email),
        .name = e->name,
        .avatar_url = e->avatar,
        .password_hash = slice_str(e->work.hash),
        .is_admin = e->is_admin,
        .created_at_ms = loop_wall_ms(e->accounts->loop),
    };
    store->ops->put_user(store, STORE_ADD, &e->user, on_added, e);
    return ERR_AGAIN;
}

static int take_changes(struct errand *e)
{
    if (e->name.len > 0)
        e->user.name = e->name;
    if (e->has_avatar)
        e->user.avatar_url = e->avatar;
    if (e->has_admin)
        e->user.is_admin = e->is_admin;
    return 0;
}

static int take_disabled(struct errand *e)
{
    e->user.is_disabled = e->deed == ACCOUNT_DISABLE;
    return 0;
}

static const char *const deed_logs[] = {
    [ACCOUNT_CHANGE] = "account changed",
    [ACCOUNT_SET_PASSWORD] = "password set",
    [ACCOUNT_DISABLE] = "account disabled",
    [ACCOUNT_DELETE] = "account deleted",
    [ACCOUNT_ENABLE] = "account enabled",
};

/* All parts of a change are answered, however one of them ended. */
static void on_part(void *arg, int err)
{
    struct errand *e = arg;
    CHECK_MAGIC(e, ERRAND_MAGIC);
    if (!e->err)
        e->err = err;
    if (--e->n_parts > 0)
        return;
    if (!e->err && deed_logs[e->deed])
        log_info(LOG_AUTH, deed_logs[e->deed], LOG_STR("user", e->id));
    go_on(e, e->err);
}

static void put(struct errand *e)
{
    struct store *store = e->accounts->store;
    e->n_parts++;
    if (e->deed == ACCOUNT_DELETE)
        store->ops->drop_user(store, slice_str(e->id), on_part, e);
    else
        store->ops->put_user(store, STORE_CHANGE, &e->user, on_part, e);
}

static int write(struct errand *e)
{
    put(e);
    return ERR_AGAIN;
}

static int revoke_and_write(struct errand *e)
{
    struct accounts *a = e->accounts;
    int64_t now_ms = loop_wall_ms(a->loop);
    e->moment_ms = revocations_moment(a->revocations, now_ms);
    const struct revocation all = { .user_id = slice_str(e->id), .before_ms = e->moment_ms };
    int err = revocations_add(a->revocations, &all, now_ms, on_part, e);
    if (err)
        return err;
    e->n_parts++;
    put(e);
    return ERR_AGAIN;
}

/* Rights are said by tokens. */
static int write_changes(struct errand *e)
{
    return e->has_admin ? revoke_and_write(e) : write(e);
}

/* ---- deeds ---- */

#define FIND_TO_CHANGE find_id, must_have_id, lock, find, must_be_found

static step_fn *const create_steps[] = { make_hash, add, NULL };
static step_fn *const log_in_steps[] = { find, verify, must_be_right, answer_now, lock, find,
    must_be_unchanged, take_hash, write, NULL };
static step_fn *const show_steps[] = { find, must_be_found, NULL };
static step_fn *const change_steps[] = { FIND_TO_CHANGE, take_changes, write_changes, NULL };
static step_fn *const password_steps[] = { FIND_TO_CHANGE, verify, must_be_right, make_hash,
    take_hash, revoke_and_write, NULL };
static step_fn *const disable_steps[] = { FIND_TO_CHANGE, take_disabled, revoke_and_write, NULL };
static step_fn *const enable_steps[] = { FIND_TO_CHANGE, take_disabled, write, NULL };
static step_fn *const delete_steps[] = { FIND_TO_CHANGE, verify, must_be_right, revoke_and_write,
    NULL };

struct deed {
    step_fn *const *steps;
    bool needs_name;
    bool needs_new_password;
    bool needs_password; /* but for an operator */
};

static const struct deed deeds[] = {
    [ACCOUNT_CREATE] = { .steps = create_steps, .needs_name = true, .needs_new_password = true },
    [ACCOUNT_LOG_IN] = { .steps = log_in_steps, .needs_password = true },
    [ACCOUNT_SHOW] = { .steps = show_steps },
    [ACCOUNT_CHANGE] = { .steps = change_steps },
    [ACCOUNT_SET_PASSWORD] = { .steps = password_steps,
        .needs_new_password = true,
        .needs_password = true },
    [ACCOUNT_DISABLE] = { .steps = disable_steps },
    [ACCOUNT_DELETE] = { .steps = delete_steps, .needs_password = true },
    [ACCOUNT_ENABLE] = { .steps = enable_steps },
};

/* ---- asking ---- */

const char *accounts_fault(const struct account_ask *ask)
{
    char email[STORE_EMAIL_MAX + 1];
    const struct deed *d = &deeds[ask->deed];
    bool is_email = ask->deed == ACCOUNT_CREATE || ask->email.len > 0;
    if (ask->deed != ACCOUNT_LOG_IN && is_email && email_normalise(email, ask->email))
        return "This is no e-mail address.";
    if ((d->needs_name || ask->name.len > 0) && !identity_is_name(ask->name))
        return "A name is one line of 1 to 100 characters.";
    if (ask->avatar && !identity_is_avatar(*ask->avatar))
        return "An avatar is an address of http or https.";
    if (d->needs_new_password && password_check(ask->new_password))
        return "A password has 8 to 1024 bytes of UTF-8.";
    return NULL;
}

static int fill(struct errand *e, const struct account_ask *ask)
{
    e->deed = ask->deed;
    e->is_operator = ask->is_operator;
    e->next = deeds[ask->deed].steps;
    e->has_avatar = ask->avatar != NULL;
    e->has_admin = ask->is_admin != NULL;
    e->is_admin = ask->is_admin && *ask->is_admin;
    e->password_len = ask->password.len;
    e->new_password_len = ask->new_password.len;
    memcpy(e->id, ask->user_id.p ? ask->user_id.p : "", ask->user_id.len);
    memcpy(e->password, ask->password.p ? ask->password.p : "", ask->password.len);
    memcpy(e->new_password, ask->new_password.p ? ask->new_password.p : "", ask->new_password.len);
    int err = arena_copy(&e->name, &e->arena, ask->name);
    return err ? err : arena_copy(&e->avatar, &e->arena, ask->avatar ? *ask->avatar : S(""));
}

/* What cannot be right needs no looking up. */
static int judge(char email[STORE_EMAIL_MAX + 1], const struct account_ask *ask)
{
    const struct deed *d = &deeds[ask->deed];
    bool is_proved = ask->is_operator || !d->needs_password || password_check(ask->password) == 0;
    email[0] = '\0';
    if (accounts_fault(ask) || ask->user_id.len > ROOM_USER_ID_MAX)
        return ERR_BAD_FIELD;
    if (!is_proved || ask->password.len > PASSWORD_MAX_BYTES)
        return ERR_WRONG_LOGIN;
    if (ask->email.len > 0 || ask->deed == ACCOUNT_LOG_IN)
        return email_normalise(email, ask->email) ? ERR_WRONG_LOGIN : 0;
    return 0;
}

static struct errand *errand_new(struct accounts *a)
{
    struct errand *e = xtry(NULL, sizeof *e);
    if (!e)
        return NULL;
    memset(e, 0, sizeof *e);
    e->magic = ERRAND_MAGIC;
    e->accounts = a;
    e->work.done = on_worked;
    e->moment_ms = revocations_moment(a->revocations, loop_wall_ms(a->loop));
    link_init(&e->link);
    list_push(&a->errands, &e->link);
    arena_init(&e->arena, ERRAND_ARENA_BYTES);
    return e;
}

int accounts_ask(struct accounts *a, const struct account_ask *ask, account_done *done, void *arg)
{
    char email[STORE_EMAIL_MAX + 1];
    int err = judge(email, ask);
    if (err)
        return err;
    struct errand *e = errand_new(a);
    if (!e)
        return ERR_NO_MEMORY;
    memcpy(e->email, email, sizeof email);
    err = fill(e, ask);
    if (!err)
        err = advance(e);
    if (err != ERR_AGAIN) {
        errand_free(e);
        return err;
    }
    e->done = done;
    e->arg = arg;
    return 0;
}

/* ---- beginning and end ---- */

struct accounts *accounts_new(const struct accounts_settings *settings)
{
    struct accounts *a = xalloc(sizeof *a);
    *a = (struct accounts){ .loop = settings->loop,
        .store = settings->store,
        .revocations = settings->revocations,
        .passwords = passwords_new(settings->loop, &settings->passwords) };
    link_init(&a->errands);
    return a;
}

void accounts_free(struct accounts *a)
{
    if (!a)
        return;
    a->is_closing = true;
    passwords_free(a->passwords);
    while (!list_is_empty(&a->errands))
        errand_free(errand_of(a->errands.next));
    xfree(a);
}
