/* A hub with clients on loopback lines, on which a transcript is played with a clock that is turned
 * by hand: the engine and the five languages without sockets. Used by run.c. */
#pragma once

#include "dialect/dispatch.h"
#include "dialect/registry.h"
#include "match.h"
#include "script.h"

/* Which messages were sent, and came, in transcripts that hold: by language and place in its
 * tables. */
#define COVERAGE_MAX 256
struct coverage {
    bool rows[REGISTRY_ALL][COVERAGE_MAX];
    bool said[REGISTRY_ALL][COVERAGE_MAX];
    struct buf unsaid; /* messages that came and that no table names: "study: user:joined\n" */
};

/* Plays it from the beginning to the end. False: `why` says where and what. */
bool stage_play(
    struct buf *why, const struct script *script, struct coverage *coverage, bool is_loud);
