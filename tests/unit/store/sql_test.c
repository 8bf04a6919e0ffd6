/* What store/sql.h promises, of every driver. The statements are this file's own: it takes the
 * place of store/sql_statement.c. */
#include "store/sql.h"

#include "base/xalloc.h"
#include "sql_places.h"
#include "tap.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum test_statement {
    T_ADD,
    T_ADD_NEW,
    T_PUT,
    T_ADD_PART,
    T_RAISE,
    T_FLAG,
    T_DROP,
    T_DROP_ALL,
    T_FIND,
    T_LIST,
    T_TOTAL,
    T_BETWEEN,
    T_ECHO,
    T_WIDE,
    T_WRONG,
    T_NO_TABLE,
    T_COUNT,
};

static const char *const texts[T_COUNT] = {
    [T_ADD] = "insert into things (id, n, note) values ($1, $2, $3)",
    [T_ADD_NEW] = "insert into things (id, n, note) values ($1, $2, $3) on conflict do nothing",
    [T_PUT] = "insert into things (id, n, note) values ($1, $2, $3)"
              " on conflict (id) do update set n = excluded.n, note = excluded.note",
    [T_ADD_PART] = "insert into parts (id, thingId) values ($1, $2)",
    [T_RAISE] = "update things set n = n + $1 where n >= $2",
    [T_FLAG] = "update things set isGood = $1 where id = $2",
    [T_DROP] = "delete from things where id = $1",
    [T_DROP_ALL] = "delete from things",
    [T_FIND] = "select id, n, note, isGood from things where id = $1",
    [T_LIST] = "select id, n from things order by id",
    [T_TOTAL] = "select count(*), sum(n), max(id) from things",
    [T_BETWEEN] = "select count(*) from things where n > $1 and n < $2 and n <> $1 + 1",
    [T_ECHO] = "select cast($1 as text), cast($2 as bigint)",
    [T_WIDE] = "select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text),"
               " cast($5 as text), cast($6 as text), cast($7 as text), cast($8 as text),"
               " cast($9 as text), cast($10 as text), cast($11 as text), cast($12 as text),"
               " cast($13 as text), cast($14 as text), cast($15 as text), cast($16 as text),"
               " cast($17 as text), cast($18 as text), cast($19 as text), cast($20 as text),"
               " cast($21 as text), cast($22 as text), cast($23 as text), cast($24 as text)",
    [T_WRONG] = "selec everything",
    [T_NO_TABLE] = "insert into nowhere (id) values ($1)",
};

static const char tables[] =
    "create table things (id text not null primary key, n bigint, note text,"
    " isGood smallint not null default 0);"
    "create table parts (id text not null primary key,"
    " thingId text not null references things (id));";

const char *sql_statement_text(enum sql_statement st)
{
    return texts[st];
}

/* Two connections to a database that has the tables, empty. */
struct desk {
    const struct sql_place *place;
    struct sql *db;
    struct sql *other;
    char said[400]; /* the rows of the last query: a|b;c|d; */
    int err;        /* of it */
};

/* ---- asking ---- */

#define ARGS(...)              \
    (const struct sql_value[]) \
    {                          \
        __VA_ARGS__            \
    }

static uint32_t run(
    struct sql *db, enum test_statement st, const struct sql_value *args, unsigned n)
{
    return db->ops->run(db, (enum sql_statement)st, args, n);
}

static uint32_t add(struct sql *db, const char *id, int64_t n, const char *note)
{
    return run(db, T_ADD,
        ARGS(sql_text(slice_str(id)), sql_int(n), note ? sql_text(slice_str(note)) : sql_null()),
        3);
}

static void say_value(struct desk *d, const struct sql_value *v, char end)
{
    size_t len = strlen(d->said);
    char *at = d->said + len;
    size_t room = sizeof d->said - len;
    if (v->type == SQL_NULL)
        snprintf(at, room, "-%c", end);
    else if (v->type == SQL_INT)
        snprintf(at, room, "%lld%c", (long long)v->number, end);
    else
        snprintf(at, room, "%.*s%c", (int)v->text.len, v->text.p, end);
}

static int say_row(void *arg, const struct sql_value *at, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        say_value(arg, &at[i], i + 1 < n ? '|' : ';');
    return 0;
}

