/* The stores that every test of store.h is run on: one without threads over a database in memory,
 * and one with threads over each of the databases of sql_places.h. */
#pragma once

#include "fault.h"
#include "rig.h"
#include "sql_places.h"
#include "store/durable.h"
#include "store/memory.h"
#include "store/migrate.h"

typedef void(store_test)(struct rig *r);

static struct sql *place_open(const struct sql_place *place, bool is_writer)
{
    struct sql *db;
    char why[SQL_WHY_BYTES] = "";
    if (place->open(&db, is_writer, why)) {
        note("%s: %s", place->name, why);
        abort();
    }
    return db;
}

static void place_migrate(const struct sql_place *place, struct sql *db)
{
    char why[SQL_WHY_BYTES];
    if (migrate(why, db, 1)) {
        note("%s: %s", place->name, why);
        abort();
    }
}

static struct store *place_store(const struct sql_place *place, struct loop *loop)
{
    struct engine_settings settings = { .batch_max = 100, .max_waiting_bytes = 1u << 30 };
    struct desk *desk;
    settings.writer = place_open(place, true);
    place_migrate(place, settings.writer);
    settings.reader = place_open(place, false);
    if (desk_new(&desk, loop, &settings))
        abort();
    return store_durable_new(loop, desk, NULL);
}

/* NULL: the one in memory. */
static void stores_test_one(
    struct rig *r, const struct sql_place *place, store_test *const *tests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        long before = fault_live();
        if (place != NULL)
            place->empty();
        rig_init(r);
        r->is_threaded = place != NULL;
        r->place = place != NULL ? place->name : NULL;
        r->store = place != NULL ? place_store(place, r->loop) : store_memory_new(r->loop);
        tests[i](r);
        rig_fini(r);
        is_int(fault_live(), before, "%s: nothing is left", place != NULL ? place->name : "memory");
    }
}

static void stores_test(store_test *const *tests, size_t n)
{
    struct rig *r = malloc(sizeof(*r));
    note("memory");
    stores_test_one(r, NULL, tests, n);
    for (size_t i = 0; i < sizeof(sql_places) / sizeof(sql_places[0]); i++) {
        const struct sql_place *place = &sql_places[i];
        const char *reason = place->begin();
        note("%s %s", place->name, reason != NULL ? reason : "");
        if (reason == NULL)
            stores_test_one(r, place, tests, n);
        place->end();
    }
    free(r);
}
