/* `stoa token`: prints a token with which somebody can log in to a server that runs with the same
 * options. For trying things and for operators; whoever may read the secret may do this anyway.
 * Used by main alone. */
#pragma once

#include "options.h"

struct token_command {
    const char *user; /* NULL: not given */
    const char *name; /* NULL: the user */
    const char *ttl;  /* NULL: auth.token-ttl */
    bool is_admin;
};

/* Takes its own words out of `args`, which keeps the rest for options_load(). ERR_BAD_REQUEST, and
 * the report says what is wrong. *borrows* the words. */
int token_command_parse(struct token_command *out, struct report *report, char **args) MUST_CHECK;

/* Adds the token and a newline to `out`. ERR_BAD_REQUEST, ERR_IO (the secret; see the report),
 * ERR_NO_MEMORY, ERR_TOO_BIG. */
int token_command_run(struct buf *out, struct report *report, const struct token_command *c,
    const struct options *o, int64_t now_ms) MUST_CHECK;

/* What `stoa token --help` says. */
void token_command_help(struct buf *out);
