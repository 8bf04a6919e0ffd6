/* A message's way: its row and its limit are asked at once; then, unless others of the session wait
 * already, it is decoded, its room is found, its handler called, the asker answered. When the room
 * must be loaded first, the message is copied and waits, and so do those that come behind it; they
 * are taken up again from the decoding on, in order. What waits belongs to the session's listener,
 * which is made with the session's first message and goes with dispatch_drop().
 *
 * A handler may end its session, and with it the listener, but not the session's memory, which is
 * there until the end of the turn. So nobody here looks at the listener again without asking the
 * session whether it still has it. */
#include "dialect/dispatch.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "dialect/claims.h"
#include "dialect/errand.h"
#include "dialect/handover.h"
#include "hub/deputy.h"

#define ARENA_BYTES    (4u << 20)  /* what one message is decoded into: a stroke, a program */
#define KEEP_BYTES     (64u << 10) /* a larger buffer is given back after its message */
#define NAME_MAX_CHARS 64          /* of a typed message */

struct entry {
    const struct row *row;
    const struct language *language;
};

struct dispatch {
    struct hub *hub;
    struct dispatch *const *peers; /* of the other loops, by place; NULL: there are none */
    struct entry *entries;
    struct map by_name;
    struct claims *claims;
    struct shelf *shelf; /* NULL: there are no files */
    struct link errands; /* struct errand: of all listeners, and of those that have gone */
    bool is_busy;        /* within a handler */
    struct arena arena;
    struct buf words;
    struct buf ack;
    struct field_error error; /* of the message that is being decoded */
};

struct request {
    const struct entry *entry; /* NULL: there is no row of its name */
    struct slice json;
    uint64_t ack_id;
};

struct waiting {
    struct link link; /* listener->waiting */
    struct request request;
    char json[];
};

struct listener {
    struct dispatch *dispatch;
    struct session *session;
    struct link waiting; /* oldest first */
    uint32_t n;
    size_t bytes;
    struct hub_wait wait;    /* of the first of them */
    struct errand_desk desk; /* likewise */
    struct task task;        /* to go on, when it was woken from within a handler */
    bool is_handed;          /* the first of them is with a deputy */
    bool is_deputy;          /* the session is one */
    bool is_probe;           /* of a deputy: what it was handed may be for another one */
    uint32_t serial;         /* of what was handed over last */
    uint64_t tried;          /* places where the first of them was not for the deputy */
};

/* ---- beginning and end ---- */

static size_t count_rows(const struct language *const *languages, size_t n)
{
    size_t rows = 0;
    for (size_t i = 0; i < n; i++)
        rows += languages[i]->n_rows;
    return rows;
}

static void add_row(struct dispatch *d, struct entry *to, struct entry what)
{
    struct slice name = slice_str(what.row->name);
    *to = what;
    if (map_find(&d->by_name, name) != NULL)
        PANIC("two rows are called %s", what.row->name);
    if (map_put(&d->by_name, name, to, NULL))
        PANIC("no memory for the rows");
}

static void add_rows(struct dispatch *d, const struct language *const *languages, size_t n)
{
    struct entry *to = d->entries;
    for (size_t i = 0; i < n; i++) {
        const struct language *l = languages[i];
        for (size_t k = 0; k < l->n_rows; k++)
            add_row(d, to++, (struct entry){ .row = &l->rows[k], .language = l });
    }
}

struct dispatch *dispatch_new(struct hub *hub, const struct language *const *languages, size_t n)
{
    struct dispatch *d = xalloc(sizeof(*d));
    *d = (struct dispatch){ .hub = hub, .claims = claims_new() };
    d->entries = xalloc((count_rows(languages, n) + 1) * sizeof(*d->entries));
    map_init(&d->by_name, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&d->errands);
    arena_init(&d->arena, ARENA_BYTES);
    buf_init(&d->words, WORDS_MAX_BYTES);
    buf_init(&d->ack, WORDS_MAX_BYTES);
    add_rows(d, languages, n);
    return d;
}

