/* Signaling: what two connections tell each other to set up a call. It is passed on unread; who
 * sends it is said by the server. */
#include "dialect/study/parts.h"

/* ---- fields ---- */

/* clang-format off */
#define SIGNAL_FIELDS                                                                              \
    STUDY_ROOM_FIELD(struct study_signal),                                                         \
    { .name = "toSocketId", .aliases = { "to", "targetSocketId", "target" },                       \
      FIELD_MEMBER(struct study_signal, to_seat), .type = FIELD_ID, .max = ROOM_SEAT_MAX,          \
      .required = true, .help = "the connection that it is for" }
/* clang-format on */

static const struct field sdp_list[] = {
    SIGNAL_FIELDS,
    { .name = "sdp",
        .aliases = { "offer", "answer" },
        FIELD_MEMBER(struct study_signal, data),
        .type = FIELD_RAW,
        .max = ROW_SIGNAL_MAX,
        .required = true,
        .help = "the session description, a text or an object" },
};
const struct fields study_sdp_fields = FIELDS(sdp_list);

static const struct field ice_list[] = {
    SIGNAL_FIELDS,
    { .name = "candidate",
        FIELD_MEMBER(struct study_signal, data),
        .type = FIELD_RAW,
        .max = ROW_SIGNAL_MAX,
        .help = "the candidate; null: there are no more" },
};
const struct fields study_ice_fields = FIELDS(ice_list);

static const struct field data_list[] = {
    SIGNAL_FIELDS,
    { .name = "data",
        FIELD_MEMBER(struct study_signal, data),
        .type = FIELD_RAW,
        .max = ROW_SIGNAL_MAX,
        .required = true,
        .help = "whatever the two have agreed on" },
};
const struct fields study_data_fields = FIELDS(data_list);

/* ---- said by clients ---- */

static int pass(struct ask *a, struct slice kind)
{
    const struct study_signal *args = a->args;
    struct command c = { .verb = VERB_SIGNAL,
        .signal = { .to_seat = args->to_seat,
            .kind = kind,
            .data = args->data.len > 0 ? args->data : S("null") } };
    return ask_do(a, &c);
}

int study_in_offer(struct ask *a)
{
    return pass(a, S("offer"));
}

int study_in_answer(struct ask *a)
{
    return pass(a, S("answer"));
}

int study_in_ice(struct ask *a)
{
    return pass(a, S("candidate"));
}

int study_in_data(struct ask *a)
{
    return pass(a, S("data"));
}

/* ---- told by the room ---- */

/* What each kind of signal is called, and the member that carries it. */
struct kind {
    struct slice kind;
    const char *message;
    const char *member;
};

static const struct kind kinds[] = {
    { .kind = SLICE("offer"), .message = "signal:offer", .member = "sdp" },
    { .kind = SLICE("answer"), .message = "signal:answer", .member = "sdp" },
    { .kind = SLICE("candidate"), .message = "signal:ice", .member = "candidate" },
    { .kind = SLICE("data"), .message = "signal:data", .member = "data" },
};

static const struct kind *kind_of(struct slice name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_eq(kinds[i].kind, name))
            return &kinds[i];
    }
    return NULL;
}

void study_out_signal(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    const struct kind *kind = kind_of(e->signal.kind);
    const struct member *from = room_member(v->room, e->actor);
    (void)ear;
    if (kind == NULL)
        return;
    struct json_writer *w = study_begin(words, kind->message, v, e);
    jw_field_str(w, "fromSocketId", e->seat);
    jw_field_str(w, "from", e->seat);
    jw_field_str(w, "toSocketId", e->signal.to_seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "displayName", study_name(v, e->actor));
    jw_field_str(w, "role", slice_str(role_name(from != NULL ? from->role : ROLE_OUTSIDER)));
    jw_field_raw(w, kind->member, e->signal.data);
    words_end(words);
}
