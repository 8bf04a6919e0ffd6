#include "report.h"

#include "tap.h"

static void counts(void)
{
    struct report r;
    report_init(&r);
    ok(!report_is_full(&r) && !r.is_usage, "empty at first");
    REPORT_SAY(report_error(&r), "a", "b", "\n");
    buf_add_str(report_warning(&r), "w\n");
    is_int(r.n_errors, 1, "an error counts, a warning does not");
    ok(!r.is_usage, "an error is no matter of usage");
    buf_add_str(report_usage(&r), "c\n");
    ok(r.is_usage && r.n_errors == 2, "but one of the command line is");
    is_slice(buf_slice(&r.errors), "ab\nc\n", "the sentences stand one below the other");
    is_slice(buf_slice(&r.warnings), "w\n", "warnings apart");
    while (r.n_errors < REPORT_MAX_ERRORS)
        (void)report_error(&r);
    ok(report_is_full(&r), "full at %u", REPORT_MAX_ERRORS);
    report_fini(&r);
}

struct quote {
    struct slice text;
    const char *want;
};

static const struct quote quotes[] = {
    { .text = SLICE(""), .want = "\"\"" },
    { .text = SLICE("a b"), .want = "\"a b\"" },
    { .text = SLICE("naïve 日"), .want = "\"naïve 日\"" },
    { .text = SLICE("\x1b[2J\n\x7f"), .want = "\"?[2J??\"" },
    { .text = SLICE("\xc2\x9b"
                    "\xff"),
        .want = "\"??\"" },
    { .text = SLICE("\xe2\x80\xae"
                    "txt"),
        .want = "\"?txt\"" },
    { .text = SLICE("123456789012345678901234567890123456789012345678901234567890"),
        .want = "\"123456789012345678901234567890123456789012345678901234567890\"" },
    { .text = SLICE("123456789012345678901234567890123456789012345678901234567890x"),
        .want = "\"123456789012345678901234567890123456789012345678901234567890…\"" },
};

static void quoted(void)
{
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++) {
        buf_reset(&out);
        report_quote(&out, quotes[i].text);
        is_slice(buf_slice(&out), quotes[i].want, "quoted text %zu", i);
    }
    buf_fini(&out);
}

int main(void)
{
    counts();
    quoted();
    return done();
}