void dispatch_free(struct dispatch *d)
{
    if (d == NULL)
        return;
    map_fini(&d->by_name);
    arena_fini(&d->arena);
    buf_fini(&d->words);
    buf_fini(&d->ack);
    claims_free(d->claims);
    errands_free(&d->errands);
    xfree(d->entries);
    xfree(d);
}

struct claims *dispatch_claims(struct dispatch *d)
{
    return d->claims;
}

void dispatch_set_shelf(struct dispatch *d, struct shelf *shelf)
{
    d->shelf = shelf;
}

static void settle_buf(struct buf *b)
{
    if (b->cap > KEEP_BYTES)
        buf_release(b);
    else
        buf_reset(b);
}

/* Nothing of the message is needed any more. */
static void clear(struct dispatch *d)
{
    arena_reset(&d->arena);
    settle_buf(&d->words);
    settle_buf(&d->ack);
}

/* ---- decoding ---- */

/* What JavaScript sends for an argument that is not there. */
static bool is_nothing(struct slice json)
{
    return json.len == 0 || slice_eq(json, S("null"));
}

static int decode(struct ask *a, struct field_error *error, struct slice json)
{
    const struct row *row = a->row;
    if (row->fields == NULL)
        return 0;
    void *args = arena_alloc(a->arena, row->args_bytes);
    if (args == NULL)
        return ERR_NO_MEMORY;
    a->args = args;
    struct slice text = is_nothing(json) ? S("{}") : json;
    int err = fields_decode(args, error, a->arena, row->fields, text);
    if (err)
        a->why = slice_str(error->text);
    return err;
}

/* ---- the room ---- */

/* The text at a row's room_at or target_at; empty where no field is for it. */
static struct slice text_at(const struct ask *a, size_t at)
{
    if (at == 0)
        return S("");
    return *(const struct slice *)(const void *)((const char *)a->args + at - 1);
}

/* Without a name: the room that goes without saying; empty: none does, here. */
static struct slice implied_room(const struct ask *a)
{
    const struct hub_room *r = NULL;
    const struct listener *l = a->session->listener;
    bool is_of_target = a->row->room == ASK_ROOM_OF_TARGET;
    if (is_of_target)
        r = session_common_room(a->session, text_at(a, a->row->target_at));
    if (!r && is_of_target && l->is_probe) /* its home sits in other rooms as well */
        return S("");
    return r != NULL ? hub_room_id(r) : session_only_room_id(a->session);
}

static int no_room(struct ask *a)
{
    unsigned n = session_all_rooms(a->session);
    bool is_verb_inside = !a->row->is_free && a->row->verb != VERB_JOIN;
    if (n == 0 && is_verb_inside && a->row->room != ASK_ROOM_OR_NEW)
        return ERR_NOT_IN_ROOM;
    if (n > 0 && a->row->room == ASK_ROOM_OF_TARGET) {
        a->why = S("Nobody in a room of yours has this socket id.");
        return ERR_NOT_FOUND;
    }
    a->why = S("Name the room that this is about.");
    return ERR_BAD_FIELD;
}

static int name_room(struct ask *a)
{
    struct slice named = text_at(a, a->row->room_at);
    a->room_id = named.len > 0 ? named : a->session->room_id;
    if (a->room_id.len > 0 || a->row->room == ASK_NO_ROOM)
        return 0;
    a->room_id = implied_room(a);
    return a->room_id.len > 0 ? 0 : no_room(a);
}

static bool is_known_there(const struct ask *a)
{
    const struct hub_room *r = hub_peek(a->session->hub, a->room_id);
    const struct room *room = r != NULL ? hub_view(r).room : NULL;
    return room != NULL && room_member(room, a->session->identity.user_id) != NULL;
}

/* Rooms can be guessed only slowly: who has missed too often is told nothing of those that there
 * are, either. */
static int look_up(struct ask *a, struct hub_wait *wait)
{
    struct hub *h = a->session->hub;
    uint64_t ignored_ms;
    int err = hub_ask_from(&a->retry_ms, h, a->session->peer, LIMIT_MISS);
    if (err)
        return err;
    err = hub_open(&a->room, h, a->room_id, wait);
    if (err == ERR_ROOM_NOT_FOUND && hub_spend_from(&ignored_ms, h, a->session->peer, LIMIT_MISS))
        log_debug(LOG_HUB, "a miss was not counted", LOG_STR("session", a->session->id));
    return err;
}

