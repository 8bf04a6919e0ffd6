/* The sources are read strongest first, because flags and environment name the file. A value is
 * judged wherever it stands, and kept if nothing stronger has been. What is wrong goes into the
 * report and the reading goes on, so that a person sees all mistakes at once; the functions
 * themselves fail only when memory ends. */
#include "options.h"

#include "config_file.h"
#include "option_value.h"
#include "options_check.h"
#include "suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MEMORY_BYTES (16u << 20) /* more than all values at their longest */
#define SECRET_BYTES (64u << 10) /* of a file that holds one */
#define WHY_BYTES    4096u

struct loading {
    struct options *o;
    struct report *report;
    const struct options_input *in;
};

/* A value on its way into the options; `text` only lives until it has been taken. */
struct given {
    struct option_setting at;
    struct slice text;
};

/* ---- names */

const struct option *options_find(struct slice name)
{
    for (size_t i = 0; i < options_table_len; i++)
        if (slice_eq(slice_str(options_table[i].name), name))
            return &options_table[i];
    return NULL;
}

const struct option_setting *options_setting(const struct options *o, const char *name)
{
    return &o->settings[options_find(slice_str(name)) - options_table];
}

static void write_name(char out[OPTIONS_NAME_BYTES], const char *prefix, const char *name)
{
    size_t len = 0;
    for (; *prefix != '\0'; prefix++)
        out[len++] = *prefix;
    for (; *name != '\0' && len < OPTIONS_NAME_BYTES - 1; name++)
        out[len++] = *name;
    out[len] = '\0';
}

void options_flag_name(char out[OPTIONS_NAME_BYTES], const struct option *row)
{
    write_name(out, "", row->name);
    for (char *p = out; *p != '\0'; p++)
        *p = *p == '.' ? '-' : *p;
}

void options_env_name(char out[OPTIONS_NAME_BYTES], const struct option *row)
{
    write_name(out, "STOA_", row->name);
    for (char *p = out; *p != '\0'; p++) {
        if (*p == '.' || *p == '-')
            *p = '_';
        else if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
}

void options_say_place(struct buf *out, const struct option_setting *s)
{
    switch (s->from) {
    case OPTION_FROM_DEFAULT:
        buf_add_str(out, "the default");
        return;
    case OPTION_FROM_FLAG:
        buf_add_str(out, s->place);
        return;
    case OPTION_FROM_ENV:
        REPORT_SAY(out, s->place, " in the environment");
        return;
    case OPTION_FROM_FILE:
        buf_add_str(out, s->place);
        buf_add_char(out, ':');
        buf_add_u64(out, s->line);
        buf_add_char(out, ':');
        buf_add_u64(out, s->column);
        return;
    }
}

/* ---- taking values */

/* Begins the sentence "stoa.conf:3:8: ". */
static struct buf *begin_at(struct buf *out, const struct option_setting *at)
{
    options_say_place(out, at);
    buf_add_str(out, ": ");
    return out;
}

static struct buf *begin_error(struct report *report, const struct option_setting *at)
{
    bool is_usage = at->from == OPTION_FROM_FLAG;
    return begin_at(is_usage ? report_usage(report) : report_error(report), at);
}

static void say_refused(
    const struct loading *l, const struct option *row, const struct given *g, const struct buf *why)
{
    struct buf *out = begin_error(l->report, &g->at);
    if (g->at.from != OPTION_FROM_FLAG)
        REPORT_SAY(out, row->name, ": ");
    buf_add_slice(out, buf_slice(why));
    buf_add_str(out, ".\n");
}

static int copy_str(const char **out, const struct loading *l, struct slice text)
{
    struct slice copy;
    int err = arena_copy(&copy, &l->o->memory, text);
    if (err)
        return err;
    *out = copy.p;
    return 0;
}

static int keep(const struct loading *l, const struct option *row, const struct given *g,
    const union option_value *v)
{
    struct option_setting *s = &l->o->settings[row - options_table];
    const char *text;
    if (g->at.from < s->from)
        return 0;
    int err = copy_str(&text, l, row->is_secret && g->text.len > 0 ? S("(set)") : g->text);
    if (err)
        return err;
    *s = g->at;
    s->text = text;
    memcpy((char *)l->o + row->offset, v, option_value_size(row->type));
    return 0;
}

static int take(const struct loading *l, const struct option *row, const struct given *g)
{
    union option_value v;
    struct buf why;
    buf_init(&why, WHY_BYTES);
    int err = option_value_parse(&v, &l->o->memory, row, g->text, &why);
    if (!err) {
        err = keep(l, row, g, &v);
    } else if (err == ERR_BAD_VALUE) {
        say_refused(l, row, g, &why);
        err = 0;
    }
    buf_fini(&why);
    return err;
}

/* The default of a secret is that there is none, which no source may say. */
static int take_defaults(const struct loading *l)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        struct given g = { .at.place = "", .text = slice_str(row->default_text) };
        union option_value unset = { .text = "" };
        int err = row->is_secret ? keep(l, row, &g, &unset) : take(l, row, &g);
        if (err)
            return err;
    }
    return 0;
}