static const char *ask(struct desk *d, struct sql *db, enum test_statement st,
    const struct sql_value *args, unsigned n)
{
    d->said[0] = '\0';
    d->err = db->ops->query(db, (enum sql_statement)st, args, n, say_row, d);
    return d->err ? err_name(d->err) : d->said;
}

static const char *list(struct desk *d, struct sql *db)
{
    return ask(d, db, T_LIST, NULL, 0);
}

static bool begin(struct sql *db)
{
    return is_int(db->ops->begin(db, SQL_WRITING), 0, "a transaction begins");
}

static bool commit(struct sql *db)
{
    return is_int(db->ops->commit(db), 0, "it is committed");
}

/* ---- values ---- */

static void values_are_read(struct desk *d)
{
    static const struct {
        struct sql_value value;
        int64_t number;
        bool is_true;
        const char *text;
    } rows[] = {
        { .value = { .type = SQL_NULL }, .number = 0, .text = "" },
        { .value = { .type = SQL_INT, .number = 7 }, .number = 7, .is_true = true, .text = "" },
        { .value = { .type = SQL_INT }, .number = 0, .text = "" },
        { .value = { .type = SQL_TEXT, .text = SLICE("-12") }, -12, true, "-12" },
        { .value = { .type = SQL_TEXT, .text = SLICE("t") }, 0, true, "t" },
        { .value = { .type = SQL_TEXT, .text = SLICE("true") }, 0, true, "true" },
        { .value = { .type = SQL_TEXT, .text = SLICE("f") }, 0, false, "f" },
        { .value = { .type = SQL_TEXT, .text = SLICE("0") }, 0, false, "0" },
        { .value = { .type = SQL_TEXT, .text = SLICE("9223372036854775807") },
            INT64_MAX,
            true,
            "9223372036854775807" },
        { .value = { .type = SQL_TEXT, .text = SLICE("1e3") }, 0, false, "1e3" },
        { .value = { .type = SQL_TEXT, .text = SLICE("") }, 0, false, "" },
    };
    (void)d;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sql_value *v = &rows[i].value;
        struct slice s = sql_string(v);
        bool is_same = slice_eq(s, slice_str(rows[i].text));
        ok(sql_number(v) == rows[i].number && sql_bool(v) == rows[i].is_true && is_same,
            "value %zu is read as number, boolean and text", i);
    }
}

static int64_t const numbers[] = { 0, 1, -1, INT32_MAX, (int64_t)1 << 53, ((int64_t)1 << 53) + 1,
    INT64_MAX, INT64_MIN };

struct echo {
    const char *text;
    size_t len;
    int64_t number;
    bool is_same;
};

static int hear(void *arg, const struct sql_value *at, unsigned n)
{
    struct echo *e = arg;
    e->is_same = n == 2 && at[0].type == SQL_TEXT &&
        slice_eq(at[0].text, slice_of(e->text, e->len)) && at[1].type != SQL_NULL &&
        sql_number(&at[1]) == e->number;
    return 0;
}

static bool is_echoed(struct desk *d, const char *text, size_t len, int64_t number)
{
    struct echo e = { .text = text, .len = len, .number = number };
    int err = d->db->ops->query(d->db, (enum sql_statement)T_ECHO,
        ARGS(sql_text(slice_of(text, len)), sql_int(number)), 2, hear, &e);
    return !err && e.is_same;
}

static void values_come_back(struct desk *d)
{
    for (size_t i = 0; i < COUNT(numbers); i++)
        ok(is_echoed(d, "x", 1, numbers[i]), "the number %lld comes back", (long long)numbers[i]);
    static const char *const strings[] = { "", " ", "0012", "1e5", "NULL", "null", "\\N",
        "Gr\xc3\xbc\xc3\x9f"
        "e",
        "\xf0\x9f\x8e\x89 \xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", "\x01\x1f\x7f\t\n\r",
        "a\xcc\x81", "\xef\xbf\xbd\xf4\x8f\xbf\xbf", "{\"a\":[1,\"\\u0000\"]}" };
    for (size_t i = 0; i < COUNT(strings); i++)
        ok(is_echoed(d, strings[i], strlen(strings[i]), 5), "text %zu comes back", i);
    is_str(ask(d, d->db, T_ECHO, ARGS(sql_null(), sql_null()), 2), "-|-;", "NULL comes back");
    is_str(ask(d, d->db, T_ECHO, ARGS(sql_text(slice_of(NULL, 0)), sql_int(1)), 2), "|1;",
        "an empty slice is an empty text, and no NULL");
}

