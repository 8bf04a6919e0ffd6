/* Collects what is wrong with a configuration: whole sentences, one a line, for the person who
 * starts Stoa. Errors keep it from starting, warnings do not. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>

#define REPORT_MAX_BYTES   (256u << 10) /* of each kind; a sentence has at most about 1 KiB */
#define REPORT_MAX_ERRORS  20u          /* after so many nobody reads on: readers stop */
#define REPORT_QUOTE_BYTES 60u          /* of a value that is shown */

struct report {
    struct buf errors;
    struct buf warnings;
    unsigned n_errors;
    bool is_usage; /* one of the errors is a mistake on the command line */
};

void report_init(struct report *r);
void report_fini(struct report *r);

/* Begin a sentence; the caller adds the words, the last of them with its newline. */
struct buf *report_error(struct report *r);
struct buf *report_usage(struct report *r); /* an error too */
struct buf *report_warning(struct report *r);

bool report_is_full(const struct report *r);

/* Adds words: REPORT_SAY(out, name, " is not known.\n"). */
#define REPORT_SAY(out, ...) report_say((out), (const char *const[]){ __VA_ARGS__, NULL })
void report_say(struct buf *out, const char *const *words);

/* Adds somebody's text in double quotes, cut and without control characters. */
void report_quote(struct buf *out, struct slice text);
