/* An entry is made before the store is asked, without effect, and takes effect when the store has
 * answered: so nothing can fail then. What is over is swept out when there are twice as many
 * entries as the last sweep left, and now and then when there is no place. */
#include "auth/revocations.h"

#include "base/list.h"
#include "base/map.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"

#define SUBJECT_BYTES  (8 + IDENTITY_TOKEN_MAX)
#define SWEEP_AT_LEAST 1024
#define SWEEP_PAUSE_MS 60000 /* between two that were made because it is full */

_Static_assert(ROOM_USER_ID_MAX <= IDENTITY_TOKEN_MAX, "a subject holds either");

struct entry {
    struct link link; /* revocations->entries */
    bool is_token;
    int64_t before_ms; /* INT64_MIN: not in force */
    int64_t until_ms;
    size_t len;
    char subject[];
};

struct revocations {
    struct store *store;
    revoked_fn *fn;
    void *fn_arg;
    struct map by_subject;
    struct link entries;
    struct link pending;
    uint32_t n_tokens;
    uint32_t sweep_at;
    int64_t swept_at_ms;
    int64_t last_moment_ms;
};

/* The store is being asked. Texts lie behind it. */
struct pending {
    struct link link;
    struct revocations *revocations;
    struct entry *entry;
    struct revocation what;
    store_done *done;
    void *arg;
    char texts[ROOM_USER_ID_MAX + IDENTITY_TOKEN_MAX];
};

/* ---- entries ---- */

struct subject {
    char text[SUBJECT_BYTES];
    size_t len;
};

static struct subject subject_of(struct slice kind, struct slice id)
{
    struct subject s = { .len = kind.len + id.len };
    ASSERT(s.len <= sizeof s.text);
    memcpy(s.text, kind.p, kind.len);
    memcpy(s.text + kind.len, id.p, id.len);
    return s;
}

static struct subject user_subject(struct slice id)
{
    return subject_of(S("user:"), id);
}

static struct subject token_subject(struct slice id)
{
    return subject_of(S("token:"), id);
}

static struct entry *find(const struct revocations *r, const struct subject *s)
{
    return map_find(&r->by_subject, slice_of(s->text, s->len));
}

static void drop(struct revocations *r, struct entry *e)
{
    map_remove(&r->by_subject, slice_of(e->subject, e->len));
    link_leave(&e->link);
    r->n_tokens -= e->is_token;
    xfree(e);
}

static bool is_asked_for(const struct revocations *r, const struct entry *e)
{
    LIST_EACH(l, &r->pending) {
        if (CONTAINER_OF(l, struct pending, link)->entry == e)
            return true;
    }
    return false;
}

static bool is_time_to_sweep(const struct revocations *r, int64_t now_ms)
{
    bool is_full = r->n_tokens >= REVOCATIONS_TOKENS_MAX;
    return r->by_subject.n >= r->sweep_at || (is_full && now_ms - r->swept_at_ms > SWEEP_PAUSE_MS);
}

static void sweep(struct revocations *r, int64_t now_ms)
{
    if (!is_time_to_sweep(r, now_ms))
        return;
    r->swept_at_ms = now_ms;
    LIST_EACH(l, &r->entries) {
        struct entry *e = CONTAINER_OF(l, struct entry, link);
        if (e->until_ms < now_ms && !is_asked_for(r, e))
            drop(r, e);
    }
    r->sweep_at = 2 * r->by_subject.n;
    if (r->sweep_at < SWEEP_AT_LEAST)
        r->sweep_at = SWEEP_AT_LEAST;
}

static int take(struct entry **out, struct revocations *r, struct slice subject)
{
    struct entry *e = map_find(&r->by_subject, subject);
    *out = e;
    if (e)
        return 0;
    e = xtry(NULL, sizeof *e + subject.len);
    if (!e)
        return ERR_NO_MEMORY;
    *e = (struct entry){ .is_token = slice_starts(subject, S("token:")),
        .before_ms = INT64_MIN,
        .until_ms = INT64_MIN,
        .len = subject.len };
    memcpy(e->subject, subject.p, subject.len);
    if (map_put(&r->by_subject, slice_of(e->subject, e->len), e, NULL)) {
        xfree(e);
        return ERR_NO_MEMORY;
    }
    link_init(&e->link);
    list_push(&r->entries, &e->link);
    r->n_tokens += e->is_token;
    *out = e;
    return 0;
}

/* Of two for one subject what revokes more holds. */
static void put_in_force(struct entry *e, int64_t before_ms, int64_t until_ms)
{
    if (before_ms > e->before_ms)
        e->before_ms = before_ms;
    if (until_ms > e->until_ms)
        e->until_ms = until_ms;
}

/* ---- asking ---- */

static bool is_over(const struct entry *e, int64_t issued_at_ms)
{
    return e && issued_at_ms < e->before_ms;
}

int revocations_judge(const struct revocations *r, struct token *t)
{
    const struct identity *who = &t->who;
    struct subject user = user_subject(who->user_id);
    struct subject token = token_subject(who->token_id);
    bool is_revoked = is_over(find(r, &user), who->issued_at_ms) ||
        is_over(find(r, &token), INT64_MIN + 1);
    if (!is_revoked)
        return 0;
    *t = (struct token){ .why = "The token does not hold any more; log in again." };
    return ERR_UNAUTHORIZED;
}

