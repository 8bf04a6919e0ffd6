/* Who somebody is, for as long as a session or a request knows it: from a token, a cookie or a
 * guest's own words, never from the payload of a message. Not an account (that is a row of the
 * store) and not a member (that is somebody in a room). Used by hub/, dialect/ and web/. */
#pragma once

#include "base/slice.h"
#include "room/room.h"

/* Who may come in. */
enum auth_mode {
    AUTH_OPEN,     /* everybody; what belongs to nobody, anybody may end */
    AUTH_OPTIONAL, /* everybody: with a token as an account, without one as a guest */
    AUTH_REQUIRED, /* only who has a token */
};

/* *borrows* its texts, from the token's arena or from whoever made it. */
struct identity {
    struct slice user_id;    /* 1 to ROOM_USER_ID_MAX bytes, see identity_is_id() */
    struct slice name;       /* 1 to ROOM_NAME_MAX characters, one line */
    struct slice avatar_url; /* "" where there is none */
    bool is_guest;           /* has no account, and cannot own anything */
    bool is_admin;           /* may do in every room what its hosts may; never a guest */
    struct slice token_id;   /* of the token that says all this; "": none does */
    int64_t issued_at_ms;    /* when that was made; 0: it does not say */
};

/* Letters, digits and - _ . : @ + = ~ |, as FIELD_ID has them. */
bool identity_is_id(struct slice text);
bool identity_is_name(struct slice text);
bool identity_is_avatar(struct slice text); /* an address as in room/text.h, or "" */

/* What a token may be called: 1 to IDENTITY_TOKEN_MAX of the same characters. */
#define IDENTITY_TOKEN_MAX 64
bool identity_is_token_id(struct slice text);

/* All of it. ERR_BAD_VALUE. */
int identity_check(const struct identity *who) MUST_CHECK;
