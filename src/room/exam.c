/* Interviews: what candidates' pages report, the code they write and submit.
 *
 * A candidate is whoever is neither host nor cohost; what those report counts for nothing. Each
 * violation is counted, in all and of its kind, and may reach the room's thresholds: one warning,
 * one submission in the candidate's place. Thresholds that are lowered later are reached with the
 * next violation. What a page says again, because the answer got lost, is known by its id. */
#include "base/buf.h"
#include "base/panic.h"
#include "room/parts.h"
#include "room/receipts.h"
#include "room/text.h"

/* Of code that is submitted at once: written with escapes, it is at most six times as long. */
#define SUBMIT_BYTES (4u << 20)

/* ---- submissions ---- */

/* A submission that nobody sent has no id from outside: the room's and the event's number make one
 * that no other has. */
static int id_for(struct slice *id, struct arena *arena, const struct room *r)
{
    struct buf text;
    buf_init(&text, ROOM_ID_MAX + 32);
    buf_add_str(&text, r->id);
    buf_add_char(&text, '-');
    buf_add_u64(&text, r->seq + 1);
    int err = buf_err(&text);
    if (!err)
        err = arena_copy(id, arena, buf_slice(&text));
    buf_fini(&text);
    return err;
}

static bool has_unsubmitted(const struct member *m)
{
    return m->is_code_new && m->code_len > 0;
}

/* The latest code of a member, in its name. The event borrows it from the member, where set_code()
 * leaves it. */
static int submit_for(struct events *out, struct room *r, const struct member *m, int64_t at_ms)
{
    struct deed d = { .user_id = slice_str(m->user_id), .at_ms = at_ms };
    struct slice id;
    int err = id_for(&id, out->arena, r);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_SUBMITTED, &d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->code.id = id;
    e->code.code = slice_of(m->code, m->code_len);
    e->code.language = slice_str(m->language);
    e->code.is_automatic = true;
    return room_emit(r, e);
}

int exam_submit_some(bool *more, struct events *out, struct room *r, int64_t at_ms)
{
    size_t bytes = 0;
    int err = 0;
    *more = false;
    LIST_EACH(l, &r->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        if (err || *more || m->status == MEMBER_KICKED || !has_unsubmitted(m))
            continue;
        *more = bytes > SUBMIT_BYTES;
        bytes += m->code_len;
        if (!*more)
            err = submit_for(out, r, m, at_ms);
    }
    return err;
}

int64_t room_handed_in_ms(const struct room *r, struct slice user_id, struct slice id)
{
    const struct member *m = room_member(r, user_id);
    return m != NULL ? receipts_at(slice_str(m->handed_in), id) : 0;
}

/* ---- violations ---- */

static bool has_reached(uint32_t total, uint32_t threshold)
{
    return threshold > 0 && total >= threshold;
}

/* An event about one kind of violation of a member; counted with this one where it is one. */
static struct event *begin(struct events *out, enum event_type type, const struct deed *d,
    const struct member *m, enum report_kind kind)
{
    struct event *e = room_begin(out, type, d);
    if (e == NULL)
        return NULL;
    uint32_t one_more = type == EV_VIOLATION;
    e->violation.kind = kind;
    e->violation.total = m->violations + one_more;
    e->violation.of_kind = m->by_kind[kind] + one_more;
    if (type != EV_WARNED)
        e->violation.id = d->id;
    return e;
}

/* By the room itself. */
static int warn(struct events *out, struct room *r, const struct member *m, enum report_kind kind,
    int64_t at_ms)
{
    struct deed d = { .at_ms = at_ms };
    struct event *e = begin(out, EV_WARNED, &d, m, kind);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = slice_str(m->user_id);
    return room_emit(r, e);
}

static int violate(struct events *out, struct room *r, const struct deed *d, const struct member *m,
    enum report_kind kind)
{
    struct event *e = begin(out, EV_VIOLATION, d, m, kind);
    int err = e != NULL ? room_emit(r, e) : ERR_NO_MEMORY;
    if (!err && !m->is_warned && has_reached(m->violations, r->settings.warn_at))
        err = warn(out, r, m, kind, d->at_ms);
    if (err || m->is_auto_submitted || !has_reached(m->violations, r->settings.auto_submit_at))
        return err;
    return has_unsubmitted(m) ? submit_for(out, r, m, d->at_ms) : 0;
}

static int clear_violation(struct events *out, struct room *r, const struct deed *d,
    const struct member *m, enum report_kind ended)
{
    struct event *e = begin(out, EV_VIOLATION_CLEARED, d, m, ended);
    return e != NULL ? room_emit(r, e) : ERR_NO_MEMORY;
}

