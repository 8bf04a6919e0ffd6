/* People, by their user id, for what is counted per person. One stays a while after its last
 * session so that hanging up does not fill its buckets. An address is counted as if it were a
 * person, under a name that no user id can be. */
#include "auth/revocations.h"
#include "base/hex.h"
#include "base/xalloc.h"
#include "hub/parts.h"

#define REMEMBER_US (60 * UINT64_C(1000000)) /* as long as the slowest bucket takes to fill */
#define IDLE_MAX    32768 /* without a session, at once: a client may come as another each time */

static struct hub_user *user_of(struct link *l)
{
    return CONTAINER_OF(l, struct hub_user, link);
}

static void user_free(struct hub *h, struct hub_user *u)
{
    if (link_is_in(&u->link))
        h->n_idle_users--;
    link_leave(&u->link);
    map_remove(&h->users, slice_str(u->purse->id));
    purse_close(&h->all->purses, u->purse);
    xfree(u);
}

static void forget_idle(struct hub *h, uint64_t before_us)
{
    LIST_EACH(l, &h->idle_users) {
        if (user_of(l)->idle_since_us > before_us && h->n_idle_users <= IDLE_MAX)
            return;
        user_free(h, user_of(l));
    }
}

static struct hub_user *user_new(struct hub *h, struct slice id)
{
    struct hub_user *u = xtry(NULL, sizeof *u);
    if (!u)
        return NULL;
    *u = (struct hub_user){ .purse = purse_open(&h->all->purses, id) };
    link_init(&u->link);
    link_init(&u->present);
    if (u->purse && !map_put(&h->users, slice_str(u->purse->id), u, NULL))
        return u;
    if (u->purse)
        purse_close(&h->all->purses, u->purse);
    xfree(u);
    return NULL;
}

struct hub_user *user_take(struct hub *h, struct slice id)
{
    uint64_t now = loop_now_us(h->loop);
    forget_idle(h, now > REMEMBER_US ? now - REMEMBER_US : 0);
    struct hub_user *u = map_find(&h->users, id);
    if (!u)
        u = user_new(h, id);
    if (!u)
        return NULL;
    if (link_is_in(&u->link))
        h->n_idle_users--;
    link_leave(&u->link);
    u->sessions++;
    return u;
}

void user_release(struct hub *h, struct hub_user *u)
{
    if (--u->sessions > 0)
        return;
    u->idle_since_us = loop_now_us(h->loop);
    list_push(&h->idle_users, &u->link);
    h->n_idle_users++;
}

/* ---- sending away ---- */

static const struct refusal logged_out = { .err = ERR_UNAUTHORIZED,
    .text = SLICE("You were logged out; log in again.") };

static bool is_meant(const struct session *s, const struct revocation *what)
{
    const struct identity *who = &s->identity;
    if (s->is_ended || who->token_id.len == 0)
        return false;
    if (what->token_id.len > 0)
        return slice_eq(who->token_id, what->token_id);
    return who->issued_at_ms < what->before_ms;
}

void session_send_away(struct session *s)
{
    session_refuse(s, s->dialect, &logged_out, TONGUE_NO_ACK);
    s->line->end(s, ERR_UNAUTHORIZED);
}

void hub_send_away(struct hub *h, const struct revocation *what)
{
    const struct hub_user *u = map_find(&h->users, what->user_id);
    if (!u)
        return;
    LIST_EACH(l, &u->present) {
        struct session *s = CONTAINER_OF(l, struct session, of_user);
        if (is_meant(s, what) && s->line->end)
            session_send_away(s);
    }
}

/* ---- limits ---- */

static int spend(uint64_t *retry_ms, struct hub *h, struct slice id, unsigned limit, unsigned times)
{
    const struct spending s = { .limit = limit,
        .rate = &h->settings->rates[limit],
        .times = times,
        .now_us = loop_now_us(h->loop) };
    struct hub_user *u = user_take(h, id);
    if (!u)
        return ERR_NO_MEMORY;
    int err = purse_spend(retry_ms, u->purse, &s);
    if (err)
        h->stats.rate_limited++;
    user_release(h, u);
    return err;
}

/* Rooms that are made are counted by the person alone, not by the session as well. */
int hub_spend(uint64_t *retry_ms, struct hub *h, struct slice user_id, unsigned limit)
{
    return spend(retry_ms, h, user_id, limit, limit == LIMIT_CREATE ? 1 : HUB_USER_TIMES);
}

/* ---- addresses ---- */

#define ADDRESS_MARK  '#' /* not in user ids */
#define ADDRESS_BYTES (1 + 2 * sizeof(struct ip))
_Static_assert(ADDRESS_BYTES <= ROOM_USER_ID_MAX, "an address is kept where a user id is");

static struct slice address_id(char id[ADDRESS_BYTES], struct ip from)
{
    struct ip ip = ip_neighbourhood(from);
    id[0] = ADDRESS_MARK;
    hex_encode(id + 1, slice_of(ip.bytes, sizeof ip.bytes));
    return slice_of(id, ADDRESS_BYTES);
}

static int take_miss(uint64_t *retry_ms, struct hub *h)
{
    const struct spending s = { .limit = LIMIT_MISSES,
        .rate = &h->settings->rates[LIMIT_MISSES],
        .times = 1,
        .now_us = loop_now_us(h->loop) };
    return purse_spend(retry_ms, &h->all->purses.common, &s);
}

int hub_spend_from(uint64_t *retry_ms, struct hub *h, struct ip from, unsigned limit)
{
    char id[ADDRESS_BYTES];
    int err = spend(retry_ms, h, address_id(id, from), limit, 1);
    if (!err && limit == LIMIT_MISS)
        err = take_miss(retry_ms, h);
    return err;
}

/* A bucket that was never used was looked at when the clock began. */
static bool was_used_lately(const struct hub *h, const struct bucket *b)
{
    uint64_t now = loop_now_us(h->loop);
    return b->at_us > 0 && now < b->at_us + REMEMBER_US;
}

/* Whether a token could be taken, which is not. */
static int judge(uint64_t *retry_ms, const struct hub *h, struct bucket copy, unsigned limit)
{
    const struct limit_rate *rate = &h->settings->rates[limit];
    return bucket_take(retry_ms, &copy, rate, 1, loop_now_us(h->loop));
}

int hub_ask_from(uint64_t *retry_ms, struct hub *h, struct ip from, unsigned limit)
{
    char id[ADDRESS_BYTES];
    struct purses *purses = &h->all->purses;
    const struct bucket b = purses_look(purses, address_id(id, from), limit);
    int err = judge(retry_ms, h, b, limit);
    if (!err && limit == LIMIT_MISS && was_used_lately(h, &b))
        err = judge(retry_ms, h, purse_look(&purses->common, LIMIT_MISSES), LIMIT_MISSES);
    if (err)
        h->stats.rate_limited++;
    return err;
}

void users_free(struct hub *h)
{
    forget_idle(h, UINT64_MAX);
}
