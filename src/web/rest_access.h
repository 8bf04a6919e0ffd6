/* Who may see and do what in a room from outside of it, and how a room looks to the asker of a REST
 * call. A room without an owner is ruled by whoever holds its creation key, which its maker is
 * given once, in the answer and as a cookie. Used by the files web/rest_*.c. */
#pragma once

#include "dialect/study/study.h"
#include "web/rest.h"

#define REST_CREATOR_COOKIE "stoa_creator"
#define REST_CREATOR_KEYS   8 /* of the newest rooms, that the cookie holds */

enum rest_sight {
    REST_SEES_DOOR, /* that there is such a room, what it is called, how one gets in */
    REST_SEES_ALL,
};

/* What keys the request shows, copied into its arena: its head may go before it is answered. */
int rest_find_keys(struct rest *c) MUST_CHECK;

/* A member, the owner, an administrator or the holder of the creation key sees all; everybody does
 * where everybody may come in. */
enum rest_sight rest_sight(const struct rest *c, const struct study_room *r);

/* 0, or why c->room is not to be read: ERR_KICKED, ERR_WAITING_APPROVAL, ERR_NOT_IN_ROOM. */
int rest_may_read(struct rest *c) MUST_CHECK;

/* 0, or why nothing is to be brought into c->room from outside of it: ERR_ROOM_ENDED, ERR_KICKED,
 * ERR_WAITING_APPROVAL, ERR_NOT_IN_ROOM. Members may, and everybody where everybody may come in. */
int rest_may_write(struct rest *c) MUST_CHECK;

/* As whom the asker may rule c->room: a user id, or the room itself (empty). ERR_FORBIDDEN. */
int rest_rule(struct slice *as, struct rest *c) MUST_CHECK;

/* 0, or why the asker is not told what people did in c->room: ERR_FORBIDDEN, and what
 * rest_may_read() says. Its hosts and cohosts may who are there, its owner, an administrator, and
 * where nobody owns it whoever holds its key. */
int rest_may_oversee(struct rest *c) MUST_CHECK;

/* The asker's user id where it is an account's; else empty. */
struct slice rest_account(const struct rest *c);

/* What the asker is in c->room; NULL: unknown there. */
const struct member *rest_member(const struct rest *c);

/* The members of a room object, or of its door, into an open object. */
void rest_put_room(struct json_writer *w, const struct rest *c, const struct study_room *r);

/* Of a room that is not in memory, as the store has it. */
struct study_room rest_stored_room(const struct store_room *s);

/* Of a room that the asker has just made without an account: `creationKey` into the answer, and the
 * cookie beside it. Nothing of others. */
void rest_give_key(struct rest *c, struct json_writer *w);
