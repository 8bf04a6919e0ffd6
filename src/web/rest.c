/* A call is made when its request comes and freed when it is answered, or when its client goes;
 * only the store's answer it waits for in any case, since the store cannot be told to forget it.
 * That what it did is stored it hears in the middle of the hub's own work; so it is answered in a
 * task of its own: an answer may be followed by the connection's next request, and that by
 * anything. */
#include "web/rest.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "web/conn_move.h"
#include "web/cookie.h"
#include "web/cors.h"
#include "web/front.h"
#include "web/reply.h"
#include "web/rest_access.h"

#define REST_MAGIC   0x52455354u
#define ORIGIN_BYTES 1024
#define STORE_US     UINT64_C(2000000) /* what a call has done is stored within that, or it fails */

struct rests {
    struct link calls;
};

static void go_on(struct rest *c);
static void on_pause(void *arg);

struct hub *rest_hub(const struct rest *c)
{
    return c->lobby->hub;
}

int64_t rest_now_ms(const struct rest *c)
{
    return loop_wall_ms(hub_loop(rest_hub(c)));
}

/* ---- beginning and end ---- */

struct rests *rests_new(void)
{
    struct rests *rests = xalloc(sizeof *rests);
    link_init(&rests->calls);
    return rests;
}

static void rest_free(struct rest *c)
{
    CHECK_MAGIC(c, REST_MAGIC);
    c->magic = 0;
    link_leave(&c->link);
    link_leave(&c->wait.link);
    link_leave(&c->promise.link);
    link_leave(&c->task.link);
    loop_disarm(hub_loop(rest_hub(c)), &c->pause);
    buf_fini(&c->json);
    xfree(c);
}

void rests_free(struct rests *rests)
{
    if (!rests)
        return;
    while (!list_is_empty(&rests->calls))
        rest_free(CONTAINER_OF(rests->calls.next, struct rest, link));
    xfree(rests);
}

static void on_gone(struct request *r)
{
    struct rest *c = r->handler_arg;
    CHECK_MAGIC(c, REST_MAGIC);
    c->request = NULL;
    if (!c->is_asking)
        rest_free(c);
}

static void on_task(void *arg)
{
    go_on(arg);
}

/* At once: of a room that is not there the hub knows this moment only. */
static void on_loaded(struct hub_wait *w)
{
    go_on(CONTAINER_OF(w, struct rest, wait));
}

static void on_stored(struct hub_promise *p, int err)
{
    struct rest *c = CONTAINER_OF(p, struct rest, promise);
    CHECK_MAGIC(c, REST_MAGIC);
    c->err = err;
    loop_soon(hub_loop(rest_hub(c)), &c->task);
}

static struct rest *rest_new(struct request *r)
{
    struct rest *c = xalloc(sizeof *c);
    *c = (struct rest){
        .magic = REST_MAGIC,
        .lobby = r->front->lobby,
        .request = r,
        .row = r->route->rest,
        .status = r->route->rest->gives_status,
        .wait = { .fn = on_loaded },
        .promise = { .fn = on_stored },
    };
    list_push(&c->lobby->rests->calls, &c->link);
    link_init(&c->wait.link);
    link_init(&c->promise.link);
    task_init(&c->task, on_task, c);
    timer_init(&c->pause, on_pause, c);
    buf_init(&c->json, REST_ANSWER_BYTES);
    jw_init(&c->writer, &c->json);
    r->handler_arg = c;
    r->on_gone = on_gone;
    return c;
}

/* ---- answers ---- */

/* The request is answered from here on, and the call no longer hears of it. */
static struct request *let_go(struct rest *c)
{
    struct request *r = c->request;
    r->on_gone = NULL;
    r->handler_arg = NULL;
    return r;
}

/* One that the request showed and that does not count any more is taken away. */
static void put_session_cookie(struct rest *c, struct reply *reply)
{
    struct slice *cookie = &c->session_cookie;
    bool is_stale = cookie->len == 0 && c->asker.has_bad_cookie;
    if (is_stale && cookie_give_session(cookie, c->request, S(""), 0))
        *cookie = S("");
    if (cookie->len > 0)
        reply_header(reply, "Set-Cookie", *cookie);
}

static uint64_t retry_s(const struct rest *c)
{
    return c->retry_ms > 0 ? (c->retry_ms + 999) / 1000 : 1;
}

static void fail(struct rest *c, int err)
{
    struct request *r = let_go(c);
    struct slice why = c->why.len > 0 ? c->why : slice_str(err_info(err)->text);
    struct reply reply;
    reply_error_later(&reply, r, err, retry_s(c));
    put_session_cookie(c, &reply);
    if (err == ERR_UNAUTHORIZED)
        reply_header(&reply, "WWW-Authenticate", S("Bearer"));
    reply_error_body(&reply, err, why);
    rest_free(c);
}

