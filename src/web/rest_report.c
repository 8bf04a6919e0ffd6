/* The past comes from the store, the present from the room, which is in memory: it was looked up
 * before the store was asked, and is again if it has been dropped meanwhile.
 *
 * Codes are all that can be large. So the answer is written twice: without them, to see how much
 * place there is, then with as many as fit, the newest first. */
#include "web/rest_report.h"

#include "base/utf8.h"
#include "web/rest_access.h"

#define TRUNCATED_BYTES 16 /* what another word for `truncated` may take */

struct report {
    const struct room *room;
    const struct store_history *history;
    uint32_t writes_from; /* what people write now is given from this one on */
    uint64_t codes_from;  /* what was handed in is given from this number on */
    bool is_cut;
};

/* ---- small things ---- */

static void put_text(struct json_writer *w, const char *key, struct slice text)
{
    if (text.len > 0)
        jw_field_str(w, key, text);
    else
        jw_field_null(w, key);
}

static void put_time(struct json_writer *w, const char *key, int64_t ms)
{
    if (ms != 0)
        jw_field_time(w, key, ms);
    else
        jw_field_null(w, key);
}

static const struct member *member_of(const struct report *r, const struct store_person *p)
{
    return room_member(r->room, p->user_id);
}

/* What that person wrote last; its `p` is NULL: nothing is known. */
static struct slice code_of(const struct member *m)
{
    bool is_known = m != NULL && (m->code_len > 0 || m->has_submitted);
    return is_known ? slice_of(m->code, m->code_len) : (struct slice){ .p = NULL };
}

/* ---- people ---- */

static void put_code(struct json_writer *w, const struct member *m, bool is_given)
{
    struct slice code = code_of(m);
    if (is_given && code.p != NULL)
        jw_field_str(w, "code", code);
    else
        jw_field_null(w, "code");
    put_text(w, "language", code.p != NULL ? slice_str(m->language) : S(""));
}

static void put_violations(struct json_writer *w, const struct store_person *p)
{
    jw_field_array(w, "violations");
    for (const struct store_violation *v = p->first_violation; v != NULL; v = v->next) {
        jw_object(w);
        jw_field_str(w, "id", v->id);
        jw_field_str(w, "type", v->type);
        jw_field_i64(w, "timestamp", v->at_ms);
        jw_field_u64(w, "violationCount", v->total);
        jw_field_u64(w, "typeCount", v->of_type);
        jw_end(w);
    }
    jw_end(w);
}

static void put_submission(
    struct json_writer *w, const struct report *r, const struct store_submission *s)
{
    jw_object(w);
    jw_field_str(w, "id", s->id);
    if (s->seq >= r->codes_from)
        jw_field_str(w, "code", s->code);
    else
        jw_field_null(w, "code");
    put_text(w, "language", s->language);
    jw_field_time(w, "submittedAt", s->at_ms);
    jw_field_i64(w, "timestamp", s->at_ms);
    jw_field_bool(w, "automatic", s->is_automatic);
    jw_end(w);
}

static void put_submissions(
    struct json_writer *w, const struct report *r, const struct store_person *p)
{
    jw_field_array(w, "submissions");
    for (const struct store_submission *s = p->first_submission; s != NULL; s = s->next)
        put_submission(w, r, s);
    jw_end(w);
}

static void put_kicks(struct json_writer *w, const struct store_person *p)
{
    jw_field_array(w, "kicks");
    for (const struct store_kick *k = p->first_kick; k != NULL; k = k->next) {
        jw_object(w);
        put_text(w, "by", k->by);
        jw_field_str(w, "reason", k->reason);
        jw_field_i64(w, "timestamp", k->at_ms);
        jw_end(w);
    }
    jw_end(w);
}

static void put_candidate(struct json_writer *w, const struct report *r, uint32_t i)
{
    const struct store_person *p = &r->history->at[i];
    const struct member *m = member_of(r, p);
    jw_object(w);
    jw_field_str(w, "userId", p->user_id);
    jw_field_str(w, "name", p->name);
    jw_field_str(w, "status", p->status);
    jw_field_bool(w, "connected", m != NULL && !list_is_empty(&m->seats));
    put_time(w, "joinedAt", p->joined_at_ms);
    put_time(w, "leftAt", p->left_at_ms);
    jw_field_u64(w, "violationCount", p->violations);
    jw_field_bool(w, "hasSubmitted", p->has_submitted);
    put_code(w, m, i >= r->writes_from);
    put_violations(w, p);
    put_submissions(w, r, p);
    put_kicks(w, p);
    jw_end(w);
}

/* ---- all of it ---- */

static void put_room(struct json_writer *w, const struct room *room)
{
    static const char *const statuses[] = {
        [ROOM_WAITING] = "WAITING", [ROOM_LIVE] = "LIVE", [ROOM_ENDED] = "ENDED"
    };
    jw_field_str(w, "roomId", slice_str(room->id));
    jw_field_str(w, "title", slice_str(room->title));
    jw_field_str(w, "status", slice_str(statuses[room->status]));
    put_time(w, "startedAt", room->started_at_ms);
    put_time(w, "endedAt", room->ended_at_ms);
    if (room->ends_at_ms != 0)
        jw_field_i64(w, "endsAt", room->ends_at_ms);
    else
        jw_field_null(w, "endsAt");
    jw_field_str(w, "question", slice_str(room->question));
}

