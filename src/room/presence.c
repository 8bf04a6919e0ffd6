#include "room/parts.h"
#include "room/text.h"

#define SIGNAL_KIND_MAX 32 /* characters */

/* What only somebody with a seat can do, from that seat. */
static int may_from_seat(const struct room *r, enum verb verb, const struct deed *d)
{
    int err = room_may(r, verb, d->user_id);
    if (!err && room_seat(room_member(r, d->user_id), d->seat) == NULL)
        err = ERR_NOT_IN_ROOM;
    return err;
}

static int check_mute_kind(struct slice kind)
{
    static const struct slice kinds[] = { SLICE("audio"), SLICE("video"), SLICE("screen") };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_eq(kind, kinds[i]))
            return 0;
    }
    return ERR_BAD_FIELD;
}

int room_mute(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice kind)
{
    int err = room_may(r, VERB_MUTE, d->user_id);
    if (!err)
        err = check_mute_kind(kind);
    if (err)
        return err;
    const struct member *m = room_member(r, target);
    if (m == NULL || !member_is_inside(m))
        return ERR_NOT_FOUND;
    struct event *e = room_begin(out, EV_MUTED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = target;
    e->muted.kind = kind;
    return room_emit(r, e);
}

int room_hand(struct events *out, struct room *r, const struct deed *d, bool is_raised)
{
    int err = may_from_seat(r, VERB_HAND, d);
    if (err || room_member(r, d->user_id)->hand == is_raised)
        return err; /* who raises it twice stays where it was in the queue */
    struct event *e = room_begin(out, EV_HAND, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->hand.is_raised = is_raised;
    return room_emit(r, e);
}

int room_set_media(
    struct events *out, struct room *r, const struct deed *d, const struct room_media *a)
{
    int err = may_from_seat(r, VERB_MEDIA, d);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_MEDIA, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->media.audio = a->audio;
    e->media.video = a->video;
    e->media.screen = a->screen;
    return room_emit(r, e);
}

int room_typing(struct events *out, struct room *r, const struct deed *d, bool is_typing)
{
    int err = may_from_seat(r, VERB_TYPING, d);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_TYPING, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->typing.is_typing = is_typing;
    return room_emit(r, e);
}

int room_signal(
    struct events *out, struct room *r, const struct deed *d, const struct room_signal *a)
{
    int err = may_from_seat(r, VERB_SIGNAL, d);
    if (!err)
        err = text_check(a->kind, 1, SIGNAL_KIND_MAX, TEXT_ONE_LINE);
    if (err)
        return err;
    const struct member *m = room_member_at(r, a->to_seat);
    if (m == NULL || !member_is_inside(m))
        return ERR_NOT_FOUND;
    struct event *e = room_begin(out, EV_SIGNAL, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = slice_str(m->user_id);
    e->signal.to_seat = a->to_seat;
    e->signal.kind = a->kind;
    e->signal.data = a->data;
    return room_emit(r, e);
}
