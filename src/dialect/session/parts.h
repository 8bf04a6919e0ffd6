/* What the files of dialect/session/ share. Only they include it. */
#pragma once

#include "dialect/session/session.h"

extern const struct dialect session_dialect; /* tell.c */

void session_say_participants(struct words *words, const struct session_roster *r);
void session_say_waiting(struct words *words, struct slice session_id);