/* ---- flags */

struct flag {
    const struct option *row; /* NULL: unknown */
    struct slice name;        /* without its hyphens */
    struct slice value;
    bool has_value;
    bool is_negated;
};

static const struct option *find_flag(struct slice name)
{
    char flag[OPTIONS_NAME_BYTES];
    for (size_t i = 0; i < options_table_len; i++) {
        options_flag_name(flag, &options_table[i]);
        if (slice_eq(slice_str(flag), name))
            return &options_table[i];
    }
    return NULL;
}

static struct flag parse_flag(struct slice arg)
{
    struct flag f = { .value = slice_drop(arg, 2) };
    f.has_value = slice_find(arg, '=') >= 0;
    if (!slice_cut(&f.name, &f.value, '='))
        f.name = S("");
    f.row = find_flag(f.name);
    if (f.row == NULL && slice_starts(f.name, S("no-"))) {
        f.row = find_flag(slice_drop(f.name, 3));
        f.is_negated = f.row != NULL && f.row->type == OPTION_BOOL;
        f.row = f.is_negated ? f.row : NULL;
    }
    return f;
}

static void say_suggestion(struct buf *out, const struct suggest *s, const char *prefix)
{
    const char *best = suggest_best(s);
    if (best != NULL)
        REPORT_SAY(out, "; did you mean ", prefix, best, "?\n");
    else
        buf_add_str(out, "; `stoa help options` lists all.\n");
}

static void say_unknown_flag(struct report *report, struct slice arg, struct slice name)
{
    char flag[OPTIONS_NAME_BYTES];
    struct suggest s;
    struct buf *out = report_usage(report);
    report_quote(out, arg);
    if (!slice_starts(arg, S("--")) || name.len == 0) {
        buf_add_str(out, " is not expected here; options are written --name value.\n");
        return;
    }
    suggest_init(&s, name);
    for (size_t i = 0; i < options_table_len; i++) {
        options_flag_name(flag, &options_table[i]);
        suggest_offer(&s, slice_str(flag));
    }
    buf_add_str(out, " is not an option");
    say_suggestion(out, &s, "--");
}

/* A next word that begins with two hyphens is the next flag: a value was forgotten. */
static bool find_value(struct flag *f, const char *next)
{
    if (f->row->type == OPTION_BOOL && !f->has_value) {
        f->value = f->is_negated ? S("false") : S("true");
        return true;
    }
    if (f->has_value)
        return !f->is_negated;
    f->value = slice_str(next);
    return next != NULL && !slice_starts(f->value, S("--"));
}

static void say_no_value(
    struct report *report, const struct option_setting *at, const struct flag *f)
{
    struct buf *out = begin_error(report, at);
    if (f->is_negated)
        buf_add_str(out, "takes no value; remove what follows the =.\n");
    else
        REPORT_SAY(out, "a value is missing; write ", at->place, " ", option_value_kind(f->row),
            " or ", at->place, "=", option_value_kind(f->row), ".\n");
}

/* `used` words of the command line are done with; none of an unknown flag, after which nobody can
 * tell values from flags (and a value that is taken for a flag would be shown, secret or not). */
static int take_flag(size_t *used, const struct loading *l, char *const *args)
{
    struct slice arg = slice_str(args[0]);
    struct flag f = slice_starts(arg, S("--")) ? parse_flag(arg) : (struct flag){ .name = arg };
    struct given g = { .at.from = OPTION_FROM_FLAG };
    *used = 0;
    if (f.row == NULL) {
        say_unknown_flag(l->report, slice_take(arg, f.name.len + 2), f.name);
        return 0;
    }
    int err = copy_str(&g.at.place, l, slice_take(arg, f.name.len + 2));
    if (err)
        return err;
    *used = 1;
    if (!find_value(&f, args[1])) {
        say_no_value(l->report, &g.at, &f);
        return 0;
    }
    *used = f.has_value || f.row->type == OPTION_BOOL ? 1 : 2;
    g.text = f.value;
    return take(l, f.row, &g);
}

