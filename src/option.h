/* One row of the option table, and where its value came from. Part of options.h. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,
    OPTION_PATH,
    OPTION_INTEGER,
    OPTION_PORT,
    OPTION_BOOL,
    OPTION_DURATION, /* 250ms 30s 5m 2h 1d */
    OPTION_SIZE,     /* 1000 16KiB 4MiB 1GiB */
    OPTION_LIST,     /* separated by commas */
    OPTION_ENUM,     /* one of the words of `unit` */
};

/* What a text, or each item of a list, must be. */
struct option_rule {
    bool (*holds)(struct slice text);
    const char *says; /* goes on after the value: "is not an IP address; write ..." */
};

struct option {
    const char *name;
    enum option_type type;
    const char *default_text;
    uint64_t min; /* texts: bytes, if anything is set */
    uint64_t max;
    const char *unit; /* what an integer counts; an enum's words: "auto|logfmt|json" */
    const char *env;  /* a further variable, or NULL */
    bool is_secret;   /* never shown */
    bool is_not_in_file;
    const struct option_rule *rule;
    const char *help; /* what and why, whole sentences */
    size_t offset;    /* into struct options */
};

/* In the order of the documentation; options of one section stand together. */
extern const struct option options_table[];
extern const size_t options_table_len;

/* Where a value came from, the weakest first. */
enum option_from { OPTION_FROM_DEFAULT, OPTION_FROM_FILE, OPTION_FROM_ENV, OPTION_FROM_FLAG };

struct option_setting {
    enum option_from from;
    const char *place; /* the flag, the variable, the file's path */
    uint32_t line;     /* of the file */
    uint32_t column;
    const char *text; /* as it was given; "(set)" for a secret */
};
