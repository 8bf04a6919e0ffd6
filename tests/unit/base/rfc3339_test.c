#include "base/rfc3339.h"

#include "tap.h"

#include <stdio.h>
#include <time.h>

static const struct {
    const char *text;
    int64_t ms;
    bool canonical; /* also what formatting gives */
} good[] = {
    { "1970-01-01T00:00:00.000Z", 0, true },
    { "1969-12-31T23:59:59.999Z", -1, true },
    { "2026-11-21T10:40:45.123Z", 1795257645123, true },
    { "2000-02-29T12:00:00.000Z", 951825600000, true },
    { "2000-03-01T00:00:00.000Z", 951868800000, true },
    { "2024-02-29T23:59:59.999Z", 1709251199999, true },
    { "1900-02-28T00:00:00.000Z", -2203977600000, true },
    { "1900-03-01T00:00:00.000Z", -2203891200000, true },
    { "0000-01-01T00:00:00.000Z", RFC3339_MIN_MS, true },
    { "0000-02-29T00:00:00.000Z", RFC3339_MIN_MS + 59 * 86400000ll, true },
    { "9999-12-31T23:59:59.999Z", RFC3339_MAX_MS, true },
    { "2026-11-21t10:40:45.123z", 1795257645123, false },
    { "2026-11-21T10:40:45Z", 1795257645000, false },
    { "2026-11-21T10:40:45.1Z", 1795257645100, false },
    { "2026-11-21T10:40:45.12Z", 1795257645120, false },
    { "2026-11-21T10:40:45.1239Z", 1795257645123, false },
    { "2026-11-21T10:40:45.123999999Z", 1795257645123, false },
    { "2026-11-21T10:40:45.123+00:00", 1795257645123, false },
    { "2026-11-21T10:40:45.123-00:00", 1795257645123, false },
    { "2026-11-21T16:10:45.123+05:30", 1795257645123, false },
    { "2026-11-21T02:40:45.123-08:00", 1795257645123, false },
    { "2026-11-22T10:39:45.123+23:59", 1795257645123, false },
    { "0000-01-01T00:00:00-00:01", RFC3339_MIN_MS + 60000, false },
};

static void test_good(void)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t ms = -7;
        char out[RFC3339_LEN + 1];
        is_int(rfc3339_parse(&ms, slice_str(good[i].text)), 0, "%s is read", good[i].text);
        is_int(ms, good[i].ms, "%s: the moment", good[i].text);
        rfc3339_format(out, ms);
        if (good[i].canonical)
            is_str(out, good[i].text, "and written back");
    }
}

static void test_bad(void)
{
    static const char *const bad[] = {
        "", "2026", "2026-11-21", "2026-11-21T10:40:45", "2026-11-21T10:40:45.Z",
        "2026-11-21T10:40:45.1234567890Z", "2026-11-21T10:40:45,123Z", "2026-11-21 10:40:45Z",
        "2026-11-21T10:40Z", "2026-11-21T10:40:60Z", "2016-12-31T23:59:60Z", /* a leap second */
        "2026-11-21T24:00:00Z", "2026-11-21T10:60:45Z", "2026-00-21T10:40:45Z",
        "2026-13-21T10:40:45Z", "2026-11-00T10:40:45Z", "2026-11-31T10:40:45Z",
        "2026-02-29T10:40:45Z", "1900-02-29T10:40:45Z", "2026-11-21T10:40:45+5:30",
        "2026-11-21T10:40:45+0530", "2026-11-21T10:40:45+24:00", "2026-11-21T10:40:45+05:60",
        "2026-11-21T10:40:45+05", "2026-11-21T10:40:45 Z", "2026-11-21T10:40:45ZZ",
        "2026-11-21T10:40:45Z ", " 2026-11-21T10:40:45Z", "+2026-11-21T10:40:45Z",
        "-001-11-21T10:40:45Z", "12026-11-21T10:40:45Z", "2026-1-21T10:40:45Z",
        "2026-11-21T1:40:45Z", "20261121T104045Z",
        "0000-01-01T00:00:00+00:01", /* before the year 0 */
        "9999-12-31T23:59:59-00:01", /* after the year 9999 */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ms = -7;
        is_int(rfc3339_parse(&ms, slice_str(bad[i])), ERR_BAD_VALUE, "\"%s\" is refused", bad[i]);
    }
}

static void test_clamp(void)
{
    char out[RFC3339_LEN + 1];
    rfc3339_format(out, INT64_MIN);
    is_str(out, "0000-01-01T00:00:00.000Z", "too early is the earliest");
    rfc3339_format(out, INT64_MAX);
    is_str(out, "9999-12-31T23:59:59.999Z", "too late is the latest");
}

/* Beside the C library, at a time of day of its own. */
static void test_days(void)
{
    size_t wrong = 0;
    const int64_t day = 86400000;
    for (int64_t d = RFC3339_MIN_MS / day; d <= RFC3339_MAX_MS / day; d += 7) {
        int64_t ms = d * day + (d * 7919999 % day + day) % day, back = 0;
        time_t seconds = (time_t)((ms - (ms % 1000 + 1000) % 1000) / 1000);
        char out[RFC3339_LEN + 1], want[64];
        struct tm tm;
        gmtime_r(&seconds, &tm);
        size_t n = (size_t)snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
            tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
            (int)((ms % 1000 + 1000) % 1000));
        rfc3339_format(out, ms);
        wrong += strcmp(out, want) != 0 || n != RFC3339_LEN;
        wrong += rfc3339_parse(&back, slice_of(out, RFC3339_LEN)) != 0 || back != ms;
    }
    is_int(wrong, 0, "every seventh day from 0000 to 9999 agrees with gmtime_r");
}

int main(void)
{
    test_good();
    test_bad();
    test_clamp();
    test_days();
    return done();
}
