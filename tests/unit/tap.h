/*
 * TAP, the test protocol of prove: every check prints one line, done() prints the plan.
 *
 *     int main(void)
 *     {
 *         is_int(slice_len(s), 3, "three bytes");
 *         ok(s.p != NULL, "not null: %s", name);
 *         return done();
 *     }
 *
 * A check that fails says where it stands, what it got and what it wanted, and the program goes on.
 * Every check returns whether it passed, so that a test can stop early: `if (!ok(...)) return;`.
 * One line per check: a loop over many inputs counts its failures and checks the count.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap_at {
    const char *file;
    int line;
};

#define TAP_HERE      ((struct tap_at){ .file = __FILE__, .line = __LINE__ })
#define TAP_FMT(f, a) __attribute__((format(printf, f, a)))

/* The condition holds. */
#define ok(cond, ...) tap_ok((cond), #cond, TAP_HERE, __VA_ARGS__)

/* Whole numbers, signed or not, are equal. Enums and errors too. */
#define is_int(got, want, ...) tap_int((intmax_t)(got), (intmax_t)(want), TAP_HERE, __VA_ARGS__)

/* NUL-terminated strings are equal; two NULLs are. */
#define is_str(got, want, ...) tap_str((got), (want), TAP_HERE, __VA_ARGS__)

/* `len` bytes are equal. For a slice: is_slice(s, "text"). */
#define is_mem(got, want, len, ...) tap_mem((got), (len), (want), (len), TAP_HERE, __VA_ARGS__)

/* A slice (anything with .p and .len) holds exactly the string. Evaluates `s` twice. */
#define is_slice(s, want, ...) \
    tap_mem((s).p, (s).len, (want), __builtin_strlen(want), TAP_HERE, __VA_ARGS__)

/* A check that cannot be made here, and why. */
#define skip(...) tap_skip(__VA_ARGS__)

/* A line of diagnosis. */
#define note(...) tap_note(__VA_ARGS__)

/* Prints the plan; returns main's exit code: 0 when at least one check ran and none failed. */
#define done() tap_done()

bool tap_ok(bool cond, const char *expr, struct tap_at at, const char *fmt, ...) TAP_FMT(4, 5);
bool tap_int(intmax_t got, intmax_t want, struct tap_at at, const char *fmt, ...) TAP_FMT(4, 5);
bool tap_str(const char *got, const char *want, struct tap_at at, const char *fmt, ...)
    TAP_FMT(4, 5);
bool tap_mem(const void *got, size_t got_len, const void *want, size_t want_len, struct tap_at at,
    const char *fmt, ...) TAP_FMT(6, 7);
void tap_skip(const char *fmt, ...) TAP_FMT(1, 2);
void tap_note(const char *fmt, ...) TAP_FMT(1, 2);
int tap_done(void);