static int take_flags(const struct loading *l)
{
    char *const *args = l->in->flags;
    size_t used = 1;
    int err = 0;
    while (!err && used > 0 && *args != NULL && !report_is_full(l->report)) {
        err = take_flag(&used, l, args);
        args += used;
    }
    return err;
}

/* ---- environment */

/* The value of a variable, or NULL. */
/* What is set to nothing is not set: so compose files and units leave a variable out. */
static const char *find_variable(char *const *env, const char *name)
{
    size_t len = strlen(name);
    for (; *env != NULL; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return (*env)[len + 1] ? *env + len + 1 : NULL;
    return NULL;
}

/* Kubernetes and container links announce a service that is named "stoa" or "redis" by variables
 * such as STOA_SERVICE_HOST and STOA_PORT=tcp://10.0.0.1:5050: those are no settings. */
static bool is_announced_port(const struct option *row, struct slice value)
{
    return row->type == OPTION_PORT && slice_starts(value, S("tcp://"));
}

static bool is_announced_service(struct slice name)
{
    return slice_starts(name, S("STOA_SERVICE_")) || slice_starts(name, S("STOA_PORT_"));
}

static struct slice without_newline(struct slice s)
{
    s.len -= slice_ends(s, S("\n"));
    s.len -= slice_ends(s, S("\r"));
    return s;
}

static void say_unreadable(struct buf *out, const char *path, int err, int error)
{
    buf_add_str(out, "the file ");
    report_quote(out, slice_str(path));
    if (err == ERR_TOO_BIG)
        buf_add_str(out, " is too large for what it should hold; is it the right one?\n");
    else
        REPORT_SAY(out, " cannot be read: ", strerrordesc_np(error), ".\n");
}

static int take_secret_file(
    const struct loading *l, const struct option *row, struct given *g, const char *path)
{
    int err = l->in->read(&g->text, &l->o->memory, path, SECRET_BYTES, l->in->read_arg);
    int error = errno;
    if (err == ERR_NO_MEMORY)
        return err;
    if (err) {
        say_unreadable(begin_error(l->report, &g->at), path, err, error);
        return 0;
    }
    g->text = without_newline(g->text);
    if (g->text.len > 0)
        return take(l, row, g);
    REPORT_SAY(begin_error(l->report, &g->at), row->name, ": the file is empty.\n");
    return 0;
}

static int take_variable(const struct loading *l, const struct option *row, const char *name)
{
    char file_name[OPTIONS_NAME_BYTES + 8];
    struct given g = { .at = { .from = OPTION_FROM_ENV, .place = name } };
    const char *value = find_variable(l->in->env, name);
    const char *path = NULL;

    write_name(file_name, name, "_FILE");
    if (row->is_secret)
        path = find_variable(l->in->env, file_name);
    if (value != NULL && path != NULL) {
        REPORT_SAY(
            begin_error(l->report, &g.at), file_name, " is set as well; keep one of the two.\n");
        return 0;
    }
    g.text = slice_str(value);
    if (path == NULL && (value == NULL || is_announced_port(row, g.text)))
        return 0;
    int err = copy_str(&g.at.place, l, slice_str(path != NULL ? file_name : name));
    if (err)
        return err;
    return path != NULL ? take_secret_file(l, row, &g, path) : take(l, row, &g);
}

static bool is_variable(struct slice name, const struct option *row)
{
    char env[OPTIONS_NAME_BYTES];
    options_env_name(env, row);
    struct slice own = slice_str(env);
    if (slice_eq(name, own))
        return true;
    return row->is_secret && slice_starts(name, own) &&
        slice_eq(slice_drop(name, own.len), S("_FILE"));
}

static bool is_known_variable(struct slice name)
{
    for (size_t i = 0; i < options_table_len; i++)
        if (is_variable(name, &options_table[i]))
            return true;
    return false;
}

static void say_unknown_variable(struct report *report, struct slice name)
{
    char env[OPTIONS_NAME_BYTES];
    struct suggest s;
    struct buf *out = report_error(report);
    suggest_init(&s, name);
    for (size_t i = 0; i < options_table_len; i++) {
        options_env_name(env, &options_table[i]);
        suggest_offer(&s, slice_str(env));
    }
    report_quote(out, name);
    buf_add_str(out, " in the environment is not an option");
    say_suggestion(out, &s, "");
}

static int take_environment(const struct loading *l)
{
    char name[OPTIONS_NAME_BYTES];
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        options_env_name(name, row);
        int err = row->env != NULL ? take_variable(l, row, row->env) : 0;
        if (err)
            return err;
        err = take_variable(l, row, name); /* the later of two wins */
        if (err)
            return err;
    }
    for (char *const *env = l->in->env; *env != NULL && !report_is_full(l->report); env++) {
        struct slice variable;
        struct slice value = slice_str(*env);
        bool is_ours = slice_cut(&variable, &value, '=') && slice_starts(variable, S("STOA_"));
        if (is_ours && !is_known_variable(variable) && !is_announced_service(variable))
            say_unknown_variable(l->report, variable);
    }
    return 0;
}