/* 3 MiB of characters of three bytes. */
static void a_long_text_comes_back(struct desk *d)
{
    size_t len = 3 << 20;
    char *text = xtry(NULL, len);
    for (size_t i = 0; text && i < len; i += 3)
        memcpy(text + i, i % 2 ? "\xe2\x82\xac" : "\xe4\xbd\xa0", 3);
    if (!ok(text != NULL, "there is memory"))
        return;
    ok(is_echoed(d, text, len, 1), "a text of 3 MiB comes back");
    begin(d->db);
    run(d->db, T_ADD, ARGS(sql_text(S("long")), sql_int(1), sql_text(slice_of(text, len))), 3);
    memset(text, 'x', len);
    is_int(d->db->ops->settle(d->db), 0, "it was taken before run() returned");
    commit(d->db);
    is_int(d->other->ops->begin(d->other, SQL_READING), 0, "somebody else looks");
    struct sql_value id = sql_text(S("long"));
    d->err = d->other->ops->query(d->other, (enum sql_statement)T_FIND, &id, 1, say_row, d);
    ok(!d->err && strstr(d->said, "\xe2\x82\xac") && !strchr(d->said, 'x'), "and is stored");
    d->other->ops->rollback(d->other);
    xfree(text);
}

static void many_arguments(struct desk *d)
{
    struct sql_value args[SQL_MAX_ARGS];
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    for (unsigned i = 0; i < SQL_MAX_ARGS; i++)
        args[i] = sql_text(slice_of(letters + i, 1));
    is_str(ask(d, d->db, T_WIDE, args, SQL_MAX_ARGS),
        "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x;", "24 arguments, 24 columns");
}

/* What is an argument never becomes part of the statement. */
static void arguments_stay_arguments(struct desk *d)
{
    static const char *const evil[] = { "'; drop table things; --", "' or '1'='1", "\"", "$1", "$2",
        "?", ":a", "%s%n", "\\'; delete from things; --", "');", "/*", "--", "E'\\x41'", "$$",
        "\xef\xbc\x87; drop table things", "0; begin; commit", "{a,b}", "\\", "a'b\"c`d" };
    begin(d->db);
    for (size_t i = 0; i < COUNT(evil); i++)
        add(d->db, evil[i], (int64_t)i, evil[i]);
    is_int(d->db->ops->settle(d->db), 0, "all of them are just texts");
    commit(d->db);
    for (size_t i = 0; i < COUNT(evil); i++) {
        char want[120];
        snprintf(want, sizeof want, "%s|%zu|%s|0;", evil[i], i, evil[i]);
        struct sql_value id = sql_text(slice_str(evil[i]));
        is_str(ask(d, d->db, T_FIND, &id, 1), want, "text %zu is found by itself", i);
    }
    begin(d->db);
    uint32_t n = run(d->db, T_DROP, ARGS(sql_text(S("x' or 'x'='x"))), 1);
    commit(d->db);
    is_int(d->db->ops->changed(d->db, n), 0, "and no condition is widened");
}

/* ---- transactions ---- */

