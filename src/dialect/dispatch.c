/* A message's way: its row and its limit are asked at once; then, unless others of the session wait
 * already, it is decoded, its room is found, its handler called, the asker answered. When the room
 * must be loaded first, the message is copied and waits, and so do those that come behind it; they
 * are taken up again from the decoding on, in order (listener.c). A message for a room of another
 * loop is taken there (handover.c).
 *
 * A handler may end its session, and with it the listener, but not the session's memory, which is
 * there until the end of the turn. So nobody here looks at the listener again without asking the
 * session whether it still has it. */
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "dialect/claims.h"
#include "dialect/dispatch_parts.h"

#define ARENA_BYTES    (4u << 20)  /* what one message is decoded into: a stroke, a program */
#define KEEP_BYTES     (64u << 10) /* a larger buffer is given back after its message */
#define NAME_MAX_CHARS 64          /* of a typed message */

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
    int err = fields_decode_known(args, error, a->arena, row->fields, text);
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
    if (a->row->room == ASK_ROOM_OF_TARGET)
        r = session_common_room(a->session, text_at(a, a->row->target_at));
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

/* ERR_AGAIN: `wait` will be called, or the listener in another way. */
static int find_room(struct ask *a, struct hub_wait *wait)
{
    int err = name_room(a);
    if (err && a->row->room == ASK_ROOM_OF_TARGET) {
        int there = handover_to_target(a);
        return there == ERR_AGAIN ? there : err;
    }
    if (err || a->row->room == ASK_NO_ROOM)
        return err;
    if (!hub_is_room_id(a->room_id)) {
        a->why = S("A room's id is 1 to 64 letters, digits, - and _.");
        return ERR_BAD_FIELD;
    }
    if (!hub_is_here(a->session->hub, a->room_id))
        return handover_to_room(a);
    if (a->row->room != ASK_ROOM_OR_NEW && !is_known_there(a))
        return look_up(a, wait);
    err = hub_open(&a->room, a->session->hub, a->room_id, wait);
    if (err == ERR_ROOM_NOT_FOUND && a->row->room == ASK_ROOM_OR_NEW)
        return 0;
    return err;
}

/* ---- answering ---- */

void dispatch_say_no(
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

int dispatch_handle(struct dispatch *d, struct session *s, const struct request *r)
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
    d->is_busy = true;
    int err = run(&a, d, r->json);
    d->is_busy = false;
    bool is_missed = r->is_probe && err && a.row->room == ASK_ROOM_OF_TARGET && !a.room_id.len;
    if (!err) {
        answer(&a);
    } else if (err != ERR_AGAIN && !is_missed) {
        struct refusal why = {
            .err = err, .text = a.why, .room_id = a.room_id, .retry_ms = a.retry_ms
        };
        dispatch_say_no(s, r->entry, &why, r->ack_id);
    }
    clear(d);
    if (err == ERR_AGAIN)
        return err;
    if (s->listener != l)
        return 0;
    errand_desk_clear(&l->desk);
    if (l->is_deputy)
        deputy_done(s, r->serial, is_missed ? ERR_NOT_FOUND : 0);
    return 0;
}

/* ---- messages ---- */

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
        why.err = listener_make(d, s);
    if (!why.err)
        why.err = listener_take(d, s, &r);
    if (why.err == ERR_BUSY)
        why.text = S("Too many messages wait for a room to be loaded; send this again later.");
    if (why.err)
        dispatch_say_no(s, r.entry, &why, ack_id);
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
    dispatch_say_no(s, entry, &refusal, ack_id);
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
    dispatch_say_no(s, NULL, why, TONGUE_NO_ACK);
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