/* ---- file */

struct file {
    const struct loading *l;
    const char *path;
    struct config_place *seen; /* one per row of the table; line 0: not yet */
    bool is_unknown_section;   /* said once, not for each of its settings */
};

static struct option_setting place_in(const struct file *f, struct config_place at)
{
    return (struct option_setting){
        .from = OPTION_FROM_FILE,
        .place = f->path,
        .line = at.line,
        .column = at.column,
    };
}

static struct buf *begin_file_error(const struct file *f, struct config_place at)
{
    struct option_setting place = place_in(f, at);
    return begin_error(f->l->report, &place);
}

static bool is_in_section(const struct option *row, struct slice section)
{
    struct slice name = slice_str(row->name);
    return slice_starts(name, section) && slice_starts(slice_drop(name, section.len), S("."));
}

static void take_section(struct file *f, const struct config_entry *e)
{
    struct suggest s;
    suggest_init(&s, e->section);
    f->is_unknown_section = true;
    for (size_t i = 0; i < options_table_len; i++) {
        struct slice rest = slice_str(options_table[i].name);
        struct slice section;
        if (is_in_section(&options_table[i], e->section))
            f->is_unknown_section = false;
        if (slice_find(rest, '.') >= 0 && slice_cut(&section, &rest, '.'))
            suggest_offer(&s, section);
    }
    if (!f->is_unknown_section)
        return;
    struct buf *out = begin_file_error(f, e->key_at);
    report_quote(out, e->section);
    buf_add_str(out, " is not a section");
    say_suggestion(out, &s, "");
}

/* NULL when there is no such option. */
static const struct option *find_entry(struct slice section, struct slice key)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        struct slice name = slice_str(row->name);
        if (section.len > 0 && !is_in_section(row, section))
            continue;
        if (slice_eq(slice_drop(name, section.len > 0 ? section.len + 1 : 0), key))
            return row;
    }
    return NULL;
}

static void say_unknown_entry(const struct file *f, const struct config_entry *e)
{
    char name[2 * CONFIG_MAX_NAME_BYTES + 2];
    struct suggest s;
    size_t key_at = e->section.len + (e->section.len > 0);
    memcpy(name, e->section.p, e->section.len);
    name[e->section.len] = '.';
    memcpy(name + key_at, e->key.p, e->key.len);
    struct slice full = slice_of(name, key_at + e->key.len);

    suggest_init(&s, full);
    for (size_t i = 0; i < options_table_len; i++)
        suggest_offer(&s, slice_str(options_table[i].name));
    struct buf *out = begin_file_error(f, e->key_at);
    report_quote(out, full);
    buf_add_str(out, " is not an option");
    say_suggestion(out, &s, "");
}

/* What the file's notation says about the value fits its type: NULL, or what to do. */
static const char *wrong_notation(enum option_type type, enum config_kind kind)
{
    switch (type) {
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_ENUM:
        return kind == CONFIG_TEXT ? NULL : "takes one text; write it in double quotes";
    case OPTION_INTEGER:
    case OPTION_PORT:
        return kind == CONFIG_BARE ? NULL : "takes a number; write it without quotes or brackets";
    case OPTION_BOOL:
        return kind == CONFIG_BARE ? NULL : "takes true or false, without quotes or brackets";
    case OPTION_DURATION:
    case OPTION_SIZE:
        return kind != CONFIG_LIST ? NULL : "takes one value; write it without brackets";
    case OPTION_LIST:
        return kind != CONFIG_BARE ? NULL : "takes a list; write it as [\"one\", \"two\"]";
    }
    return NULL;
}