static void changes_are_counted(struct desk *d)
{
    struct sql *db = d->db;
    begin(db);
    is_int(add(db, "a", 1, "x"), 0, "runs are numbered from 0");
    is_int(add(db, "b", 2, NULL), 1, "in their order");
    uint32_t again = run(db, T_ADD_NEW, ARGS(sql_text(S("a")), sql_int(9), sql_null()), 3);
    uint32_t fresh = run(db, T_ADD_NEW, ARGS(sql_text(S("c")), sql_int(3), sql_null()), 3);
    uint32_t put = run(db, T_PUT, ARGS(sql_text(S("c")), sql_int(4), sql_text(S(""))), 3);
    uint32_t all = run(db, T_RAISE, ARGS(sql_int(10), sql_int(0)), 2);
    uint32_t none = run(db, T_RAISE, ARGS(sql_int(10), sql_int(100)), 2);
    uint32_t gone = run(db, T_DROP, ARGS(sql_text(S("b"))), 1);
    uint32_t flag = run(db, T_FLAG, ARGS(sql_int(1), sql_text(S("a"))), 2);
    is_int(db->ops->settle(db), 0, "all are done");
    is_int(db->ops->changed(db, 0), 1, "an insert changes a row");
    is_int(db->ops->changed(db, again), 0, "a conflict does not");
    is_int(db->ops->changed(db, fresh), 1, "no conflict does");
    is_int(db->ops->changed(db, put), 1, "so does an upsert");
    is_int(db->ops->changed(db, all), 3, "an update, all that it meets");
    is_int(db->ops->changed(db, none), 0, "or none");
    is_int(db->ops->changed(db, gone), 1, "a delete");
    is_int(db->ops->changed(db, flag), 1, "a boolean");
    commit(db);
    is_str(list(d, d->other), "a|11;c|14;", "others see it");
    struct sql_value id = sql_text(S("a"));
    is_str(ask(d, db, T_FIND, &id, 1), "a|11|x|1;", "a row with its boolean");
    is_str(ask(d, db, T_TOTAL, NULL, 0), "2|25|c;", "sums");
    is_str(
        ask(d, db, T_BETWEEN, ARGS(sql_int(10), sql_int(20)), 2), "1;", "an argument used twice");
    begin(db);
    is_int(add(db, "d", 1, NULL), 0, "the next transaction counts from 0 again");
    db->ops->rollback(db);
}

static void a_transaction_is_one(struct desk *d)
{
    struct sql *db = d->db;
    begin(db);
    add(db, "a", 1, NULL);
    is_str(list(d, db), "a|1;", "a query within it sees what was run before");
    is_str(list(d, d->other), "", "nobody else does");
    add(db, "b", 2, NULL);
    db->ops->rollback(db);
    is_str(list(d, db), "", "taken back, it was never there");
    begin(db);
    add(db, "a", 1, NULL);
    commit(db);
    is_str(list(d, d->other), "a|1;", "committed, it is");
    db->ops->rollback(db);
    is_str(list(d, db), "a|1;", "and nothing takes it back");
    begin(db);
    commit(db);
    begin(db);
    run(db, T_DROP_ALL, NULL, 0);
    db->ops->close(db);
    d->db = NULL;
    is_str(list(d, d->other), "a|1;", "what is closed on the way was not");
}

static void a_reader_sees_one_moment(struct desk *d)
{
    begin(d->db);
    add(d->db, "a", 1, NULL);
    commit(d->db);
    is_int(d->other->ops->begin(d->other, SQL_READING), 0, "somebody reads");
    is_str(list(d, d->other), "a|1;", "what there is");
    begin(d->db);
    add(d->db, "b", 2, NULL);
    run(d->db, T_RAISE, ARGS(sql_int(10), sql_int(0)), 2);
    commit(d->db);
    is_str(list(d, d->other), "a|1;", "while others write, it sees the same");
    is_str(ask(d, d->other, T_TOTAL, NULL, 0), "1|1|a;", "in all its queries");
    is_str(list(d, d->db), "a|11;b|12;", "the writer is not kept");
    d->other->ops->rollback(d->other);
    is_str(list(d, d->other), "a|11;b|12;", "afterwards it sees all");
    is_int(d->other->ops->begin(d->other, SQL_READING), 0, "and again");
    is_str(list(d, d->other), "a|11;b|12;", "in a transaction, too");
    is_int(d->other->ops->commit(d->other), 0, "which may be committed");
}

static void many_runs(struct desk *d)
{
    enum { RUNS = 20000 };
    uint64_t sum = 0;
    uint32_t last = 0;
    begin(d->db);
    for (int i = 0; i < RUNS; i++) {
        char id[16];
        snprintf(id, sizeof id, "t%d", i / 2);
        last = run(d->db, T_ADD_NEW, ARGS(sql_text(slice_str(id)), sql_int(1), sql_null()), 3);
    }
    is_int(d->db->ops->settle(d->db), 0, "20,000 in one transaction");
    is_int(last, RUNS - 1, "each has its number");
    for (uint32_t i = 0; i < RUNS; i += 2)
        sum += d->db->ops->changed(d->db, i) * 2 + d->db->ops->changed(d->db, i + 1);
    is_int(sum, RUNS, "and its count");
    commit(d->db);
    is_str(ask(d, d->other, T_TOTAL, NULL, 0), "10000|10000|t9999;", "they are there");
}

