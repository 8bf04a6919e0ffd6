/* Lists that come from the store in pages: rooms and messages. A page ends early when it has grown
 * large; `nextCursor` then goes on from there. Used by the files web/rest_*.c. */
#pragma once

#include "web/rest_gather.h"

#define REST_CURSOR_MAX 64 /* characters: a room's id, or a number */

/* What every list takes; lies first in the arguments, or is all of them. */
struct rest_page {
    int64_t limit;
    struct slice cursor;
    struct slice sought; /* of messages: those with this text; empty: all */
};

/* clang-format off */
#define REST_PAGE_LIMIT(struct_type, member)                                                       \
    { .name = "limit", FIELD_MEMBER(struct_type, member), .type = FIELD_INT, .min = 1,             \
      .max = 1000000, .preset = "50", .help = "how many at most; more than 200 are never given" }
#define REST_PAGE_BEFORE(struct_type, member)                                                      \
    { .name = "before", .aliases = { "cursor" }, FIELD_MEMBER(struct_type, member),                \
      .type = FIELD_STR, .max = REST_CURSOR_MAX,                                                   \
      .help = "the nextCursor of the page before: older ones follow" }
/* clang-format on */

extern const struct fields rest_page_fields; /* of a struct rest_page */

/* Writes one into an open object. Both are *lent*. */
struct rest_list {
    const char *name; /* of the array in the answer */
    rest_put_fn *put_room;
    void (*put_message)(struct json_writer *w, struct slice room_id, const struct store_message *m);
};

/* Public rooms and the asker's own, newest first. `list` is static. ERR_RATE_LIMITED. */
int rest_list_rooms(
    struct rest *c, const struct rest_list *list, const struct rest_page *page) MUST_CHECK;

/* Messages of c->room that the asker may read, oldest first; the cursor leads to older ones.
 * ERR_BAD_FIELD: no cursor of ours; ERR_RATE_LIMITED: of a search; and what rest_may_read() says.
 */
int rest_list_messages(
    struct rest *c, const struct rest_list *list, const struct rest_page *page) MUST_CHECK;