static int take_entry(struct file *f, const struct config_entry *e)
{
    const struct option *row = find_entry(e->section, e->key);
    if (row == NULL) {
        say_unknown_entry(f, e);
        return 0;
    }
    struct config_place *seen = &f->seen[row - options_table];
    const char *wrong = wrong_notation(row->type, e->kind);
    if (row->is_not_in_file) {
        REPORT_SAY(begin_file_error(f, e->key_at), row->name, " cannot be set in a file.\n");
    } else if (seen->line > 0) {
        struct buf *out = begin_file_error(f, e->key_at);
        REPORT_SAY(out, row->name, " is already set in line ");
        buf_add_u64(out, seen->line);
        buf_add_str(out, "; remove one of the two.\n");
    } else if (wrong != NULL) {
        REPORT_SAY(begin_file_error(f, e->value_at), row->name, " ", wrong, ".\n");
    } else {
        *seen = e->key_at;
        return take(f->l, row, &(struct given){ .at = place_in(f, e->value_at), .text = e->value });
    }
    return 0;
}

static int take_entries(struct file *f, struct config_reader *r)
{
    struct config_entry e;
    while (!report_is_full(f->l->report)) {
        int err = config_reader_next(&e, r);
        if (err == ERR_BAD_CONFIG)
            REPORT_SAY(begin_file_error(f, r->problem_at), r->problem, ".\n");
        if (err)
            return err == ERR_BAD_CONFIG ? 0 : err;
        if (e.kind == CONFIG_END)
            return 0;
        if (e.kind == CONFIG_SECTION)
            take_section(f, &e);
        else if (!f->is_unknown_section)
            err = take_entry(f, &e);
        if (err)
            return err;
    }
    return 0;
}

static int take_file(const struct loading *l)
{
    struct slice text;
    struct config_reader reader;
    struct file f = { .l = l, .path = l->o->config };
    if (f.path[0] == '\0')
        return 0;
    int err = l->in->read(&text, &l->o->memory, f.path, CONFIG_MAX_FILE_BYTES, l->in->read_arg);
    int error = errno;
    if (err == ERR_NO_MEMORY)
        return err;
    if (err) {
        /* A good flag that names a bad file is no mistake of usage. */
        struct buf *out = begin_at(report_error(l->report), options_setting(l->o, "config"));
        say_unreadable(out, f.path, err, error);
        return 0;
    }
    f.seen = arena_alloc(&l->o->memory, options_table_len * sizeof(*f.seen));
    if (f.seen == NULL)
        return ERR_NO_MEMORY;
    config_reader_init(&reader, text);
    err = take_entries(&f, &reader);
    config_reader_fini(&reader);
    return err;
}

/* ---- all of it */

static int read_all(size_t *len, char *p, size_t size, int fd)
{
    *len = 0;
    while (*len < size) {
        ssize_t n = read(fd, p + *len, size - *len);
        if (n == 0)
            break;
        if (n > 0)
            *len += (size_t)n;
        else if (errno != EINTR)
            return ERR_IO;
    }
    return 0;
}

int options_read_path(struct slice *out, struct arena *a, const char *path, size_t max, void *arg)
{
    (void)arg;
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    char *p = arena_alloc(a, max + 1);
    int err = p != NULL ? read_all(&len, p, max + 1, fd) : ERR_NO_MEMORY;
    int error = errno;
    close(fd);
    errno = error;
    if (p != NULL)
        arena_trim(a, p, max + 1, len);
    *out = slice_of(p, len);
    return err ? err : len > max ? ERR_TOO_BIG : 0;
}

static int set_up(struct options *o)
{
    *o = (struct options){ .settings = NULL };
    arena_init(&o->memory, MEMORY_BYTES);
    o->settings = arena_alloc(&o->memory, options_table_len * sizeof(*o->settings));
    return o->settings != NULL ? 0 : ERR_NO_MEMORY;
}

static void apply_node_env(struct options *o)
{
    bool is_default = options_setting(o, "log.level")->from == OPTION_FROM_DEFAULT;
    if (is_default && strcmp(o->node_env, "development") == 0)
        o->log.level = "debug";
}

int options_load(struct options *o, struct report *report, const struct options_input *in)
{
    static int (*const sources[])(
        const struct loading *l) = { take_defaults, take_flags, take_environment, take_file };
    struct loading l = { .o = o, .report = report, .in = in };
    int err = set_up(o);
    for (size_t i = 0; !err && i < sizeof(sources) / sizeof(*sources); i++)
        err = sources[i](&l);
    if (err)
        return err;
    apply_node_env(o);
    if (report->n_errors == 0)
        options_check(report, o);
    if (report->n_errors == 0)
        return 0;
    return report->is_usage ? ERR_BAD_REQUEST : ERR_BAD_CONFIG;
}

void options_fini(struct options *o)
{
    arena_fini(&o->memory);
}
