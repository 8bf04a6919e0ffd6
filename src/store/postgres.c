/* Everything is sent as part of a pipeline, and remembered in `sent` until its answer has come; the
 * answers come in that order. A synchronization point (SENT_SYNC) ends each part that is waited
 * for; if something fails the server skips all that follows up to that point, answers to it
 * included.
 *
 *    begin  run run run  settle | query  sync | commit  sync
 *    sent ........................ answered    sent .. answered
 *
 * run() does not wait: libpq keeps what the socket does not take, and reads when it cannot write,
 * so neither side can fill up while both want to speak. Only when very much is kept, that goes
 * first. A rollback behind settled statements is not waited for; its answer is taken with the next.
 *
 * `err` is the transaction's first error, and stays until the next one begins. A connection that
 * breaks is given up at once (`conn` is NULL), and then everything fails until revive(). */
#include "store/postgres.h"

#include "base/buf.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/postgres_link.h"

#include <libpq-fe.h>
#include <stdio.h>

#define LOOK_EVERY  32         /* runs: then what has come is read */
#define SCRATCH_MAX (1u << 20) /* bytes that are kept for the next arguments */
#define SENT_BYTES  65536      /* of what was answered, before the rest is moved */
#define NUMBER_MAX  24

enum sent_kind {
    SENT_PLAIN,
    SENT_PREPARE,
    SENT_RUN,
    SENT_QUERY,
    SENT_COMMIT,
    SENT_ROLLBACK,
    SENT_SYNC,
};

struct sent {
    enum sent_kind kind;
    uint32_t at; /* statement of PREPARE, number of RUN */
    bool is_answered;
};

struct answer_rows {
    sql_row_fn *fn;
    void *arg;
    int err; /* what fn said */
};

struct postgres {
    struct sql sql;
    PGconn *conn; /* NULL: lost */
    char *url;
    struct buf sent;    /* struct sent */
    size_t first;       /* of those that are not answered, in bytes */
    struct buf changed; /* uint64_t of each run */
    struct buf scratch; /* arguments */
    bool is_prepared[SQL_STATEMENTS + 1];
    bool is_open;    /* a transaction */
    bool is_counted; /* changed() is asked of it */
    bool is_synced;  /* nothing was sent since the last SENT_SYNC */
    size_t unsent;   /* bytes, at most */
    uint32_t n_runs;
    int err;
    struct answer_rows *rows; /* of the query that runs */
    char why[SQL_WHY_BYTES];
};

static struct postgres *of(const struct sql *db)
{
    return (struct postgres *)(uintptr_t)db;
}

static void fail(struct postgres *p, int err)
{
    if (!p->err)
        p->err = err;
}

static void say(struct postgres *p, const char *why)
{
    snprintf(p->why, sizeof(p->why), "%s", why);
}

static void forget_session(struct postgres *p)
{
    buf_reset(&p->sent);
    p->first = 0;
    p->unsent = 0;
    p->is_synced = true;
    memset(p->is_prepared, 0, sizeof(p->is_prepared));
}

static void lose(struct postgres *p)
{
    PQfinish(p->conn);
    p->conn = NULL;
    forget_session(p);
    fail(p, ERR_STORAGE_UNAVAILABLE);
}

/* Libpq could not do something that it always can. */
static void lose_broken(struct postgres *p)
{
    postgres_link_epitaph(p->why, p->conn, ERR_RESET);
    lose(p);
}

/* ---- what was sent ---- */

static struct sent *first_sent(struct postgres *p)
{
    return p->first < p->sent.len ? (struct sent *)(void *)(p->sent.p + p->first) : NULL;
}

static void pop_sent(struct postgres *p)
{
    p->first += sizeof(struct sent);
    if (p->first < p->sent.len)
        return;
    buf_reset(&p->sent);
    p->first = 0;
}