int64_t revocations_moment(struct revocations *r, int64_t now_ms)
{
    if (now_ms <= r->last_moment_ms)
        now_ms = r->last_moment_ms + 1;
    r->last_moment_ms = now_ms;
    return now_ms;
}

/* ---- revoking ---- */

static void on_stored(void *arg, int err)
{
    struct pending *p = arg;
    struct revocations *r = p->revocations;
    if (!err)
        put_in_force(p->entry, p->what.before_ms, p->what.until_ms);
    link_leave(&p->link);
    if (!err && r->fn)
        r->fn(r->fn_arg, &p->what);
    p->done(p->arg, err);
    xfree(p);
}

static struct slice keep(char **to, struct slice text)
{
    struct slice copy = slice_of(*to, text.len);
    memcpy(*to, text.p, text.len);
    *to += text.len;
    return copy;
}

static struct pending *pending_new(struct revocations *r, const struct revocation *what)
{
    struct pending *p = xtry(NULL, sizeof *p);
    if (!p)
        return NULL;
    char *texts = p->texts;
    *p = (struct pending){ .revocations = r, .what = *what };
    link_init(&p->link);
    p->what.user_id = keep(&texts, what->user_id);
    if (what->token_id.len > 0)
        p->what.token_id = keep(&texts, what->token_id);
    return p;
}

/* Anybody may end tokens of their own, and guests come as often as they like: what ends all of a
 * person's, such as a new password, finds place even then. */
static uint32_t places_for(const struct revocation *what)
{
    return what->token_id.len > 0 ? REVOCATIONS_MAX - REVOCATIONS_KEPT_FREE : REVOCATIONS_MAX;
}

/* Where too many single tokens are remembered, one is revoked with all others of its owner. */
static struct revocation widen(const struct revocations *r, const struct revocation *what)
{
    struct revocation all = *what;
    if (what->token_id.len == 0 || r->n_tokens < REVOCATIONS_TOKENS_MAX)
        return all;
    all.token_id = S("");
    all.until_ms = 0;
    return all;
}

int revocations_add(struct revocations *r, const struct revocation *what, int64_t now_ms,
    store_done *done, void *arg)
{
    ASSERT(what->user_id.len <= ROOM_USER_ID_MAX && what->token_id.len <= IDENTITY_TOKEN_MAX);
    sweep(r, now_ms);
    if (r->by_subject.n >= places_for(what))
        return ERR_BUSY;
    struct revocation all = widen(r, what);
    if (all.until_ms <= 0 || all.until_ms > now_ms + REVOKED_FOR_MS)
        all.until_ms = now_ms + REVOKED_FOR_MS;
    bool is_token = all.token_id.len > 0;
    struct subject s = is_token ? token_subject(all.token_id) : user_subject(all.user_id);
    struct pending *p = pending_new(r, &all);
    int err = p ? take(&p->entry, r, slice_of(s.text, s.len)) : ERR_NO_MEMORY;
    if (err) {
        xfree(p);
        return err;
    }
    p->done = done;
    p->arg = arg;
    list_push(&r->pending, &p->link);
    const struct store_revocation kept = {
        .subject = slice_of(s.text, s.len), .before_ms = all.before_ms, .until_ms = all.until_ms
    };
    r->store->ops->revoke(r->store, &kept, on_stored, p);
    return 0;
}

int revocations_learn(struct revocations *r, const struct revocation *what, int64_t now_ms)
{
    sweep(r, now_ms);
    bool is_token = what->token_id.len > 0;
    struct subject s = is_token ? token_subject(what->token_id) : user_subject(what->user_id);
    struct entry *e;
    int err = take(&e, r, slice_of(s.text, s.len));
    if (!err)
        put_in_force(e, what->before_ms, what->until_ms);
    return err;
}

/* ---- beginning and end ---- */

static void on_loaded(void *arg, int err, const struct store_revocations *all)
{
    struct pending *p = arg;
    struct revocations *r = p->revocations;
    for (uint32_t i = 0; !err && i < all->n; i++) {
        struct entry *e;
        err = take(&e, r, all->at[i].subject);
        if (!err)
            put_in_force(e, all->at[i].before_ms, all->at[i].until_ms);
    }
    link_leave(&p->link);
    p->done(p->arg, err);
    xfree(p);
}

void revocations_load(struct revocations *r, int64_t now_ms, store_done *done, void *arg)
{
    struct pending *p = xalloc(sizeof *p);
    *p = (struct pending){ .revocations = r, .done = done, .arg = arg };
    link_init(&p->link);
    list_push(&r->pending, &p->link);
    r->store->ops->revocations(r->store, now_ms, on_loaded, p);
}

struct revocations *revocations_new(struct store *store)
{
    struct revocations *r = xalloc(sizeof *r);
    *r = (struct revocations){ .store = store, .sweep_at = SWEEP_AT_LEAST };
    map_init(&r->by_subject, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&r->entries);
    link_init(&r->pending);
    return r;
}

void revocations_set_listener(struct revocations *r, revoked_fn *fn, void *arg)
{
    r->fn = fn;
    r->fn_arg = arg;
}

void revocations_free(struct revocations *r)
{
    if (!r)
        return;
    while (!list_is_empty(&r->pending))
        xfree(CONTAINER_OF(list_pop(&r->pending), struct pending, link));
    while (!list_is_empty(&r->entries))
        drop(r, CONTAINER_OF(r->entries.next, struct entry, link));
    map_fini(&r->by_subject);
    xfree(r);
}
