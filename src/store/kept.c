/* The views are changed by changes: small objects made from events when the append was asked for,
 * so that applying them needs no memory. A CHAT's change stays as the message, a CHAT_EDITED's
 * hangs on it and lends it its text, CREATED's and UPDATED's stay as the room's state; the others
 * are gone when they are applied. */
#include "store/kept.h"

#include "base/panic.h"
#include "base/xalloc.h"

#define FIRST_MESSAGES 16u

/* ---- changes ---- */

#define TEXT_AT(member) offsetof(struct change, member)

/* Where a change has its texts, which are to be copied. */
static const size_t message_texts[] = {
    TEXT_AT(message.id),
    TEXT_AT(message.user_id),
    TEXT_AT(message.name),
    TEXT_AT(message.to),
    TEXT_AT(message.text),
    TEXT_AT(message.attachments),
    TEXT_AT(message.reply_to),
};

static const size_t room_texts[] = {
    TEXT_AT(room.title),
    TEXT_AT(room.owner_id),
    TEXT_AT(room.settings.question),
};

struct text_list {
    const size_t *at;
    size_t n;
};

#define TEXT_LIST(array)                                       \
    (struct text_list)                                         \
    {                                                          \
        .at = (array), .n = sizeof(array) / sizeof((array)[0]) \
    }

static struct text_list texts_of(enum event_type type)
{
    switch (type) {
    case EV_CHAT:
    case EV_CHAT_EDITED:
    case EV_CHAT_DELETED:
        return TEXT_LIST(message_texts);
    case EV_CREATED:
    case EV_UPDATED:
        return TEXT_LIST(room_texts);
    default:
        return (struct text_list){ .n = 0 };
    }
}

static struct slice *text_at(struct change *c, size_t offset)
{
    return (struct slice *)(void *)((char *)c + offset);
}

/* What the event means, with the event's texts. False: nothing. */
static bool change_of(struct change *c, const struct event *e)
{
    *c = (struct change){ .type = e->type, .at_ms = e->at_ms };
    switch (e->type) {
    case EV_CHAT:
        c->message = store_message_of(e);
        return true;
    case EV_CHAT_EDITED:
        c->message.id = e->chat.id;
        c->message.text = e->chat.text;
        return true;
    case EV_CHAT_DELETED:
        c->message.id = e->chat.id;
        return true;
    case EV_CREATED:
        c->room.title = e->created.title;
        c->room.owner_id = e->created.owner_id;
        c->room.settings = e->created.settings;
        return true;
    case EV_UPDATED:
        c->room.title = e->updated.title;
        c->room.settings = e->updated.settings;
        return true;
    case EV_STARTED:
    case EV_ENDED:
        return true;
    default:
        return false;
    }
}

/* Returns owned, or NULL: no memory. */
static struct change *change_copy(struct change *from)
{
    struct text_list list = texts_of(from->type);
    size_t len = 0;
    for (size_t i = 0; i < list.n; i++)
        len += text_at(from, list.at[i])->len;
    struct change *c = xtry(NULL, sizeof(*c) + len);
    if (c == NULL)
        return NULL;
    *c = *from;
    link_init(&c->link);
    char *to = c->texts;
    for (size_t i = 0; i < list.n; i++) {
        struct slice *text = text_at(c, list.at[i]);
        if (text->len > 0)
            memcpy(to, text->p, text->len);
        text->p = to;
        to += text->len;
    }
    return c;
}

static void change_free(struct change *c)
{
    if (c != NULL)
        xfree(c->edit);
    xfree(c);
}

/* ---- batches ---- */

size_t batch_bytes(const struct store_append *a)
{
    size_t bytes = sizeof(struct batch) + a->n * sizeof(struct stored_event);
    for (uint32_t i = 0; i < a->n; i++) {
        if (__builtin_add_overflow(bytes, a->events[i].record.len, &bytes))
            return SIZE_MAX;
    }
    return bytes;
}

static void copy_records(struct batch *b, const struct store_append *a)
{
    char *to = (char *)&b->events[a->n];
    for (uint32_t i = 0; i < a->n; i++) {
        struct slice record = a->events[i].record;
        if (record.len > 0)
            memcpy(to, record.p, record.len);
        b->events[i] = (struct stored_event){
            .seq = a->events[i].seq,
            .record = slice_of(to, record.len),
        };
        to += record.len;
    }
}

