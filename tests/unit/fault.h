/*
 * The n-th call fails: every unit test program is linked so that xtry (the one allocation that may
 * fail) and the socket calls pass through here first. Nothing fails until a test asks for it.
 *
 *     static void body(void *arg)
 *     {
 *         struct thing *t = NULL;
 *         int err = thing_make(&t, arg);
 *         if (fault_hit())
 *             is_int(err, ERR_NO_MEMORY, "a clean error");
 *         thing_free(t);
 *     }
 *
 *     fault_each(FAULT_ALLOC, body, arg);
 *
 * runs the body with the 1st, the 2nd, the 3rd ... allocation failing, until a run gets through
 * without reaching the fault. Stale pointers on the way are ASan's to find. What is left behind is
 * counted here: tap_done() wants it to be nothing. (LeakSanitizer knows libraries too, but it stops
 * the process to look, and now and then never lets it go: it is on in `make soak` only.)
 * Calls made inside the file that defines xtry, and inside libraries, are not seen.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum fault_kind {
    FAULT_ALLOC,  /* xtry returns NULL */
    FAULT_WRITE,  /* write, writev, send, sendmsg return -1 */
    FAULT_READ,   /* read, recv, recvmsg return -1 */
    FAULT_ACCEPT, /* accept4 returns -1 */
    FAULT_KINDS,
};

/* The n-th call of this kind from now on fails once, with this errno; n from 1. */
void fault_at(enum fault_kind kind, unsigned n, int error);

/* With ENOMEM, ECONNRESET, ECONNRESET. */
void fault_alloc_at(unsigned n);
void fault_write_at(unsigned n);
void fault_read_at(unsigned n);

/* From now on no read or write moves more than this many bytes; 0 lifts it. */
void fault_trickle(size_t max_bytes);

/* Pieces of memory from base/xalloc that nobody has given back. */
long fault_live(void);

/* Back to normal; counters start anew. */
void fault_off(void);

/* Since the last fault_at or fault_off: did the fault happen; how many calls were there? */
bool fault_hit(void);
unsigned fault_calls(enum fault_kind kind);

/*
 * Returns how many runs a fault reached, and checks that it was at least one (a body without such
 * a call tests nothing) and not more than FAULT_RUNS_MAX.
 */
#define FAULT_RUNS_MAX 20000

typedef void(fault_body)(void *arg);
unsigned fault_each(enum fault_kind kind, fault_body *body, void *arg);
