/* Both texts become trees; the trees are compared member by member. */
#include "match.h"

#include "base/json_read.h"
#include "base/json_write.h"

#define SHOWN_BYTES     200
#define FILL_MAX_BYTES  (24u << 20)
#define DIFFERENCES_MAX 12

struct node {
    struct json_value value; /* objects and arrays without `raw` */
    struct slice key;        /* decoded */
    struct slice text;       /* of a string, decoded */
    struct slice source;     /* as written */
    struct node *children;
    struct node *next;
};

struct match {
    struct buf *diff;
    struct names *names;
    unsigned n_differences;
};

/* ---- names ---- */

static unsigned index_of(const struct names *n, struct slice name)
{
    unsigned i = 0;
    while (i < n->n && !slice_eq(n->at[i].name, name))
        i++;
    return i;
}

const struct slice *names_find(const struct names *n, struct slice name)
{
    unsigned i = index_of(n, name);
    return i < n->n && !n->at[i].is_unheard ? &n->at[i].json : NULL;
}

void names_hide(struct names *n, struct slice name)
{
    unsigned i = index_of(n, name);
    if (i < n->n)
        n->at[i].is_unheard = true;
}

int names_set(struct names *n, struct slice name, struct slice json)
{
    unsigned i = index_of(n, name);
    if (i == NAMES_MAX)
        return ERR_TOO_MANY;
    int err = arena_copy(&n->at[i].name, n->arena, name);
    if (!err)
        err = arena_copy(&n->at[i].json, n->arena, json);
    n->at[i].is_unheard = false;
    if (!err && i == n->n)
        n->n++;
    return err;
}

int names_set_text(struct names *n, struct slice name, struct slice text)
{
    struct buf json;
    struct json_writer w;
    buf_init(&json, FILL_MAX_BYTES);
    jw_init(&w, &json);
    jw_str(&w, text);
    int err = buf_err(&json);
    if (!err)
        err = names_set(n, name, buf_slice(&json));
    buf_fini(&json);
    return err;
}

/* What a text of ours stands for. */
enum meaning { MEANS_ITSELF, MEANS_ANY, MEANS_NAME };

static enum meaning meaning_of(struct slice *text)
{
    if (slice_eq(*text, S("*")))
        return MEANS_ANY;
    if (text->len < 2 || text->p[0] != '$')
        return MEANS_ITSELF;
    *text = slice_drop(*text, 1);
    return text->p[0] == '$' || text->p[0] == '*' ? MEANS_ITSELF : MEANS_NAME;
}

/* ---- filling in ---- */

static int fill_text(
    struct json_writer *w, struct slice *unknown, struct names *n, const struct json_value *v)
{
    struct slice text;
    int err = json_text(&text, n->arena, v);
    if (err)
        return err;
    switch (meaning_of(&text)) {
    case MEANS_ANY:
        jw_str(w, S("*"));
        return 0;
    case MEANS_ITSELF:
        jw_str(w, text);
        return 0;
    case MEANS_NAME:
        break;
    }
    const struct slice *json = names_find(n, text);
    *unknown = text;
    jw_raw(w, json != NULL ? *json : S("null"));
    return json != NULL ? 0 : ERR_NOT_FOUND;
}

static int fill_token(
    struct json_writer *w, struct slice *unknown, struct names *n, const struct json_value *v)
{
    struct slice key;
    int err = 0;
    if (v->type == JSON_OBJECT)
        jw_object(w);
    else if (v->type == JSON_ARRAY)
        jw_array(w);
    else if (v->type == JSON_OBJECT_END || v->type == JSON_ARRAY_END)
        jw_end(w);
    else if (v->type == JSON_STRING)
        err = fill_text(w, unknown, n, v);
    else if (v->type != JSON_KEY)
        jw_raw(w, json_source(v));
    else if ((err = json_text(&key, n->arena, v)) == 0)
        jw_key(w, key);
    return err;
}

