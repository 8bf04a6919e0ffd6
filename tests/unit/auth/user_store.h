/* A store of accounts and revocations alone, that does what a test wants: it answers in order, in
 * the loop's next turn or when the test says so, and fails when it is told to. */
#pragma once

#include "user_store_asked.h"

static inline void user_store_put(struct store *store, enum store_put how,
    const struct store_user *u, store_done *done, void *arg)
{
    struct user_asked *a = user_store_ask(store, ASKED_PUT, arg);
    const struct slice texts[] = { u->id, u->email, u->name, u->avatar_url, u->password_hash };
    a->how = how;
    a->answer = done;
    for (unsigned i = 0; i < 5; i++)
        user_store_copy(a->user.texts[i], texts[i]);
    a->user.is_admin = u->is_admin;
    a->user.is_disabled = u->is_disabled;
    a->user.created_at_ms = u->created_at_ms;
    a->user.is_there = true;
}

static inline void user_store_users(
    struct store *store, const struct store_user_query *q, store_users_done *done, void *arg)
{
    struct user_asked *a = user_store_ask(store, ASKED_USERS, arg);
    user_store_copy(a->id, q->id);
    user_store_copy(a->email, q->email);
    a->users = done;
}

static inline void user_store_drop(
    struct store *store, struct slice id, store_done *done, void *arg)
{
    struct user_asked *a = user_store_ask(store, ASKED_DROP, arg);
    user_store_copy(a->id, id);
    a->answer = done;
}

static inline void user_store_revoke(
    struct store *store, const struct store_revocation *r, store_done *done, void *arg)
{
    struct user_asked *a = user_store_ask(store, ASKED_REVOKE, arg);
    char subject[512];
    user_store_copy(subject, r->subject);
    memcpy(a->revocation.subject, subject, r->subject.len + 1);
    a->revocation.before_ms = r->before_ms;
    a->revocation.until_ms = r->until_ms;
    a->answer = done;
}

static inline void user_store_revocations(
    struct store *store, int64_t now_ms, store_revocations_done *done, void *arg)
{
    (void)now_ms;
    user_store_ask(store, ASKED_REVOCATIONS, arg)->revocations = done;
}

/* What was not answered never is. */
static inline void user_store_close(struct user_store *s)
{
    struct link *l;
    while ((l = list_pop(&s->asked)))
        xfree(CONTAINER_OF(l, struct user_asked, link));
    link_leave(&s->task.link);
}

static inline void user_store_init(struct user_store *s, struct loop *loop)
{
    static const struct store_ops ops = { .name = "users",
        .put_user = user_store_put,
        .users = user_store_users,
        .drop_user = user_store_drop,
        .revoke = user_store_revoke,
        .revocations = user_store_revocations };
    *s = (struct user_store){ .store = { .ops = &ops }, .loop = loop };
    link_init(&s->asked);
    task_init(&s->task, user_store_turn, s);
}
