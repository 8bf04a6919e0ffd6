/* Judges values: the rules of single ones that the table names, and what must hold between several
 * once all are read. Does no I/O. Used by the option table and reader. */
#pragma once

#include "options.h"

extern const struct option_rule option_rule_address;   /* "127.0.0.1", "::1" */
extern const struct option_rule option_rule_range;     /* "10.0.0.0/8" */
extern const struct option_rule option_rule_origin;    /* "https://example.org:8443" */
extern const struct option_rule option_rule_levels;    /* "info,http=debug" */
extern const struct option_rule option_rule_database;  /* nothing, for the built-in one */
extern const struct option_rule option_rule_token;     /* a bearer token: printable, no spaces */
extern const struct option_rule option_rule_secret;    /* nothing that others know */
extern const struct option_rule option_rule_stun;      /* "stun:stun.example.org:3478" */
extern const struct option_rule option_rule_turn;      /* "turns:turn.example.org?transport=tcp" */
extern const struct option_rule option_rule_media_url; /* "wss://live.example.org" */

/* Adds what is wrong to the report. */
void options_check(struct report *report, const struct options *o);
