/* What an operator asks for at the command line, as in `stoa user create`: a verb with its words,
 * the options that say which server it is for, what comes of it. Filled and ended by main; the
 * verbs are in user_command, backup_command, restore_command and db_command. */
#pragma once

#include "command_words.h"
#include "options.h"

#define OPERATION_OUT_BYTES (64u << 20) /* a list of all users */

/* Of all verbs; each takes some. Texts are NULL where nothing was given. */
struct operation_words {
    const char *file;
    const char *who; /* an account's e-mail or id */
    const char *name;
    const char *email;
    const char *to;
    bool is_admin;
    bool is_json;
    bool is_password_stdin;
    bool is_verify;
    bool is_without_secret;
};

struct operation {
    struct operation_words words; /* *borrowed* from the command line */
    struct options options;
    struct report report;
    struct buf out; /* for standard output, when all is done */
};

struct operation_verb {
    const char *name; /* the word behind the command; "": it has no verbs */
    const struct command_word *words;
    /* 0; ERR_BAD_REQUEST: of the command line; or what came of it. The report says why, or else
     * the error's own sentence does. */
    int (*run)(struct operation *op);
};

struct operation_command {
    const struct operation_verb *verbs;
    size_t n;
    void (*help)(struct buf *out);
};

#define OPERATION_VALUE(flag, member)                                                          \
    {                                                                                          \
        .name = (flag), .type = WORD_VALUE, .offset = offsetof(struct operation_words, member) \
    }
#define OPERATION_SWITCH(flag, member)                                                          \
    {                                                                                           \
        .name = (flag), .type = WORD_SWITCH, .offset = offsetof(struct operation_words, member) \
    }
#define OPERATION_PLACE(what, member)                                                          \
    {                                                                                          \
        .name = (what), .type = WORD_PLACE, .offset = offsetof(struct operation_words, member) \
    }

/* Of a data folder: what a command makes there would be of no use to the server. */
#define OPERATION_NOT_OURS "belongs to another user; run this as that user, as in `sudo -u NAME`"

/* A sentence about the command line. Gives ERR_BAD_REQUEST. */
static inline int operation_misuse(struct operation *op, const char *says)
{
    REPORT_SAY(report_usage(&op->report), says, "\n");
    return ERR_BAD_REQUEST;
}
