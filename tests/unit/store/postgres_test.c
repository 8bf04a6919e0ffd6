/* What is particular to the PostgreSQL driver while its server is there: whom it connects to and
 * with which session, what becomes of the server's errors and notices, and that a pipeline may be
 * long in both directions. What every driver does is in sql_test.c; the server goes away in
 * postgres_away_test.c. */
#include "base/log.h"
#include "base/xalloc.h"
#include "fault.h"
#include "postgres_rig.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- whom it connects to ---- */

/* The address with another name of the database, or other words behind it. */
static const char *changed_url(char out[512], const char *url, const char *from, const char *to)
{
    const char *at = strstr(url, from);
    ok(at != NULL, "'%s' is in the address", from);
    int head = at ? (int)(at - url) : 0;
    snprintf(out, 512, "%.*s%s%s", head, url, to, at ? at + strlen(from) : "");
    return out;
}

static bool is_sentence(const char *why)
{
    size_t len = strlen(why);
    return len > 10 && why[0] >= 'A' && why[0] <= 'Z' && why[len - 1] == '.';
}

/* `secret` is a part of the address that must not be said. */
static void refuses(const char *url, int want, const char *words, const char *secret)
{
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES];
    int err = postgres_open(&db, url, why);
    is_int(err, want, "refused: %s", why);
    ok(strstr(why, words) != NULL, "the sentence says '%s'", words);
    ok(is_sentence(why), "it is one");
    ok(!strstr(why, secret) && !strstr(why, url), "and tells no secret");
    if (!err)
        db->ops->close(db);
}

static void test_refusals(struct pg_server *server)
{
    char url[512];
    const char *good = pg_server_fresh(server);
    const char *password = "open%20sesame%2F1";
    refuses(changed_url(url, good, password, "swordfish"), ERR_STORAGE_UNAVAILABLE,
        "password authentication failed", "swordfish");
    refuses(changed_url(url, good, password, "sword/fish"), ERR_STORAGE_UNAVAILABLE, "not found",
        "sword");
    refuses(changed_url(url, good, password, "sword@fish"), ERR_STORAGE_UNAVAILABLE, "not found",
        "fish");
    refuses(
        changed_url(url, good, password, "sword%fish"), ERR_BAD_CONFIG, "not understood", "fish");
    refuses(changed_url(url, good, "/test", "/nothing"), ERR_STORAGE_UNAVAILABLE, "does not exist",
        "sesame");
    refuses("postgresql://stoa:swordfish@127.0.0.1:1/x", ERR_STORAGE_UNAVAILABLE,
        "Connection refused", "swordfish");
    refuses("postgresql://stoa:swordfish@nobody.invalid/x", ERR_STORAGE_UNAVAILABLE, "not found",
        "swordfish");
    refuses("postgresql://stoa:refused@127.0.0.1:1/x", ERR_STORAGE_UNAVAILABLE, "connected to.",
        "refused");
    refuses("host=", ERR_STORAGE_UNAVAILABLE, ".", "swordfish");
    snprintf(url, sizeof(url), "%s?options=-csearch_path%%3Dnowhere", good);
    refuses(url, ERR_BAD_CONFIG, "no schema", "sesame");
    snprintf(url, sizeof(url), "%s?options=-cdefault_transaction_read_only%%3Don", good);
    refuses(url, ERR_STORAGE_UNAVAILABLE, "read-only", "sesame");
    pg_server_sql(server,
        "create database plain owner stoa template template0 encoding 'SQL_ASCII' locale 'C'");
    refuses(changed_url(url, good, strstr(good, "/test"), "/plain"), ERR_BAD_CONFIG, "SQL_ASCII",
        "sesame");
}

/* A socket that takes connections and never says a word. */
static int silent_socket(unsigned *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&a, len) || listen(fd, 8) ||
        getsockname(fd, (struct sockaddr *)&a, &len))
        abort();
    *port = ntohs(a.sin_port);
    return fd;
}

