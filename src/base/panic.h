/* The end of the process for a mistake of our own: says what, where and on which way, then aborts.
 * ASSERT is always on. A peer's mistake never comes here. */
#pragma once

#include <stddef.h>

#define ASSERT(condition)                                           \
    do {                                                            \
        if (__builtin_expect(!(condition), 0))                      \
            panic_assert(#condition, __FILE__, __LINE__, __func__); \
    } while (0)

/* Objects that travel through a `void *` begin with `uint32_t magic`. */
#define CHECK_MAGIC(object, value) ASSERT((object) != NULL && (object)->magic == (value))

/* Once at the start of the program: loads what the backtrace needs, which allocates. */
void panic_prepare(void);

#define PANIC(...) panic_at(__FILE__, __LINE__, __func__, __VA_ARGS__)

__attribute__((noreturn)) void panic_assert(
    const char *condition, const char *file, int line, const char *function);
__attribute__((noreturn, format(printf, 4, 5))) void panic_at(
    const char *file, int line, const char *function, const char *format, ...);
