/* Ctrl-C, and the like, for commands that must tidy up: between begin and end these signals wait;
 * whoever works asks now and then whether one does, and if so stops as if something had failed.
 * Then end lets it come, and it does what it always does. Used by the operator's commands. */
#pragma once

#include <signal.h>
#include <stdbool.h>

struct interruption {
    sigset_t before;
};

void interruption_begin(struct interruption *i);
bool interruption_is_due(void);

/* Until something can be read from `fd`. False: a signal came first. */
bool interruption_wait(int fd);
void interruption_end(const struct interruption *i);
