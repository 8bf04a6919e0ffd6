/* record: what is read is an event that can be written; its record is read as the same event again,
 * and written with the same bytes. Texts that are read are valid UTF-8, JSON is JSON. Whatever it
 * is, it can be folded into a room, or not, and the room recalled. */
#include "store/record.h"

#include "base/json_read.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "room/room.h"

#include <stdlib.h>

#define ARENA_BYTES (4u << 20)
#define SEQ         813

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_json(struct slice json, struct arena *a, bool is_array)
{
    struct json_value v;
    if (json.len == 0)
        return;
    must(json_read_whole(&v, json, a) == 0);
    must(!is_array || v.type == JSON_ARRAY);
}

static void check_event(const struct event *e, struct arena *a)
{
    must(e->seq == SEQ && e->type < EV_COUNT && e->audience <= AUDIENCE_NOBODY);
    must(utf8_is_valid(e->actor) && utf8_is_valid(e->seat) && utf8_is_valid(e->target));
    if (e->type == EV_CHAT) {
        must(utf8_is_valid(e->chat.text) && e->chat.kind <= MESSAGE_SYSTEM);
        check_json(e->chat.attachments, a, true);
    }
    if (e->type == EV_DREW)
        check_json(e->drew.ops, a, true);
    if (e->type == EV_SIGNAL)
        check_json(e->signal.data, a, false);
    if (e->type == EV_CREATED)
        must(e->created.settings.mode <= MODE_INTERVIEW);
    if (e->type == EV_KEPT_ROOM)
        must(e->kept_room.status <= ROOM_ENDED && e->kept_room.timer.phase <= TIMER_LONG_BREAK);
    if (e->type == EV_KEPT_MEMBER)
        must(e->kept_member.status <= MEMBER_KICKED && e->kept_member.role < ROLE_COUNT);
    if (e->type == EV_KEPT_OP)
        check_json(e->kept_op.json, a, false);
}

/* Into an empty room, or behind the first event of one that is recalled. */
static void check_fold(const struct event *e, struct arena *a)
{
    struct room *r = room_new(S("room"), (struct map_key){ .k0 = 1, .k1 = 2 });
    struct room *again = room_new(S("room"), (struct map_key){ .k0 = 1, .k1 = 2 });
    struct event first = { .type = EV_KEPT_ROOM,
        .audience = AUDIENCE_NOBODY,
        .seq = SEQ,
        .kept_room = { .next_number = UINT64_MAX } };
    struct events all;
    int err = e->type > EV_KEPT_ROOM ? room_fold(r, &first) : 0;
    must(err == 0);
    err = room_fold(r, e);
    must(err == 0 || err == ERR_BAD_VALUE || err == ERR_BAD_FIELD || err == ERR_NO_MEMORY ||
        err == ERR_BAD_JSON || err == ERR_CONFLICT);
    events_init(&all, a);
    must(err != 0 || room_recall(&all, r) == 0);
    for (uint32_t i = 0; i < all.n && !err; i++)
        must(room_fold(again, &all.at[i]) == 0);
    room_free(r);
    room_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event e, again;
    struct arena a;
    struct buf first, second;
    arena_init(&a, ARENA_BYTES);
    buf_init(&first, ARENA_BYTES);
    buf_init(&second, ARENA_BYTES);
    int err = record_read(&e, &a, SEQ, slice_of(data, size));
    must(err == 0 || err == ERR_BAD_VALUE || err == ERR_TOO_BIG);
    if (!err) {
        check_event(&e, &a);
        check_fold(&e, &a);
        record_write(&first, &e);
        must(buf_err(&first) == 0);
        must(record_read(&again, &a, SEQ, buf_slice(&first)) == 0);
        must(again.type == e.type && again.audience == e.audience && again.at_ms == e.at_ms);
        record_write(&second, &again);
        must(slice_eq(buf_slice(&first), buf_slice(&second)));
    }
    buf_fini(&first);
    buf_fini(&second);
    arena_fini(&a);
    return 0;
}
