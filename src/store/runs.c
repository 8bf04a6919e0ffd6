#include "store/runs.h"

#include "base/panic.h"
#include "base/utf8.h"

#include <stdio.h>

#define REPLACEMENT_BYTES 3 /* of U+FFFD: each of the bytes that it replaces may become so long */

struct run {
    struct run *next;
    enum sql_statement statement;
    unsigned n;
    struct sql_value args[];
};

void runs_init(struct runs *r, size_t max_bytes)
{
    *r = (struct runs){ .err = 0 };
    arena_init(&r->memory, max_bytes);
}

void runs_fini(struct runs *r)
{
    arena_fini(&r->memory);
}

static void *take(struct runs *r, size_t size)
{
    void *p = r->err ? NULL : arena_alloc(&r->memory, size);
    if (p == NULL && !r->err)
        r->err = ERR_NO_MEMORY;
    return p;
}

void runs_add(struct runs *r, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    ASSERT(n <= SQL_MAX_ARGS);
    struct run *run = take(r, sizeof(*run) + n * sizeof(*args));
    if (run == NULL)
        return;
    run->statement = st;
    run->n = n;
    memcpy(run->args, args, n * sizeof(*args));
    if (r->last != NULL)
        r->last->next = run;
    else
        r->first = run;
    r->last = run;
    r->n++;
}

/* ---- texts ---- */

static bool is_clean(struct slice s)
{
    return memchr(s.p, '\0', s.len) == NULL && utf8_is_valid(s);
}

struct slice runs_sought(struct slice text)
{
    return text.len == 0 || is_clean(text) ? text : S("");
}

static struct slice cleaned(struct runs *r, struct slice s)
{
    size_t size = s.len * REPLACEMENT_BYTES, len = 0;
    char *out = take(r, size);
    while (out != NULL && s.len > 0) {
        uint32_t c;
        size_t bytes = utf8_decode(&c, s);
        len += utf8_encode(out + len, bytes > 0 && c != 0 ? c : UTF8_REPLACEMENT);
        s = slice_drop(s, bytes > 0 ? bytes : 1);
    }
    if (out != NULL)
        arena_trim(&r->memory, out, size, len);
    return slice_of(out, len);
}

struct slice runs_text(struct runs *r, struct slice text)
{
    if (text.len == 0)
        return S("");
    if (!is_clean(text))
        return cleaned(r, text);
    char *out = take(r, text.len);
    if (out == NULL)
        return S("");
    memcpy(out, text.p, text.len);
    return slice_of(out, text.len);
}

struct slice runs_pair(struct runs *r, struct slice a, struct slice b)
{
    char *out = take(r, a.len + 1 + b.len);
    if (out == NULL)
        return S("");
    if (a.len > 0)
        memcpy(out, a.p, a.len);
    out[a.len] = ':';
    if (b.len > 0)
        memcpy(out + a.len + 1, b.p, b.len);
    return slice_of(out, a.len + 1 + b.len);
}

struct slice runs_pair_u64(struct runs *r, struct slice a, uint64_t b)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%ju", (uintmax_t)b);
    return runs_pair(r, a, slice_of(text, (size_t)len));
}

/* ---- running ---- */

int runs_err(const struct runs *r)
{
    return r->err;
}

uint32_t runs_run(const struct runs *r, struct sql *db)
{
    ASSERT(!r->err && r->n > 0);
    uint32_t first = db->ops->run(db, r->first->statement, r->first->args, r->first->n);
    for (const struct run *run = r->first->next; run != NULL; run = run->next)
        db->ops->run(db, run->statement, run->args, run->n);
    return first;
}
