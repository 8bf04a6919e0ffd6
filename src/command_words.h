/* The words of a command line that a subcommand takes for itself, beside the options of the server,
 * which it leaves for options_load(): both may stand in any order. Used by the subcommands. */
#pragma once

#include "report.h"

enum command_word_type {
    WORD_VALUE,  /* --name VALUE or --name=VALUE: const char * */
    WORD_SWITCH, /* --admin: bool */
    WORD_PLACE,  /* a word without hyphens, or "-" alone: const char * */
};

/* A list of them ends with one without a name. */
struct command_word {
    const char *name; /* "--name"; of a place what stands there: "FILE" */
    enum command_word_type type;
    size_t offset; /* into the struct that is filled */
};

/* Fills `out`, of which it changes nothing but what was given, and takes these words out of `args`,
 * which ends with a NULL. The last of two equal flags counts. *borrows* the texts. ERR_BAD_REQUEST
 * when a value is missing, and the report says so. */
int command_words_take(
    void *out, struct report *report, char **args, const struct command_word *words) MUST_CHECK;
