/* What a store answers, in short words: of each answer its label and what it gave. For rig.h. A
 * store with threads may answer what only reads behind what was asked later: what it says is put
 * into the order of the questions. */
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
    size_t from; /* where its answer begins in rig->said */
    size_t to;
};

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct store *store; /* NULL: closed */
    bool is_threaded;
    const char *place; /* of a database that other programs can read; or NULL */
    struct rig_asked asked[RIG_ASKED];
    unsigned n_asked;
    unsigned n_answered;
    char close_at; /* the answer of this label closes the store */
    char load_at;  /* the answer of this label asks for a load of "room", labelled in upper case */
    size_t len;
    char said[RIG_SAID];
    char sorted[RIG_SAID];
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

static inline void rig_answered(struct rig_asked *a)
{
    struct rig *r = a->rig;
    r->n_answered++;
    a->from = r->len;
    if (a->label == r->load_at)
        rig_load(r, (char)(a->label - 'a' + 'A'), "room", "again");
    if (a->label == r->close_at)
        rig_close(r);
}

static inline void rig_said_it(struct rig_asked *a)
{
    a->to = a->rig->len;
}

/* True: it went well, and there is more to say. */
static inline bool rig_say_err(struct rig_asked *a, int err)
{
    if (err)
        rig_say(a->rig, "%c:%s ", a->label, err_name(err));
    rig_said_it(a);
    return !err;
}

static inline void rig_on_done(void *arg, int err)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (rig_say_err(a, err))
        rig_say(a->rig, "%c:ok ", a->label);
    rig_said_it(a);
}

static inline void rig_say_snapshot(struct rig *r, const struct store_log *log)
{
    for (uint32_t i = 0; i < log->n_snapshot; i++) {
        if (i == 0)
            rig_say(r, "{%ju:", (uintmax_t)log->snapshot_seq);
        rig_say(r, "%s%.*s", i > 0 ? "," : "", RIG_TEXT(log->snapshot[i]));
    }
    rig_say(r, "%s%s", log->n_snapshot > 0 ? "}" : "", log->is_fleeting ? "fleeting" : "");
}

/* The record of an event in these tests says "813 CHAT". A snapshot stands in front: "{7:a,b}". */
static inline void rig_on_log(void *arg, int err, const struct store_log *log)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:", a->label);
    rig_say_snapshot(a->rig, log);
    rig_say(a->rig, "[");
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
    rig_said_it(a);
}

/* "3:ann>bob:text", with `*` and the moment where it was edited; `+` behind: there is more. */
static inline void rig_on_messages(void *arg, int err, const struct store_messages *page)
{
    struct rig_asked *a = arg;
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
    rig_said_it(a);
}

static inline void rig_on_rooms(void *arg, int err, const struct store_rooms *page)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < page->n; i++)
        rig_say(a->rig, "%s%.*s", i > 0 ? "," : "", RIG_TEXT(page->at[i].id));
    rig_say(a->rig, ">%s ", page->has_more ? "+" : "");
    rig_said_it(a);
}
