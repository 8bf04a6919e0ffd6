#include "tap.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 240, SHOWN_BYTES = 48 };

static int count, failed;

/* One result line. The name may hold anything a test prints: '#' would start a directive. */
static void result(bool pass, const char *fmt, va_list ap)
{
    char name[NAME_MAX_BYTES];
    vsnprintf(name, sizeof(name), fmt, ap);
    printf("%sok %d - ", pass ? "" : "not ", ++count);
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '#' || *p == '\\')
            putchar('\\');
        putchar(iscntrl((unsigned char)*p) ? '?' : *p);
    }
    putchar('\n');
    failed += !pass;
    fflush(stdout);
}

#define RESULT(pass)             \
    do {                         \
        va_list ap;              \
        va_start(ap, fmt);       \
        result((pass), fmt, ap); \
        va_end(ap);              \
    } while (0)

bool tap_ok(bool cond, const char *expr, struct tap_at at, const char *fmt, ...)
{
    RESULT(cond);
    if (!cond)
        tap_note("  at %s:%d: %s", at.file, at.line, expr);
    return cond;
}

bool tap_int(intmax_t got, intmax_t want, struct tap_at at, const char *fmt, ...)
{
    RESULT(got == want);
    if (got != want)
        tap_note("  at %s:%d: got %jd, want %jd", at.file, at.line, got, want);
    return got == want;
}

bool tap_str(const char *got, const char *want, struct tap_at at, const char *fmt, ...)
{
    bool same = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);
    RESULT(same);
    if (!same)
        tap_note("  at %s:%d:\n   got \"%s\"\n  want \"%s\"", at.file, at.line,
            got ? got : "(null)", want ? want : "(null)");
    return same;
}

/* The bytes around the first difference, readable where they are text. */
static void show(const char *what, const unsigned char *p, size_t len, size_t from)
{
    printf("#  %s %zu bytes, from %zu: ", what, len, from);
    for (size_t i = from; i < len && i < from + SHOWN_BYTES; i++) {
        if (isprint(p[i]) && p[i] != '\\')
            putchar(p[i]);
        else
            printf("\\x%02x", p[i]);
    }
    putchar('\n');
}

bool tap_mem(const void *got, size_t got_len, const void *want, size_t want_len, struct tap_at at,
    const char *fmt, ...)
{
    const unsigned char *g = got, *w = want;
    size_t same_len = 0;
    while (same_len < got_len && same_len < want_len && g[same_len] == w[same_len])
        same_len++;
    bool same = got_len == want_len && same_len == got_len;
    RESULT(same);
    if (!same) {
        tap_note("  at %s:%d: first difference at byte %zu", at.file, at.line, same_len);
        size_t from = same_len > 8 ? same_len - 8 : 0;
        show(" got", g, got_len, from);
        show("want", w, want_len, from);
        fflush(stdout);
    }
    return same;
}

void tap_skip(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("ok %d # SKIP ", ++count);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    fflush(stdout);
}

/* Every line of the text gets its own '#'. */
void tap_note(const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (const char *p = text; p != NULL && *p != '\0';) {
        const char *end = strchr(p, '\n');
        printf("# %.*s\n", (int)(end != NULL ? end - p : (ptrdiff_t)strlen(p)), p);
        p = end != NULL ? end + 1 : NULL;
    }
    fflush(stdout);
}

/* Of fault.c, where that is linked in. */
__attribute__((weak)) long fault_live(void);

int tap_done(void)
{
    if (fault_live)
        is_int(fault_live(), 0, "no memory is left behind");
    if (count == 0)
        ok(false, "the program makes at least one check");
    printf("1..%d\n", count);
    fflush(stdout);
    return failed == 0 ? 0 : 1;
}
