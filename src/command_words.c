#include "command_words.h"

#include "options.h"

/* The text behind "--user" in "--user=alice", "" in "--user", NULL in others. */
static const char *behind(const char *arg, const char *flag)
{
    size_t len = strlen(flag);
    bool is_it = strncmp(arg, flag, len) == 0 && (arg[len] == '=' || arg[len] == '\0');
    return is_it ? arg + len : NULL;
}

static bool is_flag(const char *arg)
{
    return strncmp(arg, "--", 2) == 0;
}

static void put_text(void *out, const struct command_word *w, const char *text)
{
    memcpy((char *)out + w->offset, &text, sizeof(text));
}

static const char *text_at(const void *out, const struct command_word *w)
{
    const char *text;
    memcpy(&text, (const char *)out + w->offset, sizeof(text));
    return text;
}

/* A next word that begins with two hyphens is the next flag. */
static size_t take_value(
    void *out, struct report *report, char **args, const struct command_word *w)
{
    const char *rest = behind(args[0], w->name);
    if (rest == NULL)
        return 0;
    const char *value = *rest == '=' ? rest + 1 : args[1];
    if (value == NULL || (*rest == '\0' && is_flag(value))) {
        REPORT_SAY(report_usage(report), w->name, ": a value is missing.\n");
        return 1;
    }
    put_text(out, w, value);
    return *rest == '=' ? 1 : 2;
}

static size_t take_switch(void *out, char **args, const struct command_word *w)
{
    if (strcmp(args[0], w->name) != 0)
        return 0;
    *(bool *)(void *)((char *)out + w->offset) = true;
    return 1;
}

static size_t take_place(void *out, char **args, const struct command_word *w)
{
    bool is_place = args[0][0] != '-' || args[0][1] == '\0';
    if (!is_place || text_at(out, w) != NULL)
        return 0;
    put_text(out, w, args[0]);
    return 1;
}

/* How many of `args` are ours: 0, 1 or 2. */
static size_t take_word(
    void *out, struct report *report, char **args, const struct command_word *words)
{
    size_t n = 0;
    for (const struct command_word *w = words; w->name != NULL && n == 0; w++) {
        if (w->type == WORD_VALUE)
            n = take_value(out, report, args, w);
        else if (w->type == WORD_SWITCH)
            n = take_switch(out, args, w);
        else
            n = take_place(out, args, w);
    }
    return n;
}

/* Whether the word is an option of the server that has its value in the next word. */
static bool takes_next(const char *arg)
{
    char flag[OPTIONS_NAME_BYTES];
    for (size_t i = 0; is_flag(arg) && i < options_table_len; i++) {
        options_flag_name(flag, &options_table[i]);
        if (strcmp(arg + 2, flag) == 0)
            return options_table[i].type != OPTION_BOOL;
    }
    return false;
}

int command_words_take(
    void *out, struct report *report, char **args, const struct command_word *words)
{
    char **kept = args;
    unsigned n_errors = report->n_errors;
    while (*args != NULL) {
        size_t n = take_word(out, report, args, words);
        size_t left = n > 0 ? 0 : 1;
        if (left && takes_next(*args) && args[1] != NULL && !is_flag(args[1]))
            left = 2;
        while (left-- > 0)
            *kept++ = *args++;
        args += n;
    }
    *kept = NULL;
    return report->n_errors > n_errors ? ERR_BAD_REQUEST : 0;
}
