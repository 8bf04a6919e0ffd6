/* People in a room: what they show of themselves (hand, media, typing), and what hosts do with them
 * (mute, kick, readmit, role). A person is named by a connection or by the user id; whoever has
 * several connections is meant with all of them, and events say each. */
#include "dialect/study/parts.h"

static const char *const kinds[] = { "audio", "video", "screen", NULL };
static const char *const roles[] = { "participant", "cohost", "host", NULL };

/* ---- fields ---- */

/* Of every struct that begins with a struct study_person. */
/* clang-format off */
#define PERSON_FIELDS                                                                              \
    STUDY_ROOM_FIELD(struct study_person),                                                         \
    { .name = "targetSocketId", .aliases = { "socketId", "toSocketId", "target" },                 \
      FIELD_MEMBER(struct study_person, seat), .type = FIELD_ID, .max = ROOM_SEAT_MAX,             \
      .help = "a connection of the person" },                                                      \
    { .name = "userId", .aliases = { "targetUserId" },                                             \
      FIELD_MEMBER(struct study_person, user_id), .type = FIELD_ID, .max = ROOM_USER_ID_MAX,       \
      .help = "the person, where no connection is named" }
/* clang-format on */

static const struct field person_list[] = { PERSON_FIELDS };
const struct fields study_person_fields = FIELDS(person_list);

static const struct field mute_list[] = {
    PERSON_FIELDS,
    { .name = "kind",
        FIELD_MEMBER(struct study_mute, kind),
        .type = FIELD_ENUM,
        .names = kinds,
        .preset = "audio",
        .help = "what is to be silent" },
};
const struct fields study_mute_fields = FIELDS(mute_list);

static const struct field kick_list[] = {
    PERSON_FIELDS,
    { .name = "reason",
        FIELD_MEMBER(struct study_kick, reason),
        .type = FIELD_STR,
        .max = ROOM_REASON_MAX,
        .help = "why, for everybody to read" },
};
const struct fields study_kick_fields = FIELDS(kick_list);

static const struct field role_list[] = {
    PERSON_FIELDS,
    { .name = "role",
        FIELD_MEMBER(struct study_role, role),
        .type = FIELD_ENUM,
        .names = roles,
        .required = true,
        .help = "what the person is from now on" },
};
const struct fields study_role_fields = FIELDS(role_list);

static const struct field hand_list[] = {
    STUDY_ROOM_FIELD(struct study_hand),
    { .name = "raised",
        .aliases = { "isRaised" },
        FIELD_MEMBER(struct study_hand, is_raised),
        .type = FIELD_BOOL,
        .required = true,
        .help = "up or down" },
};
const struct fields study_hand_fields = FIELDS(hand_list);

static const struct field media_list[] = {
    STUDY_ROOM_FIELD(struct study_media),
    { .name = "audio",
        FIELD_MEMBER(struct study_media, audio),
        FIELD_HAS(struct study_media, has_audio),
        .type = FIELD_BOOL,
        .help = "whether the microphone is on; when left out, as it was" },
    { .name = "video",
        FIELD_MEMBER(struct study_media, video),
        FIELD_HAS(struct study_media, has_video),
        .type = FIELD_BOOL,
        .help = "whether the camera is on; when left out, as it was" },
    { .name = "screen",
        FIELD_MEMBER(struct study_media, screen),
        FIELD_HAS(struct study_media, has_screen),
        .type = FIELD_BOOL,
        .help = "whether the screen is shared; when left out, as it was" },
};
const struct fields study_media_fields = FIELDS(media_list);

static const struct field typing_list[] = {
    STUDY_ROOM_FIELD(struct study_typing),
    { .name = "isTyping",
        .aliases = { "typing" },
        FIELD_MEMBER(struct study_typing, is_typing),
        .type = FIELD_BOOL,
        .required = true,
        .help = "whether one writes just now" },
};
const struct fields study_typing_fields = FIELDS(typing_list);

/* ---- said by clients ---- */

/* The user id that the message means. ERR_BAD_FIELD: it names nobody; ERR_NOT_FOUND. */
static int find_person(struct slice *user_id, struct ask *a, const struct study_person *p)
{
    if (p->seat.len > 0)
        return ask_user_at(user_id, a, p->seat);
    *user_id = p->user_id;
    if (p->user_id.len > 0)
        return 0;
    a->why = S("Say who is meant: targetSocketId, or userId.");
    return ERR_BAD_FIELD;
}

int study_in_mute(struct ask *a)
{
    const struct study_mute *args = a->args;
    struct command c = { .verb = VERB_MUTE, .mute = { .kind = slice_str(kinds[args->kind]) } };
    int err = find_person(&c.mute.user_id, a, &args->of);
    return err ? err : ask_do(a, &c);
}

int study_in_kick(struct ask *a)
{
    const struct study_kick *args = a->args;
    struct command c = { .verb = VERB_KICK, .kick = { .reason = args->reason } };
    int err = find_person(&c.kick.user_id, a, &args->of);
    return err ? err : ask_do(a, &c);
}

int study_in_readmit(struct ask *a)
{
    struct command c = { .verb = VERB_READMIT };
    int err = find_person(&c.readmit.user_id, a, a->args);
    return err ? err : ask_do(a, &c);
}