static void test_hosts(struct pg_server *server)
{
    char url[512], two[64];
    unsigned silent = 0;
    struct told t;
    const char *good = pg_server_fresh(server);
    int fd = silent_socket(&silent);
    snprintf(two, sizeof(two), "@127.0.0.1:1,127.0.0.1:%u,127.0.0.1:", silent);
    struct sql *db = open_at(changed_url(url, good, "@127.0.0.1:", two));
    is_str(ask(&t, db, T_ECHO, ARGS(sql_text(S("here"))), 1), "here",
        "of three hosts, one that refuses and one that is silent, the third is found");
    db->ops->close(db);
    close(fd);
}

/* ---- the session ---- */

static void test_session(struct pg_server *server)
{
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {
        { "application_name", "stoa" }, { "client_encoding", "UTF8" },
        { "synchronous_commit", "on" }, { "statement_timeout", "15s" }, { "lock_timeout", "5s" },
        { "idle_in_transaction_session_timeout", "30s" }, { "idle_session_timeout", "0" },
        { "client_connection_check_interval", "2s" }, { "search_path", "public, pg_temp" },
        { "fsync", "on" }, /* of the tests' server */
    };
    struct told t;
    char url[512];
    snprintf(url, sizeof(url), "%s?options=-csynchronous_commit%%3Doff", pg_server_fresh(server));
    struct sql *db = open_at(url);
    for (size_t i = 0; i < COUNT(rows); i++)
        is_str(setting(&t, db, rows[i].name), rows[i].value, "%s", rows[i].name);
    is_int(db->ops->begin(db, SQL_READING), 0, "a transaction that reads");
    is_str(setting(&t, db, "transaction_isolation"), "repeatable read", "sees one moment");
    is_str(setting(&t, db, "transaction_read_only"), "on", "and only reads");
    is_str(setting(&t, db, "statement_timeout"), "0", "for as long as it takes");
    db->ops->rollback(db);
    begin(db);
    is_str(setting(&t, db, "transaction_isolation"), "read committed", "one that writes");
    is_str(setting(&t, db, "statement_timeout"), "15s", "does not take long");
    db->ops->rollback(db);
    db->ops->close(db);
    snprintf(url, sizeof(url), "%s?options=-csynchronous_commit%%3Dremote_apply",
        pg_server_fresh(server));
    db = open_at(url);
    is_str(setting(&t, db, "synchronous_commit"), "remote_apply", "what is stricter stays");
    db->ops->close(db);
}

static void test_prepared_once(struct pg_server *server)
{
    const char *url;
    struct told t;
    struct sql *db = open_fresh(server, &url);
    for (int i = 0; i < 100; i++) {
        begin(db);
        add(db, i);
        db->ops->commit(db);
        db->ops->begin(db, SQL_READING);
        ask(&t, db, T_SUM, NULL, 0);
        db->ops->rollback(db);
    }
    is_str(t.text, "100|100|99", "a hundred transactions");
    is_str(ask(&t, db, T_PREPARED, NULL, 0), "3", "prepare each statement once");
    begin(db);
    run(db, T_WRONG, NULL, 0);
    run(db, T_LATE, ARGS(sql_text(S("x"))), 1);
    is_int(db->ops->settle(db), ERR_INTERNAL, "what stands behind a mistake is skipped");
    db->ops->rollback(db);
    begin(db);
    uint32_t late = run(db, T_LATE, ARGS(sql_text(S("x"))), 1);
    is_int(db->ops->commit(db), 0, "its preparation, too, and is made up for");
    is_int(db->ops->changed(db, late), 100, "then it is done");
    db->ops->close(db);
}

/* ---- errors and notices ---- */

