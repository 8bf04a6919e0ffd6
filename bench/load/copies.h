/* Messages to rooms, for the protocols that carry them: which rooms a connection sits in, what it
 * says next, and what it must hear of others. */
#pragma once

#include "load.h"

struct flag {
    const char *sender; /* its number */
    size_t room;
    int is_set;
};

size_t copies_count_rooms(const struct load *l, size_t n_conns);
unsigned copies_rooms_of(const struct load *l, const struct conn *c);
void copies_prepare(struct load *l); /* texts that say who sent them */
void copies_connected(struct load *l, struct conn *c);
void copies_begin(struct load *l, struct conn *c); /* c says its next message to its next room */
void copies_came(struct load *l, struct conn *c, const char *text); /* opt.size bytes to read */
void copies_flag_came(struct load *l, struct conn *c, const struct flag *flag);
void copies_put_number(char out[NUMBER_CHARS], size_t number);
int copies_flag(const struct load *l, size_t n); /* of a sender's message n */
