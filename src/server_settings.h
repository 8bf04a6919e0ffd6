/* Turns options, which are texts and numbers of the configuration, into the settings that the web
 * face works with. Used by server only. */
#pragma once

#include "options.h"
#include "web/settings.h"

/* *borrows* the options' texts; returns owned, in `memory`. The options were checked by
 * options_load(), so nothing can be wrong but the memory. */
int server_settings(
    struct web_settings **out, struct arena *memory, const struct options *o) MUST_CHECK;
