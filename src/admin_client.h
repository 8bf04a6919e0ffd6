/* Talks to the Stoa of a data folder, by its admin socket. Where none runs it starts one for as
 * long as it needs it: the same server in a child process, which serves nobody else. So whoever
 * asks need not know which it is. Blocks. Used by the operator's commands. */
#pragma once

#include "base/buf.h"
#include "options.h"
#include "report.h"

struct admin_client;

/* *borrows* the options, which say where the data folder is, and the report. Asks nobody yet.
 * Returns owned. */
struct admin_client *admin_client_new(const struct options *o, struct report *report);

/* If there is no database yet, one may be made: by who begins with an account. */
void admin_client_may_begin(struct admin_client *c);

/* Ends the server that was started, if one was, and waits until it has ended. NULL is fine. */
void admin_client_free(struct admin_client *c);

/* One call: POST with a JSON body, or GET where `body` is NULL. `*out` is the answer's body, which
 * lives until the next call. The server's own error, by its name, with its sentence in the report;
 * ERR_BUSY: another Stoa uses the folder and answers nobody; ERR_BAD_CONFIG: the server does not
 * start; ERR_NOT_FOUND: there is no database; ERR_IO, ERR_FORBIDDEN, ERR_RESET. What the report
 * says is for people. */
int admin_client_ask(
    struct slice *out, struct admin_client *c, const char *path, const struct buf *body) MUST_CHECK;