/* ---- rooms of other loops ---- */

/* A deputy says it there. ERR_AGAIN: it will be known what came of it. */
static int hand_over(struct ask *a, unsigned place, bool is_probe)
{
    struct session *s = a->session;
    struct listener *l = s->listener;
    struct away *away = session_away_to(s, place);
    const struct handover h = {
        .to = l->dispatch->peers[place],
        .from = s,
        .name = slice_str(a->row->name),
        .json = a->json,
        .ack_id = a->ack_id,
        .serial = ++l->serial,
        .is_probe = is_probe,
    };
    int err = handover_send(&h);
    if (err)
        return err;
    errand_desk_clear(a->desk);
    if (a->row->is_join)
        s->dialect = a->language->dialect;
    l->is_handed = true;
    away->is_busy = true;
    return ERR_AGAIN;
}

/* Who sits nowhere else goes there itself, and says this once more. */
static int go_there(struct ask *a)
{
    struct session *s = a->session;
    errand_desk_clear(a->desk); /* of a room that went without saying before */
    unsigned place = hub_place_of(s->hub, a->room_id);
    if (s->line->move && s->line->move(s, place))
        return ERR_AGAIN;
    ASSERT(!((struct listener *)s->listener)->is_deputy);
    return hand_over(a, place, false);
}

/* Is it for somebody who sits in a room with one of the deputies? They are asked one by one; the
 * last one says no itself. */
static int ask_deputies(struct ask *a)
{
    struct listener *l = a->session->listener;
    struct away *next = NULL;
    unsigned n = 0;
    LIST_EACH(link, &a->session->away) {
        struct away *away = CONTAINER_OF(link, struct away, link);
        bool is_new = !(l->tried >> away->place & 1) && away->n_rooms > 0;
        next = is_new ? away : next;
        n += is_new;
    }
    return n > 0 ? hand_over(a, next->place, n > 1) : ERR_NOT_FOUND;
}

/* ERR_AGAIN: `wait` will be called, or the listener in another way. */
static int find_room(struct ask *a, struct hub_wait *wait)
{
    int err = name_room(a);
    if (err && a->row->room == ASK_ROOM_OF_TARGET) {
        int there = ask_deputies(a);
        return there == ERR_AGAIN ? there : err;
    }
    if (err || a->row->room == ASK_NO_ROOM)
        return err;
    if (!hub_is_room_id(a->room_id)) {
        a->why = S("A room's id is 1 to 64 letters, digits, - and _.");
        return ERR_BAD_FIELD;
    }
    if (!hub_is_here(a->session->hub, a->room_id))
        return go_there(a);
    if (a->row->room != ASK_ROOM_OR_NEW && !is_known_there(a))
        return look_up(a, wait);
    err = hub_open(&a->room, a->session->hub, a->room_id, wait);
    if (err == ERR_ROOM_NOT_FOUND && a->row->room == ASK_ROOM_OR_NEW)
        return 0;
    return err;
}

/* ---- answering ---- */

static void refuse(
    struct session *s, const struct entry *entry, struct refusal *why, uint64_t ack_id)
{
    const struct dialect *dialect = s->dialect;
    if (entry != NULL)
        why->request = entry->row->name;
    if (entry != NULL && entry->row->is_join)
        dialect = entry->language->dialect;
    log_debug(LOG_HUB, "refused", LOG_STR("session", s->id), LOG_STR("request", why->request),
        LOG_ERR(why->err));
    session_refuse(s, dialect, why, ack_id);
}

/* Nothing has happened anywhere that the asker would have to wait for. */
static void answer_now(struct session *s, const struct hub_answer *answer)
{
    session_say(s, answer->words);
    session_answer(s, answer->ack_id, answer->ack);
}

/* Nothing of it must be stored, and it says nothing of the room. */
static bool is_light(const struct ask *a)
{
    bool is_verb = !a->row->is_free;
    return is_verb && verb_info(a->row->verb)->durability != DURABILITY_COMMIT && a->words.n == 0;
}

