/* A state machine of one byte of state, `expect`, and one bit per open level. A token is found by
 * its first byte; strings are scanned eight bytes at a time, and their UTF-8 is checked in a second
 * pass only when a byte above 0x7F was seen.
 *
 * Keys seen twice: every key of the open objects is in `seen`, the innermost object's last. A key's
 * hash chooses one of 64 bits of its level; only when that bit is set are the level's keys looked
 * through. At most JSON_MAX_MEMBERS keys bound that walk, whatever the hashes are. */
#include "base/json_read.h"

#include "base/json_number.h"
#include "base/json_text.h"
#include "base/panic.h"
#include "base/utf8.h"

enum {
    EXPECT_VALUE,
    EXPECT_FIRST_ELEMENT, /* or the end of the array */
    EXPECT_FIRST_KEY,     /* or the end of the object */
    EXPECT_COMMA,         /* or an end: a value was read */
    EXPECT_NOTHING,       /* an error was found */
};

void json_init(struct json *j, struct slice text, struct arena *arena)
{
    ASSERT(text.len < UINT32_MAX);
    j->start = text.len > 0 ? text.p : "";
    j->p = j->start;
    j->end = j->start + text.len;
    j->arena = arena;
    j->seen = j->built_in;
    j->seen_n = 0;
    j->seen_max = JSON_KEYS_BUILT_IN;
    j->objects = 0;
    j->depth = 0;
    j->expect = EXPECT_VALUE;
    j->is_known = false;
    j->err = 0;
}

void json_init_known(struct json *j, struct slice text, struct arena *arena)
{
    json_init(j, text, arena);
    j->is_known = true;
}