int names_fill(struct slice *out, struct slice *unknown, struct names *n, struct slice json)
{
    struct json j;
    struct json_value v;
    struct json_writer w;
    struct buf buf;
    int err = 0;
    *out = json;
    if (json_read_whole(&v, json, n->arena))
        return 0;
    buf_init(&buf, FILL_MAX_BYTES);
    jw_init(&w, &buf);
    json_init(&j, json, n->arena);
    while (!err && json_next(&v, &j) > JSON_END)
        err = fill_token(&w, unknown, n, &v);
    if (!err)
        err = buf_err(&buf);
    if (!err)
        err = arena_copy(out, n->arena, buf_slice(&buf));
    buf_fini(&buf);
    return err;
}

/* ---- trees ---- */

static struct node *read_node(struct json *j, const struct json_value *v, struct arena *arena);

static int read_children(struct node *n, struct json *j, struct arena *arena)
{
    struct node **end = &n->children;
    struct slice key = S("");
    struct json_value v;
    while (json_next(&v, j) > JSON_END && v.type != JSON_OBJECT_END && v.type != JSON_ARRAY_END) {
        if (v.type == JSON_KEY) {
            int err = json_text(&key, arena, &v);
            if (err)
                return err;
            continue;
        }
        struct node *child = read_node(j, &v, arena);
        if (child == NULL)
            return ERR_BAD_JSON;
        child->key = key;
        *end = child;
        end = &child->next;
    }
    return json_err(j);
}

/* NULL: it is no JSON. */
static struct node *read_node(struct json *j, const struct json_value *v, struct arena *arena)
{
    struct node *n = arena_alloc(arena, sizeof(*n));
    if (n == NULL)
        return NULL;
    const char *start = j->start + json_at(j) - 1;
    n->value = *v;
    if (v->type == JSON_STRING && json_text(&n->text, arena, v))
        return NULL;
    if (v->type != JSON_OBJECT && v->type != JSON_ARRAY) {
        n->source = json_source(v);
        return n;
    }
    if (read_children(n, j, arena))
        return NULL;
    n->source = slice_of(start, (size_t)(j->start + json_at(j) - start));
    return n;
}

static struct node *read_tree(struct slice text, struct arena *arena)
{
    struct json j;
    struct json_value v;
    json_init(&j, text, arena);
    if (json_next(&v, &j) <= JSON_END)
        return NULL;
    struct node *n = read_node(&j, &v, arena);
    return n != NULL && json_next(&v, &j) == JSON_END ? n : NULL;
}

static struct node *child_of(const struct node *n, struct slice key)
{
    struct node *child = n->children;
    while (child != NULL && !slice_eq(child->key, key))
        child = child->next;
    return child;
}

/* ---- comparing ---- */

/* Where a value stands: its key, and that of all around it. */
struct place {
    const struct place *around;
    struct slice key;
    unsigned index;
    bool is_element;
};

static void say_place(struct buf *out, const struct place *p)
{
    if (p == NULL)
        return;
    say_place(out, p->around);
    if (p->is_element) {
        buf_add_char(out, '[');
        buf_add_u64(out, p->index);
        buf_add_char(out, ']');
    } else {
        buf_add_char(out, '.');
        buf_add_slice(out, p->key);
    }
}

static void say_value(struct buf *out, struct slice json)
{
    for (size_t i = 0; i < json.len && i < SHOWN_BYTES; i++)
        buf_add_char(out, json.p[i] == '\n' ? ' ' : json.p[i]);
    if (json.len > SHOWN_BYTES)
        buf_add_str(out, "...");
}

static bool differ(
    struct match *m, const struct place *at, const struct node *want, const struct node *got)
{
    if (m->n_differences++ >= DIFFERENCES_MAX)
        return false;
    buf_add_str(m->diff, "    ");
    say_place(m->diff, at);
    if (at == NULL)
        buf_add_str(m->diff, "all of it");
    if (got == NULL) {
        buf_add_str(m->diff, " is missing; want ");
        say_value(m->diff, want->source);
    } else if (want == NULL) {
        buf_add_str(m->diff, " is not expected; got ");
        say_value(m->diff, got->source);
    } else {
        buf_add_str(m->diff, ": want ");
        say_value(m->diff, want->source);
        buf_add_str(m->diff, ", got ");
        say_value(m->diff, got->source);
    }
    buf_add_char(m->diff, '\n');
    return false;
}

