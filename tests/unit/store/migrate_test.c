/* Steps are done once, in their order, whole or not at all; a database of another program, or of a
 * newer one, is left as it is. */
#include "store/migrate.h"

#include "sql_places.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct migration three[] = {
    { .number = 1, .name = "one", .text = "create table a (n bigint); insert into a values (1);" },
    { .number = 2,
        .name = "two",
        .text = "insert into a values (2);\n-- and\ncreate table b (n bigint)" },
    { .number = 3, .name = "three", .text = "insert into a values (3)" },
};

static const struct migration renamed[] = {
    { .number = 1, .name = "other", .text = "create table c (n bigint)" },
};

static const struct migration broken[] = {
    { .number = 1, .name = "one", .text = "create table a (n bigint); insert into a values (1);" },
    { .number = 2,
        .name = "bad",
        .text = "insert into a values (2); insert into nowhere values (3);" },
};

static struct sql *open_place(const struct sql_place *place)
{
    struct sql *db;
    char why[SQL_WHY_BYTES] = "";
    if (place->open(&db, true, why)) {
        note("%s", why);
        abort();
    }
    return db;
}

static int on_step(void *arg, const struct sql_value *at, unsigned n)
{
    char *out = arg;
    struct slice name = sql_string(&at[1]);
    (void)n;
    snprintf(out + strlen(out), 64, "%d:%.*s ", (int)sql_number(&at[0]), (int)name.len, name.p);
    return 0;
}

static void steps_are(struct sql *db, const char *want, const char *what)
{
    char text[256] = "";
    int err = db->ops->query(db, SQL_SCHEMA_STEPS, NULL, 0, on_step, text);
    is_int(err, 0, "the steps are read");
    is_str(text, want, "%s", what);
}

/* Whether a script of ours is fine. */
static bool can(struct sql *db, const char *text)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = db->ops->script(db, text);
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    return err == 0;
}

static void test_forward(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "x";
    is_int(migrate_with(why, db, three, 2, 7), 0, "the first two");
    is_str(why, "", "and nothing is wrong");
    steps_are(db, "1:one 2:two ", "they are recorded");
    is_int(migrate_with(why, db, three, 2, 8), 0, "again");
    is_int(migrate_with(why, db, three, 3, 9), 0, "one more");
    steps_are(db, "1:one 2:two 3:three ", "the third is recorded");
    ok(can(db, "create unique index i on a (n)"), "none was done twice");
    ok(can(db, "insert into b values (1)"), "a step may have several statements");
}

static void test_newer(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    is_int(migrate_with(why, db, three, 3, 7), 0, "made by a newer program");
    is_int(migrate_with(why, db, three, 2, 8), ERR_BAD_CONFIG, "an older one refuses it");
    is_str(why, "The database was brought to schema 3 by a newer program; this one knows 2.",
        "and says why");
    steps_are(db, "1:one 2:two 3:three ", "it is as it was");
}

static void test_other(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    is_int(migrate_with(why, db, three, 3, 7), 0, "made by another program");
    ok(can(db, "delete from schema_version where number = 3"), "that has fewer steps");
    ok(can(db, "delete from schema_version where number = 2"), "much fewer");
    is_int(migrate_with(why, db, renamed, 1, 8), ERR_BAD_CONFIG, "this one refuses it");
    is_str(why, "Step 1 of the database's schema is \"one\", which is not this program's.",
        "and says why");
    ok(!can(db, "select n from c"), "nothing was done");
}

static void test_hole(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    is_int(migrate_with(why, db, three, 3, 7), 0, "all three");
    ok(can(db, "delete from schema_version where number = 2"), "one is gone");
    is_int(migrate_with(why, db, three, 3, 8), ERR_BAD_CONFIG, "a hole is refused");
    is_str(why, "Step 3 of the database's schema is \"three\", which is not this program's.",
        "and named");
}

static void test_broken(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    ok(migrate_with(why, db, broken, 2, 7) != 0, "a step that fails");
    ok(strncmp(why, "Step 2 of the schema failed. ", 29) == 0, "is named: %s", why);
    ok(strstr(why, "nowhere") != NULL, "with what the database says");
    steps_are(db, "1:one ", "those before it stay");
    is_int(migrate_with(why, db, three, 2, 8), 0, "and it can be done right");
    ok(can(db, "create unique index i on a (n)"), "since nothing of it was left");
}

static void test_own(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    char want[256] = "";
    for (unsigned i = 0; i < schema_migrations_n; i++) {
        const struct migration *m = &schema_migrations[i];
        is_int(m->number, i + 1, "step %u is %s", i + 1, m->name);
        snprintf(want + strlen(want), 64, "%u:%s ", m->number, m->name);
    }
    is_int(migrate(why, db, 7), 0, "the program's own: %s", why);
    is_int(migrate(why, db, 7), 0, "and again");
    steps_are(db, want, "all of them");
}

/* Whoever begins at the same moment finds that the other has done it. */
static void test_two(struct sql *db)
{
    char why[MIGRATE_WHY_BYTES] = "";
    is_int(migrate_with(why, db, three, 1, 7), 0, "the other has done the first");
    ok(can(db, "insert into schema_version values (2, 'two', 7); create table b (n bigint)"),
        "and now the second");
    is_int(migrate_with(why, db, three, 3, 8), 0, "this one goes on with the third");
    steps_are(db, "1:one 2:two 3:three ", "each was done by one of them");
}

static void (*const tests[])(struct sql *db) = {
    test_forward,
    test_newer,
    test_other,
    test_hole,
    test_broken,
    test_own,
    test_two,
};

int main(void)
{
    for (size_t p = 0; p < COUNT(sql_places); p++) {
        const char *reason = sql_places[p].begin();
        note("%s %s", sql_places[p].name, reason != NULL ? reason : "");
        for (size_t t = 0; t < COUNT(tests) && reason == NULL; t++) {
            sql_places[p].empty();
            struct sql *db = open_place(&sql_places[p]);
            tests[t](db);
            db->ops->close(db);
        }
        sql_places[p].end();
    }
    return done();
}
