/* The one root object: what a running Stoa consists of, its beginning and its end. Used by main. */
#pragma once

#include "options.h"

#define SERVER_ADMIN_SOCKET "admin.sock" /* in the data folder: for whoever runs this server */
#define SERVER_TAKEN        75           /* exit status: another Stoa uses the data folder */

/* Serves until a signal ends it. Gives the exit status: 0, or 78 when the configuration cannot be
 * put into practice (an address that is taken, a certificate that cannot be read), and then the log
 * says what to do. */
int server_run(const struct options *o);

/* The same without a port: only the admin socket leads to it. `on_ready` is called when it does.
 * SERVER_TAKEN, too. */
int server_run_helper(const struct options *o, void (*on_ready)(void *arg), void *arg);
