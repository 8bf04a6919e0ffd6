/* Within a room, rows are looked at in the order of their numbers, so moments nearly rise: a table
 * is left at the first row that is too young for any limit. A look changes nothing but what belongs
 * to looks, since it may be called again.
 *
 * A room that goes as a whole is emptied first, as far as its snapshot goes, so that forgetting it
 * is not a long transaction. */
#include "store/expiry.h"

#include "base/panic.h"
#include "room/event.h"
#include "store/keep.h"
#include "store/record.h"

#define LOOK_ROWS    2000u        /* of one look */
#define QUERY_ROWS   20u          /* what a query costs, in rows */
#define ARENA_BYTES  (256u << 10) /* names of rooms */
#define PART_BYTES   (16u << 20)  /* of a snapshot */
#define RECORD_BYTES (16u << 20)  /* read, one at a time */

/* Of events that are in logs. A type that is not here stays. */
static const enum expiry_class classes[EV_COUNT] = {
    [EV_REQUESTED] = EXPIRY_ACTIVITY,
    [EV_APPROVED] = EXPIRY_ACTIVITY,
    [EV_REJECTED] = EXPIRY_ACTIVITY,
    [EV_JOINED] = EXPIRY_ACTIVITY,
    [EV_RETURNED] = EXPIRY_ACTIVITY,
    [EV_LOST] = EXPIRY_ACTIVITY,
    [EV_LEFT] = EXPIRY_ACTIVITY,
    [EV_ROLE] = EXPIRY_ACTIVITY,
    [EV_MUTED] = EXPIRY_ACTIVITY,
    [EV_KICKED] = EXPIRY_ACTIVITY,
    [EV_READMITTED] = EXPIRY_ACTIVITY,
    [EV_HAND] = EXPIRY_ACTIVITY,
    [EV_FILE] = EXPIRY_ACTIVITY,
    [EV_BOARD_SAVED] = EXPIRY_ACTIVITY,
    [EV_TIMER] = EXPIRY_ACTIVITY,
    [EV_GOAL] = EXPIRY_ACTIVITY,
    [EV_FOCUSED] = EXPIRY_ACTIVITY,
    [EV_CHAT] = EXPIRY_MESSAGES,
    [EV_CHAT_EDITED] = EXPIRY_MESSAGES,
    [EV_CHAT_DELETED] = EXPIRY_MESSAGES,
    [EV_DREW] = EXPIRY_BOARD,
    [EV_UNDREW] = EXPIRY_BOARD,
    [EV_CLEARED] = EXPIRY_BOARD,
    [EV_CODE] = EXPIRY_CODE,
    [EV_VIOLATION] = EXPIRY_VIOLATIONS,
    [EV_WARNED] = EXPIRY_VIOLATIONS,
    [EV_VIOLATION_CLEARED] = EXPIRY_VIOLATIONS,
};

static const struct {
    enum sql_statement look;
    enum sql_statement drop;
} tables[] = {
    [AT_MESSAGES] = { .look = SQL_SWEEP_MESSAGES, .drop = SQL_OLD_MESSAGE },
    [AT_VIOLATIONS] = { .look = SQL_SWEEP_VIOLATIONS, .drop = SQL_OLD_VIOLATION },
    [AT_EVENTS] = { .look = SQL_SWEEP_EVENTS, .drop = SQL_OLD_EVENT },
};

/* ---- what goes ---- */

static enum expiry_class class_of(struct slice type)
{
    for (unsigned i = 0; i < EV_COUNT; i++) {
        if (slice_eq(type, slice_str(event_info((enum event_type)i)->name)))
            return classes[i];
    }
    return EXPIRY_NEVER;
}

static int64_t limit_for(
    const struct expiry *x, const struct expiry_room *room, enum expiry_class class)
{
    return room->is_over ? INT64_MAX : x->limits_ms[class];
}

/* Of a table: rows that are as young stay, and all behind them. */
static int64_t latest_limit(
    const struct expiry *x, const struct expiry_room *room, enum expiry_stage stage)
{
    int64_t latest = INT64_MIN;
    if (stage == AT_MESSAGES)
        return limit_for(x, room, EXPIRY_MESSAGES);
    if (stage == AT_VIOLATIONS)
        return limit_for(x, room, EXPIRY_VIOLATIONS);
    for (enum expiry_class c = 0; c < EXPIRY_CLASSES; c++) {
        if (limit_for(x, room, c) > latest)
            latest = limit_for(x, room, c);
    }
    return latest;
}

/* An event is needed until a snapshot has what it led to; a message, only while it is the room's
 * newest event: whoever loads the room counts on from there. */
static bool is_needed(
    const struct expiry_room *room, enum expiry_stage stage, enum expiry_class class, int64_t seq)
{
    if (stage != AT_EVENTS || seq <= room->snapshot_seq)
        return false;
    return class != EXPIRY_MESSAGES || seq >= room->last_seq;
}

