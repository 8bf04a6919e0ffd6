#include "options.h"
#include "tap.h"

#include <stdio.h>

/* The texts are made from the table; so is this: each row must be found in each of them. */
enum { TEXT_BYTES = 256 << 10 };

static bool has(const struct buf *text, const char *a, const char *b, const char *c)
{
    char part[256];
    snprintf(part, sizeof(part), "%s%s%s", a, b, c);
    return memmem(text->p, text->len, part, strlen(part)) != NULL;
}

static size_t longest_line(const struct buf *text)
{
    struct slice rest = buf_slice(text);
    struct slice line;
    size_t longest = 0;
    while (slice_cut(&line, &rest, '\n'))
        longest = line.len > longest ? line.len : longest;
    return longest;
}

static void help(void)
{
    struct buf out;
    unsigned missing = 0;
    buf_init(&out, TEXT_BYTES);
    options_help(&out);
    for (size_t i = 0; i < options_table_len; i++) {
        char flag[OPTIONS_NAME_BYTES];
        options_flag_name(flag, &options_table[i]);
        missing += !has(&out, "  --", flag, "") && !has(&out, "  --[no-]", flag, "");
    }
    is_int(missing, 0, "--help has every flag");
    ok(has(&out, "\n  --port PORT   (5050)\n        TCP port", "", ""),
        "with value, default and meaning");
    ok(has(&out, "\n  --log-format auto|logfmt|json   (auto)\n", "", ""),
        "with the words it takes");
    ok(has(&out, "\n  --auth-mode open|optional|required   (optional)\n", "", ""), "each its own");
    ok(longest_line(&out) <= 80, "no line is longer than 80 columns");
    buf_fini(&out);
}

static void markdown(void)
{
    struct buf out;
    unsigned missing = 0, cells = 0;
    struct slice rest, line;
    buf_init(&out, TEXT_BYTES);
    options_markdown(&out);
    for (size_t i = 0; i < options_table_len; i++)
        missing += !has(&out, "\n| `", options_table[i].name, "` | ");
    is_int(missing, 0, "the page has every option");
    for (rest = buf_slice(&out); slice_cut(&line, &rest, '\n');) {
        unsigned bars = 0;
        for (size_t i = 0; i < line.len; i++)
            bars += line.p[i] == '|' && (i == 0 || line.p[i - 1] != '\\');
        cells += bars != 0 && bars != 5;
    }
    is_int(cells, 0, "every row of its tables has four cells");
    ok(has(&out, "Also the variable `JWT_SECRET`.", "", ""), "further variables are named");
    ok(has(&out, "1KiB to 1GiB", "", ""), "and limits");
    buf_fini(&out);
}

static int read_example(struct slice *out, struct arena *a, const char *path, size_t max, void *arg)
{
    (void)a, (void)path, (void)max;
    *out = *(const struct slice *)arg;
    return 0;
}

/* Removes the # in front of settings, which no blank follows. */
static void uncomment(struct buf *out, struct slice rest)
{
    struct slice line;
    while (slice_cut(&line, &rest, '\n')) {
        bool is_setting = line.len > 1 && line.p[0] == '#' && line.p[1] != ' ';
        bool is_secret = slice_starts(line, S("#secret =")) || slice_starts(line, S("#token ="));
        buf_add_slice(out, is_setting && !is_secret ? slice_drop(line, 1) : line);
        buf_add_str(out, "\n");
    }
}

/* How many options the file sets, and how many of these differ from their defaults. */
static void load(unsigned *set, unsigned *changed, struct slice text)
{
    char *flags[] = { (char[]){ "--config=x" }, NULL };
    char *env[] = { NULL };
    struct options o;
    struct report report;
    *set = *changed = 0;
    report_init(&report);
    int err = options_load(&o, &report,
        &(struct options_input){
            .flags = flags, .env = env, .read = read_example, .read_arg = &text });
    if (!is_int(err, 0, "it is read"))
        note("%.*s", (int)report.errors.len, report.errors.p);
    for (size_t i = 0; i < options_table_len; i++) {
        *set += o.settings[i].from == OPTION_FROM_FILE;
        *changed += o.settings[i].from == OPTION_FROM_FILE &&
            strcmp(o.settings[i].text, options_table[i].default_text) != 0;
    }
    options_fini(&o);
    report_fini(&report);
}

static void example_file(void)
{
    struct buf out, all;
    unsigned set, changed, unset = 1; /* config */
    buf_init(&out, TEXT_BYTES);
    buf_init(&all, TEXT_BYTES);
    options_example(&out);
    ok(longest_line(&out) <= 80, "no line of the example is longer than 80 columns");
    ok(has(&out, "\n#stun = [\"stun:stun.l.google.com:19302\"]\n", "", ""),
        "a list that is not empty is written as a list");
    ok(has(&out, "\n#origins = []\n", "", ""), "and one that is");

    load(&set, &changed, buf_slice(&out));
    is_int(set, 0, "the example sets nothing");

    uncomment(&all, buf_slice(&out));
    load(&set, &changed, buf_slice(&all));
    for (size_t i = 0; i < options_table_len; i++)
        unset += options_table[i].is_secret && options_table[i].min > 0;
    is_int(set, options_table_len - unset, "without its # it sets every option but secrets");
    is_int(changed, 0, "to its default");
    buf_fini(&out);
    buf_fini(&all);
}

static void changed_options(void)
{
    char *flags[] = { (char[]){ "--port" }, (char[]){ "81" },
        (char[]){ "--metrics-token=0123456789abcdef" }, NULL };
    char *env[] = { (char[]){ "REDIS_HOST=r" }, (char[]){ "STOA_DATA=/x\x1b" }, NULL };
    struct options o;
    struct report report;
    struct buf out;
    report_init(&report);
    buf_init(&out, TEXT_BYTES);
    is_int(options_load(&o, &report, &(struct options_input){ .flags = flags, .env = env }), 0,
        "loaded");
    options_say_changed(&out, &o);
    is_slice(buf_slice(&out),
        "port = \"81\"  from --port\n"
        "data = \"/x?\"  from STOA_DATA in the environment\n"
        "metrics.token = (set)  from --metrics-token\n"
        "redis.host = \"r\"  from REDIS_HOST in the environment\n",
        "what was set is listed, secrets are not shown");
    buf_fini(&out);
    options_fini(&o);
    report_fini(&report);
}

int main(void)
{
    help();
    markdown();
    example_file();
    changed_options();
    return done();
}