static int add_change(struct batch *b, const struct event *e)
{
    struct change found;
    if (!change_of(&found, e))
        return 0;
    struct change *c = change_copy(&found);
    if (c == NULL)
        return ERR_NO_MEMORY;
    list_push(&b->changes, &c->link);
    b->n_messages += e->type == EV_CHAT;
    return 0;
}

int batch_new(struct batch **out, const struct store_append *a)
{
    size_t bytes = batch_bytes(a);
    struct batch *b = bytes < SIZE_MAX ? xtry(NULL, bytes) : NULL;
    int err = 0;
    if (b == NULL)
        return ERR_NO_MEMORY;
    *b = (struct batch){ .bytes = bytes, .n = a->n };
    link_init(&b->link);
    link_init(&b->changes);
    copy_records(b, a);
    for (uint32_t i = 0; i < a->n && !err; i++)
        err = add_change(b, a->events[i].event);
    if (err)
        batch_free(b);
    else
        *out = b;
    return err;
}

void batch_free(struct batch *b)
{
    if (b == NULL)
        return;
    LIST_EACH(l, &b->changes)
        change_free(CONTAINER_OF(l, struct change, link));
    link_leave(&b->link);
    xfree(b);
}

/* ---- life ---- */

struct kept_room *kept_new(struct slice id)
{
    struct kept_room *k = xtry(NULL, sizeof(*k) + id.len);
    if (k == NULL)
        return NULL;
    *k = (struct kept_room){ .id_len = id.len };
    link_init(&k->batches);
    if (id.len > 0)
        memcpy(k->id, id.p, id.len);
    return k;
}

void kept_free(struct kept_room *k)
{
    LIST_EACH(l, &k->batches)
        batch_free(CONTAINER_OF(l, struct batch, link));
    for (uint32_t i = 0; i < k->n_messages; i++)
        change_free(k->messages[i]);
    change_free(k->created);
    change_free(k->updated);
    xfree(k->messages);
    xfree(k);
}

struct slice kept_id(const struct kept_room *k)
{
    return slice_of(k->id, k->id_len);
}

/* ---- adding ---- */

int kept_reserve(struct kept_room *k, const struct batch *b)
{
    uint32_t max = k->max_messages > 0 ? k->max_messages : FIRST_MESSAGES;
    while (max - k->n_messages < b->n_messages && max <= UINT32_MAX / 2)
        max *= 2;
    if (b->n_messages == 0 || max == k->max_messages)
        return 0;
    struct change **messages = xtry(k->messages, max * sizeof(struct change *));
    if (messages == NULL)
        return ERR_NO_MEMORY;
    k->messages = messages;
    k->max_messages = max;
    return 0;
}

/* Gives its place, or `n_messages`. The newest first: that is what people change. */
static uint32_t find_message(const struct kept_room *k, struct slice id)
{
    for (uint32_t i = k->n_messages; i > 0; i--) {
        if (slice_eq(k->messages[i - 1]->message.id, id))
            return i - 1;
    }
    return k->n_messages;
}

static void add_message(struct kept_room *k, struct change *c)
{
    ASSERT(k->n_messages < k->max_messages);
    k->messages[k->n_messages++] = c;
}

static void edit_message(struct kept_room *k, struct change *edit)
{
    uint32_t i = find_message(k, edit->message.id);
    if (i == k->n_messages) {
        change_free(edit);
        return;
    }
    change_free(k->messages[i]->edit);
    k->messages[i]->edit = edit;
}

static void delete_message(struct kept_room *k, struct slice id)
{
    uint32_t i = find_message(k, id);
    if (i == k->n_messages)
        return;
    change_free(k->messages[i]);
    k->n_messages--;
    memmove(&k->messages[i], &k->messages[i + 1], (k->n_messages - i) * sizeof(struct change *));
}

