#include "base/err.h"

#include "tap.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

static bool is_word(const char *s)
{
    for (const char *p = s; *p != '\0'; p++) {
        if (!isupper((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
            return false;
    }
    return *s != '\0';
}

static bool is_http_error(int status)
{
    return status >= 400 && status <= 599;
}

static bool is_close_code(int code)
{
    return code >= 1000 && code <= 1015 && code != 1004 && code != 1005;
}

static bool is_sentence(const char *s)
{
    size_t len = strlen(s);
    return len > 1 && isupper((unsigned char)s[0]) && s[len - 1] == '.';
}

static void test_every_row(void)
{
    for (int err = -1; err > -ERR_INDEX_END; err--) {
        const struct err_info *row = err_info(err);
        ok(is_word(row->name) && is_http_error(row->http_status) && is_close_code(row->ws_close) &&
                is_sentence(row->text),
            "%s, %d, %d: %s", row->name, row->http_status, row->ws_close, row->text);
    }
}

static void test_names_differ(void)
{
    int same = 0;
    for (int a = -1; a > -ERR_INDEX_END; a--) {
        for (int b = a - 1; b > -ERR_INDEX_END; b--)
            same += strcmp(err_name(a), err_name(b)) == 0;
    }
    is_int(same, 0, "no two errors have the same name");
}

static void test_lookup(void)
{
    is_str(err_name(ERR_TOO_BIG), "TOO_BIG", "an error has its own name");
    is_int(err_info(ERR_TOO_BIG)->http_status, 413, "its own HTTP status");
    is_int(err_info(ERR_TOO_BIG)->ws_close, 1009, "its own close code");
    is_str(err_name(1 - ERR_INDEX_END), "TLS", "the last one too");
}

static void test_no_error(void)
{
    static const int strange[] = { 0, 1, -ERR_INDEX_END, INT_MIN, INT_MAX };
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        is_str(err_name(strange[i]), "INTERNAL", "%d is no error", strange[i]);
}

int main(void)
{
    test_every_row();
    test_names_differ();
    test_lookup();
    test_no_error();
    return done();
}