static void answer(struct ask *a)
{
    struct session *s = a->session;
    if (a->row->is_join)
        s->dialect = a->language->dialect;
    struct hub_answer answer = {
        .words = &a->words,
        .ack = a->ack.n > 0 ? words_json(&a->ack, 0) : S("{\"ok\":true}"),
        .ack_id = a->ack_id,
        .dialect = s->dialect,
        .request = a->row->name,
        .is_light = is_light(a),
    };
    if (a->room != NULL)
        hub_answer(a->room, s, &answer);
    else
        answer_now(s, &answer);
}

/* The handler has done its part: is what it said whole? */
static int end_words(struct ask *a)
{
    if (!a->ack.is_ended)
        words_end(&a->ack);
    ASSERT(a->words.is_ended);
    int err = words_err(&a->words);
    return err ? err : words_err(&a->ack);
}

static int run(struct ask *a, struct dispatch *d, struct slice json)
{
    struct listener *l = a->session->listener;
    int err = decode(a, &d->error, json);
    if (!err)
        err = find_room(a, &l->wait);
    if (!err)
        err = a->row->handle(a);
    return err ? err : end_words(a);
}

/* ERR_AGAIN: nothing was done, the listener is called when there is more to know. Everything else
 * is settled here. */
static int handle(struct dispatch *d, struct session *s, const struct request *r)
{
    struct listener *l = s->listener;
    struct ask a = {
        .session = s,
        .language = r->entry->language,
        .row = r->entry->row,
        .json = r->json,
        .arena = &d->arena,
        .ack_id = r->ack_id,
        .claims = d->claims,
        .desk = &l->desk,
    };
    l->desk.shelf = d->shelf;
    words_init(&a.words, &d->words, a.language->dialect->is_typed);
    words_init(&a.ack, &d->ack, false);
    bool is_probe = l->is_probe;
    d->is_busy = true;
    int err = run(&a, d, r->json);
    d->is_busy = false;
    bool is_missed = is_probe && err && a.row->room == ASK_ROOM_OF_TARGET && !a.room_id.len;
    if (!err) {
        answer(&a);
    } else if (err != ERR_AGAIN && !is_missed) {
        struct refusal why = {
            .err = err, .text = a.why, .room_id = a.room_id, .retry_ms = a.retry_ms
        };
        refuse(s, r->entry, &why, r->ack_id);
    }
    clear(d);
    if (err == ERR_AGAIN)
        return err;
    if (s->listener != l)
        return 0;
    errand_desk_clear(&l->desk);
    if (l->is_deputy)
        deputy_done(s, is_missed ? ERR_NOT_FOUND : 0);
    return 0;
}

/* ---- waiting ---- */

static struct waiting *waiting_of(struct link *l)
{
    return CONTAINER_OF(l, struct waiting, link);
}

static void enqueue(struct listener *l, struct link *before, struct waiting *w)
{
    list_push(before, &w->link);
    l->n++;
    l->bytes += w->request.json.len;
}

static struct waiting *dequeue(struct listener *l)
{
    struct waiting *w = waiting_of(list_pop(&l->waiting));
    l->n--;
    l->bytes -= w->request.json.len;
    return w;
}

static void drop_all(struct listener *l)
{
    while (l->n > 0)
        xfree(dequeue(l));
    l->is_handed = false;
    l->tried = 0;
    errand_desk_clear(&l->desk);
}

/* ERR_BUSY: too many wait already, or too much. */
static int put_off(struct listener *l, const struct request *r)
{
    size_t len = r->json.len;
    if (l->n >= SESSION_WAITING || len > SESSION_WAITING_BYTES - l->bytes)
        return ERR_BUSY;
    struct waiting *w = xtry(NULL, sizeof(*w) + len);
    if (w == NULL)
        return ERR_NO_MEMORY;
    link_init(&w->link);
    if (len > 0)
        memcpy(w->json, r->json.p, len);
    w->request = *r;
    w->request.json = slice_of(w->json, len);
    enqueue(l, &l->waiting, w);
    return 0;
}

