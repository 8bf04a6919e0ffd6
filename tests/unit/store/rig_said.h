/* What a store answers, in short words: of each answer its label and what it gave. For rig.h. */
#pragma once

#include "net/loop.h"
#include "store/store.h"
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define RIG_SAID  65536
#define RIG_ASKED 4096

struct rig;

struct rig_asked {
    struct rig *rig;
    char label;
};

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct store *store; /* NULL: closed */
    struct rig_asked asked[RIG_ASKED];
    unsigned n_asked;
    unsigned n_answered;
    char close_at; /* the answer of this label closes the store */
    char load_at;  /* the answer of this label asks for a load of "room", labelled in upper case */
    size_t len;
    char said[RIG_SAID];
};

/* ---- what is said ---- */

static inline void rig_say(struct rig *r, const char *format, ...) TAP_FMT(2, 3);
static inline void rig_say(struct rig *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    r->len += (size_t)vsnprintf(r->said + r->len, RIG_SAID - r->len, format, args);
    va_end(args);
    if (r->len >= RIG_SAID)
        abort();
}

#define RIG_TEXT(s) (int)(s).len, (s).p

static inline void rig_close(struct rig *r)
{
    if (r->store != NULL)
        r->store->ops->close(r->store);
    r->store = NULL;
}

static inline void rig_load(struct rig *r, char label, const char *room, const char *epoch);

static inline void rig_answered(const struct rig_asked *a)
{
    struct rig *r = a->rig;
    r->n_answered++;
    if (a->label == r->load_at)
        rig_load(r, (char)(a->label - 'a' + 'A'), "room", "again");
    if (a->label == r->close_at)
        rig_close(r);
}

/* True: it went well, and there is more to say. */
static inline bool rig_say_err(const struct rig_asked *a, int err)
{
    if (err)
        rig_say(a->rig, "%c:%s ", a->label, err_name(err));
    return !err;
}

static inline void rig_on_done(void *arg, int err)
{
    const struct rig_asked *a = arg;
    rig_answered(a);
    if (rig_say_err(a, err))
        rig_say(a->rig, "%c:ok ", a->label);
}

/* The record of an event in these tests says "813 CHAT". */
static inline void rig_on_log(void *arg, int err, const struct store_log *log)
{
    const struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:[", a->label);
    for (uint32_t i = 0; i < log->n; i++) {
        rig_say(a->rig, "%s%.*s", i > 0 ? "," : "", RIG_TEXT(log->events[i].record));
        if (log->events[i].seq != log->events[0].seq + i)
            rig_say(a->rig, "(number %ju)", (uintmax_t)log->events[i].seq);
    }
    rig_say(a->rig, "](");
    for (uint32_t i = 0; i < log->n_epochs; i++) {
        rig_say(a->rig, "%s%.*s@%ju", i > 0 ? "," : "", RIG_TEXT(log->epochs[i].name),
            (uintmax_t)log->epochs[i].since_seq);
    }
    rig_say(a->rig, ") ");
}

/* "3:ann>bob:text", with `*` and the moment where it was edited; `+` behind: there is more. */
static inline void rig_on_messages(void *arg, int err, const struct store_messages *page)
{
    const struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < page->n; i++) {
        const struct store_message *m = &page->at[i];
        rig_say(a->rig, "%s%ju:%.*s%s%.*s:%.*s", i > 0 ? "," : "", (uintmax_t)m->seq,
            RIG_TEXT(m->user_id), m->to.len > 0 ? ">" : "", RIG_TEXT(m->to), RIG_TEXT(m->text));
        if (m->edited_at_ms != 0)
            rig_say(a->rig, "*%jd", (intmax_t)m->edited_at_ms);
    }
    rig_say(a->rig, ">%s ", page->has_more ? "+" : "");
}

static inline void rig_on_rooms(void *arg, int err, const struct store_rooms *page)
{
    const struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < page->n; i++)
        rig_say(a->rig, "%s%.*s", i > 0 ? "," : "", RIG_TEXT(page->at[i].id));
    rig_say(a->rig, ">%s ", page->has_more ? "+" : "");
}