static bool is_equal_number(const struct node *a, const struct node *b)
{
    int64_t i = 0, k = 0;
    double x = 0, y = 0;
    if (!json_int(&i, &a->value) && !json_int(&k, &b->value))
        return i == k;
    return !json_double(&x, &a->value) && !json_double(&y, &b->value) && x == y;
}

static bool match_node(
    struct match *m, const struct place *at, const struct node *want, const struct node *got);

static bool match_members(
    struct match *m, const struct place *at, const struct node *want, const struct node *got)
{
    const struct node *star = child_of(want, S("*"));
    bool is_open = star != NULL && slice_eq(star->text, S("*"));
    bool is_same = true;
    for (const struct node *w = want->children; w != NULL; w = w->next) {
        struct place here = { .around = at, .key = w->key };
        const struct node *g = child_of(got, w->key);
        if (w == star && is_open)
            continue;
        if (g == NULL)
            is_same = differ(m, &here, w, NULL);
        else
            is_same &= match_node(m, &here, w, g);
    }
    for (const struct node *g = got->children; g != NULL && !is_open; g = g->next) {
        struct place here = { .around = at, .key = g->key };
        if (child_of(want, g->key) == NULL)
            is_same = differ(m, &here, NULL, g);
    }
    return is_same;
}

static bool match_elements(
    struct match *m, const struct place *at, const struct node *want, const struct node *got)
{
    const struct node *w = want->children, *g = got->children;
    struct place here = { .around = at, .is_element = true };
    bool is_same = true;
    for (; w != NULL || g != NULL; here.index++) {
        if (w != NULL && w->next == NULL && slice_eq(w->text, S("...")))
            break;
        if (w == NULL || g == NULL)
            is_same = differ(m, &here, w, g);
        else
            is_same &= match_node(m, &here, w, g);
        w = w != NULL ? w->next : NULL;
        g = g != NULL ? g->next : NULL;
    }
    return is_same;
}

/* The value has that name from now on, or is the one that has it. */
static bool match_name(struct match *m, const struct place *at, const struct node *want,
    const struct node *got, struct slice name)
{
    unsigned i = index_of(m->names, name);
    if (i == m->names->n)
        return names_set(m->names, name, got->source) == 0;
    struct node *value = read_tree(m->names->at[i].json, m->names->arena);
    m->names->at[i].is_unheard = false;
    if (value == NULL)
        return differ(m, at, want, got);
    if (value->value.type == JSON_STRING && got->value.type == JSON_STRING)
        return slice_eq(value->text, got->text) || differ(m, at, value, got);
    return match_node(m, at, value, got);
}

static bool match_node(
    struct match *m, const struct place *at, const struct node *want, const struct node *got)
{
    struct slice text = want->text;
    enum meaning meaning = want->value.type == JSON_STRING ? meaning_of(&text) : MEANS_ITSELF;
    if (meaning == MEANS_ANY)
        return true;
    if (meaning == MEANS_NAME)
        return match_name(m, at, want, got, text);
    if (want->value.type != got->value.type)
        return differ(m, at, want, got);
    if (want->value.type == JSON_OBJECT)
        return match_members(m, at, want, got);
    if (want->value.type == JSON_ARRAY)
        return match_elements(m, at, want, got);
    if (want->value.type == JSON_STRING)
        return slice_eq(text, got->text) || differ(m, at, want, got);
    if (want->value.type == JSON_NUMBER)
        return is_equal_number(want, got) || differ(m, at, want, got);
    return true;
}

bool match_json(struct buf *diff, struct names *n, struct slice want, struct slice got)
{
    struct match m = { .diff = diff, .names = n };
    const struct node *w = read_tree(want, n->arena);
    const struct node *g = read_tree(got, n->arena);
    if (w == NULL)
        buf_add_str(diff, "    what is expected is no JSON\n");
    if (g == NULL)
        buf_add_str(diff, "    what came is no JSON\n");
    return w != NULL && g != NULL && match_node(&m, NULL, w, g);
}