/* A connection that was lost meanwhile has nothing more to ask: what it did not hear an answer to
 * did not happen. */
static void go_on(struct listener *l)
{
    struct dispatch *d = l->dispatch;
    struct session *s = l->session;
    if (s->is_lost && l->n > 0) {
        drop_all(l);
        if (l->is_deputy)
            deputy_done(s, 0);
    }
    while (s->listener == l && l->n > 0 && !l->is_handed) {
        struct waiting *w = dequeue(l);
        if (handle(d, s, &w->request) == ERR_AGAIN) {
            enqueue(l, l->waiting.next, w);
            return;
        }
        xfree(w);
        if (s->listener == l)
            l->tried = 0;
    }
}

static void on_task(void *arg)
{
    go_on(arg);
}

static void wake(void *arg)
{
    struct listener *l = arg;
    if (l->dispatch->is_busy)
        loop_soon(hub_loop(l->dispatch->hub), &l->task);
    else
        go_on(l);
}

static void on_wake(struct hub_wait *w)
{
    wake(CONTAINER_OF(w, struct listener, wait));
}

static int listen_to(struct dispatch *d, struct session *s)
{
    if (s->listener != NULL)
        return 0;
    struct listener *l = xtry(NULL, sizeof(*l));
    if (l == NULL)
        return ERR_NO_MEMORY;
    *l = (struct listener){ .dispatch = d, .session = s, .wait = { .fn = on_wake } };
    link_init(&l->waiting);
    link_init(&l->wait.link);
    task_init(&l->task, on_task, l);
    l->desk = (struct errand_desk){ .all = &d->errands, .on_back = wake, .arg = l };
    s->listener = l;
    return 0;
}

int dispatch_may_leave(const struct session *s)
{
    const struct listener *l = s->listener;
    bool is_asking = l && (link_is_in(&l->wait.link) || l->desk.errand);
    return is_asking ? ERR_AGAIN : session_may_leave(s);
}

void dispatch_leave(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        link_leave(&l->task.link);
    session_leave(s);
}

int dispatch_enter(struct dispatch *d, struct session *s, const struct line *line)
{
    struct listener *l = s->listener;
    if (l) {
        l->dispatch = d;
        l->desk.all = &d->errands;
    }
    int err = session_enter(s, d->hub, line);
    if (err)
        dispatch_drop(d, s);
    else
        dispatch_stay(s);
    return err;
}

void dispatch_stay(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        loop_soon(hub_loop(s->hub), &l->task);
}

void dispatch_drop(struct dispatch *d, struct session *s)
{
    struct listener *l = s->listener;
    if (l == NULL)
        return;
    ASSERT(l->dispatch == d);
    drop_all(l);
    link_leave(&l->wait.link);
    link_leave(&l->task.link);
    xfree(l);
    s->listener = NULL;
}

/* ---- messages ---- */

/* Behind those that wait, or at once. */
static int take_up(struct dispatch *d, struct session *s, const struct request *r)
{
    struct listener *l = s->listener;
    if (l->n > 0)
        return put_off(l, r);
    int err = handle(d, s, r);
    if (err != ERR_AGAIN)
        return err;
    err = put_off(l, r);
    if (err) {
        l->is_handed = false; /* whatever becomes of it there */
        link_leave(&l->wait.link);
        errand_desk_clear(&l->desk);
    }
    return err;
}

static unsigned limit_of(const struct row *row)
{
    return row->is_free ? row->limit : (unsigned)verb_info(row->verb)->rate;
}

/* What is not known costs as well: it is read, and answered. */
static int spend(uint64_t *retry_ms, struct session *s, const struct entry *entry, size_t bytes)
{
    unsigned limit = entry != NULL ? limit_of(entry->row) : RATE_CONTROL;
    int err = session_spend(retry_ms, s, limit);
    if (!err)
        session_spend_bytes(s, limit, bytes);
    return err;
}

