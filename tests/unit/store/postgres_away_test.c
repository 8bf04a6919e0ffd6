/* The server goes away: killed connections, killed and stopped servers, one that no longer answers.
 * What was committed is there, once, and the driver comes back.
 *
 * The ledger is what a writer does to be safe from a lost answer: every transaction moves a fence
 * from the number before to its own, and adds its rows. One that finds the fence moved already was
 * committed by an earlier try. The table of the rows has no key, so a try that is done twice shows.
 * A thread breaks the writer's connection again and again, at any moment of a transaction. */
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "postgres_rig.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define KILLS      200
#define SOAK_KILLS 10000 /* SOAK=1 */
#define ROWS       5     /* of a transaction */

struct ledger {
    struct sql *db;
    const char *url;
    atomic_int pid; /* of the session; 0: there is none */
    atomic_uint kills;
    atomic_bool is_over;
    int64_t last;         /* transaction that was acknowledged */
    unsigned again;       /* tries that had to be repeated */
    unsigned done_before; /* of these, those that had happened after all */
};

static void publish(struct ledger *l)
{
    struct told t;
    const char *pid = ask(&t, l->db, T_PID, NULL, 0);
    atomic_store(&l->pid, (int)strtol(pid, NULL, 10)); /* 0 of an error's name */
}

static void revive(struct ledger *l)
{
    atomic_store(&l->pid, 0);
    while (l->db->ops->revive(l->db))
        usleep(10000);
    publish(l);
}

/* 0: it is there now, by this try or by an earlier one. */
static int try_once(struct ledger *l, int64_t number)
{
    struct told t;
    struct sql *db = l->db;
    int err = db->ops->begin(db, SQL_WRITING);
    if (err)
        return err;
    uint32_t fence = run(db, T_FENCE, ARGS(sql_int(number), sql_int(number - 1)), 2);
    for (int i = 0; i < ROWS; i++)
        add(db, number * ROWS + i);
    err = db->ops->settle(db);
    if (err || db->ops->changed(db, fence) == 1)
        return err ? err : db->ops->commit(db);
    const char *last = ask(&t, db, T_LAST, NULL, 0);
    err = db->ops->settle(db);
    if (!err && strtoll(last, NULL, 10) != number)
        err = ERR_CONFLICT;
    if (!err)
        l->done_before++;
    return err;
}

static bool write_one(struct ledger *l, int64_t number)
{
    for (;;) {
        int err = try_once(l, number);
        l->db->ops->rollback(l->db);
        if (err && err != ERR_STORAGE_UNAVAILABLE)
            return ok(false, "%s: %s", err_name(err), l->db->ops->why(l->db));
        if (!err)
            return true;
        l->again++;
        revive(l);
    }
}

static void is_complete(struct ledger *l)
{
    struct told t;
    char want[64];
    int64_t n = l->last * ROWS;
    snprintf(want, sizeof(want), "%jd|%jd|%jd", (intmax_t)n, (intmax_t)n,
        (intmax_t)(n > 0 ? n + ROWS - 1 : 0));
    is_str(ask(&t, l->db, T_SUM, NULL, 0), want, "nothing is lost, nothing is there twice");
}

/* ---- connections are killed ---- */

static void kill_session(PGconn *c, int pid)
{
    char text[64];
    snprintf(text, sizeof(text), "select pg_terminate_backend(%d)", pid);
    PQclear(PQexec(c, text));
}

static void *kill_all(void *arg)
{
    struct ledger *l = arg;
    PGconn *c = PQconnectdb(l->url);
    unsigned wanted = is_soak() ? SOAK_KILLS : KILLS;
    int last = 0;
    while (PQstatus(c) == CONNECTION_OK && l->kills < wanted) {
        uint16_t wait_us;
        int pid = atomic_load(&l->pid);
        if (pid == 0 || pid == last) {
            usleep(200);
            continue;
        }
        random_bytes(&wait_us, sizeof(wait_us));
        usleep(wait_us % 8000);
        kill_session(c, pid);
        last = pid;
        l->kills++;
    }
    PQfinish(c);
    atomic_store(&l->is_over, true);
    return NULL;
}

static void test_kills(struct pg_server *server)
{
    struct ledger l = { .last = 0 };
    pthread_t killer;
    l.db = open_fresh(server, &l.url);
    publish(&l);
    pthread_create(&killer, NULL, kill_all, &l);
    while (!l.is_over && write_one(&l, l.last + 1))
        l.last++;
    atomic_store(&l.pid, 0);
    pthread_join(killer, NULL);
    ok(l.kills >= KILLS, "a session is killed %u times", l.kills);
    note("%jd transactions, %u tried again, %u of which had happened", (intmax_t)l.last, l.again,
        l.done_before);
    ok(l.again >= KILLS / 4, "often within a transaction");
    ok(write_one(&l, ++l.last), "the last kill may strike only now");
    is_complete(&l);
    l.db->ops->close(l.db);
}

