/* The one root object: what a running Stoa consists of, its beginning and its end. Used by main. */
#pragma once

#include "options.h"

/* Serves until a signal ends it. Gives the exit status: 0, or 78 when the configuration cannot be
 * put into practice (an address that is taken, a certificate that cannot be read), and then the log
 * says what to do. */
int server_run(const struct options *o);