/* ---- looking at rows ---- */

struct table_look {
    struct expiry *x;
    const struct expiry_room *room;
    enum expiry_stage stage;
    int64_t latest_ms;
    uint32_t n;
    bool is_enough; /* the rest is too young */
};

static int on_row(void *arg, const struct sql_value *at, unsigned n)
{
    struct table_look *t = arg;
    struct expiry *x = t->x;
    ASSERT(n == 3);
    int64_t seq = sql_number(&at[0]), at_ms = sql_number(&at[1]);
    enum expiry_class class = class_of(sql_string(&at[2]));
    int64_t limit_ms = limit_for(x, t->room, class);
    t->is_enough = at_ms >= t->latest_ms;
    if (t->is_enough)
        return ERR_AGAIN;
    t->n++;
    x->to.row = seq;
    if (at_ms < limit_ms && !is_needed(t->room, t->stage, class, seq)) {
        x->rows[x->n++] = (struct expiry_row){
            .drop = tables[t->stage].drop,
            .room_id = t->room->id,
            .seq = seq,
            .limit_ms = limit_ms,
        };
    }
    return 0;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void spend(struct expiry *x, uint32_t rows)
{
    x->budget -= smaller(x->budget, rows);
}

/* `*left`: the room's next table may be looked at. */
static int look_at_table(bool *left, struct expiry *x, struct sql *db,
    const struct expiry_room *room, enum expiry_stage stage)
{
    uint32_t limit = smaller(x->budget, EXPIRY_ROWS - x->n);
    struct sql_value args[] = { sql_text(room->id), sql_int(x->to.row), sql_int(limit) };
    struct table_look t = {
        .x = x,
        .room = room,
        .stage = stage,
        .latest_ms = latest_limit(x, room, stage),
    };
    *left = t.latest_ms == INT64_MIN;
    if (*left)
        return 0;
    int err = db->ops->query(db, tables[stage].look, args, 3, on_row, &t);
    spend(x, t.n + QUERY_ROWS);
    *left = t.is_enough || t.n < limit;
    return t.is_enough ? 0 : err;
}

/* ---- looking at snapshots ---- */

static bool is_old_message(struct slice line, int64_t limit_ms)
{
    static const char start[] = "{\"type\":\"KEPT_MESSAGE\"";
    struct event e;
    struct arena arena;
    if (!slice_starts(line, slice_str(start)))
        return false;
    arena_init(&arena, RECORD_BYTES);
    bool is_old = record_read(&e, &arena, 1, line) == 0 && e.at_ms < limit_ms;
    arena_fini(&arena);
    return is_old;
}

struct part_look {
    struct expiry *x;
    const struct expiry_room *room;
    int64_t limit_ms;
    uint32_t n;
};

/* Writes the part without old messages; none, if there were none. */
static int on_part(void *arg, const struct sql_value *at, unsigned n)
{
    struct part_look *p = arg;
    struct expiry *x = p->x;
    struct slice text = sql_string(&at[1]), rest = text, line;
    ASSERT(n == 2);
    p->n++;
    x->to.row = x->part_number = sql_number(&at[0]);
    spend(x, (uint32_t)(text.len / 1024));
    buf_reset(&x->part);
    while (slice_cut(&line, &rest, '\n')) {
        if (is_old_message(line, p->limit_ms))
            continue;
        buf_add_slice(&x->part, line);
        buf_add_char(&x->part, '\n');
    }
    if (text.len > 0 && text.p[text.len - 1] != '\n' && x->part.len > 0)
        x->part.len--;
    if (x->part.len != text.len)
        x->of_part = p->room;
    return buf_err(&x->part);
}

static int look_at_snapshot(
    bool *left, struct expiry *x, struct sql *db, const struct expiry_room *room)
{
    struct sql_value args[] = {
        sql_text(room->id),
        sql_int(room->snapshot_seq),
        sql_int(x->to.row),
    };
    struct part_look p = { .x = x, .room = room, .limit_ms = limit_for(x, room, EXPIRY_MESSAGES) };
    bool has_old = !room->is_over && p.limit_ms != INT64_MIN && room->snapshot_seq > 0;
    *left = true;
    if (!has_old)
        return 0;
    int err = db->ops->query(db, SQL_SWEEP_PARTS, args, 3, on_part, &p);
    spend(x, QUERY_ROWS);
    *left = p.n == 0;
    return err;
}

/* ---- looking at rooms ---- */

static bool is_full(const struct expiry *x)
{
    return x->budget == 0 || x->n == EXPIRY_ROWS || x->whole != NULL || x->of_part != NULL;
}

/* It goes by itself: what was found before must go first. */
static bool look_at_whole(struct expiry *x, const struct expiry_room *room)
{
    if (!room->is_over)
        return true;
    if (x->n > 0) {
        x->budget = 0;
        return false;
    }
    x->whole = room;
    return true;
}

static int look_at_stage(
    bool *left, struct expiry *x, struct sql *db, const struct expiry_room *room)
{
    switch (x->to.stage) {
    case AT_MESSAGES:
    case AT_VIOLATIONS:
    case AT_EVENTS:
        return look_at_table(left, x, db, room, x->to.stage);
    case AT_SNAPSHOT:
        return look_at_snapshot(left, x, db, room);
    case AT_WHOLE:
        *left = look_at_whole(x, room);
        return 0;
    case AT_END:
        break;
    }
    PANIC("behind the end");
}

/* Numbers begin with 1, parts with 0. */
static void enter_stage(struct expiry_place *p, enum expiry_stage stage)
{
    p->stage = stage;
    p->row = -1;
}

static int enter_room(struct expiry_place *p, struct slice room_id)
{
    if (room_id.len > sizeof(p->room))
        return ERR_IO;
    if (slice_eq(room_id, slice_of(p->room, p->len)))
        return 0;
    memcpy(p->room, room_id.p, room_id.len);
    p->len = room_id.len;
    enter_stage(p, AT_MESSAGES);
    return 0;
}

static int look_at_room(struct expiry *x, struct sql *db, const struct expiry_room *room)
{
    int err = enter_room(&x->to, room->id);
    while (!err && x->to.stage != AT_END && !is_full(x)) {
        bool left = false;
        err = look_at_stage(&left, x, db, room);
        if (!err && left)
            enter_stage(&x->to, x->to.stage + 1);
    }
    return err;
}

static int on_log(void *arg, const struct sql_value *at, unsigned n)
{
    struct expiry *x = arg;
    struct row_reader row = { .at = at, .arena = &x->arena };
    struct expiry_room *room = &x->rooms[x->n_rooms++];
    ASSERT(n == 7 && x->n_rooms <= EXPIRY_ROOMS);
    room->id = row_text(&row);
    room->epoch = row_text(&row);
    room->last_seq = row_number(&row);
    room->snapshot_seq = row_number(&row);
    bool is_fleeting = row_bool(&row);
    int64_t active_ms = row_number(&row);
    bool has_ended = row.at->type != SQL_NULL;
    int64_t ended_ms = row_number(&row);
    room->is_over = (is_fleeting && active_ms < x->fleeting_ms) ||
        (has_ended && ended_ms < x->ended_ms);
    return row.err;
}

/* A page of rooms, or the rest of one: the first is the one where it stands. */
static int look_at_rooms(struct expiry *x, struct sql *db)
{
    struct sql_value args[] = { sql_text(slice_of(x->to.room, x->to.len)), sql_int(EXPIRY_ROOMS) };
    x->n_rooms = 0;
    int err = db->ops->query(db, SQL_SWEEP_LOGS, args, 2, on_log, x);
    spend(x, x->n_rooms + QUERY_ROWS);
    for (uint32_t i = 0; i < x->n_rooms && !err && !is_full(x); i++)
        err = look_at_room(x, db, &x->rooms[i]);
    x->is_all_seen = !err && x->n_rooms < EXPIRY_ROOMS && !is_full(x);
    return err;
}

/* The names that rows have are of the page of rooms that is in memory. */
int expiry_look(struct expiry *x, struct sql *db)
{
    arena_reset(&x->arena);
    x->to = x->from;
    x->budget = LOOK_ROWS;
    x->n = 0;
    x->whole = NULL;
    x->of_part = NULL;
    return look_at_rooms(x, db);
}

void expiry_go_on(struct expiry *x)
{
    x->from = x->to;
}

bool expiry_has_found(const struct expiry *x)
{
    return x->n > 0 || x->whole != NULL || x->of_part != NULL;
}

/* ---- beginning and end ---- */

static int64_t limit_of(const struct store_retention *r, int64_t age_ms)
{
    return age_ms > 0 ? r->now_ms - age_ms : INT64_MIN;
}

void expiry_init(struct expiry *x, const struct store_retention *r)
{
    memset(x, 0, sizeof(*x));
    x->limits_ms[EXPIRY_NEVER] = INT64_MIN;
    x->limits_ms[EXPIRY_ACTIVITY] = limit_of(r, r->activity_ms);
    x->limits_ms[EXPIRY_MESSAGES] = limit_of(r, r->messages_ms);
    x->limits_ms[EXPIRY_BOARD] = limit_of(r, r->board_ms);
    x->limits_ms[EXPIRY_CODE] = limit_of(r, r->code_ms);
    x->limits_ms[EXPIRY_VIOLATIONS] = limit_of(r, r->violations_ms);
    x->ended_ms = limit_of(r, r->rooms_ms);
    x->fleeting_ms = limit_of(r, r->fleeting_ms);
    enter_stage(&x->from, AT_MESSAGES);
    arena_init(&x->arena, ARENA_BYTES);
    buf_init(&x->part, PART_BYTES);
}

void expiry_fini(struct expiry *x)
{
    arena_fini(&x->arena);
    buf_fini(&x->part);
}