/* A long transaction never has nothing under way. */
static void forget_answered(struct postgres *p)
{
    if (p->first < SENT_BYTES || p->first < p->sent.len / 2)
        return;
    buf_drop(&p->sent, p->first);
    p->first = 0;
}

/* Before it is sent: afterwards it would be too late to have no memory. */
static bool can_send(struct postgres *p, unsigned n)
{
    forget_answered(p);
    if (p->conn && !p->err && buf_room(&p->sent, n * sizeof(struct sent)))
        return true;
    if (!p->err) {
        say(p, "There is no memory for so many changes at once.");
        fail(p, ERR_NO_MEMORY);
        lose(p);
    }
    return false;
}

static void note_sent(struct postgres *p, enum sent_kind kind, uint32_t at)
{
    struct sent s = { .kind = kind, .at = at };
    buf_add(&p->sent, &s, sizeof(s));
    p->is_synced = kind == SENT_SYNC;
}

static void send_plain(struct postgres *p, enum sent_kind kind, const char *text)
{
    if (!can_send(p, 1))
        return;
    if (PQsendQueryParams(p->conn, text, 0, NULL, NULL, NULL, NULL, 0))
        note_sent(p, kind, 0);
    else
        lose_broken(p);
}

static void send_sync(struct postgres *p)
{
    struct sent s = { .kind = SENT_SYNC };
    if (!p->conn || p->is_synced)
        return;
    buf_add(&p->sent, &s, sizeof(s));
    p->is_synced = true;
    if (buf_err(&p->sent) || !PQpipelineSync(p->conn))
        lose_broken(p);
}

/* ---- statements ---- */

static size_t text_bytes(const struct sql_value *v)
{
    return v->type == SQL_TEXT ? v->text.len + 1 : NUMBER_MAX;
}

/* Each argument as a text that ends with NUL. */
static int write_args(
    struct postgres *p, const char *texts[SQL_MAX_ARGS], const struct sql_value *args, unsigned n)
{
    size_t total = 1;
    for (unsigned i = 0; i < n; i++)
        total += text_bytes(&args[i]);
    p->unsent += total;
    buf_reset(&p->scratch);
    char *to = buf_room(&p->scratch, total);
    if (!to)
        return buf_err(&p->scratch);
    for (unsigned i = 0; i < n; i++) {
        const struct sql_value *v = &args[i];
        texts[i] = v->type == SQL_NULL ? NULL : to;
        if (v->type == SQL_INT)
            snprintf(to, NUMBER_MAX, "%jd", (intmax_t)v->number);
        else if (v->type == SQL_TEXT && v->text.len > 0)
            memcpy(to, v->text.p, v->text.len);
        if (v->type == SQL_TEXT)
            to[v->text.len] = '\0';
        if (v->type == SQL_TEXT && strlen(to) != v->text.len)
            return ERR_BAD_VALUE;
        to += text_bytes(v);
    }
    return 0;
}

static bool prepare(struct postgres *p, enum sql_statement st, const char *name)
{
    if (p->is_prepared[st])
        return true;
    if (!PQsendPrepare(p->conn, name, sql_statement_text(st), 0, NULL))
        return false;
    note_sent(p, SENT_PREPARE, st);
    p->is_prepared[st] = true; /* until we hear otherwise */
    return true;
}

struct command {
    enum sent_kind kind;
    uint32_t at;
    enum sql_statement st;
    const struct sql_value *args;
    unsigned n;
};

static void send_command(struct postgres *p, const struct command *c)
{
    const char *texts[SQL_MAX_ARGS];
    char name[NUMBER_MAX];
    ASSERT(c->n <= SQL_MAX_ARGS);
    if (!can_send(p, 2))
        return;
    int err = write_args(p, texts, c->args, c->n);
    if (err) {
        say(p, "A value cannot be sent to the database: it is too long, or holds a NUL.");
        fail(p, err);
        return;
    }
    snprintf(name, sizeof(name), "s%u", (unsigned)c->st);
    if (prepare(p, c->st, name) &&
        PQsendQueryPrepared(p->conn, name, (int)c->n, texts, NULL, NULL, 0))
        note_sent(p, c->kind, c->at);
    else
        lose_broken(p);
    if (p->scratch.cap > SCRATCH_MAX)
        buf_release(&p->scratch);
}

