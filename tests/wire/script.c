/* Reads a transcript line by line. A line's first characters say what it is; lines that begin with
 * a space belong to the one before. */
#include "script.h"

#include <stdarg.h>
#include <stdio.h>

#define COMPLAINT_BYTES 2000

struct reader {
    struct script *script;
    struct buf *why;
    struct arena *arena;
    struct slice rest;
    struct step **end;
    struct setting **settings_end;
    int line;
};

void script_complain(struct buf *why, const char *path, int line, const char *fmt, ...)
{
    char text[COMPLAINT_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    buf_add_str(why, path);
    buf_add_char(why, ':');
    buf_add_u64(why, (uint64_t)line);
    buf_add_str(why, ": ");
    buf_add_str(why, text);
    buf_add_char(why, '\n');
}

#define COMPLAIN(r, ...) \
    (script_complain((r)->why, (r)->script->path, (r)->line, __VA_ARGS__), ERR_BAD_VALUE)

#define TEXT(s) (int)(s).len, (s).p ? (s).p : ""

/* ---- words ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && is_space(s.p[0]))
        s = slice_drop(s, 1);
    while (s.len > 0 && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* Cuts the first word off; what is in quotes does not end a word. */
static struct slice word(struct slice *rest)
{
    size_t n = 0;
    bool is_quoted = false;
    *rest = trim(*rest);
    while (n < rest->len && (is_quoted || !is_space(rest->p[n]))) {
        is_quoted ^= rest->p[n] == '"';
        n++;
    }
    struct slice first = slice_take(*rest, n);
    *rest = trim(slice_drop(*rest, n));
    return first;
}

static struct slice unquote(struct slice s)
{
    bool is_quoted = s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"';
    return is_quoted ? slice_of(s.p + 1, s.len - 2) : s;
}

/* "name=value", the value perhaps in quotes. */
static bool cut_pair(struct slice *name, struct slice *value, struct slice pair)
{
    ptrdiff_t at = slice_find(pair, '=');
    if (at <= 0)
        return false;
    *name = slice_take(pair, (size_t)at);
    *value = unquote(slice_drop(pair, (size_t)at + 1));
    return true;
}

int script_duration(uint64_t *ms, struct slice text)
{
    static const struct {
        struct slice name;
        uint64_t ms;
    } units[] = { { SLICE("ms"), 1 }, { SLICE("s"), 1000 }, { SLICE("m"), 60000 } };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct slice whole, rest = text, tenths = S("");
        if (!slice_ends(text, units[i].name))
            continue;
        rest.len -= units[i].name.len;
        if (!slice_cut(&whole, &rest, '.'))
            return ERR_BAD_VALUE;
        tenths = rest;
        uint64_t n = 0, part = 0, scale = units[i].ms;
        if (slice_u64(&n, whole) || (tenths.len > 0 && slice_u64(&part, tenths)))
            return ERR_BAD_VALUE;
        for (size_t d = 0; d < tenths.len; d++)
            scale /= 10;
        *ms = n * units[i].ms + part * scale;
        return 0;
    }
    return ERR_BAD_VALUE;
}

/* ---- lines ---- */

static struct step *add_step(struct reader *r, enum step_kind kind)
{
    struct step *s = arena_alloc(r->arena, sizeof(*s));
    if (s == NULL)
        return NULL;
    *s = (struct step){ .kind = kind, .line = r->line };
    *r->end = s;
    r->end = &s->next;
    return s;
}

static int read_option(struct reader *r, struct script_client *c, struct slice pair)
{
    struct slice name, value;
    if (!cut_pair(&name, &value, pair))
        return COMPLAIN(r, "'%.*s' is no option: write name=value", TEXT(pair));
    const struct {
        struct slice name;
        struct slice *value;
    } known[] = {
        { SLICE("user"), &c->user },
        { SLICE("name"), &c->name },
        { SLICE("on"), &c->on },
        { SLICE("room"), &c->room },
        { SLICE("token"), &c->token },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (slice_eq(name, known[i].name)) {
            *known[i].value = value;
            return 0;
        }
    }
    c->is_admin = slice_eq(name, S("admin"));
    return c->is_admin
        ? 0
        : COMPLAIN(r, "there is no option '%.*s': user, name, on, room, token, admin", TEXT(name));
}

static int read_client(struct reader *r, struct slice rest)
{
    struct step *s = add_step(r, STEP_CLIENT);
    if (s == NULL)
        return ERR_TOO_BIG;
    s->name = word(&rest);
    s->client.dialect = word(&rest);
    while (rest.len > 0) {
        int err = read_option(r, &s->client, word(&rest));
        if (err)
            return err;
    }
    return s->name.len > 0 ? 0 : COMPLAIN(r, "whom? Write @name");
}

/* A message: with a name before its JSON, or all of it JSON. */
static int read_message(struct reader *r, enum step_kind kind, struct slice rest)
{
    struct step *s = add_step(r, kind);
    if (s == NULL)
        return ERR_TOO_BIG;
    bool is_named = kind != STEP_ANSWER && rest.len > 0 && rest.p[0] != '{' && rest.p[0] != '[';
    if (is_named)
        s->name = word(&rest);
    s->json = rest;
    if (s->name.len == 0 && s->json.len == 0)
        return COMPLAIN(r, "a message has a name, or is JSON");
    return 0;
}

