/* Gets a password from whoever runs a command: asked for twice on a terminal, without showing it;
 * else the first line of standard input. Used by user_command alone. */
#pragma once

#include "base/buf.h"
#include "report.h"

#include <stdbool.h>

#define PASSWORD_LINE_BYTES 4096

/* Adds it to `out`. `is_stdin`: a line of standard input, even if that is a terminal.
 * ERR_BAD_REQUEST: there was none, or two that differ; ERR_IO. The report has a sentence. */
int password_prompt(struct buf *out, struct report *report, bool is_stdin) MUST_CHECK;
