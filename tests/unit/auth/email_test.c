/* Addresses: which are taken, and as what. */
#include "auth/email.h"

#include "tap.h"

#define L64 "0123456789012345678901234567890123456789012345678901234567890123"
#define L63 "012345678901234567890123456789012345678901234567890123456789012"
#define D189        \
    L63 "." L63 "." \
        "0123456789012345678901234567890123456789012345678901234567890" /* 189 */

static const struct {
    const char *text;
    const char *is; /* NULL: refused */
} rows[] = {
    { "ada@example.org", "ada@example.org" },
    { "  Ada@Example.ORG\t", "ada@example.org" },
    { "a@b", "a@b" },
    { "a.b+c_d-e@x-1.example", "a.b+c_d-e@x-1.example" },
    { "!#$%&'*+-/=?^_`{|}~@a", "!#$%&'*+-/=?^_`{|}~@a" },
    { "1@1.1", "1@1.1" },
    { L64 "@a", L64 "@a" },
    { L64 "0@a", NULL },
    { "a@" L63, "a@" L63 },
    { "a@" L63 "0", NULL },
    { L64 "@" D189, L64 "@" D189 },
    { L64 "@" D189 "0", NULL },
    { "", NULL },
    { " ", NULL },
    { "@", NULL },
    { "a", NULL },
    { "a@", NULL },
    { "@a", NULL },
    { "a@b@c", NULL },
    { "a b@c", NULL },
    { "a@b c", NULL },
    { "a@b,c@d", NULL },
    { "a@.b", NULL },
    { "a@b.", NULL },
    { "a@b..c", NULL },
    { "a@-b", NULL },
    { "a@b-", NULL },
    { "a@b_c", NULL },
    { "a@[127.0.0.1]", NULL },
    { "\"a\"@b", NULL },
    { "a\"@b", NULL },
    { ".a@b", NULL },
    { "a.@b", NULL },
    { "a..b@c", NULL },
    { "a\\@b", NULL },
    { "<a@b>", NULL },
    { "a@b\n", NULL },
    { "a\r\n@b", NULL },
    { "\xc3\xa4@b", NULL },
    { "a@\xc3\xa4", NULL },
    { "a@b\x7f", NULL },
    { "A'; drop table users; --@b", NULL },
};

int main(void)
{
    char out[STORE_EMAIL_MAX + 1];
    char long_text[400];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int err = email_normalise(out, slice_str(rows[i].text));
        is_int(err, rows[i].is ? 0 : ERR_BAD_VALUE, "'%s'", rows[i].text);
        is_str(out, rows[i].is ? rows[i].is : "", "and that is what is left of it");
    }
    is_int(email_normalise(out, slice_of("a\0b@c", 5)), ERR_BAD_VALUE, "no NUL");
    is_int(email_normalise(out, slice_of("a@c\0", 4)), ERR_BAD_VALUE, "not even at the end");
    memset(long_text, 'a', sizeof long_text);
    is_int(email_normalise(out, slice_of(long_text, sizeof long_text)), ERR_BAD_VALUE, "too long");
    return done();
}