void dispatch_message(
    struct dispatch *d, struct session *s, struct slice name, struct slice json, uint64_t ack_id)
{
    struct request r = { .entry = map_find(&d->by_name, name), .json = json, .ack_id = ack_id };
    struct refusal why = { .err = 0 };
    ASSERT(!d->is_busy);
    why.err = spend(&why.retry_ms, s, r.entry, json.len);
    if (!why.err && r.entry == NULL)
        why.err = ERR_UNKNOWN_MESSAGE;
    if (!why.err)
        why.err = listen_to(d, s);
    if (!why.err)
        why.err = take_up(d, s, &r);
    if (why.err == ERR_BUSY)
        why.text = S("Too many messages wait for a room to be loaded; send this again later.");
    if (why.err)
        refuse(s, r.entry, &why, ack_id);
}

void dispatch_refuse(
    struct dispatch *d, struct session *s, struct slice name, struct slice why, uint64_t ack_id)
{
    const struct entry *entry = map_find(&d->by_name, name);
    struct refusal refusal = { .err = ERR_BAD_FIELD, .text = why };
    uint64_t retry_ms;
    int err = spend(&retry_ms, s, entry, 0);
    if (err)
        refusal = (struct refusal){ .err = err, .retry_ms = retry_ms };
    else if (entry == NULL)
        refusal = (struct refusal){ .err = ERR_UNKNOWN_MESSAGE };
    refuse(s, entry, &refusal, ack_id);
}

struct typed {
    struct slice type;
};

static const struct field typed_list[] = {
    { .name = "type",
        FIELD_MEMBER(struct typed, type),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = NAME_MAX_CHARS,
        .help = "the message's name" },
};
static const struct fields typed_fields = FIELDS(typed_list);

static void refuse_unread(struct session *s, struct refusal *why, size_t bytes)
{
    uint64_t retry_ms;
    int err = spend(&retry_ms, s, NULL, bytes);
    if (err)
        *why = (struct refusal){ .err = err, .retry_ms = retry_ms };
    refuse(s, NULL, why, TONGUE_NO_ACK);
}

void dispatch_typed(struct dispatch *d, struct session *s, struct slice json)
{
    struct typed typed;
    int err = fields_decode(&typed, &d->error, &d->arena, &typed_fields, json);
    struct refusal why = { .err = err, .text = slice_str(d->error.text) };
    if (err == ERR_BAD_FIELD && d->error.field == NULL) {
        why.err = ERR_BAD_JSON;
        why.text = S("A message is a JSON object with a \"type\".");
    }
    if (err)
        refuse_unread(s, &why, json.len);
    else
        dispatch_message(d, s, typed.type, json, TONGUE_NO_ACK);
    clear(d);
}

/* ---- deputies ---- */

void dispatch_take_over(struct dispatch *d, struct session *s, const struct handover *h)
{
    struct request r = {
        .entry = map_find(&d->by_name, h->name), .json = h->json, .ack_id = h->ack_id
    };
    struct refusal why = { .err = listen_to(d, s) };
    struct listener *l = s->listener;
    if (!why.err) {
        l->is_deputy = true;
        l->is_probe = h->is_probe;
        why.err = take_up(d, s, &r);
    }
    if (!why.err)
        return;
    refuse(s, r.entry, &why, h->ack_id);
    deputy_done(s, 0);
}

/* At home: the first of those that wait is done, or is for another one. */
static void on_deputy_done(struct session *s, unsigned place, uint32_t serial, int err)
{
    struct listener *l = s->listener;
    if (!l || !l->is_handed || l->serial != serial)
        return;
    l->is_handed = false;
    if (err == ERR_NOT_FOUND) {
        l->tried |= UINT64_C(1) << place;
    } else {
        struct waiting *w = dequeue(l);
        struct refusal why = { .err = err };
        l->tried = 0;
        if (err)
            refuse(s, w->request.entry, &why, w->request.ack_id);
        xfree(w);
    }
    wake(l);
}

static void on_deputy_end(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        dispatch_drop(l->dispatch, s);
}

void dispatch_join(struct dispatch *d, struct dispatch *const *peers)
{
    d->peers = peers;
    hub_on_deputy_done(d->hub, on_deputy_done);
    hub_on_deputy_end(d->hub, on_deputy_end);
}

struct hub *dispatch_hub(const struct dispatch *d)
{
    return d->hub;
}