static void answer(struct rest *c)
{
    struct reply reply;
    if (buf_err(&c->json)) {
        fail(c, buf_err(&c->json));
        return;
    }
    reply_begin(&reply, let_go(c), c->status);
    reply_header(&reply, "Cache-Control", S("no-store"));
    if (c->location.len > 0)
        reply_header(&reply, "Location", c->location);
    if (c->cookie.len > 0)
        reply_header(&reply, "Set-Cookie", c->cookie);
    put_session_cookie(c, &reply);
    if (c->json.len > 0) {
        reply_header(&reply, "Content-Type", S("application/json; charset=utf-8"));
        reply_body(&reply, buf_slice(&c->json));
    } else {
        reply_no_body(&reply);
    }
    rest_free(c);
}

/* Nobody is told of what might yet not have happened. */
static void finish(struct rest *c)
{
    while (!jw_is_done(&c->writer))
        jw_end(&c->writer);
    c->has_acted = true;
    if (!c->room) {
        answer(c);
        return;
    }
    loop_arm(hub_loop(rest_hub(c)), &c->pause, STORE_US);
    hub_when_stored(c->room, &c->promise);
}

static void settle(struct rest *c, int err)
{
    if (err == ERR_AGAIN || (!err && c->is_asking))
        return;
    if (err)
        fail(c, err);
    else
        finish(c);
}

struct json_writer *rest_object(struct rest *c)
{
    ASSERT(c->json.len == 0);
    jw_object(&c->writer);
    return &c->writer;
}

void rest_locate(struct rest *c, const char *under)
{
    struct buf path;
    buf_init(&path, 64 + ROOM_ID_MAX);
    buf_add_str(&path, under);
    buf_add_slice(&path, hub_room_id(c->room));
    if (buf_err(&path) || arena_copy(&c->location, &c->request->arena, buf_slice(&path)))
        c->location = S("");
    buf_fini(&path);
}

int rest_pause(struct rest *c, uint32_t ms)
{
    c->has_paused = true;
    loop_arm(hub_loop(rest_hub(c)), &c->pause, ms * UINT64_C(1000));
    return ERR_AGAIN;
}

/* ---- limits ---- */

int rest_spend(struct rest *c, unsigned limit)
{
    const struct identity *who = &c->asker.who;
    if (c->asker.is_known && !who->is_guest)
        return hub_spend(&c->retry_ms, rest_hub(c), who->user_id, limit);
    return hub_spend_from(&c->retry_ms, rest_hub(c), c->request->peer, limit);
}

/* Who has missed too often is told nothing of rooms that there are, either. */
int rest_may_look(struct rest *c)
{
    uint64_t retry_ms;
    return hub_ask_from(&retry_ms, rest_hub(c), c->request->peer, LIMIT_MISS);
}

void rest_count_miss(struct rest *c)
{
    uint64_t retry_ms;
    int err = hub_spend_from(&retry_ms, rest_hub(c), c->request->peer, LIMIT_MISS);
    (void)err; /* none was left: several looked at once */
}

/* ---- the request ---- */

static bool changes_something(const struct request *r)
{
    return r->head.method != HTTP1_GET && r->head.method != HTTP1_HEAD;
}

static bool takes_body(const struct request *r)
{
    return r->route->body_bytes > 0;
}

/* The handler has waited enough, or the answer to what it did. */
static void on_pause(void *arg)
{
    struct rest *c = arg;
    if (c->has_acted && link_is_in(&c->promise.link)) {
        link_leave(&c->promise.link);
        c->err = ERR_STORAGE_UNAVAILABLE;
        if (changes_something(c->request))
            c->why = S("It is not stored yet, and may still be: look before you do it again.");
    }
    go_on(c);
}

/* A page elsewhere can send this without being asked back first; it must not come through. */
static int check_source(struct rest *c)
{
    struct request *r = c->request;
    struct slice type = request_header(r, S("Content-Type"));
    ptrdiff_t end = slice_find(type, ';');
    if (changes_something(r) && !cors_origin_may_connect(r))
        return ERR_BAD_ORIGIN;
    if (r->body.len == 0)
        return 0;
    type = slice_trim(slice_take(type, end < 0 ? type.len : (size_t)end));
    if (slice_eq_nocase(type, S("application/json")))
        return 0;
    c->why = S("Send JSON, with Content-Type: application/json.");
    return ERR_UNSUPPORTED_MEDIA;
}

/* Whoever may use the admin socket needs no token. */
static int find_asker(struct rest *c)
{
    if (c->request->is_admin)
        return 0;
    int err = asker_find(&c->asker, c->request);
    if (err == ERR_UNAUTHORIZED && c->row->is_a_door)
        return 0;
    if (err == ERR_UNAUTHORIZED)
        c->why = slice_str(c->asker.why);
    return err;
}

/* Adds the path's parameters, by their names in the pattern. What a request's head lies in is given
 * back when its handler waits, so the values are copied. */
static int add_params(struct rest *c, struct fields_decoder *d)
{
    struct request *r = c->request;
    struct slice part, pattern = slice_str(r->route->pattern);
    unsigned n = 0;
    int err = 0;
    while (slice_cut(&part, &pattern, '/') && !err) {
        struct slice value;
        if (part.len < 2 || part.p[0] != '{')
            continue;
        err = arena_copy(&value, &r->arena, r->params[n++]);
        if (!err)
            err = fields_add_text(d, slice_of(part.p + 1, part.len - 2), value);
    }
    return err;
}

