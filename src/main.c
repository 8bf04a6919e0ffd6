/* The command line: chooses a subcommand, and for those that need options reads them and says what
 * is wrong with them. Exit statuses are those of sysexits.h: 64 (usage), 78 (configuration), 70
 * (our own trouble); 1 when an operator's command has said why it did not do what it should. */
#include "backup_command.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/panic.h"
#include "db_command.h"
#include "dialect/asyncapi.h"
#include "dialect/document.h"
#include "options.h"
#include "restore_command.h"
#include "server.h"
#include "suggest.h"
#include "token_command.h"
#include "user_command.h"
#include "version.h"
#include "web/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { TEXT_BYTES = 1 << 20 };

extern char **environ;

struct subcommand {
    const char *name;
    const char *help;
    int (*run)(char **args); /* what follows the name, up to a NULL; gives the exit status */
    const struct operation_command *operation; /* instead of `run` */
};

static int run_serve(char **args);
static int run_check_config(char **args);
static int run_token(char **args);
static int run_version(char **args);
static int run_help(char **args);

static const struct subcommand commands[] = {
    { .name = "serve", .help = "serve rooms; the default", .run = run_serve },
    { .name = "check-config",
        .help = "read the options as serve does, start nothing",
        .run = run_check_config },
    { .name = "token",
        .help = "print a token for somebody: `stoa token --user alice`",
        .run = run_token },
    { .name = "user", .help = "make, list and change accounts", .operation = &user_command },
    { .name = "backup",
        .help = "write everything into one file, while the server runs",
        .operation = &backup_command },
    { .name = "restore", .help = "put a backup back, or check one", .operation = &restore_command },
    { .name = "db",
        .help = "move between SQLite and PostgreSQL; the schema's version",
        .operation = &db_command },
    { .name = "version", .help = "say which version this is", .run = run_version },
    { .name = "help",
        .help =
            "this text; `help serve`, `help user`, `help options`, `help config`, `help study`...",
        .run = run_help },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static int print(FILE *to, struct buf *text)
{
    int err = buf_err(text);
    if (!err && (fwrite(text->p, 1, text->len, to) != text->len || fflush(to) != 0))
        err = ERR_IO;
    buf_fini(text);
    return err ? EX_SOFTWARE : EX_OK;
}

static int print_from(void (*write_text)(struct buf *out))
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    write_text(&text);
    return print(stdout, &text);
}

static void write_usage(struct buf *out)
{
    buf_add_str(out,
        "Stoa, a server for real-time rooms.\n\nUsage: stoa [COMMAND] [--option VALUE]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        REPORT_SAY(out, "  ", commands[i].name);
        for (size_t pad = strlen(commands[i].name); pad < 14; pad++)
            buf_add_char(out, ' ');
        REPORT_SAY(out, commands[i].help, "\n");
    }
    buf_add_str(out,
        "\n`stoa serve --help` lists the options. Without any, Stoa serves "
        "http://localhost:5050\nand keeps its data in ./data.\n");
}

static void write_version(struct buf *out)
{
    REPORT_SAY(out, "stoa ", STOA_VERSION);
    if (STOA_COMMIT[0] != '\0')
        REPORT_SAY(out, " (", STOA_COMMIT, ")");
    buf_add_str(out, "\n");
}

static void write_asyncapi(struct buf *out)
{
    asyncapi_write(out, S(STOA_VERSION));
    buf_add_char(out, '\n');
}

static void write_openapi(struct buf *out)
{
    openapi_write(out, S(STOA_VERSION));
    buf_add_char(out, '\n');
}

struct topic {
    const char *name;
    void (*write_text)(struct buf *out);
};

static const struct topic topics[] = {
    { .name = "serve", .write_text = options_help },
    { .name = "check-config", .write_text = options_help },
    { .name = "options", .write_text = options_markdown },
    { .name = "config", .write_text = options_example },
    { .name = "token", .write_text = token_command_help },
    { .name = "openapi", .write_text = write_openapi },
    { .name = "asyncapi", .write_text = write_asyncapi },
    { .name = "help", .write_text = write_usage },
    { .name = "version", .write_text = write_usage },
};

enum { TOPICS = sizeof(topics) / sizeof(*topics) };