static void put_report(struct json_writer *w, const struct report *r)
{
    put_room(w, r->room);
    jw_field_array(w, "candidates");
    for (uint32_t i = 0; i < r->history->n; i++)
        put_candidate(w, r, i);
    jw_end(w);
    jw_field_bool(w, "truncated", r->is_cut);
}

/* How much place it leaves. ERR_TOO_BIG, ERR_NO_MEMORY. */
static int measure(size_t *left, const struct report *r)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, REST_ANSWER_BYTES - TRUNCATED_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    put_report(&w, r);
    jw_end(&w);
    int err = buf_err(&json);
    *left = err ? 0 : REST_ANSWER_BYTES - TRUNCATED_BYTES - json.len;
    buf_fini(&json);
    return err;
}

/* With its quotes, in JSON. A byte of a broken character takes three. */
static size_t json_bytes(struct slice text)
{
    bool is_valid = utf8_is_valid(text);
    size_t bytes = 2;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20)
            bytes += c == '\n' || c == '\t' ? 2 : 6;
        else if (c == '"' || c == '\\')
            bytes += 2;
        else
            bytes += c < 0x80 || is_valid ? 1 : 3;
    }
    return bytes;
}

static bool take_place(size_t *left, struct slice code)
{
    size_t bytes = code.p != NULL ? json_bytes(code) : 0;
    if (bytes > *left)
        return false;
    *left -= bytes;
    return true;
}

static void share_out(struct report *r, size_t left)
{
    const struct store_history *h = r->history;
    const struct store_submission *s = h->newest;
    while (
        r->writes_from > 0 && take_place(&left, code_of(member_of(r, &h->at[r->writes_from - 1]))))
        r->writes_from--;
    bool is_cut = r->writes_from > 0;
    for (; !is_cut && s != NULL && s->has_code && take_place(&left, s->code); s = s->older)
        r->codes_from = s->seq;
    r->is_cut = h->is_cut || is_cut || s != NULL;
}

static int give(struct rest *c, const struct store_history *history)
{
    struct report r = {
        .room = hub_view(c->room).room,
        .history = history,
        .writes_from = history->n,
        .codes_from = UINT64_MAX,
    };
    size_t left;
    int err = measure(&left, &r);
    if (err)
        return err;
    share_out(&r, left);
    put_report(rest_object(c), &r);
    return 0;
}

static void on_history(void *arg, int err, const struct store_history *history)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    c->room = hub_peek(rest_hub(c), c->room_id);
    if (!err)
        err = c->room ? give(c, history) : rest_pause(c, 0);
    rest_go_on(c, err);
}

static int report(struct rest *c)
{
    struct store *store = hub_store(rest_hub(c));
    int err = rest_may_oversee(c);
    if (err)
        return err;
    rest_wait_for_store(c);
    store->ops->history(store, c->room_id, on_history, c);
    return 0;
}

/* ---- the row ---- */

struct one {
    struct slice id;
};

static const struct field one_list[] = {
    { .name = "id",
        FIELD_MEMBER(struct one, id),
        .type = FIELD_STR,
        .max = REST_PARAM_MAX,
        .help = "the room's" },
};
static const struct fields one_fields = FIELDS(one_list);

const struct rest_row rest_rooms_report = {
    REST_ARGS(struct one, one_fields),
    REST_IN_ROOM(REST_ROOM, struct one, id),
    .limit = REST_LIMIT(RATE_JOIN),
    .act = report,
    .gives_status = 200,
    .gives = "{\"roomId\":\"A7x9K2\",\"title\":\"Interview\",\"status\":\"LIVE\","
             "\"startedAt\":\"2026-01-02T03:04:05.678Z\",\"endedAt\":null,"
             "\"endsAt\":1767326645678,\"question\":\"Reverse a list.\",\"candidates\":["
             "{\"userId\":\"u2\",\"name\":\"Ben\",\"status\":\"APPROVED\",\"connected\":true,"
             "\"joinedAt\":\"2026-01-02T03:05:00.000Z\",\"leftAt\":null,\"violationCount\":1,"
             "\"hasSubmitted\":true,\"code\":\"print(1)\",\"language\":\"python\",\"violations\":["
             "{\"id\":\"A7x9K2:17\",\"type\":\"TAB_SWITCH\",\"timestamp\":1767323145678,"
             "\"violationCount\":1,\"typeCount\":1}],\"submissions\":[{\"id\":\"Qb3x\","
             "\"code\":\"print(1)\",\"language\":\"python\","
             "\"submittedAt\":\"2026-01-02T03:06:00.000Z\",\"timestamp\":1767323160000,"
             "\"automatic\":false}],\"kicks\":[{\"by\":\"u1\",\"reason\":\"Looked aside.\","
             "\"timestamp\":1767323170000}]}],\"truncated\":false}",
};