static int add_rest(struct rest *c, struct fields_decoder *d)
{
    struct request *r = c->request;
    struct slice query;
    if (takes_body(r))
        return fields_add_json(d, r->body.len > 0 ? r->body : S("{}"));
    int err = arena_copy(&query, &r->arena, r->head.query);
    return err ? err : fields_add_query(d, query);
}

static int decode_into(struct rest *c, void *args, struct field_error *error)
{
    struct request *r = c->request;
    struct fields_decoder d;
    int err = 0;
    if (c->row->also)
        err = fields_decode(
            args, error, &r->arena, c->row->also, r->body.len > 0 ? r->body : S("{}"));
    if (err)
        return err;
    fields_begin(&d, args, error, &r->arena, c->row->takes);
    err = add_params(c, &d);
    if (!err)
        err = add_rest(c, &d);
    return err ? err : fields_end(&d);
}

static int decode(struct rest *c)
{
    struct field_error error = { .text = "" };
    if (!c->row->takes)
        return 0;
    void *args = arena_alloc(&c->request->arena, c->row->args_bytes);
    if (!args)
        return ERR_NO_MEMORY;
    c->args = args;
    int err = decode_into(c, args, &error);
    if (err && arena_copy(&c->why, &c->request->arena, slice_str(error.text)))
        c->why = S("");
    return err;
}

/* ---- the room ---- */

static int no_such_room(struct rest *c)
{
    if (c->row->room == REST_ROOM) {
        rest_count_miss(c);
        return ERR_ROOM_NOT_FOUND;
    }
    if (hub_is_room_id(c->room_id))
        return 0;
    c->why = S("A room's id is 1 to 64 letters, digits, - and _.");
    return ERR_BAD_FIELD;
}

/* Before anything is counted or done: a room is asked where it is. */
static bool is_elsewhere(struct rest *c)
{
    if (c->row->room == REST_NO_ROOM)
        return false;
    c->room_id = *(const struct slice *)(const void *)((const char *)c->args + c->row->room_at);
    return c->room_id.len > 0 && !hub_is_here(rest_hub(c), c->room_id);
}

/* The call begins once more there. */
static int go_there(struct rest *c)
{
    unsigned place = hub_place_of(rest_hub(c), c->room_id);
    conn_send_to(let_go(c)->conn, place, true);
    rest_free(c);
    return ERR_AGAIN;
}

static int find_room(struct rest *c)
{
    bool is_new = c->row->room == REST_ROOM_OR_NEW && c->room_id.len == 0;
    if (c->row->room == REST_NO_ROOM || is_new)
        return 0;
    int err = rest_may_look(c);
    if (!err)
        err = hub_open(&c->room, rest_hub(c), c->room_id, &c->wait);
    return err == ERR_ROOM_NOT_FOUND ? no_such_room(c) : err;
}

static int act(struct rest *c)
{
    int err = find_room(c);
    return err ? err : c->row->act(c);
}

/* Links are whole: without a configured address they lead to where this request went. */
static int note_origin(struct rest *c)
{
    struct request *r = c->request;
    struct slice host = request_header(r, S("Host"));
    struct buf origin;
    c->settings = *hub_settings(rest_hub(c));
    if (c->settings.public_url.len > 0 || host.len == 0)
        return 0;
    buf_init(&origin, ORIGIN_BYTES);
    buf_add_str(&origin, r->is_secure ? "https://" : "http://");
    buf_add_slice(&origin, host);
    int err = buf_err(&origin);
    if (!err)
        err = arena_copy(&c->settings.public_url, &r->arena, buf_slice(&origin));
    buf_fini(&origin);
    return err;
}

static int begin(struct rest *c)
{
    int err = note_origin(c);
    if (!err)
        err = check_source(c);
    if (!err)
        err = find_asker(c);
    if (!err)
        err = rest_find_keys(c);
    if (!err)
        err = decode(c);
    if (!err && is_elsewhere(c))
        return go_there(c);
    if (!err && c->row->limit > 0)
        err = rest_spend(c, c->row->limit - 1);
    return err ? err : act(c);
}

/* What was waited for has come. */
static void go_on(struct rest *c)
{
    CHECK_MAGIC(c, REST_MAGIC);
    if (!c->has_acted)
        settle(c, act(c));
    else if (c->err)
        fail(c, c->err);
    else
        answer(c);
}

void rest_handle(struct request *r)
{
    if (!r->front->lobby) {
        reply_error(r, ERR_NOT_FOUND);
        return;
    }
    struct rest *c = rest_new(r);
    settle(c, begin(c));
}

/* ---- the store ---- */

void rest_wait_for_store(struct rest *c)
{
    c->is_asking = true;
    c->room = NULL; /* it may be forgotten meanwhile */
}

bool rest_is_back(struct rest *c)
{
    CHECK_MAGIC(c, REST_MAGIC);
    c->is_asking = false;
    if (c->request)
        return true;
    rest_free(c);
    return false;
}

void rest_go_on(struct rest *c, int err)
{
    settle(c, err);
}
