/* Interviews: what candidates' pages report, the code they write and submit. */
#include "dialect/study/parts.h"

/* ---- fields ---- */

static const char *const kinds[] = { "FULLSCREEN_EXIT", "FULLSCREEN_ENTER", "TAB_BLUR", "TAB_FOCUS",
    "PASTE", "COPY", "TAB_SWITCH", NULL };

static const enum report_kind reports[] = { REPORT_FULLSCREEN_EXIT, REPORT_FULLSCREEN_ENTER,
    REPORT_TAB_SWITCH, REPORT_TAB_FOCUS, REPORT_PASTE, REPORT_COPY, REPORT_TAB_SWITCH };

/* As chat has it; where it is remembered is room/receipts.h. */
#define ID_FIELD(struct_type, what)                                                             \
    {                                                                                           \
        .name = "id", FIELD_MEMBER(struct_type, id), .type = FIELD_ID, .max = ASK_CHAT_ID_MAX,  \
        .help = "the client's own id of " what ": sent again under it, it does not count twice" \
    }

static const struct field report_list[] = {
    STUDY_ROOM_FIELD(struct study_report),
    ID_FIELD(struct study_report, "the report"),
    { .name = "kind",
        .aliases = { "type", "violationType" },
        FIELD_MEMBER(struct study_report, kind),
        .type = FIELD_ENUM,
        .names = kinds,
        .required = true,
        .help = "what happened" },
};
const struct fields study_report_fields = FIELDS(report_list);

/* clang-format off */
#define CODE_FIELDS                                                                                \
    { .name = "code",                                                                              \
      FIELD_MEMBER(struct study_code, code), .type = FIELD_STR, .required = true,                  \
      .max = ROOM_CODE_MAX, .help = "the whole program" },                                         \
    { .name = "language",                                                                          \
      FIELD_MEMBER(struct study_code, language), .type = FIELD_STR, .required = true,              \
      .min = 1, .max = ROOM_LANGUAGE_MAX, .one_line = true, .help = "what it is written in" }
/* clang-format on */

static const struct field code_list[] = { STUDY_ROOM_FIELD(struct study_code), CODE_FIELDS };
const struct fields study_code_fields = FIELDS(code_list);

static const struct field submit_list[] = {
    STUDY_ROOM_FIELD(struct study_code),
    ID_FIELD(struct study_code, "what is handed in"),
    CODE_FIELDS,
};
const struct fields study_submit_fields = FIELDS(submit_list);

/* ---- said by clients ---- */

int study_in_report(struct ask *a)
{
    const struct study_report *args = a->args;
    struct command c = {
        .verb = VERB_REPORT, .id = args->id, .report = { .kind = reports[args->kind] }
    };
    int err = ask_do(a, &c);
    if (err)
        return err;
    struct json_writer *w = ask_ack(a);
    jw_field_object(w, "violations");
    study_violations(w, ask_member(a));
    jw_end(w);
    return 0;
}

int study_in_code(struct ask *a)
{
    const struct study_code *args = a->args;
    struct command c = { .verb = VERB_CODE,
        .code = { .code = args->code, .language = args->language } };
    return ask_do(a, &c);
}

int study_in_submit(struct ask *a)
{
    const struct study_code *args = a->args;
    struct command c = { .verb = VERB_SUBMIT,
        .id = args->id,
        .code = { .code = args->code, .language = args->language } };
    int err = ask_do(a, &c);
    if (err)
        return err;
    struct json_writer *w = ask_ack(a);
    jw_field_str(w, "submissionId", a->done.id);
    jw_field_i64(w, "submissionTime",
        room_handed_in_ms(ask_view(a).room, a->session->identity.user_id, a->done.id));
    jw_field_str(w, "message", S("Your code was submitted."));
    return 0;
}

/* ---- told by the room ---- */

/* What somebody did, behind the name: "Ann exited fullscreen mode". */
static const char *deed_of(enum report_kind kind)
{
    static const char *const deeds[REPORT_VIOLATIONS] = {
        [REPORT_FULLSCREEN_EXIT] = " exited fullscreen mode",
        [REPORT_TAB_SWITCH] = " switched to another tab",
        [REPORT_PASTE] = " pasted text",
        [REPORT_COPY] = " copied text",
        [REPORT_DISCONNECT] = " lost the connection",
    };
    return deeds[kind];
}

#define SENTENCE_BYTES (4 * ROOM_NAME_MAX + 64)

static void put_sentence(struct json_writer *w, struct slice name, enum report_kind kind)
{
    struct buf text;
    buf_init(&text, SENTENCE_BYTES);
    buf_add_slice(&text, name);
    buf_add_str(&text, deed_of(kind));
    jw_field_str(w, "message", buf_slice(&text));
    buf_fini(&text);
}

static struct json_writer *begin_person(
    struct words *words, const char *name, const struct view *v, const struct event *e)
{
    struct json_writer *w = study_begin(words, name, v, e);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "name", study_name(v, e->actor));
    jw_field_i64(w, "timestamp", e->at_ms);
    return w;
}

void study_out_violation(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_person(words, "proctor:violation", v, e);
    jw_field_str(w, "violationType", slice_str(report_name(e->violation.kind)));
    jw_field_u64(w, "violationCount", e->violation.total);
    jw_field_u64(w, "typeCount", e->violation.of_kind);
    put_sentence(w, study_name(v, e->actor), e->violation.kind);
    words_end(words);
}

void study_out_warned(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "proctor:warning", v, e);
    jw_field_str(w, "violationType", slice_str(report_name(e->violation.kind)));
    jw_field_u64(w, "violationCount", e->violation.total);
    jw_field_str(
        w, "message", S("Stay in this window, in fullscreen mode: leaving it is counted."));
    words_end(words);
}

void study_out_violation_cleared(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_person(words, "proctor:cleared", v, e);
    jw_field_str(w, "violationType", slice_str(report_name(e->violation.kind)));
    words_end(words);
}

void study_out_code(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_person(words, "code:changed", v, e);
    jw_field_str(w, "code", e->code.code);
    jw_field_str(w, "language", e->code.language);
    words_end(words);
}

void study_out_submitted(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_person(words, "code:submitted", v, e);
    jw_field_str(w, "submissionId", e->code.id);
    jw_field_str(w, "code", e->code.code);
    jw_field_str(w, "language", e->code.language);
    jw_field_i64(w, "submissionTime", e->at_ms);
    jw_field_bool(w, "automatic", e->code.is_automatic);
    words_end(words);
}
