#include "base/rfc3339.h"

#define MS_PER_DAY    86400000ll
#define DAYS_PER_ERA  146097   /* 400 years: the calendar repeats */
#define DAYS_TO_MARCH 719468ll /* from 0000-03-01 to 1970-01-01 */
#define MAX_DECIMALS  9

/* Years are counted from March here, so that a leap day is the last of its year; then month m
 * (March is 0) begins on day (153 * m + 2) / 5. Eras keep everything positive. */
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (int64_t)era * DAYS_PER_ERA + days - DAYS_TO_MARCH;
}

struct date {
    int year, month, day;
};

static struct date date_of(int64_t days)
{
    int64_t z = days + DAYS_TO_MARCH;
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int of_era = (int)(z - era * DAYS_PER_ERA);
    int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * y + y / 4 - y / 100);
    int m = (5 * of_year + 2) / 153;
    struct date d = { .month = m < 10 ? m + 3 : m - 9, .day = of_year - (153 * m + 2) / 5 + 1 };
    d.year = (int)(era * 400) + y + (d.month <= 2);
    return d;
}

/* Writes `n` digits and gives the place behind them. */
static char *put(char *p, int value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        p[i] = (char)('0' + value % 10);
    return p + n;
}

static char *put_with(char *p, char before, int value, int n)
{
    *p = before;
    return put(p + 1, value, n);
}

void rfc3339_format(char out[RFC3339_LEN + 1], int64_t ms)
{
    ms = ms < RFC3339_MIN_MS ? RFC3339_MIN_MS : ms > RFC3339_MAX_MS ? RFC3339_MAX_MS : ms;
    int64_t days = (ms - RFC3339_MIN_MS) / MS_PER_DAY + RFC3339_MIN_MS / MS_PER_DAY;
    int of_day = (int)(ms - days * MS_PER_DAY);
    struct date d = date_of(days);
    char *p = put(out, d.year, 4);
    p = put_with(p, '-', d.month, 2);
    p = put_with(p, '-', d.day, 2);
    p = put_with(p, 'T', of_day / 3600000, 2);
    p = put_with(p, ':', of_day / 60000 % 60, 2);
    p = put_with(p, ':', of_day / 1000 % 60, 2);
    p = put_with(p, '.', of_day % 1000, 3);
    memcpy(p, "Z", 2);
}

/* Takes `n` digits off the front of `s`. */
static bool take_number(int *out, struct slice *s, size_t n)
{
    int value = 0;
    if (s->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *out = value;
    *s = slice_drop(*s, n);
    return true;
}

static bool take_char(struct slice *s, char c)
{
    if (s->len == 0 || s->p[0] != c)
        return false;
    *s = slice_drop(*s, 1);
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(int64_t *days, struct slice *s)
{
    int year = 0, month = 0, day = 0;
    if (!take_number(&year, s, 4) || !take_char(s, '-') || !take_number(&month, s, 2) ||
        !take_char(s, '-') || !take_number(&day, s, 2))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* The decimals behind a point, cut to milliseconds. */
static bool take_decimals(int *ms, struct slice *s)
{
    int digit = 0, n = 0, unit = 100;
    *ms = 0;
    for (; n <= MAX_DECIMALS && take_number(&digit, s, 1); n++, unit /= 10)
        *ms += digit * unit;
    return n >= 1 && n <= MAX_DECIMALS;
}

static bool take_time(int64_t *ms, struct slice *s)
{
    int hour = 0, minute = 0, second = 0, decimals = 0;
    if (!take_number(&hour, s, 2) || !take_char(s, ':') || !take_number(&minute, s, 2) ||
        !take_char(s, ':') || !take_number(&second, s, 2))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    if (take_char(s, '.') && !take_decimals(&decimals, s))
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * 1000ll + decimals;
    return true;
}

static bool take_offset(int64_t *ms, struct slice *s)
{
    int hour = 0, minute = 0;
    *ms = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    bool minus = take_char(s, '-');
    if (!minus && !take_char(s, '+'))
        return false;
    if (!take_number(&hour, s, 2) || !take_char(s, ':') || !take_number(&minute, s, 2))
        return false;
    *ms = (hour * 60 + minute) * (minus ? -60000ll : 60000ll);
    return hour <= 23 && minute <= 59;
}

int rfc3339_parse(int64_t *ms, struct slice text)
{
    int64_t days = 0, of_day = 0, offset = 0;
    if (!take_date(&days, &text) || !(take_char(&text, 'T') || take_char(&text, 't')) ||
        !take_time(&of_day, &text) || !take_offset(&offset, &text) || text.len > 0)
        return ERR_BAD_VALUE;
    int64_t moment = days * MS_PER_DAY + of_day - offset;
    if (moment < RFC3339_MIN_MS || moment > RFC3339_MAX_MS)
        return ERR_BAD_VALUE;
    *ms = moment;
    return 0;
}
