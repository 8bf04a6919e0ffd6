/* Sessions: who they are, where they sit, how they go. A session may go in the middle of anything,
 * even while a room is telling it something; so its rooms are told in a turn of their own. */
#include "auth/revocations.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "hub/deputy.h"
#include "hub/parts.h"

#include <stdio.h>

#define DEFAULT_NAME  "Guest"
#define REFUSAL_BYTES 8192

/* Whoever asked for an answer gets one even when there is no memory for it. */
#define NO_MEMORY_ACK                                  \
    "{\"ok\":false,\"error\":{\"code\":\"NO_MEMORY\"," \
    "\"message\":\"The server is out of memory; try again later.\"}}"

struct session *session_by_handle(const struct hub *h, uint64_t handle)
{
    return slots_find(&h->sessions, handle);
}

struct session *session_find(const struct hub *h, struct slice id)
{
    return map_find(&h->by_session_id, id);
}

/* ---- who it is ---- */

void session_make_guest_id(char id[SESSION_GUEST_BYTES + 1])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[SESSION_GUEST_BYTES - 2];
    random_bytes(bytes, sizeof bytes);
    id[0] = 'g';
    id[1] = '_';
    for (size_t i = 0; i < sizeof bytes; i++)
        id[2 + i] = alphabet[bytes[i] % (sizeof alphabet - 1)];
    id[SESSION_GUEST_BYTES] = '\0';
}

static void make_uuid(char id[SESSION_ID_BYTES + 1])
{
    unsigned char b[16];
    char hex[2 * sizeof b];
    random_bytes(b, sizeof b);
    b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    hex_encode(hex, slice_of(b, sizeof b));
    snprintf(id, SESSION_ID_BYTES + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
        hex + 16, hex + 20);
}

static int own(struct slice *to, struct slice text)
{
    char *copy = xtry(NULL, text.len + 1);
    if (!copy)
        return ERR_NO_MEMORY;
    if (text.len > 0)
        memcpy(copy, text.p, text.len);
    copy[text.len] = '\0';
    xfree((void *)(uintptr_t)to->p);
    *to = slice_of(copy, text.len);
    return 0;
}

static void disown(struct slice *text)
{
    xfree((void *)(uintptr_t)text->p);
    *text = (struct slice){ 0 };
}

int identity_own(struct identity *to, const struct identity *from)
{
    *to = (struct identity){
        .is_guest = from->is_guest, .is_admin = from->is_admin, .issued_at_ms = from->issued_at_ms
    };
    int err = own(&to->user_id, from->user_id);
    if (!err)
        err = own(&to->name, from->name);
    if (!err)
        err = own(&to->avatar_url, from->avatar_url);
    return err ? err : own(&to->token_id, from->token_id);
}

void identity_disown(struct identity *who)
{
    disown(&who->user_id);
    disown(&who->name);
    disown(&who->avatar_url);
    disown(&who->token_id);
}

static void forget_identity(struct session *s)
{
    if (s->user)
        user_release(s->hub, s->user);
    s->user = NULL;
    link_leave(&s->of_user);
    identity_disown(&s->identity);
}

static int be(struct session *s, const struct identity *as)
{
    struct identity who;
    struct hub_user *user = NULL;
    int err = identity_own(&who, as);
    if (!err)
        err = (user = user_take(s->hub, as->user_id)) ? 0 : ERR_NO_MEMORY;
    if (err) {
        identity_disown(&who);
        return err;
    }
    forget_identity(s);
    s->identity = who;
    s->user = user;
    s->identity_changes++;
    list_push(&user->present, &s->of_user);
    return 0;
}

static int be_guest(struct session *s, struct slice name)
{
    char id[SESSION_GUEST_BYTES + 1];
    session_make_guest_id(id);
    return be(s,
        &(struct identity){
            .user_id = slice_str(id),
            .name = identity_is_name(name) ? name : S(DEFAULT_NAME),
            .avatar_url = S(""),
            .is_guest = true,
        });
}

/* It stays what it is, but lasts as long as the newer token does. */
static int renew(struct session *s, const struct identity *as)
{
    struct identity *who = &s->identity;
    if (as->issued_at_ms < who->issued_at_ms || slice_eq(as->token_id, who->token_id))
        return 0;
    int err = own(&who->token_id, as->token_id);
    if (err)
        return err;
    who->issued_at_ms = as->issued_at_ms;
    s->identity_changes++;
    return 0;
}