static enum json_type fail(struct json *j, const char *at, int err)
{
    j->p = at;
    j->err = err;
    j->expect = EXPECT_NOTHING;
    return JSON_ERROR;
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

static bool in_object(const struct json *j)
{
    return j->objects >> (j->depth - 1) & 1;
}

static const char *fail_string(struct json *j, const char *at, int err)
{
    fail(j, at, err);
    return NULL;
}

/* The text between the quotes of a string whose first is at `p`; gives what is behind the last, or
 * NULL after an error. */
static const char *scan_string(struct json_value *v, struct json *j, const char *p)
{
    const char *start = p + 1, *end = j->end;
    v->escaped = false;
    for (p = json_text_plain_end(start, end); p < end && *p != '"';) {
        const char *next = *p == '\\' ? json_text_escape_end(p, end) : NULL;
        if (next == NULL)
            return fail_string(j, p, ERR_BAD_JSON);
        v->escaped = true;
        p = json_text_plain_end(next, end);
    }
    if (p == end)
        return fail_string(j, p, ERR_BAD_JSON);
    v->raw = slice_of(start, (size_t)(p - start));
    size_t valid = utf8_valid_len(v->raw);
    if (valid < v->raw.len)
        return fail_string(j, start + valid, ERR_BAD_UTF8);
    return p + 1;
}

static bool grow_seen(struct json *j)
{
    size_t size = j->seen_max * sizeof(*j->seen);
    struct json_seen *more = j->arena != NULL ? arena_alloc(j->arena, 2 * size) : NULL;
    if (more == NULL)
        return false;
    memcpy(more, j->seen, size);
    j->seen = more;
    j->seen_max *= 2;
    return true;
}

static bool was_seen(const struct json *j, const struct json_seen *key, uint32_t first)
{
    struct slice raw = slice_of(j->start + key->at, key->len);
    for (uint32_t i = first; i < j->seen_n; i++) {
        const struct json_seen *k = &j->seen[i];
        if (k->hash == key->hash && json_text_eq(slice_of(j->start + k->at, k->len), raw))
            return true;
    }
    return false;
}

/* Remembers a key of the innermost object; ERR_BAD_JSON when it has it already. */
static int see_key(struct json *j, struct slice raw)
{
    struct json_level *level = &j->levels[j->depth - 1];
    struct json_seen key = {
        .at = (uint32_t)(raw.p - j->start), .len = (uint32_t)raw.len, .hash = json_text_hash(raw)
    };
    uint64_t bit = 1ull << (key.hash >> 26);
    if (level->seen_bits & bit && was_seen(j, &key, level->first_seen))
        return ERR_BAD_JSON;
    if (j->seen_n - level->first_seen >= JSON_MAX_MEMBERS)
        return ERR_TOO_MANY;
    if (j->seen_n == j->seen_max && !grow_seen(j))
        return j->arena != NULL ? ERR_TOO_BIG : ERR_TOO_MANY;
    level->seen_bits |= bit;
    j->seen[j->seen_n++] = key;
    return 0;
}

static enum json_type read_key(struct json_value *v, struct json *j, const char *p)
{
    if (p == j->end || *p != '"')
        return fail(j, p, ERR_BAD_JSON);
    const char *after = scan_string(v, j, p);
    if (after == NULL)
        return JSON_ERROR;
    int err = see_key(j, v->raw);
    if (err)
        return fail(j, p, err);
    after = skip_space(after, j->end);
    if (after == j->end || *after != ':')
        return fail(j, after, ERR_BAD_JSON);
    j->p = after + 1;
    j->expect = EXPECT_VALUE;
    return JSON_KEY;
}

static enum json_type open_level(struct json_value *v, struct json *j, const char *p)
{
    bool object = *p == '{';
    if (j->depth == JSON_MAX_DEPTH)
        return fail(j, p, ERR_TOO_DEEP);
    uint32_t bit = 1u << j->depth;
    j->objects = object ? j->objects | bit : j->objects & ~bit;
    j->levels[j->depth++] = (struct json_level){ .first_seen = j->seen_n };
    j->expect = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
    j->p = p + 1;
    v->raw = slice_of(p, 1);
    return object ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_type close_level(struct json_value *v, struct json *j, const char *p)
{
    bool object = in_object(j);
    if (*p != (object ? '}' : ']'))
        return fail(j, p, ERR_BAD_JSON);
    j->seen_n = j->levels[--j->depth].first_seen;
    j->expect = EXPECT_COMMA;
    j->p = p + 1;
    v->raw = slice_of(p, 1);
    return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

/* A value from `p` to `after`, which is NULL when there is none. */
static enum json_type scalar(
    struct json_value *v, struct json *j, enum json_type type, const char *after)
{
    if (after == NULL)
        return j->err ? JSON_ERROR : fail(j, j->p, ERR_BAD_JSON);
    if (type != JSON_STRING)
        v->raw = slice_of(j->p, (size_t)(after - j->p));
    j->p = after;
    j->expect = EXPECT_COMMA;
    return type;
}

static const char *word_end(const struct json *j, struct slice word)
{
    bool is = slice_starts(slice_of(j->p, (size_t)(j->end - j->p)), word);
    return is ? j->p + word.len : NULL;
}

static enum json_type read_value(struct json_value *v, struct json *j, const char *p)
{
    j->p = p;
    v->escaped = false;
    if (p == j->end)
        return fail(j, p, ERR_BAD_JSON);
    switch (*p) {
    case '"':
        return scalar(v, j, JSON_STRING, scan_string(v, j, p));
    case '{':
    case '[':
        return open_level(v, j, p);
    case 't':
        return scalar(v, j, JSON_TRUE, word_end(j, S("true")));
    case 'f':
        return scalar(v, j, JSON_FALSE, word_end(j, S("false")));
    case 'n':
        return scalar(v, j, JSON_NULL, word_end(j, S("null")));
    default:
        return scalar(v, j, JSON_NUMBER, json_number_end(p, j->end));
    }
}

/* Behind a value: a comma and what follows, an end, or the end of the text. */
static enum json_type read_on(struct json_value *v, struct json *j, const char *p)
{
    if (j->depth == 0) {
        j->p = p;
        return p == j->end ? JSON_END : fail(j, p, ERR_BAD_JSON);
    }
    if (p == j->end)
        return fail(j, p, ERR_BAD_JSON);
    if (*p != ',')
        return close_level(v, j, p);
    p = skip_space(p + 1, j->end);
    return in_object(j) ? read_key(v, j, p) : read_value(v, j, p);
}

static inline enum json_type next(struct json_value *v, struct json *j)
{
    const char *p = skip_space(j->p, j->end);
    switch (j->expect) {
    case EXPECT_VALUE:
        return read_value(v, j, p);
    case EXPECT_COMMA:
        return read_on(v, j, p);
    case EXPECT_FIRST_KEY:
        return p < j->end && *p == '}' ? close_level(v, j, p) : read_key(v, j, p);
    case EXPECT_FIRST_ELEMENT:
        return p < j->end && *p == ']' ? close_level(v, j, p) : read_value(v, j, p);
    default:
        return JSON_ERROR;
    }
}

enum json_type json_next(struct json_value *v, struct json *j)
{
    v->type = next(v, j);
    return v->type;
}

/* Behind the string that begins before `p`; NULL: it does not end. */
static const char *pass_string(const char *p, const char *end)
{
    while (p < end && *p != '"')
        p += *p == '\\' ? 2 : 1;
    return p < end ? p + 1 : NULL;
}

/* Behind the end of the level that begins before `p`; NULL: it does not end. */
static const char *pass_level(const char *p, const char *end)
{
    static const char marks[256] = {
        ['"'] = '"', ['['] = '[', ['{'] = '[', [']'] = ']', ['}'] = ']'
    };
    unsigned depth = 1;
    while (p != NULL && p < end && depth > 0) {
        char mark = marks[(unsigned char)*p++];
        if (mark == 0)
            continue;
        if (mark == '"')
            p = pass_string(p, end);
        else
            depth += mark == '[' ? 1u : -1u;
    }
    return depth == 0 ? p : NULL;
}

/* The same as reading on to the end of the innermost level. */
static bool pass_rest(struct json *j)
{
    const char *after = pass_level(j->p, j->end);
    if (after == NULL) {
        fail(j, j->end, ERR_BAD_JSON);
        return false;
    }
    j->seen_n = j->levels[--j->depth].first_seen;
    j->expect = EXPECT_COMMA;
    j->p = after;
    return true;
}

static bool read_rest(struct json *j)
{
    struct json_value inner;
    for (unsigned outside = j->depth - 1u; j->depth > outside;) {
        if (next(&inner, j) == JSON_ERROR)
            return false;
    }
    return true;
}

enum json_type json_read_rest(struct json_value *v, struct json *j)
{
    ASSERT(v->type == JSON_OBJECT || v->type == JSON_ARRAY);
    if (!(j->is_known ? pass_rest(j) : read_rest(j)))
        return v->type = JSON_ERROR;
    v->raw.len = (size_t)(j->p - v->raw.p);
    return v->type;
}

enum json_type json_next_whole(struct json_value *v, struct json *j)
{
    v->type = next(v, j);
    return v->type == JSON_OBJECT || v->type == JSON_ARRAY ? json_read_rest(v, j) : v->type;
}

int json_err(const struct json *j)
{
    return j->err;
}

size_t json_at(const struct json *j)
{
    return (size_t)(j->p - j->start);
}

int json_read_whole(struct json_value *v, struct slice text, struct arena *arena)
{
    struct json j;
    struct json_value end;
    json_init(&j, text, arena);
    if (json_next_whole(v, &j) != JSON_ERROR)
        json_next(&end, &j);
    return json_err(&j);
}

static bool is_text(const struct json_value *v)
{
    return v->type == JSON_STRING || v->type == JSON_KEY;
}

int json_text(struct slice *out, struct arena *arena, const struct json_value *v)
{
    if (!is_text(v))
        return ERR_BAD_VALUE;
    if (v->escaped)
        return json_text_decode(out, arena, v->raw);
    *out = v->raw;
    return 0;
}

bool json_is(const struct json_value *v, struct slice text)
{
    if (!is_text(v))
        return false;
    return v->escaped ? json_text_means(v->raw, text) : slice_eq(v->raw, text);
}

int json_int(int64_t *out, const struct json_value *v)
{
    return v->type == JSON_NUMBER ? json_number_int(out, v->raw) : ERR_BAD_VALUE;
}

int json_double(double *out, const struct json_value *v)
{
    return v->type == JSON_NUMBER ? json_number_double(out, v->raw) : ERR_BAD_VALUE;
}

struct slice json_source(const struct json_value *v)
{
    return is_text(v) ? slice_of(v->raw.p - 1, v->raw.len + 2) : v->raw;
}