/* ---- answers ---- */

enum { OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23 };

static struct sql_value value_of(const PGresult *r, int row, int column)
{
    if (PQgetisnull(r, row, column))
        return sql_null();
    struct slice text = slice_of(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
    Oid type = PQftype(r, column);
    int64_t number = 0;
    bool is_number = type == OID_INT8 || type == OID_INT2 || type == OID_INT4;
    return is_number && slice_i64(&number, text) == 0 ? sql_int(number) : sql_text(text);
}

static void take_rows(struct postgres *p, const PGresult *r)
{
    struct sql_value at[SQL_MAX_COLUMNS];
    struct answer_rows *rows = p->rows;
    int n = PQnfields(r);
    ASSERT(n <= SQL_MAX_COLUMNS);
    for (int i = 0; rows && !rows->err && i < PQntuples(r); i++) {
        for (int k = 0; k < n; k++)
            at[k] = value_of(r, i, k);
        rows->err = rows->fn(rows->arg, at, (unsigned)n);
    }
}

static void take_changed(struct postgres *p, uint32_t run, PGresult *r)
{
    uint64_t n = 0;
    if (p->is_counted && slice_u64(&n, slice_str(PQcmdTuples(r))) == 0 && !p->err)
        memcpy(p->changed.p + run * sizeof(n), &n, sizeof(n));
}

/* A transaction that failed before is rolled back by its COMMIT, without an error. */
static void take_commit(struct postgres *p, PGresult *r)
{
    if (strcmp(PQcmdStatus(r), "COMMIT") == 0)
        return;
    say(p, "The database has given the transaction up.");
    fail(p, ERR_STORAGE_UNAVAILABLE);
}

static void take_good(struct postgres *p, const struct sent *s, PGresult *r)
{
    if (s->kind == SENT_RUN)
        take_changed(p, s->at, r);
    else if (s->kind == SENT_QUERY)
        take_rows(p, r);
    else if (s->kind == SENT_COMMIT)
        take_commit(p, r);
}

static void take_bad(struct postgres *p, const struct sent *s, const PGresult *r)
{
    char why[SQL_WHY_BYTES];
    int err = postgres_link_judge(r, why);
    if (s->kind == SENT_PREPARE)
        p->is_prepared[s->at] = false;
    if (!p->err)
        say(p, why);
    if (err == ERR_RESET || s->kind == SENT_ROLLBACK)
        lose(p);
    else
        fail(p, err);
}

/* The server has not even looked at it. */
static void take_skipped(struct postgres *p, const struct sent *s)
{
    if (s->kind == SENT_PREPARE)
        p->is_prepared[s->at] = false;
    if (s->kind == SENT_ROLLBACK || !p->err)
        lose_broken(p);
}

static void take_answer(struct postgres *p, struct sent *s, PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    bool is_bad = status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR ||
        status == PGRES_BAD_RESPONSE;
    s->is_answered = true;
    if ((status == PGRES_PIPELINE_SYNC) != (s->kind == SENT_SYNC) && !is_bad)
        lose_broken(p); /* we and libpq have counted differently */
    else if (status == PGRES_PIPELINE_ABORTED)
        take_skipped(p, s);
    else if (status == PGRES_PIPELINE_SYNC)
        pop_sent(p);
    else if (is_bad)
        take_bad(p, s, r);
    else
        take_good(p, s, r);
}

/* One answer, or the end of a command's answers: libpq gives NULL behind each but a SYNC's. */
static void take_one(struct postgres *p)
{
    struct sent *s = first_sent(p);
    PGresult *r = PQgetResult(p->conn);
    if (r)
        take_answer(p, s, r);
    else if (s->is_answered && s->kind != SENT_SYNC)
        pop_sent(p);
    else
        lose_broken(p);
    PQclear(r);
}

/* Before libpq has looked at its answer, or it would collect all rows first. It says no when there
 * will be no rows. */
static void expect_rows(struct postgres *p)
{
    struct sent *s = first_sent(p);
    if (s && s->kind == SENT_QUERY && !s->is_answered)
        (void)PQsetSingleRowMode(p->conn);
}

/* All that has come. */
static void take(struct postgres *p)
{
    while (p->conn && first_sent(p)) {
        expect_rows(p);
        if (PQisBusy(p->conn))
            return;
        take_one(p);
    }
}

/* Something is sent or comes, or the connection is lost. */
static void wait_once(struct postgres *p)
{
    int err = postgres_link_wait(p->conn, POSTGRES_ANSWER_MS);
    take(p);
    if (!err || !p->conn)
        return;
    if (!p->err)
        postgres_link_epitaph(p->why, p->conn, err);
    lose(p);
}

/* Until everything that was sent is answered. */
static void wait_for_answers(struct postgres *p)
{
    take(p);
    while (p->conn && first_sent(p))
        wait_once(p);
}

static void look(struct postgres *p)
{
    if (PQflush(p->conn) == 0)
        p->unsent = 0;
    (void)PQconsumeInput(p->conn); /* what is wrong will be seen when we wait */
    take(p);
    while (p->conn && p->unsent > POSTGRES_UNSENT_MAX && PQflush(p->conn) != 0)
        wait_once(p);
}

static int finish(struct postgres *p)
{
    send_sync(p);
    wait_for_answers(p);
    return p->err;
}

/* ---- the driver ---- */

/* Outside a transaction each query has an error of its own. */
static int ready(struct postgres *p)
{
    if (!p->is_open)
        p->err = p->conn ? 0 : ERR_STORAGE_UNAVAILABLE;
    return p->err;
}

static int pg_begin(struct sql *db, enum sql_mode mode)
{
    struct postgres *p = of(db);
    ASSERT(!p->is_open);
    int err = ready(p);
    if (err)
        return err;
    p->is_open = true;
    p->n_runs = 0;
    buf_reset(&p->changed);
    p->is_counted = mode != SQL_COPYING;
    if (mode != SQL_READING) {
        send_plain(p, SENT_PLAIN, "begin isolation level read committed, read write");
    } else {
        send_plain(p, SENT_PLAIN, "begin isolation level repeatable read, read only");
        send_plain(p, SENT_PLAIN, "set local statement_timeout = 0"); /* of a long copy */
    }
    return p->err;
}

static uint32_t pg_run(
    struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    static const uint64_t none = 0;
    struct postgres *p = of(db);
    uint32_t run = p->n_runs++;
    ASSERT(p->is_open);
    if (p->is_counted)
        buf_add(&p->changed, &none, sizeof(none));
    if (buf_err(&p->changed))
        fail(p, buf_err(&p->changed));
    if (p->err)
        return run;
    send_command(p, &(struct command){ SENT_RUN, run, st, args, n });
    if (p->conn && (run % LOOK_EVERY == LOOK_EVERY - 1 || p->unsent > POSTGRES_UNSENT_MAX))
        look(p);
    return run;
}

static int pg_settle(struct sql *db)
{
    struct postgres *p = of(db);
    return p->err ? p->err : finish(p);
}

static uint64_t pg_changed(const struct sql *db, uint32_t run)
{
    const struct postgres *p = of(db);
    uint64_t n = 0;
    if (run < p->changed.len / sizeof(n))
        memcpy(&n, p->changed.p + run * sizeof(n), sizeof(n));
    return n;
}

static int pg_query(struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n,
    sql_row_fn *fn, void *arg)
{
    struct postgres *p = of(db);
    struct answer_rows rows = { .fn = fn, .arg = arg };
    ASSERT(!p->rows); /* asked by a row of another query */
    int err = ready(p);
    if (err)
        return err;
    p->rows = &rows;
    send_command(p, &(struct command){ SENT_QUERY, 0, st, args, n });
    err = finish(p);
    p->rows = NULL;
    return err ? err : rows.err;
}

static int pg_commit(struct sql *db)
{
    struct postgres *p = of(db);
    ASSERT(p->is_open);
    if (p->err)
        return p->err;
    send_plain(p, SENT_COMMIT, "commit");
    int err = finish(p);
    if (!err)
        p->is_open = false;
    return err;
}

static void pg_rollback(struct sql *db)
{
    struct postgres *p = of(db);
    if (p->is_open && first_sent(p))
        (void)finish(p);
    if (p->is_open && p->conn) {
        p->err = 0;
        send_plain(p, SENT_ROLLBACK, "rollback");
        send_sync(p);
        if (p->conn && PQflush(p->conn) != 0)
            wait_for_answers(p);
    }
    p->is_open = false;
}

/* libpq leaves its pipeline only when nothing is under way. */
static void run_script(struct postgres *p, const char *text)
{
    struct sent s = { .kind = SENT_PLAIN };
    int err = 0;
    bool is_over = !PQexitPipelineMode(p->conn) || !PQsendQuery(p->conn, text);
    while (!is_over && !err && p->conn) {
        while (!err && PQisBusy(p->conn))
            err = postgres_link_wait(p->conn, POSTGRES_SCRIPT_MS);
        PGresult *r = err ? NULL : PQgetResult(p->conn);
        is_over = r == NULL;
        if (r && PQresultStatus(r) == PGRES_FATAL_ERROR)
            take_bad(p, &s, r);
        PQclear(r);
    }
    if (p->conn && (err || !PQenterPipelineMode(p->conn)))
        lose_broken(p);
}

static int pg_script(struct sql *db, const char *text)
{
    struct postgres *p = of(db);
    int err = ready(p);
    if (!err && p->is_open)
        send_plain(p, SENT_PLAIN, "set local statement_timeout = 0");
    if (!err)
        err = finish(p);
    if (err)
        return err;
    run_script(p, text);
    return p->err;
}

static int pg_revive(struct sql *db)
{
    struct postgres *p = of(db);
    ASSERT(!p->is_open);
    if (p->conn)
        return 0;
    forget_session(p);
    int err = postgres_link_open(&p->conn, p->url, p->why);
    return err ? ERR_STORAGE_UNAVAILABLE : 0;
}

static const char *pg_why(const struct sql *db)
{
    return of(db)->why;
}

static void pg_close(struct sql *db)
{
    struct postgres *p = of(db);
    PQfinish(p->conn);
    buf_fini(&p->sent);
    buf_fini(&p->changed);
    buf_fini(&p->scratch);
    memset(p->url, 0, strlen(p->url));
    xfree(p->url);
    xfree(p);
}

static const struct sql_ops ops = {
    .name = "postgres",
    .begin = pg_begin,
    .run = pg_run,
    .settle = pg_settle,
    .changed = pg_changed,
    .query = pg_query,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .script = pg_script,
    .revive = pg_revive,
    .why = pg_why,
    .close = pg_close,
};

int postgres_open(struct sql **out, const char *url, char why[SQL_WHY_BYTES])
{
    PGconn *conn = NULL;
    why[0] = '\0';
    int err = postgres_link_open(&conn, url, why);
    if (err)
        return err;
    struct postgres *p = xalloc(sizeof(*p));
    *p = (struct postgres){ .sql.ops = &ops, .conn = conn, .url = xstrdup(url) };
    buf_init(&p->sent, POSTGRES_SENT_MAX * sizeof(struct sent));
    buf_init(&p->changed, POSTGRES_SENT_MAX * sizeof(uint64_t));
    buf_init(&p->scratch, POSTGRES_ARGS_MAX);
    forget_session(p);
    *out = &p->sql;
    return 0;
}
