/* Reads the text of a configuration file, a strict subset of TOML, one entry a call:
 *
 *     # a comment
 *     port = 5050                          digits, true, false, 30s, 16MiB: bare
 *     [cors]                               a section, at most once
 *     origins = ["https://a.example"]      a list of texts; may span lines
 *     [log]
 *     level = "info"                       escapes: \" \\ \n \r \t
 *
 * Knows no option and does no I/O. Whatever it does not understand is an error with its place:
 * nothing is skipped, guessed or repaired. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#define CONFIG_MAX_FILE_BYTES  (256u << 10)
#define CONFIG_MAX_VALUE_BYTES (16u << 10)
#define CONFIG_MAX_NAME_BYTES  64
#define CONFIG_MAX_SECTIONS    64

enum config_kind {
    CONFIG_END,     /* no further entry */
    CONFIG_SECTION, /* a [section] begins */
    CONFIG_TEXT,
    CONFIG_BARE,
    CONFIG_LIST, /* `value` holds the items with commas between them */
};

/* Lines and columns count from 1, columns in characters. */
struct config_place {
    uint32_t line;
    uint32_t column;
};

struct config_entry {
    enum config_kind kind;
    struct slice section; /* of the file's text; "" before the first section */
    struct slice key;
    struct slice value; /* borrowed until the next call */
    struct config_place key_at;
    struct config_place value_at;
};

struct config_reader {
    struct slice text; /* borrowed */
    const char *p;
    const char *line_start;
    uint32_t line;
    struct slice section;
    struct slice sections[CONFIG_MAX_SECTIONS]; /* seen so far */
    unsigned n_sections;
    struct buf value;
    const char *problem; /* after ERR_BAD_CONFIG: what is wrong and what to do */
    struct config_place problem_at;
};

void config_reader_init(struct config_reader *r, struct slice text);
void config_reader_fini(struct config_reader *r);

/* ERR_BAD_CONFIG ends the reading: `problem` and `problem_at` say why. ERR_NO_MEMORY. */
int config_reader_next(struct config_entry *out, struct config_reader *r) MUST_CHECK;
