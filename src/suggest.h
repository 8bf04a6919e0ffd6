/* Guesses what somebody meant who wrote a name that does not exist: the nearest name by edit
 * distance (a letter missing, added, wrong, or two swapped), if it is near enough. For the option
 * reader and the command line. */
#pragma once

#include "base/slice.h"

#define SUGGEST_MAX_BYTES 64 /* longer names are neither judged nor suggested */

struct suggest {
    struct slice word; /* borrowed */
    char best[SUGGEST_MAX_BYTES + 1];
    unsigned distance;
};

void suggest_init(struct suggest *s, struct slice word);
void suggest_offer(struct suggest *s, struct slice name);

/* The nearest name offered, or NULL when none is near. Lives as long as `s`. */
const char *suggest_best(const struct suggest *s);