static const struct {
    const char *state;
    int err;
} states[] = {
    { "23505", ERR_CONFLICT },
    { "23514", ERR_CONFLICT },
    { "22021", ERR_BAD_VALUE },
    { "54000", ERR_BAD_VALUE },
    { "40001", ERR_STORAGE_UNAVAILABLE },
    { "40P01", ERR_STORAGE_UNAVAILABLE },
    { "53100", ERR_STORAGE_UNAVAILABLE },
    { "53200", ERR_STORAGE_UNAVAILABLE },
    { "55P03", ERR_STORAGE_UNAVAILABLE },
    { "57014", ERR_STORAGE_UNAVAILABLE },
    { "57P03", ERR_STORAGE_UNAVAILABLE },
    { "58030", ERR_STORAGE_UNAVAILABLE },
    { "08006", ERR_STORAGE_UNAVAILABLE },
    { "25006", ERR_STORAGE_UNAVAILABLE },
    { "26000", ERR_STORAGE_UNAVAILABLE },
    { "XX001", ERR_IO },
    { "42501", ERR_INTERNAL },
    { "42P01", ERR_INTERNAL },
    { "0A000", ERR_INTERNAL },
    { "P0001", ERR_INTERNAL },
};

static void test_errors(struct pg_server *server)
{
    const char *url;
    struct told t;
    struct sql *db = open_fresh(server, &url);
    for (size_t i = 0; i < COUNT(states); i++) {
        begin(db);
        add(db, 1);
        run(db, T_FAIL, ARGS(sql_text(slice_str(states[i].state))), 1);
        add(db, 2);
        is_int(db->ops->settle(db), states[i].err, "%s", states[i].state);
        ok(is_sentence(db->ops->why(db)) && strstr(db->ops->why(db), states[i].state), "%s",
            db->ops->why(db));
        is_int(db->ops->commit(db), states[i].err, "%s is no commit", states[i].state);
        db->ops->rollback(db);
        is_int(db->ops->revive(db), 0, "and it goes on");
    }
    begin(db);
    add(db, 1);
    run(db, T_WRONG, NULL, 0);
    db->ops->rollback(db);
    begin(db);
    is_int(db->ops->commit(db), 0, "a mistake that nobody has heard of is not the next one's");
    is_str(ask(&t, db, T_SUM, NULL, 0), "0|0|0", "nothing was kept");
    is_str(ask(&t, db, T_FAIL, ARGS(sql_text(S("26000"))), 1), "STORAGE_UNAVAILABLE",
        "a query without a transaction may lose the connection, too");
    is_str(ask(&t, db, T_SUM, NULL, 0), "STORAGE_UNAVAILABLE", "which is then lost");
    is_int(db->ops->begin(db, SQL_WRITING), ERR_STORAGE_UNAVAILABLE, "for everything");
    db->ops->rollback(db);
    is_int(db->ops->revive(db), 0, "until it is revived");
    is_str(ask(&t, db, T_SUM, NULL, 0), "0|0|0", "as if nothing had been");
    db->ops->close(db);
}

static void test_nul(struct pg_server *server)
{
    const char *url;
    struct told t;
    struct sql *db = open_fresh(server, &url);
    struct sql_value bad = sql_text(slice_of("a\0b", 3));
    begin(db);
    add(db, 1);
    is_int(run(db, T_ADD, ARGS(sql_int(2), bad), 2), 1, "a text with a NUL is a run");
    is_int(db->ops->settle(db), ERR_BAD_VALUE, "that fails");
    is_int(db->ops->commit(db), ERR_BAD_VALUE, "and so all of it");
    ok(is_sentence(db->ops->why(db)), "%s", db->ops->why(db));
    db->ops->rollback(db);
    is_str(ask(&t, db, T_ECHO, &bad, 1), "BAD_VALUE", "nor can it be asked for");
    is_str(ask(&t, db, T_SUM, NULL, 0), "0|0|0", "the connection lives");
    db->ops->close(db);
}

