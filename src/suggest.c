#include "suggest.h"

enum { FAR = SUGGEST_MAX_BYTES, END_LETTERS = 3 };

void suggest_init(struct suggest *s, struct slice word)
{
    *s = (struct suggest){ .word = word, .distance = FAR };
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* A row of the distance table; entry j is the distance to the first j bytes of the name. */
struct row {
    unsigned at[SUGGEST_MAX_BYTES + 1];
};

static unsigned cell(
    const struct row rows[3], struct slice word, struct slice name, size_t i, size_t j)
{
    const struct row *now = &rows[i % 3];
    const struct row *before = &rows[(i + 2) % 3];
    char w = word.p[i - 1];
    char n = name.p[j - 1];
    unsigned d = least(now->at[j - 1], before->at[j]) + 1;
    d = least(d, before->at[j - 1] + (w != n));
    if (i > 1 && j > 1 && w == name.p[j - 2] && word.p[i - 2] == n)
        d = least(d, rows[(i + 1) % 3].at[j - 2] + 1);
    return d;
}

/* Edit distance where a swap of neighbours counts once; both are at most SUGGEST_MAX_BYTES. */
static unsigned edit_distance(struct slice word, struct slice name)
{
    struct row rows[3] = { 0 };
    for (unsigned j = 0; j <= name.len; j++)
        rows[0].at[j] = j;
    for (unsigned i = 1; i <= word.len; i++) {
        rows[i % 3].at[0] = i;
        for (size_t j = 1; j <= name.len; j++)
            rows[i % 3].at[j] = cell(rows, word, name, i, j);
    }
    return rows[word.len % 3].at[name.len];
}

/* "cert" for "tls-cert": the right word in the wrong place. */
static bool is_end_of(struct slice word, struct slice name)
{
    if (word.len < END_LETTERS || name.len <= word.len || !slice_ends(name, word))
        return false;
    char before = name.p[name.len - word.len - 1];
    return before == '-' || before == '.';
}

void suggest_offer(struct suggest *s, struct slice name)
{
    if (s->word.len > SUGGEST_MAX_BYTES || name.len > SUGGEST_MAX_BYTES)
        return;
    unsigned d = is_end_of(s->word, name) ? 1 : edit_distance(s->word, name);
    if (d >= s->distance)
        return;
    s->distance = d;
    memcpy(s->best, name.p, name.len);
    s->best[name.len] = '\0';
}

/* A third of the letters may be wrong, and at least one. */
const char *suggest_best(const struct suggest *s)
{
    size_t allowed = s->word.len < 3 ? 1 : s->word.len / 3;
    return s->distance <= allowed && s->word.len > 1 ? s->best : NULL;
}
