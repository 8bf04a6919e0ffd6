/* What somebody has here: rooms, minutes of focus, files. All of it is the store's
 * (work_dashboard); of rooms that are in memory the hub knows more. */
#include "web/rest_dashboard.h"

#include "base/rfc3339.h"
#include "web/files.h"
#include "web/rest_access.h"
#include "web/rest_gather.h"
#include "web/rest_rooms.h"

#define WEEK_DAYS  7
#define DATE_BYTES 10 /* of a moment: "2026-11-21" */
#define MINUTE_MS  60000

struct dashboard_args {
    int64_t days;
    int64_t offset_minutes;
};

static const struct field dashboard_list[] = {
    { .name = "days",
        FIELD_MEMBER(struct dashboard_args, days),
        .type = FIELD_INT,
        .min = 1,
        .max = FOCUS_DAYS_MAX,
        .preset = "14",
        .help = "of how many days the minutes of focus are given, today among them" },
    { .name = "utcOffset",
        FIELD_MEMBER(struct dashboard_args, offset_minutes),
        .type = FIELD_INT,
        .min = -FOCUS_OFFSET_MAX,
        .max = FOCUS_OFFSET_MAX,
        .preset = "0",
        .help = "minutes that the person's clock is ahead of UTC: where days begin" },
};
static const struct fields dashboard_fields = FIELDS(dashboard_list);

/* ---- rooms ---- */

/* The store says that they were let in, or own it; of a room in memory its door may be all that
 * they see by now. */
static void put_room(struct json_writer *w, const struct rest *c, const struct store_room *s)
{
    const struct hub_room *live = hub_peek(rest_hub(c), s->id);
    struct study_room r = live ? study_room_of(hub_view(live).room) : rest_stored_room(s);
    if (live) {
        rest_put_room(w, c, &r);
        return;
    }
    study_room(w, &c->settings, &r);
    jw_field_u64(w, "participantCount", 0);
}

static void put_visit(struct json_writer *w, struct rest *c, const struct rest_item *item)
{
    bool is_owner = slice_eq(item->room.owner_id, c->asker.who.user_id);
    put_room(w, c, &item->room);
    jw_field_time(w, "lastSeenAt", item->seen_at_ms);
    jw_field_str(w, "role", is_owner ? slice_str(role_name(ROLE_HOST)) : item->role);
}

/* ---- focus ---- */

static uint64_t minutes_of(uint64_t ms)
{
    return ms / MINUTE_MS;
}

static void put_day(struct json_writer *w, const struct focus_sum *s, unsigned days_ago)
{
    char text[RFC3339_LEN + 1];
    rfc3339_format(text, focus_sum_noon_ms(s, days_ago));
    jw_object(w);
    jw_field_str(w, "date", slice_of(text, DATE_BYTES));
    jw_field_u64(w, "minutes", minutes_of(s->day_ms[days_ago]));
    jw_end(w);
}

static void put_focus(struct json_writer *w, const struct focus_sum *s, unsigned days)
{
    uint64_t week_ms = 0;
    for (unsigned i = 0; i < WEEK_DAYS; i++)
        week_ms += s->day_ms[i];
    jw_field_object(w, "focus");
    jw_field_u64(w, "todayMinutes", minutes_of(s->day_ms[0]));
    jw_field_u64(w, "weekMinutes", minutes_of(week_ms));
    jw_field_u64(w, "totalMinutes", minutes_of(s->total_ms));
    jw_field_u64(w, "streakDays", focus_sum_streak(s));
    jw_field_array(w, "days");
    while (days > 0)
        put_day(w, s, --days);
    jw_end(w);
    jw_end(w);
}

/* ---- files ---- */

static int put_url(struct json_writer *w, const struct rest *c, const struct store_file *f)
{
    struct buf url;
    buf_init(&url, FILES_URL_BYTES);
    files_add_url(&url, c->lobby->files, files_origin(c->request), f);
    int err = buf_err(&url);
    if (!err)
        jw_field_str(w, "url", buf_slice(&url));
    buf_fini(&url);
    return err;
}

static int put_file(struct json_writer *w, const struct rest *c, const struct store_file *f)
{
    jw_object(w);
    jw_field_str(w, "id", f->id);
    jw_field_str(w, "name", f->name);
    int err = put_url(w, c, f);
    if (err)
        return err;
    jw_field_u64(w, "size", f->bytes);
    jw_field_str(w, "type", f->type);
    if (f->room_id.len > 0)
        jw_field_str(w, "roomId", f->room_id);
    else
        jw_field_null(w, "roomId");
    jw_field_time(w, "createdAt", f->created_at_ms);
    jw_end(w);
    return 0;
}

/* ---- all of it ---- */

static int put_own(struct rest *c, const struct store_dashboard *d)
{
    const struct dashboard_args *a = c->args;
    uint32_t n_files = c->lobby->files ? d->n_files : 0; /* or nobody could have them */
    struct json_writer *w = rest_object(c);
    int err = 0;
    put_focus(w, d->focus, (unsigned)a->days);
    jw_field_array(w, "files");
    for (uint32_t i = 0; i < n_files && !err; i++)
        err = put_file(w, c, &d->files[i]);
    jw_end(w);
    return err;
}

static void put_visits(struct rest *c, int err, const struct rest_item *items, uint32_t n)
{
    jw_field_array(&c->writer, "rooms");
    for (uint32_t i = 0; i < n && !err; i++)
        jw_raw(&c->writer, items[i].json);
    jw_end(&c->writer);
    rest_go_on(c, err);
}

/* The rooms come last: other loops may be asked about them. */
static void on_dashboard(void *arg, int err, const struct store_dashboard *d)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (!err)
        err = put_own(c, d);
    if (err)
        rest_go_on(c, err);
    else
        rest_gather(c, NULL, d->visits, d->n_visits, put_visit, put_visits);
}

static int dashboard(struct rest *c)
{
    const struct dashboard_args *a = c->args;
    struct store *store = hub_store(rest_hub(c));
    const struct store_dashboard_query q = {
        .user_id = c->asker.who.user_id,
        .now_ms = rest_now_ms(c),
        .offset_minutes = (int)a->offset_minutes,
    };
    if (!c->asker.is_known || q.user_id.len == 0) {
        c->why = S("Show a token, of an account or a guest's.");
        return ERR_UNAUTHORIZED;
    }
    rest_wait_for_store(c);
    store->ops->dashboard(store, &q, on_dashboard, c);
    return 0;
}

const struct rest_row rest_dashboard = {
    REST_ARGS(struct dashboard_args, dashboard_fields),
    .limit = REST_LIMIT(RATE_CONTROL),
    .act = dashboard,
    .gives_status = 200,
    .gives = "{\"rooms\":[{" REST_ROOM_EXAMPLE ",\"participantCount\":1,"
             "\"lastSeenAt\":\"2026-01-02T04:05:00.000Z\",\"role\":\"host\"}],"
             "\"focus\":{\"todayMinutes\":50,\"weekMinutes\":310,\"totalMinutes\":1275,"
             "\"streakDays\":4,\"days\":[{\"date\":\"2026-01-01\",\"minutes\":75},"
             "{\"date\":\"2026-01-02\",\"minutes\":50}]},"
             "\"files\":[{\"id\":\"0123456789abcdef0123456789abcdef\",\"name\":\"cat.png\","
             "\"url\":\"https://rooms.example.org/files/0123456789abcdef0123456789abcdef/"
             "cat.png\","
             "\"size\":4096,\"type\":\"image/png\",\"roomId\":\"A7x9K2\","
             "\"createdAt\":\"2026-01-02T03:10:00.000Z\"}]}",
};