/* "stoa: "bogus" is not a command; did you mean ...?" */
static int say_unknown(const char *word, const char *what, const struct suggest *s)
{
    struct buf out;
    const char *best = suggest_best(s);
    buf_init(&out, TEXT_BYTES);
    buf_add_str(&out, "stoa: ");
    report_quote(&out, slice_str(word));
    REPORT_SAY(&out, " is not a ", what);
    if (best != NULL)
        REPORT_SAY(&out, "; did you mean ", best, "?\n");
    else
        buf_add_str(&out, "; `stoa help` lists what there is.\n");
    (void)print(stderr, &out);
    return EX_USAGE;
}

/* The part of its README that is made of its rows. */
static int print_messages(const struct language *l)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    document_messages(&text, &markup_markdown, l);
    buf_add_char(&text, '\n');
    return print(stdout, &text);
}

static int run_help(char **args)
{
    struct suggest s;
    if (args[0] == NULL)
        return print_from(write_usage);
    suggest_init(&s, slice_str(args[0]));
    for (size_t i = 0; i < COMMANDS; i++) {
        bool has_help = commands[i].operation != NULL;
        if (has_help && strcmp(commands[i].name, args[0]) == 0)
            return print_from(commands[i].operation->help);
        if (has_help)
            suggest_offer(&s, slice_str(commands[i].name));
    }
    for (size_t i = 0; i < TOPICS; i++) {
        if (strcmp(topics[i].name, args[0]) == 0)
            return print_from(topics[i].write_text);
        suggest_offer(&s, slice_str(topics[i].name));
    }
    for (size_t i = 0; i < REGISTRY_ALL; i++) {
        if (strcmp(registry_all[i]->dialect->name, args[0]) == 0)
            return print_messages(registry_all[i]);
        suggest_offer(&s, slice_str(registry_all[i]->dialect->name));
    }
    return say_unknown(args[0], "topic of help", &s);
}

static int run_version(char **args)
{
    (void)args;
    return print_from(write_version);
}

/* Each sentence on a line of its own. */
static void say_lines(const char *before, struct buf *text)
{
    struct slice rest = buf_slice(text);
    struct slice line;
    while (slice_cut(&line, &rest, '\n'))
        fprintf(stderr, "stoa: %s%.*s\n", before, (int)line.len, line.p);
}

static int exit_code_of(int err)
{
    switch (err) {
    case 0:
        return EX_OK;
    case ERR_BAD_REQUEST:
        return EX_USAGE;
    case ERR_BAD_CONFIG:
        return EX_CONFIG;
    default:
        return EX_SOFTWARE;
    }
}

/* Says on standard error what the report holds, or, of another failure, what that is. */
static void say_errors(struct report *report, int err)
{
    if (err && report->n_errors == 0)
        fprintf(stderr, "stoa: %s\n", err_info(err)->text);
    say_lines("", &report->errors);
}

/* Reads all options and says what is wrong. Gives 0, or a negative error after it was said. */
static int load(struct options *o, struct report *report, char **flags)
{
    struct options_input in = { .flags = flags, .env = environ, .read = options_read_path };
    int err = options_load(o, report, &in);
    say_errors(report, err);
    return err;
}

static int serve(const struct options *o, struct report *report)
{
    struct slice rest = buf_slice(&report->warnings);
    struct slice line;
    log_set_form(o->log.form);
    ASSERT(log_set_levels(slice_str(o->log.level)) == 0); /* options_load() judged them */
    while (slice_cut(&line, &rest, '\n'))
        log_warning(LOG_CONFIG, "about an option", LOG_TEXT("what", line));
    return server_run(o);
}

static int run_serve(char **args)
{
    struct options o;
    struct report report;
    report_init(&report);
    int err = load(&o, &report, args);
    int code = err ? exit_code_of(err) : serve(&o, &report);
    options_fini(&o);
    report_fini(&report);
    return code;
}

static int run_check_config(char **args)
{
    struct options o;
    struct report report;
    struct buf text;
    report_init(&report);
    int err = load(&o, &report, args);
    int code = exit_code_of(err);
    say_lines("warning: ", &report.warnings);
    if (!err) {
        buf_init(&text, TEXT_BYTES);
        options_say_changed(&text, &o);
        buf_add_str(&text, "The configuration is good.\n");
        code = print(stdout, &text);
    }
    options_fini(&o);
    report_fini(&report);
    return code;
}

