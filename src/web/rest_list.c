#include "web/rest_list.h"

#include "web/rest_access.h"

#include <stdio.h>

#define SEQ_BYTES 24  /* a number in digits */
#define ROW_BYTES 512 /* of a message, beside its texts */

static const struct field page_list[] = {
    REST_PAGE_LIMIT(struct rest_page, limit),
    { .name = "cursor",
        FIELD_MEMBER(struct rest_page, cursor),
        .type = FIELD_STR,
        .max = REST_CURSOR_MAX,
        .help = "the nextCursor of the page before" },
};
const struct fields rest_page_fields = FIELDS(page_list);

static uint32_t limit_of(const struct rest_page *page)
{
    return page->limit < STORE_PAGE_MAX ? (uint32_t)page->limit : STORE_PAGE_MAX;
}

static void put_cursor(struct json_writer *w, struct slice cursor)
{
    if (cursor.len > 0)
        jw_field_str(w, "nextCursor", cursor);
    else
        jw_field_null(w, "nextCursor");
}

static int bad_cursor(struct rest *c)
{
    c->why = S("This cursor leads nowhere (any more); begin without one.");
    return ERR_BAD_FIELD;
}

/* ---- rooms ---- */

static void put_rooms(struct rest *c, int err, const struct rest_item *items, uint32_t n_items)
{
    struct json_writer *w = rest_object(c);
    struct slice last = S("");
    uint32_t n = 0;
    jw_field_array(w, c->list->name);
    for (; n < n_items && c->json.len < REST_PAGE_BYTES && !err; n++) {
        jw_raw(w, items[n].json);
        last = items[n].room.id;
    }
    jw_end(w);
    put_cursor(w, n < n_items || c->has_more ? last : S(""));
    rest_go_on(c, err);
}

/* A cursor is a room's id, so a wrong one looks for a room that is not there. */
static void on_rooms(void *arg, int err, const struct store_rooms *page)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (!err) {
        c->has_more = page->has_more;
        rest_gather(c, page->at, NULL, page->n, c->list->put_room, put_rooms);
        return;
    }
    if (err == ERR_ROOM_NOT_FOUND) {
        rest_count_miss(c);
        err = bad_cursor(c);
    }
    rest_go_on(c, err);
}

int rest_list_rooms(struct rest *c, const struct rest_list *list, const struct rest_page *page)
{
    struct store *store = hub_store(rest_hub(c));
    const struct store_room_query q = {
        .viewer = rest_account(c), .after = page->cursor, .limit = limit_of(page)
    };
    int err = page->cursor.len > 0 ? rest_may_look(c) : 0;
    if (err)
        return err;
    c->list = list;
    rest_wait_for_store(c);
    store->ops->rooms(store, &q, on_rooms, c);
    return 0;
}

/* ---- messages ---- */

/* The first that is given: older ones stay behind when the page would become too large. */
static uint32_t first_of(const struct store_messages *page)
{
    size_t bytes = 0;
    uint32_t first = page->n;
    while (first > 0 && bytes < REST_PAGE_BYTES) {
        const struct store_message *m = &page->at[--first];
        bytes += m->text.len + m->attachments.len + ROW_BYTES;
    }
    return first;
}

static void put_messages(struct rest *c, const struct store_messages *page)
{
    struct json_writer *w = rest_object(c);
    char cursor[SEQ_BYTES] = "";
    uint32_t first = first_of(page);
    jw_field_array(w, c->list->name);
    for (uint32_t i = first; i < page->n; i++) {
        jw_object(w);
        c->list->put_message(w, c->room_id, &page->at[i]);
        jw_end(w);
    }
    jw_end(w);
    uint64_t next = first > 0 ? page->at[first].seq : page->before_seq;
    if (first > 0 || page->has_more)
        snprintf(cursor, sizeof cursor, "%llu", (unsigned long long)next);
    put_cursor(w, slice_str(cursor));
}

static void on_messages(void *arg, int err, const struct store_messages *page)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (!err)
        put_messages(c, page);
    rest_go_on(c, err);
}

int rest_list_messages(struct rest *c, const struct rest_list *list, const struct rest_page *page)
{
    struct store *store = hub_store(rest_hub(c));
    struct store_message_query q = {
        .room_id = c->room_id,
        .viewer = c->asker.who.user_id,
        .sought = page->sought,
        .limit = limit_of(page),
    };
    int err = rest_may_read(c);
    if (!err && q.sought.len > 0)
        err = rest_spend(c, RATE_CONTROL);
    if (err)
        return err;
    bool is_later = page->cursor.len > 0;
    if (is_later && (slice_u64(&q.before_seq, page->cursor) || q.before_seq == 0))
        return bad_cursor(c);
    c->list = list;
    rest_wait_for_store(c);
    store->ops->messages(store, &q, on_messages, c);
    return 0;
}