static void test_notice(struct pg_server *server)
{
    const char *url;
    struct told t;
    char text[2048];
    FILE *file = tmpfile();
    struct sql *db = open_fresh(server, &url);
    log_set_fd(fileno(file));
    ask(&t, db, T_WARN, ARGS(sql_text(S("mind the gap"))), 1);
    log_set_fd(STDERR_FILENO);
    rewind(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    ok(strstr(text, "mind the gap") && strstr(text, "\"store\""), "a notice is a line of the log");
    fclose(file);
    db->ops->close(db);
}

/* ---- long pipelines ---- */

static void test_both_speak(struct pg_server *server)
{
    enum { RUNS = 5000, BYTES = 8192 };
    const char *url;
    struct told t;
    struct sql *db = open_fresh(server, &url);
    char *text = malloc(BYTES);
    memset(text, 'x', BYTES);
    begin(db);
    for (int i = 0; i < RUNS; i++)
        run(db, i % 2 ? T_ECHO : T_ADD,
            ARGS(i % 2 ? sql_text(slice_of(text, BYTES)) : sql_int(i),
                sql_text(slice_of(text, BYTES))),
            i % 2 ? 1 : 2);
    is_int(db->ops->settle(db), 0, "5,000 runs, half of which answer with as much as they say");
    is_int(db->ops->changed(db, RUNS - 2), 1, "each is counted");
    is_int(db->ops->commit(db), 0, "in one transaction");
    is_str(ask(&t, db, T_SUM, NULL, 0), "2500|2500|4998", "all is there");
    ask(&t, db, T_MANY, ARGS(sql_int(100000)), 1);
    is_int(t.rows, 100000, "100 MB of rows come one by one");
    free(text);
    db->ops->close(db);
}

/* More runs than may wait for their answers; fewer, but enough to move what waits, when there is
 * little time. */
static void test_long_copy(struct pg_server *server)
{
    int runs = is_soak() ? POSTGRES_SENT_MAX + 1000 : 20000;
    const char *url;
    char want[64];
    struct told t;
    struct sql *db = open_fresh(server, &url);
    is_int(db->ops->begin(db, SQL_COPYING), 0, "a copy");
    for (int i = 1; i <= runs; i++)
        add(db, i);
    is_int(db->ops->settle(db), 0, "of %d rows, settled once", runs);
    is_int(db->ops->changed(db, 1), 0, "is not counted");
    is_int(db->ops->commit(db), 0, "and committed");
    snprintf(want, sizeof(want), "%d|%d|%d", runs, runs, runs);
    is_str(ask(&t, db, T_SUM, NULL, 0), want, "all are there");
    db->ops->close(db);
}

/* ---- without memory ---- */

static void one_transaction(void *arg)
{
    struct sql *db = arg;
    char text[4096];
    memset(text, 'x', sizeof(text));
    int err = db->ops->begin(db, SQL_WRITING);
    for (int i = 0; i < 100 && !err; i++)
        run(db, T_ADD, ARGS(sql_int(i), sql_text(slice_of(text, sizeof(text)))), 2);
    if (!err)
        err = db->ops->commit(db);
    if (fault_hit())
        ok(err == ERR_NO_MEMORY, "without memory: %s", err_name(err));
    db->ops->rollback(db);
    is_int(db->ops->revive(db), 0, "it goes on");
}

/* Each body begins with buffers of its own: they are kept otherwise. */
static void one_life(void *arg)
{
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES];
    int err = postgres_open(&db, arg, why);
    is_int(err, 0, "%s", why);
    if (!err) {
        one_transaction(db);
        db->ops->close(db);
    }
}

static void test_without_memory(struct pg_server *server)
{
    const char *url;
    struct told t;
    struct sql *db = open_fresh(server, &url);
    unsigned runs = fault_each(FAULT_ALLOC, one_life, (void *)(uintptr_t)url);
    char want[64];
    snprintf(want, sizeof(want), "100|100|99");
    is_str(
        ask(&t, db, T_SUM, NULL, 0), want, "%u without memory left nothing, one with it all", runs);
    db->ops->close(db);
}

int main(void)
{
    struct pg_server *server = pg_server_start();
    log_set_form(LOG_FORM_JSON);
    test_refusals(server);
    test_hosts(server);
    test_session(server);
    test_prepared_once(server);
    test_errors(server);
    test_nul(server);
    test_notice(server);
    test_both_speak(server);
    test_long_copy(server);
    test_without_memory(server);
    pg_server_end(server);
    return done();
}
