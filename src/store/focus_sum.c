#include "store/focus_sum.h"

#include "base/panic.h"

#define DAY_MS     INT64_C(86400000)
#define LONGEST_MS (2 * DAY_MS) /* twice a phase: a row that says more is wrong */

/* Also of moments before 1970. */
static int64_t day_of(const struct focus_sum *s, int64_t at_ms)
{
    int64_t there = at_ms + s->offset_ms;
    return there / DAY_MS - (there % DAY_MS < 0);
}

void focus_sum_init(struct focus_sum *s, int64_t now_ms, int offset_minutes)
{
    ASSERT(offset_minutes >= -FOCUS_OFFSET_MAX && offset_minutes <= FOCUS_OFFSET_MAX);
    *s = (struct focus_sum){
        .offset_ms = offset_minutes * INT64_C(60000),
        .until_ms = INT64_MIN,
        .day = INT64_MIN,
        .run_day = INT64_MIN / 2,
    };
    s->today = day_of(s, now_ms);
}

/* A day of that many milliseconds is over. */
static void end_day(struct focus_sum *s)
{
    if (s->ms_of_day < FOCUS_DAY_LEAST_MS)
        return;
    s->run = s->run_day == s->day - 1 ? s->run + 1 : 1;
    s->run_day = s->day;
}

static void add_to_day(struct focus_sum *s, int64_t day, uint64_t ms)
{
    int64_t days_ago = s->today - day;
    if (day != s->day) {
        end_day(s);
        s->day = day;
        s->ms_of_day = 0;
    }
    s->ms_of_day += ms;
    s->total_ms += ms;
    if (days_ago >= 0 && days_ago < FOCUS_DAYS_MAX)
        s->day_ms[days_ago] += ms;
}

void focus_sum_add(struct focus_sum *s, int64_t since_ms, int64_t until_ms)
{
    int64_t from = since_ms > s->until_ms ? since_ms : s->until_ms;
    if (until_ms - since_ms > LONGEST_MS)
        return;
    while (from < until_ms) {
        int64_t day = day_of(s, from);
        int64_t midnight = (day + 1) * DAY_MS - s->offset_ms;
        int64_t to = midnight < until_ms ? midnight : until_ms;
        add_to_day(s, day, (uint64_t)(to - from));
        from = to;
    }
    if (until_ms > s->until_ms)
        s->until_ms = until_ms;
}

uint32_t focus_sum_streak(const struct focus_sum *s)
{
    struct focus_sum ended = *s;
    end_day(&ended);
    return ended.run_day >= s->today - 1 ? ended.run : 0;
}

int64_t focus_sum_noon_ms(const struct focus_sum *s, unsigned days_ago)
{
    return (s->today - (int64_t)days_ago) * DAY_MS + DAY_MS / 2;
}