int session_identify(struct session *s, const struct identity *as)
{
    if (slice_eq(s->identity.user_id, as->user_id))
        return renew(s, as);
    return session_all_rooms(s) > 0 ? ERR_CONFLICT : be(s, as);
}

/* What was revoked while it was on its way was told to those who were there. */
static int identity_still_holds(const struct hub *h, const struct identity *who)
{
    struct token t = { .who = *who };
    bool has_token = who->token_id.len > 0 && h->settings->revocations;
    return has_token ? revocations_judge(h->settings->revocations, &t) : 0;
}

static int be_called(struct session *s, struct slice name)
{
    if (slice_eq(name, s->identity.name))
        return 0;
    int err = own(&s->identity.name, name);
    s->identity_changes += !err;
    return err;
}

int session_adopt(struct session *s, const struct identity *as)
{
    int err = identity_still_holds(s->hub, as);
    if (err)
        return err;
    if (!slice_eq(s->identity.user_id, as->user_id))
        return s->n_rooms > 0 ? 0 : be(s, as);
    err = as->is_guest ? be_called(s, as->name) : 0;
    return err ? err : renew(s, as);
}

int session_set_name(struct session *s, struct slice name)
{
    if (name.len == 0 || !s->identity.is_guest)
        return 0;
    return identity_is_name(name) ? be_called(s, name) : ERR_BAD_FIELD;
}

/* A guest can be somebody new with each connection, an account cannot. */
static int spend_create(uint64_t *retry_ms, const struct session *s)
{
    if (s->identity.is_guest)
        return hub_spend_from(retry_ms, s->hub, s->peer, LIMIT_CREATE);
    return hub_spend(retry_ms, s->hub, s->identity.user_id, LIMIT_CREATE);
}

int session_spend(uint64_t *retry_ms, struct session *s, unsigned limit)
{
    if (limit == LIMIT_CREATE)
        return spend_create(retry_ms, s);
    const struct limit_rate *rate = &s->hub->settings->rates[limit];
    uint64_t now = loop_now_us(s->hub->loop);
    int err = bucket_take(retry_ms, &s->buckets[limit], rate, 1, now);
    if (!err)
        err = purse_spend(retry_ms, s->user->purse,
            &(struct spending){
                .limit = limit, .rate = rate, .times = HUB_USER_TIMES, .now_us = now });
    if (err)
        s->hub->stats.rate_limited++;
    return err;
}

void session_spend_bytes(struct session *s, unsigned limit, size_t bytes)
{
    uint32_t tokens = (uint32_t)(bytes / SESSION_TOKEN_BYTES);
    if (tokens == 0)
        return;
    bucket_owe(&s->buckets[limit], tokens);
    purse_owe(s->user->purse, limit, tokens);
}

/* ---- beginning and end ---- */

static void destroy(void *arg)
{
    struct session *s = arg;
    CHECK_MAGIC(s, SESSION_MAGIC);
    s->magic = 0;
    xfree(s);
}

/* No name leads to it any more. */
static void unlist(struct session *s)
{
    slots_remove(&s->hub->sessions, s->handle);
    if (session_find(s->hub, session_slice(s)) == s)
        map_remove(&s->hub->by_session_id, session_slice(s));
    s->hub->stats.sessions--;
    s->hub->all->sessions--;
}

static int enlist(struct session *s)
{
    struct hub *h = s->hub;
    if (session_find(h, session_slice(s)))
        return ERR_CONFLICT;
    if (h->all->sessions >= h->settings->max_sessions)
        return ERR_BUSY;
    int err = slots_add(&s->handle, &h->sessions, s);
    if (err)
        return err == ERR_TOO_MANY ? ERR_BUSY : err;
    err = map_put(&h->by_session_id, session_slice(s), s, NULL);
    if (err) {
        slots_remove(&h->sessions, s->handle);
        return err;
    }
    h->stats.sessions++;
    h->all->sessions++;
    return 0;
}

