#include "base/panic.h"
#include "proto/http1.h"
#include "proto/http1_chars.h"

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
    "Oct", "Nov", "Dec" };

static const struct {
    int status;
    const char *text;
} reasons[] = {
    { .status = 200, .text = "OK" },
    { .status = 304, .text = "Not Modified" },
    { .status = 404, .text = "Not Found" },
    { .status = 100, .text = "Continue" },
    { .status = 101, .text = "Switching Protocols" },
    { .status = 201, .text = "Created" },
    { .status = 202, .text = "Accepted" },
    { .status = 204, .text = "No Content" },
    { .status = 206, .text = "Partial Content" },
    { .status = 301, .text = "Moved Permanently" },
    { .status = 302, .text = "Found" },
    { .status = 303, .text = "See Other" },
    { .status = 307, .text = "Temporary Redirect" },
    { .status = 308, .text = "Permanent Redirect" },
    { .status = 400, .text = "Bad Request" },
    { .status = 401, .text = "Unauthorized" },
    { .status = 403, .text = "Forbidden" },
    { .status = 405, .text = "Method Not Allowed" },
    { .status = 406, .text = "Not Acceptable" },
    { .status = 408, .text = "Request Timeout" },
    { .status = 409, .text = "Conflict" },
    { .status = 410, .text = "Gone" },
    { .status = 411, .text = "Length Required" },
    { .status = 412, .text = "Precondition Failed" },
    { .status = 413, .text = "Content Too Large" },
    { .status = 414, .text = "URI Too Long" },
    { .status = 415, .text = "Unsupported Media Type" },
    { .status = 416, .text = "Range Not Satisfiable" },
    { .status = 417, .text = "Expectation Failed" },
    { .status = 421, .text = "Misdirected Request" },
    { .status = 422, .text = "Unprocessable Content" },
    { .status = 426, .text = "Upgrade Required" },
    { .status = 428, .text = "Precondition Required" },
    { .status = 429, .text = "Too Many Requests" },
    { .status = 431, .text = "Request Header Fields Too Large" },
    { .status = 500, .text = "Internal Server Error" },
    { .status = 501, .text = "Not Implemented" },
    { .status = 502, .text = "Bad Gateway" },
    { .status = 503, .text = "Service Unavailable" },
    { .status = 504, .text = "Gateway Timeout" },
    { .status = 505, .text = "HTTP Version Not Supported" },
    { .status = 507, .text = "Insufficient Storage" },
};

const char *http1_reason(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].text;
    }
    return "";
}

void http1_write_status(struct buf *out, int status)
{
    ASSERT(status >= 100 && status <= 999);
    buf_add_slice(out, S("HTTP/1.1 "));
    buf_add_u64(out, (uint64_t)status);
    buf_add_char(out, ' ');
    buf_add_str(out, http1_reason(status));
    http1_write_end(out);
}

static char *put(char *to, struct slice s)
{
    memcpy(to, s.p, s.len);
    return to + s.len;
}

static void put_field(struct buf *out, const char *name, struct slice value)
{
    struct slice n = slice_str(name);
    size_t len = n.len + value.len + 4;
    char *to = buf_room(out, len);
    if (to == NULL)
        return;
    to = put(put(to, n), S(": "));
    if (value.len > 0)
        to = put(to, value);
    put(to, S("\r\n"));
    buf_grow(out, len);
}

void http1_write_header(struct buf *out, const char *name, struct slice value)
{
    if (http1_find_control(value, 0) == value.len) {
        put_field(out, name, value);
    } else if (!out->err) {
        buf_release(out);
        out->err = ERR_BAD_VALUE;
    }
}

void http1_write_number(struct buf *out, const char *name, uint64_t value)
{
    buf_add_str(out, name);
    buf_add_slice(out, S(": "));
    buf_add_u64(out, value);
    http1_write_end(out);
}

void http1_write_end(struct buf *out)
{
    buf_add_slice(out, S("\r\n"));
}

/* ---- the date */

struct date {
    unsigned year;
    unsigned month; /* 0 to 11 */
    unsigned day;   /* 1 to 31 */
};

/* In years that begin with March the leap day is the last, so a month's first day is a straight
 * line: 0, 31, 61, 92, ... */
static struct date date_of(unsigned days_since_1970)
{
    unsigned n = days_since_1970 + 719468; /* since 1 March of the year 0 */
    unsigned era = n / 146097;             /* of 400 years */
    unsigned day = n % 146097;
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    unsigned month = (5 * day + 2) / 153;
    bool is_next = month >= 10; /* January and February */
    return (struct date){
        .year = era * 400 + year + is_next,
        .month = is_next ? month - 10 : month + 2,
        .day = day - (153 * month + 2) / 5 + 1,
    };
}

static char *put_digits(char *to, unsigned n, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--, n /= 10)
        to[i - 1] = (char)('0' + n % 10);
    return to + digits;
}

static char *put_time(char *to, unsigned second)
{
    to = put_digits(to, second / 3600, 2);
    *to++ = ':';
    to = put_digits(to, second / 60 % 60, 2);
    *to++ = ':';
    return put_digits(to, second % 60, 2);
}

/* The form has four digits for the year; what lies outside 1970 to 9999 becomes its nearest end. */
void http1_date(char out[HTTP1_DATE_BYTES], int64_t wall_ms)
{
    const int64_t last = 253402300799; /* of the year 9999 */
    int64_t s = wall_ms < 0 ? 0 : wall_ms / 1000;
    if (s > last)
        s = last;
    unsigned day = (unsigned)(s / 86400);
    struct date date = date_of(day);
    char *to = put(out, slice_of(days[(day + 4) % 7], 3)); /* 1 January 1970 was a Thursday */
    to = put_digits(put(to, S(", ")), date.day, 2);
    *to++ = ' ';
    to = put(to, slice_of(months[date.month], 3));
    *to++ = ' ';
    to = put_digits(to, date.year, 4);
    *to++ = ' ';
    put(put_time(to, (unsigned)(s % 86400)), S(" GMT"));
}