int study_in_role(struct ask *a)
{
    const struct study_role *args = a->args;
    struct command c = { .verb = VERB_ROLE, .role = { .role = ROLE_PARTICIPANT + args->role } };
    int err = find_person(&c.role.user_id, a, &args->of);
    return err ? err : ask_do(a, &c);
}

int study_in_hand(struct ask *a)
{
    const struct study_hand *args = a->args;
    struct command c = { .verb = VERB_HAND, .hand = { .is_raised = args->is_raised } };
    return ask_do(a, &c);
}

int study_in_media(struct ask *a)
{
    const struct study_media *args = a->args;
    const struct member *m = ask_member(a);
    const struct seat *s = m != NULL ? room_seat(m, slice_str(a->session->id)) : NULL;
    struct command c = { .verb = VERB_MEDIA };
    c.media = (struct room_media){
        .audio = args->has_audio ? args->audio : s != NULL && s->audio,
        .video = args->has_video ? args->video : s != NULL && s->video,
        .screen = args->has_screen ? args->screen : s != NULL && s->screen,
    };
    return ask_do(a, &c);
}

int study_in_typing(struct ask *a)
{
    const struct study_typing *args = a->args;
    struct command c = { .verb = VERB_TYPING, .typing = { .is_typing = args->is_typing } };
    return ask_do(a, &c);
}

/* ---- told by the room ---- */

/* What somebody does from a connection. */
static struct json_writer *begin_presence(
    struct words *words, const char *name, const struct view *v, const struct event *e)
{
    struct json_writer *w = study_begin(words, name, v, e);
    jw_field_str(w, "socketId", e->seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "name", study_name(v, e->actor));
    return w;
}

void study_out_hand(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_presence(words, "presence:hand", v, e);
    jw_field_bool(w, "raised", e->hand.is_raised);
    jw_field_i64(w, "at", e->at_ms);
    words_end(words);
}

void study_out_media(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_presence(words, "media:update", v, e);
    jw_field_bool(w, "audio", e->media.audio);
    jw_field_bool(w, "video", e->media.video);
    jw_field_bool(w, "screen", e->media.screen);
    words_end(words);
}

void study_out_typing(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_presence(words, "presence:typing", v, e);
    jw_field_bool(w, "isTyping", e->typing.is_typing);
    words_end(words);
}

/* Next to the person's: by whom. The room itself is nobody. */
static void put_by(struct json_writer *w, const struct event *e)
{
    study_text(w, "by", e->actor);
    study_text(w, "bySocketId", e->seat);
}

static void say_role(
    struct words *words, const struct view *v, const struct event *e, struct slice seat)
{
    const struct member *m = room_member(v->room, e->target);
    struct study_user user = { .user_id = e->target };
    if (m != NULL)
        user = study_user_of(m);
    user.role = e->role.role;
    struct json_writer *w = study_begin(words, "user:updated", v, e);
    study_text(w, "socketId", seat);
    jw_field_str(w, "userId", e->target);
    jw_field_object(w, "user");
    study_user(w, &user);
    jw_end(w);
    put_by(w, e);
    words_end(words);
}

static void say_muted(
    struct words *words, const struct view *v, const struct event *e, struct slice seat)
{
    struct json_writer *w = study_begin(words, "control:muted", v, e);
    study_text(w, "targetSocketId", seat);
    jw_field_str(w, "userId", e->target);
    jw_field_str(w, "kind", e->muted.kind);
    put_by(w, e);
    words_end(words);
}

typedef void(say_seat)(
    struct words *words, const struct view *v, const struct event *e, struct slice seat);

/* Of each connection that the target has now; once without any when it has none. */
static void say_each(
    struct words *words, const struct view *v, const struct event *e, say_seat *say)
{
    const struct member *m = room_member(v->room, e->target);
    if (m == NULL || list_is_empty(&m->seats)) {
        say(words, v, e, S(""));
        return;
    }
    LIST_EACH(l, &m->seats)
        say(words, v, e, slice_str(CONTAINER_OF(l, struct seat, link)->id));
}

void study_out_role(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    say_each(words, v, e, say_role);
}

void study_out_muted(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    say_each(words, v, e, say_muted);
}

static void say_kicked(
    struct words *words, const struct view *v, const struct event *e, struct slice seat)
{
    struct json_writer *w = study_begin(words, "control:kicked", v, e);
    study_text(w, "targetSocketId", seat);
    jw_field_str(w, "userId", e->target);
    jw_field_str(w, "reason", e->kicked.reason);
    put_by(w, e);
    words_end(words);
}

static void say_gone(
    struct words *words, const struct view *v, const struct event *e, struct slice seat)
{
    struct json_writer *w = study_begin(words, "user:left", v, e);
    jw_field_str(w, "socketId", seat);
    jw_field_str(w, "userId", e->target);
    jw_field_bool(w, "lost", false);
    words_end(words);
}

/* The target's connections have no place any more, so the event says which they were. Clients that
 * do not know what a kick is see the others leave. */
void study_out_kicked(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    struct slice rest = e->kicked.seats, seat;
    if (rest.len == 0)
        say_kicked(words, v, e, S(""));
    while (slice_cut(&seat, &rest, '\n')) {
        say_kicked(words, v, e, seat);
        if (ear != STUDY_EAR_TARGET)
            say_gone(words, v, e, seat);
    }
}