int session_new(struct session **out, const struct session_options *o)
{
    struct session *s = xtry(NULL, sizeof *s);
    if (!s)
        return ERR_NO_MEMORY;
    ASSERT(o->id.len <= SESSION_ID_BYTES);
    *s = (struct session){
        .magic = SESSION_MAGIC,
        .hub = o->hub,
        .line = o->line,
        .dialect = o->dialect,
        .carrier = o->carrier,
        .room_id = o->room_id,
        .peer = o->peer,
    };
    link_init(&s->attendances);
    link_init(&s->away);
    link_init(&s->parting);
    link_init(&s->of_user);
    task_init(&s->free_task, destroy, s);
    if (o->id.len > 0)
        memcpy(s->id, o->id.p, o->id.len);
    else
        make_uuid(s->id);
    int err = o->identity ? be(s, o->identity) : be_guest(s, o->guest_name);
    if (!err)
        err = enlist(s);
    if (err) {
        forget_identity(s);
        destroy(s);
        return err;
    }
    *out = s;
    return 0;
}

static void part_later(struct session *s)
{
    if (!link_is_in(&s->parting))
        list_push(&s->hub->parting, &s->parting);
    loop_soon(s->hub->loop, &s->hub->part);
}

void session_lose(struct session *s)
{
    s->is_lost = true;
    deputies_lose(s);
    part_later(s);
}

void session_end(struct session *s)
{
    ASSERT(!s->is_ended);
    s->is_ended = true;
    s->is_lost = false;
    s->carrier = NULL;
    deputies_end(s);
    unlist(s);
    part_later(s);
}

/* The rooms hear that the seat is empty. They may fail, and with them the attendance ends. */
static void part(struct session *s)
{
    LIST_EACH(l, &s->attendances) {
        struct attendance *a = attendance_of_session(l);
        a->is_back = false;
        int err = a->room->phase != HUB_ROOM_OPEN
            ? 0
            : hub_leave_seat(a->room, s->identity.user_id, session_slice(s), LOSS_THEIRS);
        if (err)
            log_debug(LOG_HUB, "a lost seat was not there", LOG_ERR(err));
    }
    while (s->is_ended && !list_is_empty(&s->attendances))
        attendance_free(attendance_of_session(s->attendances.next));
    if (!s->is_ended)
        return;
    forget_identity(s);
    loop_free_later(s->hub->loop, &s->free_task);
}

void session_part_all(struct hub *h)
{
    struct link now;
    link_init(&now);
    list_splice(&now, &h->parting);
    while (!list_is_empty(&now))
        part(CONTAINER_OF(list_pop(&now), struct session, parting));
}

static int take_seat_again(struct attendance *a)
{
    struct outcome ignored;
    const struct session *s = a->session;
    struct command c = {
        .verb = VERB_JOIN,
        .join = { .name = s->identity.name,
            .avatar_url = s->identity.avatar_url,
            .is_guest = s->identity.is_guest },
    };
    return hub_do(&ignored, a->room, a->session, a->dialect, &c);
}

void session_sit_again(struct attendance *a)
{
    const struct session *s = a->session;
    struct hub_room *r = a->room;
    a->is_back = false;
    if (a->member && room_seat(a->member, session_slice(s)))
        return;
    if (r->phase == HUB_ROOM_OPEN && take_seat_again(a) == 0)
        return;
    a = session_attendance(s, r); /* it may have lost its place on the way */
    if (a && r->phase == HUB_ROOM_OPEN)
        attendance_free(a);
    else if (a)
        a->is_back = true;
}

void session_regain(struct session *s)
{
    if (link_is_in(&s->parting)) {
        link_leave(&s->parting);
        part(s);
    }
    s->is_lost = false;
    deputies_regain(s);
    LIST_EACH(l, &s->attendances)
        session_sit_again(attendance_of_session(l));
}

/* ---- to another loop ---- */

void session_is_paid(struct session *s)
{
    if (--s->n_owed == 0 && s->n_rooms == 0 && s->line->on_rooms)
        s->line->on_rooms(s);
}

int session_may_leave(const struct session *s)
{
    bool sits = s->n_rooms > 0 || !list_is_empty(&s->away);
    if (sits || s->is_lost || s->is_ended || link_is_in(&s->parting))
        return ERR_CONFLICT;
    return s->n_owed > 0 ? ERR_AGAIN : 0;
}

void session_leave(struct session *s)
{
    ASSERT(session_may_leave(s) == 0);
    unlist(s);
    user_release(s->hub, s->user);
    link_leave(&s->of_user);
    s->user = NULL;
}