int room_report(struct events *out, struct room *r, const struct deed *d, enum report_kind kind)
{
    int err = room_may(r, VERB_REPORT, d->user_id);
    if (err)
        return err;
    if (kind > REPORT_TAB_FOCUS || kind == REPORT_DISCONNECT)
        return ERR_BAD_FIELD;
    if (d->id.len > 0)
        err = text_check_id(d->id);
    const struct member *m = room_member(r, d->user_id);
    if (err || m == NULL || room_role(r, d->user_id) >= ROLE_COHOST)
        return err;
    if (receipts_at(slice_str(m->reports), d->id) != 0)
        return 0;
    if (kind == REPORT_FULLSCREEN_ENTER)
        return clear_violation(out, r, d, m, REPORT_FULLSCREEN_EXIT);
    if (kind == REPORT_TAB_FOCUS)
        return clear_violation(out, r, d, m, REPORT_TAB_SWITCH);
    return violate(out, r, d, m, kind);
}

int exam_on_lost(struct events *out, struct room *r, const struct deed *d)
{
    const struct member *m = room_member(r, d->user_id);
    bool is_exam = r->status == ROOM_LIVE && r->settings.mode == MODE_INTERVIEW;
    if (!is_exam || m == NULL || m->status != MEMBER_APPROVED || m->role != ROLE_PARTICIPANT)
        return 0;
    return violate(out, r, d, m, REPORT_DISCONNECT);
}

/* ---- code ---- */

static int check_code(const struct room_code *a)
{
    if (a->code.len > ROOM_CODE_MAX)
        return ERR_TOO_BIG;
    int err = text_check(a->code, 0, ROOM_CODE_MAX, TEXT_ANY);
    return err ? err : text_check(a->language, 1, ROOM_LANGUAGE_MAX, TEXT_ONE_LINE);
}

int room_code(struct events *out, struct room *r, const struct deed *d, const struct room_code *a)
{
    int err = room_may(r, VERB_CODE, d->user_id);
    if (!err)
        err = check_code(a);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_CODE, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->code.code = a->code;
    e->code.language = a->language;
    return room_emit(r, e);
}

int room_submit(struct events *out, struct room *r, const struct deed *d, const struct room_code *a)
{
    int err = room_may(r, VERB_SUBMIT, d->user_id);
    if (!err)
        err = text_check_id(d->id);
    if (!err)
        err = check_code(a);
    if (err || room_handed_in_ms(r, d->user_id, d->id) != 0)
        return err;
    struct event *e = room_begin(out, EV_SUBMITTED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->code.id = d->id;
    e->code.code = a->code;
    e->code.language = a->language;
    return room_emit(r, e);
}

/* ---- folding ---- */

static bool is_same_code(const struct member *m, const struct event *e)
{
    return slice_eq(slice_of(m->code, m->code_len), e->code.code) &&
        slice_eq(slice_str(m->language), e->code.language);
}

/* Code that is the same stays where it is, because events may borrow it. */
static int set_code(struct member *m, const struct event *e)
{
    if (is_same_code(m, e))
        return 0;
    int err = room_text_set(&m->code, e->code.code);
    if (err)
        return err;
    m->code_len = e->code.code.len;
    m->is_code_new = true;
    return room_text_set(&m->language, e->code.language);
}

static int fold_submitted(struct member *m, const struct event *e)
{
    int err = set_code(m, e);
    m->is_code_new = false;
    m->has_submitted = true;
    m->submitted_at_ms = e->at_ms;
    m->is_auto_submitted = m->is_auto_submitted || e->code.is_automatic;
    return err ? err : receipts_add(&m->handed_in, e->code.id, e->at_ms, ROOM_KEEP_HANDED_IN);
}

static int fold_report(struct member *m, const struct event *e)
{
    return receipts_add(&m->reports, e->violation.id, e->at_ms, ROOM_KEEP_REPORTS);
}

static int fold_violation(struct member *m, const struct event *e)
{
    if (e->violation.kind >= REPORT_VIOLATIONS)
        return ERR_BAD_VALUE;
    m->violations = e->violation.total;
    m->by_kind[e->violation.kind] = e->violation.of_kind;
    return fold_report(m, e);
}

int exam_fold(struct room *r, const struct event *e)
{
    struct member *m = room_member(r, e->type == EV_WARNED ? e->target : e->actor);
    if (m == NULL)
        return 0;
    switch (e->type) {
    case EV_VIOLATION:
        return fold_violation(m, e);
    case EV_WARNED:
        m->is_warned = true;
        return 0;
    case EV_VIOLATION_CLEARED:
        return fold_report(m, e);
    case EV_CODE:
        return set_code(m, e);
    case EV_SUBMITTED:
        return fold_submitted(m, e);
    default:
        PANIC("not of an interview: %s", event_info(e->type)->name);
    }
}
