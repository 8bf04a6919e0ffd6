#include "suggest.h"

#include "tap.h"

static const char *const names[] = { "port", "host", "data", "tls.cert", "tls.key",
    "limits.body-bytes", "limits.header-bytes", "trusted-proxies" };

struct suggest_case {
    const char *word;
    const char *best; /* NULL: none */
};

static const struct suggest_case cases[] = {
    { .word = "prot", .best = "port" },                         /* swapped */
    { .word = "por", .best = "port" },                          /* missing */
    { .word = "portt", .best = "port" },                        /* added */
    { .word = "pork", .best = "port" },                         /* wrong */
    { .word = "port", .best = "port" },                         /* the name itself */
    { .word = "limits.bdy-byte", .best = "limits.body-bytes" }, /* two letters */
    { .word = "body-bytes", .best = "limits.body-bytes" },      /* without its section */
    { .word = "cert", .best = "tls.cert" },
    { .word = "truste-proxy", .best = "trusted-proxies" },
    { .word = "zzzz", .best = NULL },
    { .word = "pxyt", .best = NULL }, /* half of the letters */
    { .word = "x", .best = NULL },
    { .word = "", .best = NULL },
    { .word = "ey", .best = NULL }, /* an end too short to mean anything */
    { .word = "0123456789012345678901234567890123456789012345678901234567890123456789",
        .best = NULL },
};

static void every_case(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct suggest s;
        suggest_init(&s, slice_str(cases[i].word));
        for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
            suggest_offer(&s, slice_str(names[k]));
        is_str(suggest_best(&s), cases[i].best, "'%s'", cases[i].word);
    }
}

/* Distance is judged at the longest names that fit, and not beyond. */
static void longest_names(void)
{
    char word[SUGGEST_MAX_BYTES + 1];
    char name[SUGGEST_MAX_BYTES + 1];
    struct suggest s;
    memset(word, 'a', sizeof(word));
    memset(name, 'a', sizeof(name));
    name[10] = 'b';
    suggest_init(&s, slice_of(word, SUGGEST_MAX_BYTES));
    suggest_offer(&s, slice_of(name, SUGGEST_MAX_BYTES + 1));
    ok(suggest_best(&s) == NULL, "a name beyond the limit is not judged");
    suggest_offer(&s, slice_of(name, SUGGEST_MAX_BYTES));
    is_int(s.distance, 1, "one at the limit is");
    suggest_init(&s, slice_of(word, SUGGEST_MAX_BYTES + 1));
    suggest_offer(&s, slice_of(name, SUGGEST_MAX_BYTES));
    ok(suggest_best(&s) == NULL, "a word beyond the limit is not judged");
}

int main(void)
{
    every_case();
    longest_names();
    return done();
}