int session_enter(struct session *s, struct hub *h, const struct line *line)
{
    s->hub = h;
    s->line = line;
    s->user = user_take(h, s->identity.user_id);
    int err = s->user ? identity_still_holds(h, &s->identity) : ERR_NO_MEMORY;
    if (!err)
        err = enlist(s);
    if (!err) {
        list_push(&s->user->present, &s->of_user);
        return 0;
    }
    forget_identity(s);
    loop_free_later(h->loop, &s->free_task);
    return err;
}

/* ---- where it sits ---- */

struct attendance *attendance_new(
    struct hub_room *r, struct session *s, const struct dialect *dialect)
{
    struct attendance *a = xalloc(sizeof *a);
    *a = (struct attendance){ .room = r, .session = s, .dialect = dialect };
    link_init(&a->of_room);
    link_init(&a->of_session);
    list_push(&r->attendances, &a->of_room);
    link_leave(&r->empty);
    list_push(&s->attendances, &a->of_session);
    a->member = room_member(r->room, s->identity.user_id);
    r->n_attendances++;
    r->has_other_listeners = true;
    s->n_rooms++;
    if (s->line->on_rooms)
        s->line->on_rooms(s);
    return a;
}

void attendance_free(struct attendance *a)
{
    link_leave(&a->of_room);
    link_leave(&a->of_session);
    a->session->n_rooms--;
    if (a->session->line->on_rooms)
        a->session->line->on_rooms(a->session);
    a->room->has_other_listeners = true;
    if (--a->room->n_attendances == 0) {
        a->room->idle_since_us = loop_now_us(a->room->hub->loop);
        list_push(&a->room->hub->empty_rooms, &a->room->empty);
        hub_room_wind(a->room);
    }
    xfree(a);
}

struct attendance *session_attendance(const struct session *s, const struct hub_room *r)
{
    LIST_EACH(l, &s->attendances) {
        if (attendance_of_session(l)->room == r)
            return attendance_of_session(l);
    }
    return NULL;
}

struct hub_room *session_common_room(const struct session *s, struct slice other_id)
{
    const struct session *other = session_find(s->hub, other_id);
    if (!other)
        return NULL;
    LIST_EACH(l, &s->attendances) {
        struct hub_room *r = attendance_of_session(l)->room;
        if (session_attendance(other, r))
            return r;
    }
    return NULL;
}

struct hub_room *session_only_room(const struct session *s)
{
    return s->n_rooms == 1 ? attendance_of_session(s->attendances.next)->room : NULL;
}

/* ---- what is said to it ---- */

void session_say(struct session *s, const struct words *words)
{
    struct encoded *e = s->is_ended ? NULL : encoded_new(s->line, words, true);
    if (!e)
        return;
    encoded_send(s->hub, e, s);
    encoded_unref(e);
}

/* The asker waits for an answer, and can be given one. */
static bool is_answerable(const struct session *s, uint64_t ack_id)
{
    return ack_id != TONGUE_NO_ACK && s->line->answer && !s->is_lost && !s->is_ended;
}

void session_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    if (is_answerable(s, ack_id))
        s->line->answer(s, ack_id, json);
}

static void refuse_ack(struct session *s, const struct refusal *why, uint64_t ack_id)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, REFUSAL_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    jw_field_bool(&w, "ok", false);
    jw_field_object(&w, "error");
    jw_field_str(&w, "code", slice_str(err_name(why->err)));
    jw_field_str(&w, "message", why->text);
    if (why->retry_ms > 0)
        jw_field_u64(&w, "retryAfterMs", why->retry_ms);
    jw_end(&w);
    jw_end(&w);
    s->line->answer(s, ack_id, buf_err(&json) ? S(NO_MEMORY_ACK) : buf_slice(&json));
    buf_fini(&json);
}

void session_refuse(
    struct session *s, const struct dialect *dialect, const struct refusal *why, uint64_t ack_id)
{
    struct words words;
    struct buf json;
    struct refusal whole = *why;
    if (whole.text.len == 0)
        whole.text = slice_str(err_info(why->err)->text);
    whole.is_acked = is_answerable(s, ack_id);
    if (whole.is_acked)
        refuse_ack(s, &whole, ack_id);
    buf_init(&json, REFUSAL_BYTES);
    words_init(&words, &json, dialect->is_typed);
    dialect->refuse(&words, &whole);
    session_say(s, &words);
    buf_fini(&json);
}
