/* Checks of match.c by itself: what the transcripts lean on. */
#pragma once

void match_check(void);
