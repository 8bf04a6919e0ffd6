/* The store over each of the databases, with a connection besides that looks into it: first without
 * threads in memory, where the two share one, then with threads over those of sql_places.h. What is
 * asked and said is as in rig.h. */
#pragma once

#include "fault.h"
#include "lossy.h"
#include "rig.h"
#include "sql_places.h"
#include "store/durable.h"
#include "store/migrate.h"

struct look {
    struct rig rig;
    struct lossy writer;
    struct lossy reader; /* unless it is in memory */
    struct sql *db;
    const struct sql_place *place; /* NULL: in memory */
};

typedef void(look_test)(struct look *l);

static inline struct sql *look_open(const struct look *l, bool is_writer)
{
    struct sqlite_settings memory = { .is_memory = true };
    struct sql *db;
    char why[SQL_WHY_BYTES] = "";
    int err = l->place != NULL ? l->place->open(&db, is_writer, why)
                               : sqlite_open(&db, &memory, why);
    if (err) {
        note("it cannot be opened: %s", why);
        abort();
    }
    return db;
}

/* A new database for each test would take long. */
static inline int look_empty(struct sql *db)
{
    static const char all[] =
        "delete from logs; delete from epochs; delete from events; delete from room_snapshots;"
        "delete from rooms; delete from room_users; delete from messages;"
        "delete from whiteboard_snapshots; delete from violations; delete from submissions;"
        "delete from join_attempts; delete from kick_events; delete from focus_stretches;"
        "delete from users;"
        "delete from files; delete from totals; delete from revocations;";
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = db->ops->script(db, all);
    return err ? err : db->ops->commit(db);
}

static inline void look_begin(struct look *l, const struct sql_place *place)
{
    char why[SQL_WHY_BYTES];
    struct desk *desk;
    struct engine_settings settings = { .batch_max = 100, .max_waiting_bytes = 1u << 30 };
    memset(l, 0, sizeof(*l));
    rig_init(&l->rig);
    l->place = place;
    l->rig.is_threaded = place != NULL;
    struct sql *db = look_open(l, true);
    if (migrate(why, db, 1) || look_empty(db))
        abort();
    settings.writer = lossy_init(&l->writer, db);
    settings.reader = settings.writer;
    if (place != NULL)
        settings.reader = lossy_init(&l->reader, look_open(l, false));
    settings.is_inline = place == NULL;
    l->db = place != NULL ? look_open(l, false) : db;
    if (desk_new(&desk, l->rig.loop, &settings))
        abort();
    l->rig.store = store_durable_new(l->rig.loop, desk, NULL);
}

/* Readers are closed before writers. */
static inline void look_end(struct look *l)
{
    if (l->place != NULL)
        l->db->ops->close(l->db);
    rig_fini(&l->rig);
}

static inline void look_run(struct look *l, const struct sql_place *place, look_test *test)
{
    long before = fault_live();
    look_begin(l, place);
    test(l);
    look_end(l);
    is_int(fault_live(), before, "nothing is left");
}

static inline void look_each(look_test *const *tests, size_t n)
{
    struct look *l = malloc(sizeof(*l));
    note("memory");
    for (size_t i = 0; i < n; i++)
        look_run(l, NULL, tests[i]);
    for (size_t i = 0; i < COUNT(sql_places); i++) {
        const struct sql_place *place = &sql_places[i];
        const char *reason = place->begin();
        note("%s %s", place->name, reason != NULL ? reason : "");
        if (reason == NULL)
            place->empty();
        for (size_t k = 0; k < n && reason == NULL; k++)
            look_run(l, place, tests[k]);
        place->end();
    }
    free(l);
}

/* ---- looking ---- */

static inline int look_on_number(void *arg, const struct sql_value *at, unsigned n)
{
    *(int64_t *)arg = sql_number(&at[n - 1]);
    return 0;
}

/* The last column of the last row; -1: there is none. */
static inline int64_t look_at(struct look *l, enum sql_statement st, const char *first)
{
    struct sql_value args[] = { sql_text(slice_str(first)), sql_int(1000000) };
    int64_t number = -1;
    int err = l->db->ops->query(l->db, st, args, first != NULL ? 2 : 0, look_on_number, &number);
    if (err)
        note("looking: %s: %s", err_name(err), l->db->ops->why(l->db));
    return number;
}