/* ---- what goes wrong ---- */

struct mistake {
    const char *name;
    enum test_statement st;
    struct sql_value args[3];
    unsigned n;
    int err;
};

static const struct mistake mistakes[] = {
    { .name = "a second row of the same key",
        .st = T_ADD,
        .args = { { .type = SQL_TEXT, .text = SLICE("a") }, { .type = SQL_INT, .number = 2 } },
        .n = 3,
        .err = ERR_CONFLICT },
    { .name = "nothing where something must be",
        .st = T_ADD,
        .args = { { .type = SQL_NULL }, { .type = SQL_INT, .number = 2 } },
        .n = 3,
        .err = ERR_CONFLICT },
    { .name = "a part of nothing",
        .st = T_ADD_PART,
        .args = { { .type = SQL_TEXT, .text = SLICE("p") },
            { .type = SQL_TEXT, .text = SLICE("nobody") } },
        .n = 2,
        .err = ERR_CONFLICT },
    { .name = "no table",
        .st = T_NO_TABLE,
        .args = { { .type = SQL_TEXT, .text = SLICE("a") } },
        .n = 1,
        .err = ERR_INTERNAL },
    { .name = "no SQL", .st = T_WRONG, .err = ERR_INTERNAL },
};

/* The first error is kept until the rollback, whatever is asked behind it. */
static void a_mistake_is_kept(struct desk *d, const struct mistake *m)
{
    struct sql *db = d->db;
    begin(db);
    add(db, "b", 2, NULL);
    run(db, m->st, m->args, m->n);
    uint32_t later = add(db, "c", 3, NULL);
    run(db, T_WRONG, NULL, 0);
    is_int(later, 2, "%s: numbers go on", m->name);
    is_int(db->ops->settle(db), m->err, "%s: the error", m->name);
    ok(strlen(db->ops->why(db)) > 10, "%s: %s", m->name, db->ops->why(db));
    is_int(db->ops->settle(db), m->err, "again");
    is_str(list(d, db), err_name(m->err), "a query gives it, too");
    is_int(db->ops->commit(db), m->err, "it cannot be committed");
    db->ops->rollback(db);
    is_str(list(d, db), "a|1;", "nothing of it was kept");
    begin(db);
    is_int(db->ops->settle(db), 0, "after the rollback it is forgotten");
    is_int(add(db, "d", 4, NULL), 0, "one can go on");
    commit(db);
    begin(db);
    run(db, T_DROP, ARGS(sql_text(S("d"))), 1);
    commit(db);
}

static void mistakes_are_kept(struct desk *d)
{
    begin(d->db);
    add(d->db, "a", 1, NULL);
    commit(d->db);
    for (size_t i = 0; i < COUNT(mistakes); i++)
        a_mistake_is_kept(d, &mistakes[i]);
}

static void a_wrong_query(struct desk *d)
{
    begin(d->db);
    add(d->db, "a", 1, NULL);
    is_str(ask(d, d->db, T_WRONG, NULL, 0), "INTERNAL", "a query that is wrong");
    is_int(d->db->ops->settle(d->db), ERR_INTERNAL, "spoils the transaction");
    d->db->ops->rollback(d->db);
    is_str(ask(d, d->db, T_WRONG, NULL, 0), "INTERNAL", "it is as wrong without one");
    is_str(list(d, d->db), "", "and then spoils nothing");
}

static int stop_at_second(void *arg, const struct sql_value *at, unsigned n)
{
    int *seen = arg;
    (void)n;
    (void)at;
    return ++*seen == 2 ? ERR_TOO_MANY : 0;
}

static void a_query_can_be_ended(struct desk *d)
{
    int seen = 0;
    struct sql *db = d->db;
    begin(db);
    for (char id[] = "a"; id[0] < 'g'; id[0]++)
        add(db, id, 1, NULL);
    int err = db->ops->query(db, (enum sql_statement)T_LIST, NULL, 0, stop_at_second, &seen);
    is_int(err, ERR_TOO_MANY, "what the reader of rows gives, the query gives");
    is_int(seen, 2, "and no more rows");
    is_int(db->ops->settle(db), 0, "it spoils nothing");
    is_str(list(d, db), "a|1;b|1;c|1;d|1;e|1;f|1;", "the same again, to its end");
    commit(db);
    seen = 0;
    err = db->ops->query(db, (enum sql_statement)T_LIST, NULL, 0, stop_at_second, &seen);
    is_int(err, ERR_TOO_MANY, "also without a transaction");
    begin(db);
    run(db, T_DROP_ALL, NULL, 0);
    commit(db);
    is_str(list(d, d->other), "", "which holds up nobody");
}

