#include "base/panic.h"
#include "room/parts.h"

/* The letters of verb.def. */
enum {
    O = 1u << ROLE_OUTSIDER,
    W = 1u << ROLE_WAITING,
    P = 1u << ROLE_PARTICIPANT,
    C = 1u << ROLE_COHOST,
    H = 1u << ROLE_HOST,
    R = VERB_BY_ROOM,
    WAITING = 1u << ROOM_WAITING,
    LIVE = 1u << ROOM_LIVE,
    ENDED = 1u << ROOM_ENDED,
};

static const struct verb_info infos[VERB_COUNT] = {
#define VERB(id, who, states_, rate_, durability_) \
    [VERB_##id] = { .name = #id,                   \
        .roles = who,                              \
        .states = states_,                         \
        .rate = RATE_##rate_,                      \
        .durability = DURABILITY_##durability_ },
#include "room/verb.def"
#undef VERB
};

const struct verb_info *verb_info(enum verb verb)
{
    ASSERT(verb < VERB_COUNT);
    return &infos[verb];
}

/* Whoever has power over the room without being in it. */
static bool acts_as_room(const struct room *r, struct slice user_id)
{
    return user_id.len == 0 || member_is_owner(r, user_id);
}

static int may_person(const struct room *r, const struct verb_info *v, struct slice user_id)
{
    enum role role = room_role(r, user_id);
    if (v->roles & 1u << role)
        return 0;
    if (v->roles & VERB_BY_ROOM && acts_as_room(r, user_id))
        return 0;
    if (role == ROLE_OUTSIDER)
        return ERR_NOT_IN_ROOM;
    return role == ROLE_WAITING ? ERR_WAITING_APPROVAL : ERR_NOT_HOST;
}

int room_may(const struct room *r, enum verb verb, struct slice user_id)
{
    const struct verb_info *v = verb_info(verb);
    int err = may_person(r, v, user_id);
    if (err || v->states & 1u << r->status)
        return err;
    return r->status == ROOM_ENDED ? ERR_ROOM_ENDED : ERR_CONFLICT;
}