/* At places that are known: idle, behind a run, behind settle. */
static void test_killed_where(struct pg_server *server)
{
    struct ledger l = { .last = 0 };
    l.db = open_fresh(server, &l.url);
    PGconn *c = PQconnectdb(l.url);
    for (int place = 0; place < 3; place++) {
        struct sql *db = l.db;
        publish(&l);
        if (place == 0)
            kill_session(c, l.pid);
        begin(db);
        add(db, 7);
        if (place == 1)
            kill_session(c, l.pid);
        if (place == 2) {
            is_int(db->ops->settle(db), 0, "settled");
            kill_session(c, l.pid);
        }
        is_int(db->ops->commit(db), ERR_STORAGE_UNAVAILABLE, "killed at place %d: %s", place,
            db->ops->why(db));
        is_int(db->ops->settle(db), ERR_STORAGE_UNAVAILABLE, "until the rollback");
        db->ops->rollback(db);
        is_int(db->ops->revive(db), 0, "it is revived");
    }
    is_complete(&l);
    PQfinish(c);
    l.db->ops->close(l.db);
}

/* ---- the server is away ---- */

static void test_server_away(struct pg_server *server)
{
    static const char *const ways[] = { "stop", "kill" };
    struct ledger l = { .last = 0 };
    l.db = open_fresh(server, &l.url);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct sql *db = l.db;
        ok(write_one(&l, ++l.last), "something is committed");
        pg_server_do(server, ways[i]);
        is_int(
            try_once(&l, l.last + 1), ERR_STORAGE_UNAVAILABLE, "%s: %s", ways[i], db->ops->why(db));
        db->ops->rollback(db);
        is_int(db->ops->revive(db), ERR_STORAGE_UNAVAILABLE, "not yet: %s", db->ops->why(db));
        is_int(db->ops->begin(db, SQL_WRITING), ERR_STORAGE_UNAVAILABLE, "nothing begins");
        db->ops->rollback(db);
        pg_server_do(server, "start");
        is_int(db->ops->revive(db), 0, "it is back: %s", db->ops->why(db));
        ok(write_one(&l, ++l.last), "and goes on");
        is_complete(&l);
    }
    l.db->ops->close(l.db);
}

/* ---- the server does not answer ---- */

static unsigned ms_since(uint64_t us)
{
    return (unsigned)((clock_mono_us(&clock_system) - us) / 1000);
}

static void took(uint64_t since_us, unsigned want_ms, const char *what)
{
    unsigned ms = ms_since(since_us);
    ok(ms + 100 >= want_ms && ms <= want_ms + 3000, "%s after %u ms, in %u", what, want_ms, ms);
}

/* What may wait to be sent. */
static void test_runs_never_wait(struct sql *db)
{
    char text[8192];
    memset(text, 'x', sizeof(text));
    uint64_t now = clock_mono_us(&clock_system);
    for (int i = 0; i < 450; i++)
        run(db, T_ADD, ARGS(sql_int(1), sql_text(slice_of(text, sizeof(text)))), 2);
    ok(ms_since(now) < 5000, "3.6 MB are taken from whoever runs them, in %u ms", ms_since(now));
}

/* The paused server may have read the whole transaction before it was given up, and do it when it
 * goes on: then the next try finds it done, with the rows of test_runs_never_wait(). */
static void is_done_once(struct ledger *l)
{
    struct told t;
    if (l->done_before == 0)
        is_complete(l);
    else
        is_str(ask(&t, l->db, T_SUM, NULL, 0), "455|6|9", "what was given up was done, once");
}

static void test_no_answer(struct pg_server *server)
{
    struct ledger l = { .last = 0 };
    l.db = open_fresh(server, &l.url);
    ok(write_one(&l, ++l.last), "something is committed");
    begin(l.db);
    run(l.db, T_FENCE, ARGS(sql_int(2), sql_int(1)), 2);
    is_int(l.db->ops->settle(l.db), 0, "something is about to be");
    pg_server_do(server, "pause");
    test_runs_never_wait(l.db);
    uint64_t now = clock_mono_us(&clock_system);
    is_int(l.db->ops->commit(l.db), ERR_STORAGE_UNAVAILABLE, "%s", l.db->ops->why(l.db));
    took(now, POSTGRES_ANSWER_MS, "a commit is given up");
    l.db->ops->rollback(l.db);
    took(now, POSTGRES_ANSWER_MS, "its rollback takes no longer");
    now = clock_mono_us(&clock_system);
    is_int(l.db->ops->revive(l.db), ERR_STORAGE_UNAVAILABLE, "%s", l.db->ops->why(l.db));
    took(now, POSTGRES_CONNECT_MS, "connecting is given up");
    pg_server_do(server, "resume");
    is_int(l.db->ops->revive(l.db), 0, "it answers again");
    ok(write_one(&l, ++l.last), "and what was given up can be done");
    is_done_once(&l);
    l.db->ops->close(l.db);
}

int main(void)
{
    struct pg_server *server = pg_server_start();
    test_killed_where(server);
    test_kills(server);
    test_server_away(server);
    test_no_answer(server);
    pg_server_end(server);
    return done();
}