static void scripts(struct desk *d)
{
    struct sql *db = d->db;
    begin(db);
    is_int(db->ops->script(db,
               "create table more (id text not null primary key);\n"
               "-- a comment; with a semicolon\n"
               "insert into more (id) values ('a;b');\n"
               "insert into things (id, n) select id, 5 from more;\n"),
        0, "several statements");
    is_str(list(d, db), "a;b|5;", "are done");
    db->ops->rollback(db);
    is_str(list(d, db), "", "and undone");
    begin(db);
    is_int(db->ops->script(db,
               "create table more (id text not null primary key);"
               "insert into things (id, n) values ('x', 1); selec wrong; "),
        ERR_INTERNAL, "one that is wrong");
    is_int(db->ops->commit(db), ERR_INTERNAL, "spoils the transaction");
    db->ops->rollback(db);
    is_str(list(d, db), "", "and nothing of it stays");
    begin(db);
    is_int(db->ops->script(db,
               "create table more (id text not null primary key);"
               "drop table more;"),
        0, "not even the table");
    commit(db);
}

static void reviving_the_living(struct desk *d)
{
    begin(d->db);
    add(d->db, "a", 1, NULL);
    commit(d->db);
    is_int(d->db->ops->revive(d->db), 0, "a writer that is well");
    is_int(d->other->ops->revive(d->other), 0, "a reader that is well");
    is_str(list(d, d->db), "a|1;", "nothing is changed by it");
    begin(d->db);
    is_int(add(d->db, "b", 1, NULL), 0, "and it goes on");
    commit(d->db);
    is_str(list(d, d->other), "a|1;b|1;", "as before");
}

static const struct {
    const char *name;
    void (*fn)(struct desk *d);
} tests[] = {
    { "values are read", values_are_read },
    { "values come back", values_come_back },
    { "a long text", a_long_text_comes_back },
    { "many arguments", many_arguments },
    { "arguments stay arguments", arguments_stay_arguments },
    { "changes are counted", changes_are_counted },
    { "a transaction is one", a_transaction_is_one },
    { "a reader sees one moment", a_reader_sees_one_moment },
    { "many runs", many_runs },
    { "mistakes are kept", mistakes_are_kept },
    { "a wrong query", a_wrong_query },
    { "a query can be ended", a_query_can_be_ended },
    { "scripts", scripts },
    { "reviving the living", reviving_the_living },
};

/* ---- all of it ---- */

static bool sit_down(struct desk *d)
{
    char why[SQL_WHY_BYTES] = "";
    if (!is_int(d->place->open(&d->db, true, why), 0, "%s: opened: %s", d->place->name, why))
        return false;
    begin(d->db);
    is_int(d->db->ops->script(d->db, tables), 0, "the tables");
    commit(d->db);
    return is_int(d->place->open(&d->other, false, why), 0, "a second connection: %s", why);
}

static void get_up(struct desk *d)
{
    if (d->other)
        d->other->ops->close(d->other);
    if (d->db)
        d->db->ops->close(d->db);
}

static void test_place(const struct sql_place *place)
{
    for (size_t i = 0; i < COUNT(tests); i++) {
        struct desk d = { .place = place };
        note("%s: %s", place->name, tests[i].name);
        place->empty();
        if (sit_down(&d))
            tests[i].fn(&d);
        get_up(&d);
    }
}

int main(void)
{
    _Static_assert((int)T_COUNT <= (int)SQL_STATEMENTS, "drivers keep so many statements");
    for (size_t i = 0; i < COUNT(sql_places); i++) {
        const struct sql_place *place = &sql_places[i];
        const char *absent = place->begin();
        if (absent)
            skip("%s: %s", place->name, absent);
        else
            test_place(place);
        place->end();
    }
    return done();
}
