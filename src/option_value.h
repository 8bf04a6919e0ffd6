/* The text of one option's value and what it means: parses by type, limits and rule of its row, and
 * says what is wrong. Used by the option reader and by the documentation. */
#pragma once

#include "options.h"

union option_value {
    const char *text; /* of OPTION_TEXT and OPTION_PATH */
    uint64_t number;  /* of OPTION_INTEGER, OPTION_DURATION and OPTION_SIZE */
    uint16_t port;
    bool truth;
    int word; /* its place in the row's `unit` */
    struct option_list list;
};

/* Bytes of the field in struct options. */
size_t option_value_size(enum option_type type);

/* ERR_BAD_VALUE, and `why` goes on as in `"9x" is not a whole number; write ...`; ERR_NO_MEMORY.
 * Texts are copied into the arena. */
int option_value_parse(union option_value *out, struct arena *a, const struct option *row,
    struct slice text, struct buf *why) MUST_CHECK;

/* "30s", "16KiB", "1000": as the row's type is written. */
void option_value_say_number(struct buf *out, enum option_type type, uint64_t n);

/* "DURATION": what stands for the value in a list of options. */
const char *option_value_kind(const struct option *row);
