/* Which words of a command line a subcommand takes, and which it leaves for the options. */
#include "command_words.h"

#include "tap.h"

#include <stdio.h>

enum { WORDS_MAX = 10, LINE_BYTES = 256 };

struct args {
    const char *name;
    const char *file;
    const char *other;
    bool is_on;
};

static const struct command_word words[] = {
    { .name = "--name", .type = WORD_VALUE, .offset = offsetof(struct args, name) },
    { .name = "--on", .type = WORD_SWITCH, .offset = offsetof(struct args, is_on) },
    { .name = "FILE", .type = WORD_PLACE, .offset = offsetof(struct args, file) },
    { .name = "OTHER", .type = WORD_PLACE, .offset = offsetof(struct args, other) },
    { .name = NULL },
};

struct line {
    const char *args[WORDS_MAX];
    struct args takes;
    const char *leaves; /* with spaces between */
    const char *says;   /* NULL: nothing is wrong */
};

static const struct line lines[] = {
    { { NULL }, { NULL }, "", NULL },
    { { "--name", "a" }, { .name = "a" }, "", NULL },
    { { "--name=a" }, { .name = "a" }, "", NULL },
    { { "--name=" }, { .name = "" }, "", NULL },
    { { "--name=--on" }, { .name = "--on" }, "", NULL },
    { { "--name", "a", "--name", "b" }, { .name = "b" }, "", NULL },
    { { "--name", "-" }, { .name = "-" }, "", NULL },
    { { "--on", "x" }, { .is_on = true, .file = "x" }, "", NULL },
    { { "x", "--on" }, { .is_on = true, .file = "x" }, "", NULL },
    { { "--on=yes" }, { NULL }, "--on=yes", NULL },
    { { "x", "y" }, { .file = "x", .other = "y" }, "", NULL },
    { { "x", "y", "z" }, { .file = "x", .other = "y" }, "z", NULL },
    { { "-" }, { .file = "-" }, "", NULL },
    { { "-x", "y" }, { .file = "y" }, "-x", NULL },
    { { "--data", "d", "x" }, { .file = "x" }, "--data d", NULL },
    { { "--data=d", "x" }, { .file = "x" }, "--data=d", NULL },
    { { "x", "--data", "d" }, { .file = "x" }, "--data d", NULL },
    { { "--data", "--on" }, { .is_on = true }, "--data", NULL },
    { { "--data" }, { NULL }, "--data", NULL },
    { { "--dev-tls", "x" }, { .file = "x" }, "--dev-tls", NULL },
    { { "--no-dev-tls", "x" }, { .file = "x" }, "--no-dev-tls", NULL },
    { { "--names", "x" }, { .file = "x" }, "--names", NULL },
    { { "--jwt-secret", "x", "--name", "y" }, { .name = "y" }, "--jwt-secret x", NULL },
    { { "--name" }, { NULL }, "", "--name: a value is missing.\n" },
    { { "--name", "--on" }, { .is_on = true }, "", "--name: a value is missing.\n" },
};

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check(const struct line *l)
{
    char *args[WORDS_MAX + 1] = { NULL };
    char shown[LINE_BYTES];
    struct args got = { NULL };
    struct report report;
    struct buf left;
    report_init(&report);
    buf_init(&left, LINE_BYTES);
    for (size_t i = 0; i < WORDS_MAX && l->args[i] != NULL; i++) {
        args[i] = (char *)(uintptr_t)l->args[i];
        buf_add_str(&left, i > 0 ? " " : "");
        buf_add_str(&left, l->args[i]);
    }
    snprintf(shown, sizeof(shown), "%.*s", (int)left.len, left.p != NULL ? left.p : "");
    int err = command_words_take(&got, &report, args, words);
    buf_reset(&left);
    for (char **arg = args; *arg != NULL; arg++) {
        buf_add_str(&left, arg > args ? " " : "");
        buf_add_str(&left, *arg);
    }
    is_int(err, l->says != NULL ? ERR_BAD_REQUEST : 0, "`%s`", shown);
    ok(same(got.name, l->takes.name) && same(got.file, l->takes.file) &&
            same(got.other, l->takes.other) && got.is_on == l->takes.is_on,
        "takes what is its own");
    is_slice(left, l->leaves, "leaves the rest");
    ok(slice_eq(buf_slice(&report.errors), slice_str(l->says)), "says what is wrong");
    buf_fini(&left);
    report_fini(&report);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        check(&lines[i]);
    return done();
}
