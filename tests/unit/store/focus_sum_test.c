/* Stretches by days and in a row, wherever midnight is. */
#include "store/focus_sum.h"

#include "tap.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOON   (20000 * DAY + 12 * HOUR)

/* Minutes before noon of day 20000, in pairs; {0, 0} ends them. */
struct stretch {
    double from;
    double to;
};

struct row {
    const char *name;
    int offset;
    struct stretch at[8];
    double total, today, yesterday;
    unsigned streak;
};

static const struct row rows[] = {
    { "nothing", 0, { { 0, 0 } }, 0, 0, 0, 0 },
    { "an hour", 0, { { 60, 0 } }, 60, 60, 0, 1 },
    { "two in one day", 0, { { 100, 90 }, { 60, 30 } }, 40, 40, 0, 1 },
    { "two at once", 0, { { 100, 60 }, { 90, 30 } }, 70, 70, 0, 1 },
    { "one within another", 0, { { 100, 10 }, { 90, 30 }, { 5, 1 } }, 94, 94, 0, 1 },
    { "the same twice", 0, { { 100, 10 }, { 100, 10 } }, 90, 90, 0, 1 },
    { "over midnight", 0, { { 12 * 60 + 20, 12 * 60 - 10 } }, 30, 10, 20, 2 },
    { "the same where it is later", 60, { { 12 * 60 + 20, 12 * 60 - 10 } }, 30, 30, 0, 1 },
    { "and earlier", -60, { { 12 * 60 + 20, 12 * 60 - 10 } }, 30, 0, 30, 1 },
    { "yesterday alone", 0, { { 1500, 1490 } }, 10, 0, 10, 1 },
    { "the day before", 0, { { 2 * 1440, 2 * 1440 - 10 } }, 10, 0, 0, 0 },
    { "a day left out", 0, { { 2900, 2890 }, { 10, 5 } }, 15, 5, 0, 1 },
    { "three days", 0, { { 2900, 2890 }, { 1460, 1450 }, { 10, 5 } }, 25, 5, 10, 3 },
    { "less than a minute does not count", 0, { { 2900, 2890 }, { 1460, 1459.01 }, { 10, 5 } },
        15.99, 5, 0.99, 1 },
    { "two halves do", 0, { { 1460, 1459.5 }, { 1400, 1399.5 }, { 10, 5 } }, 6, 5, 1, 2 },
    { "today not yet", 0, { { 1460, 1450 }, { 10, 9.5 } }, 10.5, 0.5, 10, 1 },
    { "backwards", 0, { { 10, 20 } }, 0, 0, 0, 0 },
    { "too long to be true", 0, { { 3 * 1440, 1 } }, 0, 0, 0, 0 },
};

static void test_rows(void)
{
    static struct focus_sum s;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        focus_sum_init(&s, NOON, r->offset);
        for (const struct stretch *at = r->at; at->from > 0; at++)
            focus_sum_add(&s, NOON - (int64_t)(at->from * MINUTE + 0.5),
                NOON - (int64_t)(at->to * MINUTE + 0.5));
        is_int((int64_t)s.total_ms, (int64_t)(r->total * MINUTE + 0.5), "%s: in all", r->name);
        is_int((int64_t)s.day_ms[0], (int64_t)(r->today * MINUTE + 0.5), "%s: today", r->name);
        is_int((int64_t)s.day_ms[1], (int64_t)(r->yesterday * MINUTE + 0.5), "%s: before", r->name);
        is_int(focus_sum_streak(&s), r->streak, "%s: in a row", r->name);
    }
}

static void test_edges(void)
{
    static struct focus_sum s;
    focus_sum_init(&s, NOON, 0);
    focus_sum_add(&s, NOON - FOCUS_DAYS_MAX * DAY, NOON - FOCUS_DAYS_MAX * DAY + HOUR);
    focus_sum_add(&s, NOON - (FOCUS_DAYS_MAX - 1) * DAY, NOON - (FOCUS_DAYS_MAX - 1) * DAY + HOUR);
    focus_sum_add(&s, NOON + DAY, NOON + DAY + HOUR);
    is_int((int64_t)s.day_ms[FOCUS_DAYS_MAX - 1], HOUR, "the oldest day");
    is_int((int64_t)s.total_ms, 3 * HOUR, "what is older, or to come, is in the sum alone");
    focus_sum_init(&s, 12 * HOUR, 0);
    focus_sum_add(&s, -HOUR, HOUR);
    is_int((int64_t)s.day_ms[1], HOUR, "a day before 1970");
    is_int(focus_sum_noon_ms(&s, 1), -12 * HOUR, "has a noon");
    focus_sum_init(&s, NOON, FOCUS_OFFSET_MAX);
    is_int(focus_sum_noon_ms(&s, 0), NOON + DAY, "where it is tomorrow already");
}

int main(void)
{
    test_rows();
    test_edges();
    return done();
}
