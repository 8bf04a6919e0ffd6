/* What a user_store keeps, and what it has been asked: user_store.h is the store. */
#pragma once

#include "base/list.h"
#include "base/xalloc.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define USER_STORE_MAX 32

struct kept_user {
    char texts[5][512]; /* id, email, name, avatar, hash */
    bool is_admin;
    bool is_disabled;
    int64_t created_at_ms;
    bool is_there;
};

struct kept_revocation {
    char subject[128];
    int64_t before_ms;
    int64_t until_ms;
};

struct user_store {
    struct store store;
    struct loop *loop;
    struct kept_user users[USER_STORE_MAX];
    struct kept_revocation revoked[USER_STORE_MAX];
    unsigned n_revoked;
    struct link asked; /* struct user_asked, in order */
    struct task task;
    bool is_holding; /* nothing is done or answered */
    int fails;       /* the error of all that is asked; 0: none */
    unsigned n_puts;
};

enum user_question { ASKED_PUT, ASKED_USERS, ASKED_DROP, ASKED_REVOKE, ASKED_REVOCATIONS };

struct user_asked {
    struct link link;
    enum user_question what;
    enum store_put how;
    struct kept_user user;
    struct kept_revocation revocation;
    char id[512];
    char email[512];
    store_done *answer;
    store_users_done *users;
    store_revocations_done *revocations;
    void *arg;
};

static inline struct user_store *user_store_of(struct store *s)
{
    return CONTAINER_OF(s, struct user_store, store);
}

static inline void user_store_copy(char to[512], struct slice text)
{
    if (text.len >= 512)
        abort();
    memcpy(to, text.len > 0 ? text.p : "", text.len);
    to[text.len] = '\0';
}

static inline struct store_user user_store_view(const struct kept_user *u)
{
    return (struct store_user){ .id = slice_str(u->texts[0]),
        .email = slice_str(u->texts[1]),
        .name = slice_str(u->texts[2]),
        .avatar_url = slice_str(u->texts[3]),
        .password_hash = slice_str(u->texts[4]),
        .is_admin = u->is_admin,
        .is_disabled = u->is_disabled,
        .created_at_ms = u->created_at_ms };
}

static inline struct kept_user *user_store_find(
    struct user_store *s, const char *id, const char *email)
{
    for (unsigned i = 0; i < USER_STORE_MAX; i++) {
        struct kept_user *u = &s->users[i];
        bool is_it = id[0] ? strcmp(u->texts[0], id) == 0 : strcmp(u->texts[1], email) == 0;
        if (u->is_there && is_it)
            return u;
    }
    return NULL;
}

static inline struct user_asked *user_store_ask(
    struct store *store, enum user_question what, void *arg)
{
    struct user_store *s = user_store_of(store);
    struct user_asked *a = xalloc(sizeof *a);
    a->what = what;
    a->arg = arg;
    link_init(&a->link);
    list_push(&s->asked, &a->link);
    loop_soon(s->loop, &s->task);
    return a;
}

static inline int user_store_put_now(struct user_store *s, const struct user_asked *a)
{
    struct kept_user *u = user_store_find(s, a->user.texts[0], "");
    s->n_puts++;
    if (a->how == STORE_CHANGE) {
        if (u)
            *u = a->user;
        return u ? 0 : ERR_NOT_FOUND;
    }
    if (u || user_store_find(s, "", a->user.texts[1]))
        return ERR_CONFLICT;
    for (unsigned i = 0; i < USER_STORE_MAX; i++) {
        if (s->users[i].is_there)
            continue;
        s->users[i] = a->user;
        return 0;
    }
    abort();
}

static inline int user_store_drop_now(struct user_store *s, const struct user_asked *a)
{
    struct kept_user *u = user_store_find(s, a->id, "");
    if (u)
        u->is_there = false;
    return u ? 0 : ERR_NOT_FOUND;
}

static inline int user_store_revoke_now(struct user_store *s, const struct user_asked *a)
{
    unsigned i = 0;
    while (i < s->n_revoked && strcmp(s->revoked[i].subject, a->revocation.subject) != 0)
        i++;
    if (i == USER_STORE_MAX)
        abort();
    s->n_revoked += i == s->n_revoked;
    s->revoked[i] = a->revocation;
    return 0;
}

static inline void user_store_tell_users(struct user_store *s, const struct user_asked *a)
{
    const struct kept_user *u = user_store_find(s, a->id, a->email);
    struct store_user view = u ? user_store_view(u) : (struct store_user){ 0 };
    struct store_users page = { .at = &view, .n = u ? 1 : 0 };
    a->users(a->arg, s->fails, s->fails ? NULL : &page);
}

static inline void user_store_tell_revocations(struct user_store *s, const struct user_asked *a)
{
    struct store_revocation at[USER_STORE_MAX];
    for (unsigned i = 0; i < s->n_revoked; i++)
        at[i] = (struct store_revocation){ .subject = slice_str(s->revoked[i].subject),
            .before_ms = s->revoked[i].before_ms,
            .until_ms = s->revoked[i].until_ms };
    struct store_revocations all = { .at = at, .n = s->n_revoked };
    a->revocations(a->arg, s->fails, s->fails ? NULL : &all);
}

static inline void user_store_do(struct user_store *s, const struct user_asked *a)
{
    int err = s->fails;
    if (a->what == ASKED_USERS) {
        user_store_tell_users(s, a);
    } else if (a->what == ASKED_REVOCATIONS) {
        user_store_tell_revocations(s, a);
    } else {
        if (!err && a->what == ASKED_PUT)
            err = user_store_put_now(s, a);
        else if (!err && a->what == ASKED_DROP)
            err = user_store_drop_now(s, a);
        else if (!err)
            err = user_store_revoke_now(s, a);
        a->answer(a->arg, err);
    }
}

/* The first question is answered; false: there is none. */
static inline bool user_store_step(struct user_store *s)
{
    struct link *l = list_pop(&s->asked);
    if (!l)
        return false;
    struct user_asked *a = CONTAINER_OF(l, struct user_asked, link);
    user_store_do(s, a);
    xfree(a);
    return true;
}

static inline void user_store_turn(void *arg)
{
    struct user_store *s = arg;
    while (!s->is_holding && user_store_step(s))
        continue;
}