static int print_token(
    const struct token_command *c, const struct options *o, struct report *report)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    int err = token_command_run(&text, report, c, o, clock_wall_ms(&clock_system));
    say_errors(report, err);
    say_lines("warning: ", &report->warnings);
    if (!err)
        return print(stdout, &text);
    buf_fini(&text);
    return err == ERR_IO ? EX_CONFIG : exit_code_of(err);
}

static int run_token(char **args)
{
    struct token_command c;
    struct options o = { .settings = NULL };
    struct report report;
    report_init(&report);
    int err = token_command_parse(&c, &report, args);
    int code = EX_USAGE;
    if (err) {
        say_errors(&report, err);
    } else {
        err = load(&o, &report, args);
        code = err ? exit_code_of(err) : print_token(&c, &o, &report);
    }
    options_fini(&o);
    report_fini(&report);
    return code;
}

/* ---- what operators ask for ---- */

static int exit_code_of_operation(int err)
{
    return err == 0 || err == ERR_BAD_REQUEST || err == ERR_BAD_CONFIG ? exit_code_of(err)
                                                                       : EXIT_FAILURE;
}

static int operate(struct operation *op, const struct operation_verb *v)
{
    int err = v->run(op);
    if (!err)
        err = buf_err(&op->out);
    bool is_usage = op->report.is_usage;
    say_errors(&op->report, err);
    say_lines("warning: ", &op->report.warnings);
    if (!err && op->out.len > 0)
        return print(stdout, &op->out);
    buf_fini(&op->out);
    return err == ERR_BAD_REQUEST && !is_usage ? EXIT_FAILURE : exit_code_of_operation(err);
}

static int run_verb(const struct operation_verb *v, char **args)
{
    struct operation op = { .words = { .file = NULL } };
    report_init(&op.report);
    buf_init(&op.out, OPERATION_OUT_BYTES);
    int code = EX_USAGE;
    int err = command_words_take(&op.words, &op.report, args, v->words);
    if (err) {
        say_errors(&op.report, err);
    } else {
        err = load(&op.options, &op.report, args);
        code = err ? exit_code_of(err) : operate(&op, v);
    }
    options_fini(&op.options);
    report_fini(&op.report);
    return code;
}

static int run_operation(const struct operation_command *c, char **args)
{
    struct suggest s;
    bool has_verbs = c->verbs[0].name[0] != '\0';
    if (!has_verbs)
        return run_verb(&c->verbs[0], args);
    if (args[0] == NULL)
        return print_from(c->help) == EX_OK ? EX_USAGE : EX_SOFTWARE;
    suggest_init(&s, slice_str(args[0]));
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->verbs[i].name, args[0]) == 0)
            return run_verb(&c->verbs[i], args + 1);
        suggest_offer(&s, slice_str(c->verbs[i].name));
    }
    return say_unknown(args[0], "command of this kind", &s);
}

static bool is_in(const char *word, char **args)
{
    for (; *args != NULL; args++)
        if (strcmp(*args, word) == 0)
            return true;
    return false;
}

/* No value can be "--help": a word that begins with two hyphens is never one. */
static int run(const struct subcommand *c, char **args)
{
    char topic[16];
    char *help[] = { topic, NULL };
    if (!is_in("--help", args) && !is_in("-h", args))
        return c->operation != NULL ? run_operation(c->operation, args) : c->run(args);
    snprintf(topic, sizeof(topic), "%s", c->name);
    return run_help(help);
}

static int run_command(char **args)
{
    struct suggest s;
    suggest_init(&s, slice_str(args[0]));
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, args[0]) == 0)
            return run(&commands[i], args + 1);
        suggest_offer(&s, slice_str(commands[i].name));
    }
    return say_unknown(args[0], "command", &s);
}

int main(int argc, char **argv)
{
    char **args = argv + (argc > 0);
    panic_prepare();
    if (args[0] == NULL)
        return run_serve(args);
    if (strcmp(args[0], "--help") == 0 || strcmp(args[0], "-h") == 0)
        return print_from(write_usage);
    if (strcmp(args[0], "--version") == 0 || strcmp(args[0], "-V") == 0)
        return run_version(args);
    return args[0][0] == '-' ? run(&commands[0], args) : run_command(args);
}