/* *takes* the change. */
static void apply(struct kept_room *k, struct change *c)
{
    switch (c->type) {
    case EV_CHAT:
        add_message(k, c);
        return;
    case EV_CHAT_EDITED:
        edit_message(k, c);
        return;
    case EV_CREATED:
        change_free(k->created);
        k->created = c;
        return;
    case EV_UPDATED:
        change_free(k->updated);
        k->updated = c;
        return;
    case EV_CHAT_DELETED:
        delete_message(k, c->message.id);
        break;
    case EV_STARTED:
        k->is_started = true;
        break;
    case EV_ENDED:
        k->is_ended = true;
        break;
    default:
        PANIC("no view shows %s", event_info(c->type)->name);
    }
    change_free(c);
}

void kept_add(struct kept_room *k, struct batch *b)
{
    struct link *l;
    ASSERT(b->n > 0 && b->events[0].seq == k->last_seq + 1);
    while ((l = list_pop(&b->changes)))
        apply(k, CONTAINER_OF(l, struct change, link));
    list_push(&k->batches, &b->link);
    k->n_events += b->n;
    k->bytes += b->bytes;
    k->last_seq = b->events[b->n - 1].seq;
}

/* ---- epochs ---- */

void kept_begin_epoch(struct kept_room *k, struct slice name)
{
    ASSERT(name.len <= STORE_EPOCH_MAX);
    if (k->n_epochs == STORE_EPOCHS) {
        k->n_epochs--;
        memmove(&k->epochs[0], &k->epochs[1], k->n_epochs * sizeof(k->epochs[0]));
    }
    struct kept_epoch *e = &k->epochs[k->n_epochs++];
    *e = (struct kept_epoch){ .len = name.len, .since_seq = k->last_seq };
    if (name.len > 0)
        memcpy(e->name, name.p, name.len);
}

bool kept_is_epoch(const struct kept_room *k, struct slice name)
{
    if (k->n_epochs == 0)
        return false;
    const struct kept_epoch *e = &k->epochs[k->n_epochs - 1];
    return slice_eq(slice_of(e->name, e->len), name);
}

/* ---- reading ---- */

int kept_log(struct stored_event **out, const struct kept_room *k)
{
    struct stored_event *events = xtry(NULL, k->n_events * sizeof(*events));
    uint32_t n = 0;
    if (events == NULL)
        return ERR_NO_MEMORY;
    LIST_EACH(l, &k->batches) {
        const struct batch *b = CONTAINER_OF(l, struct batch, link);
        memcpy(&events[n], b->events, b->n * sizeof(*events));
        n += b->n;
    }
    *out = events;
    return 0;
}

struct store_room kept_state(const struct kept_room *k)
{
    const struct change *now = k->updated != NULL ? k->updated : k->created;
    return (struct store_room){
        .id = kept_id(k),
        .title = now->room.title,
        .owner_id = k->created->room.owner_id,
        .settings = now->room.settings,
        .is_started = k->is_started,
        .is_ended = k->is_ended,
        .created_at_ms = k->created->at_ms,
    };
}

static bool is_seen(const struct store_message *m, struct slice viewer)
{
    bool is_one_of_two = slice_eq(m->to, viewer) || slice_eq(m->user_id, viewer);
    return m->to.len == 0 || (viewer.len > 0 && is_one_of_two);
}

static struct store_message read_message(const struct change *c)
{
    struct store_message m = c->message;
    if (c->edit != NULL) {
        m.text = c->edit->message.text;
        m.edited_at_ms = c->edit->at_ms;
    }
    return m;
}

/* How many messages are older than that number. */
static uint32_t count_before(const struct kept_room *k, uint64_t seq)
{
    uint32_t low = 0, high = k->n_messages;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (k->messages[middle]->message.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* From the newest back, so the page is filled from its end. */
struct store_messages kept_page(
    struct store_message *at, const struct kept_room *k, const struct store_message_query *q)
{
    struct store_messages page = { .at = at + q->limit };
    uint32_t i = q->before_seq > 0 ? count_before(k, q->before_seq) : k->n_messages;
    for (; i > 0 && !page.has_more; i--) {
        const struct change *c = k->messages[i - 1];
        if (!is_seen(&c->message, q->viewer))
            continue;
        page.has_more = page.n == q->limit;
        if (!page.has_more)
            at[q->limit - ++page.n] = read_message(c);
    }
    page.at -= page.n;
    return page;
}
