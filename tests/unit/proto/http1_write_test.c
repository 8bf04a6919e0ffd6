/* Answers as bytes, and what happens to a value that would split one. */
#include "proto/http1.h"
#include "tap.h"

#include <stdio.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_answer(void)
{
    struct buf out;
    buf_init(&out, 4096);
    http1_write_status(&out, 200);
    http1_write_header(&out, "Content-Type", S("text/plain"));
    http1_write_header(&out, "X-Empty", slice_of(NULL, 0));
    http1_write_number(&out, "Content-Length", 0);
    http1_write_number(&out, "X-Most", UINT64_MAX);
    http1_write_header(&out, "X-Bytes", S("a\tb \xc3\xa9"));
    http1_write_end(&out);
    is_int(buf_err(&out), 0, "an answer");
    is_slice(buf_slice(&out),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Empty: \r\nContent-Length: 0\r\n"
        "X-Most: 18446744073709551615\r\nX-Bytes: a\tb \xc3\xa9\r\n\r\n",
        "its bytes");
    buf_reset(&out);
    http1_write_status(&out, 299);
    is_slice(buf_slice(&out), "HTTP/1.1 299 \r\n", "a status without a name keeps its space");
    buf_fini(&out);
}

/* Every control character, at every place of a value longer than a machine word. */
static void test_splitting(void)
{
    unsigned refused = 0, tried = 0, taken = 0;
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 19; at++) {
            char value[] = "0123456789abcdefghi";
            value[at] = (char)c;
            struct buf out;
            buf_init(&out, 4096);
            http1_write_header(&out, "X", slice_of(value, 19));
            bool is_bad = (c < 32 && c != '\t') || c == 127;
            tried += is_bad;
            refused += is_bad && buf_err(&out) == ERR_BAD_VALUE && out.len == 0;
            taken += !is_bad && buf_err(&out) == 0 && out.len == 24;
            buf_fini(&out);
        }
    }
    is_int(refused, tried, "a control character makes the buffer fail");
    is_int(taken, 256 * 19 - tried, "any other byte goes through");
    struct buf out;
    buf_init(&out, 4096);
    http1_write_status(&out, 302);
    http1_write_header(&out, "Location", S("/\r\nSet-Cookie: a=b"));
    http1_write_end(&out);
    is_int(buf_err(&out), ERR_BAD_VALUE, "a failed buffer stays failed");
    is_int(out.len, 0, "... and holds nothing");
    buf_fini(&out);
}

static void test_full(void)
{
    for (size_t max = 0; max < 30; max++) {
        struct buf out;
        buf_init(&out, max);
        http1_write_status(&out, 200);
        http1_write_header(&out, "A", S("\n"));
        http1_write_header(&out, "B", S("c"));
        int err = buf_err(&out);
        if (err != (max < 17 ? ERR_TOO_BIG : ERR_BAD_VALUE))
            ok(false, "room for %zu bytes: %s", max, err_name(err));
        buf_fini(&out);
    }
    ok(true, "the first failure is the one that is told");
}

/* Every status that an error row can have must have a name. */
static void test_reasons(void)
{
    static const int statuses[] = {
#define ERR(name, http, ws, text) http,
#include "base/err.def"
#undef ERR
        100,
        101,
        200,
        201,
        204,
        206,
        301,
        302,
        303,
        304,
        307,
        308,
    };
    unsigned named = 0;
    for (size_t i = 0; i < COUNT(statuses); i++)
        named += http1_reason(statuses[i])[0] != '\0';
    is_int(named, COUNT(statuses), "all statuses in use have a name");
    is_str(http1_reason(431), "Request Header Fields Too Large", "431");
    is_str(http1_reason(99), "", "99 has none");
}

static const struct {
    int64_t wall_ms;
    const char *text;
} dates[] = {
    { .wall_ms = 0, .text = "Thu, 01 Jan 1970 00:00:00 GMT" },
    { .wall_ms = 784111777999, .text = "Sun, 06 Nov 1994 08:49:37 GMT" },
    { .wall_ms = 951782400000, .text = "Tue, 29 Feb 2000 00:00:00 GMT" },
    { .wall_ms = 951868799000, .text = "Tue, 29 Feb 2000 23:59:59 GMT" },
    { .wall_ms = 951868800000, .text = "Wed, 01 Mar 2000 00:00:00 GMT" },
    { .wall_ms = 4107542399000, .text = "Sun, 28 Feb 2100 23:59:59 GMT" },
    { .wall_ms = 4107542400000, .text = "Mon, 01 Mar 2100 00:00:00 GMT" },
    { .wall_ms = 253402300799999, .text = "Fri, 31 Dec 9999 23:59:59 GMT" },
    { .wall_ms = 253402300800000, .text = "Fri, 31 Dec 9999 23:59:59 GMT" },
    { .wall_ms = INT64_MAX, .text = "Fri, 31 Dec 9999 23:59:59 GMT" },
    { .wall_ms = -1, .text = "Thu, 01 Jan 1970 00:00:00 GMT" },
    { .wall_ms = INT64_MIN, .text = "Thu, 01 Jan 1970 00:00:00 GMT" },
};

static void test_dates(void)
{
    char out[HTTP1_DATE_BYTES];
    for (size_t i = 0; i < COUNT(dates); i++) {
        http1_date(out, dates[i].wall_ms);
        is_mem(out, dates[i].text, sizeof(out), "%s", dates[i].text);
    }
    unsigned different = 0;
    for (int64_t day = 0; day < 60000; day++) { /* to the year 2134 */
        time_t t = day * 86400 + day % 86400;
        char text[64];
        struct tm tm;
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
        http1_date(out, t * 1000);
        different += memcmp(out, text, sizeof(out)) != 0;
    }
    is_int(different, 0, "60,000 days as the C library writes them");
}

int main(void)
{
    test_answer();
    test_splitting();
    test_full();
    test_reasons();
    test_dates();
    return done();
}
