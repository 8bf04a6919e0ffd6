/* Transcripts (*.wire) as lists of steps: what a line means, not whether it holds. The format is in
 * README.md beside this file. Used by run.c and stage.c. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

enum step_kind {
    STEP_CLIENT,   /* @alice ... */
    STEP_SEND,     /* > */
    STEP_ASK,      /* >? */
    STEP_HEAR,     /* < */
    STEP_ANSWER,   /* <? */
    STEP_NOTHING,  /* < nothing */
    STEP_ANYTHING, /* < anything */
    STEP_REFUSED,  /* <! */
    STEP_WAIT,     /* ~ */
    STEP_LOSE,     /* ! lose */
    STEP_END,      /* ! end */
    STEP_RESUME,   /* ! resume */
    STEP_HTTP,     /* =, =< */
};

/* Of a line that connects somebody; of one that only switches, `dialect` is empty. */
struct script_client {
    struct slice dialect;
    struct slice user; /* empty: a guest */
    struct slice name;
    struct slice on; /* a namespace */
    struct slice room;
    struct slice token; /* as it is, instead of a good one */
    bool is_admin;
};

struct step {
    enum step_kind kind;
    int line;
    struct slice name; /* of the client or message; the code of a refusal */
    struct slice json; /* empty: none */
    struct script_client client;
    uint64_t wait_ms;
    struct step *next;
};

struct setting {
    struct slice name;
    struct slice value;
    int line;
    struct setting *next;
};

/* *borrows* from its text and the arena. */
struct script {
    const char *path;
    struct slice sentence;
    struct step *steps;
    struct setting *settings;
    bool has_http; /* it cannot be played without a server */
};

/* ERR_BAD_VALUE: `why` says where and what, for people. */
int script_parse(
    struct script *out, struct buf *why, struct arena *arena, struct slice text) MUST_CHECK;

/* "1500ms", "2s", "0.5s", "1m". ERR_BAD_VALUE. */
int script_duration(uint64_t *ms, struct slice text) MUST_CHECK;

/* Says where and what. */
void script_complain(struct buf *why, const char *path, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
