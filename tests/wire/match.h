/* JSON that is expected against JSON that came, and values that are remembered by a name. In what
 * is expected "*" is any value, the member "*":"*" any further members, "..." as the last element
 * any further elements, "$x" the value x (any, if it has none yet: then it is x from now on); "$$x"
 * is the text "$x", "$*" the text "*". */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

#define NAMES_MAX 256

struct names {
    struct arena *arena;
    unsigned n;
    struct {
        struct slice name;
        struct slice json;
        bool is_unheard; /* a client would not know it */
    } at[NAMES_MAX];
};

/* NULL: it has no value. */
const struct slice *names_find(const struct names *n, struct slice name);

/* Both are *copied*. */
int names_set(struct names *n, struct slice name, struct slice json) MUST_CHECK;
int names_set_text(struct names *n, struct slice name, struct slice text) MUST_CHECK;

/* Until it is heard: it is compared with what comes, and cannot be filled in. */
void names_hide(struct names *n, struct slice name);

/* `json` with the values of its names in their places; what is no JSON stays as it is.
 * ERR_NOT_FOUND: `unknown` has no value, or was not heard. */
int names_fill(
    struct slice *out, struct slice *unknown, struct names *n, struct slice json) MUST_CHECK;

/* Whether it is what is expected; if not, `diff` has a line for each difference. */
bool match_json(struct buf *diff, struct names *n, struct slice want, struct slice got);