static int read_hear(struct reader *r, struct slice rest)
{
    if (slice_eq(rest, S("nothing")))
        return add_step(r, STEP_NOTHING) ? 0 : ERR_TOO_BIG;
    if (slice_eq(rest, S("anything")))
        return add_step(r, STEP_ANYTHING) ? 0 : ERR_TOO_BIG;
    return read_message(r, STEP_HEAR, rest);
}

static int read_refused(struct reader *r, struct slice rest)
{
    struct step *s = add_step(r, STEP_REFUSED);
    if (s == NULL)
        return ERR_TOO_BIG;
    s->name = word(&rest);
    return rest.len == 0 && s->name.len > 0 ? 0 : COMPLAIN(r, "write <! CODE");
}

static int read_send(struct reader *r, struct slice rest)
{
    return read_message(r, STEP_SEND, rest);
}

static int read_ask(struct reader *r, struct slice rest)
{
    return read_message(r, STEP_ASK, rest);
}

static int read_answer(struct reader *r, struct slice rest)
{
    return read_message(r, STEP_ANSWER, rest);
}

static int read_http(struct reader *r, struct slice rest)
{
    struct step *s = add_step(r, STEP_HTTP);
    (void)rest;
    r->script->has_http = true;
    return s != NULL ? 0 : ERR_TOO_BIG;
}

static int read_wait(struct reader *r, struct slice rest)
{
    struct step *s = add_step(r, STEP_WAIT);
    if (s == NULL)
        return ERR_TOO_BIG;
    if (script_duration(&s->wait_ms, rest))
        return COMPLAIN(r, "'%.*s' is no time: write ~ 700ms or ~ 2s", TEXT(rest));
    return 0;
}

static int read_fate(struct reader *r, struct slice rest)
{
    static const struct {
        struct slice name;
        enum step_kind kind;
    } fates[] = { { SLICE("lose"), STEP_LOSE }, { SLICE("end"), STEP_END },
        { SLICE("resume"), STEP_RESUME } };
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
        if (slice_eq(rest, fates[i].name))
            return add_step(r, fates[i].kind) ? 0 : ERR_TOO_BIG;
    }
    return COMPLAIN(r, "write ! lose, ! end or ! resume");
}

static int read_set(struct reader *r, struct slice rest)
{
    if (r->script->steps != NULL)
        return COMPLAIN(r, "settings come before the first client");
    while (rest.len > 0) {
        struct setting *s = arena_alloc(r->arena, sizeof(*s));
        struct slice pair = word(&rest);
        if (s == NULL)
            return ERR_TOO_BIG;
        s->line = r->line;
        if (!cut_pair(&s->name, &s->value, pair))
            return COMPLAIN(r, "'%.*s' is no setting: write name=value", TEXT(pair));
        *r->settings_end = s;
        r->settings_end = &s->next;
    }
    return 0;
}

/* Longer marks first. */
static const struct {
    struct slice mark;
    int (*read)(struct reader *r, struct slice rest);
} marks[] = {
    { SLICE("=<"), read_http },
    { SLICE("="), read_http },
    { SLICE(">?"), read_ask },
    { SLICE(">"), read_send },
    { SLICE("<?"), read_answer },
    { SLICE("<!"), read_refused },
    { SLICE("<"), read_hear },
    { SLICE("~"), read_wait },
    { SLICE("!"), read_fate },
    { SLICE("@"), read_client },
    { SLICE("set "), read_set },
};

static int read_line(struct reader *r, struct slice line)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (slice_starts(line, marks[i].mark))
            return marks[i].read(r, trim(slice_drop(line, marks[i].mark.len)));
    }
    return COMPLAIN(r, "what is '%.*s'?", TEXT(slice_take(line, 20)));
}

/* Cuts a line off, with the indented ones behind it; gives how many there were. */
static int cut_lines(struct slice *lines, struct slice *rest)
{
    int n = 0;
    size_t len = 0;
    do {
        struct slice line, behind = slice_drop(*rest, len);
        if (!slice_cut(&line, &behind, '\n'))
            break;
        len += line.len + 1;
        n++;
    } while (len < rest->len && (rest->p[len] == ' ' || rest->p[len] == '\t'));
    *lines = slice_take(*rest, len);
    *rest = slice_drop(*rest, len);
    return n;
}

int script_parse(struct script *out, struct buf *why, struct arena *arena, struct slice text)
{
    struct reader r = { .script = out, .why = why, .arena = arena, .rest = text, .line = 1 };
    r.end = &out->steps;
    r.settings_end = &out->settings;
    if (!slice_starts(text, S("# ")))
        return COMPLAIN(&r, "the first line is a sentence: # What must hold.");
    int err = 0;
    while (r.rest.len > 0 && !err) {
        struct slice lines;
        int n = cut_lines(&lines, &r.rest);
        lines = trim(lines);
        if (r.line == 1)
            out->sentence = trim(slice_drop(lines, 1));
        else if (lines.len > 0 && lines.p[0] != '#')
            err = read_line(&r, lines);
        r.line += n;
    }
    return err;
}
