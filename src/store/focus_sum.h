/* Stretches of one person's focus, added up: by days, in all, and for how many days in a row. It
 * knows no database and no clock. Used by store/work_dashboard, read by web/rest_dashboard. */
#pragma once

#include <stdint.h>

#define FOCUS_DAYS_MAX     366
#define FOCUS_OFFSET_MAX   840   /* minutes: no place on earth is further from UTC */
#define FOCUS_DAY_LEAST_MS 60000 /* of a day that counts in a row */

struct focus_sum {
    uint64_t total_ms;
    uint64_t day_ms[FOCUS_DAYS_MAX]; /* of today, yesterday, the day before that, ... */
    int64_t today;                   /* days since 1970, there */
    int64_t offset_ms;
    int64_t until_ms; /* what is before has been added */
    int64_t day;      /* the last that was added to */
    uint64_t ms_of_day;
    int64_t run_day; /* the last that counted */
    uint32_t run;    /* days in a row that ended with it */
};

/* At that moment, in a place so many minutes east of UTC. */
void focus_sum_init(struct focus_sum *s, int64_t now_ms, int offset_minutes);

/* They must come in the order of their beginnings. What is in two of them, because somebody was in
 * two rooms, counts once; so adding one twice adds nothing. */
void focus_sum_add(struct focus_sum *s, int64_t since_ms, int64_t until_ms);

/* Up to today, or up to yesterday while today does not count yet. */
uint32_t focus_sum_streak(const struct focus_sum *s);

/* The day that was so many days ago, as the moment of its noon in UTC: of that name, everywhere. */
int64_t focus_sum_noon_ms(const struct focus_sum *s, unsigned days_ago);
