/* Turns options, which are texts and numbers of the configuration, into the settings that the web
 * face works with. Used by server only. */
#pragma once

#include "hub/hub.h"
#include "options.h"
#include "sio/server.h"
#include "web/files.h"
#include "web/settings.h"

/* The same for Engine.IO and Socket.IO. */
struct eio_settings server_eio_settings(const struct options *o);
struct sio_settings server_sio_settings(const struct options *o);

/* `secret`: of tokens, jwt.secret or the data folder's own. *borrows* both. */
struct hub_settings server_hub_settings(const struct options *o, struct slice secret);

/* How often a password may be tried. */
struct limit_rate server_try_rate(uint64_t per_minute);

/* *borrows*. */
struct files_settings server_files_settings(const struct options *o);

/* *borrows* the options' texts; returns owned, in `memory`. The options were checked by
 * options_load(), so nothing can be wrong but the memory. */
int server_settings(
    struct web_settings **out, struct arena *memory, const struct options *o) MUST_CHECK;
