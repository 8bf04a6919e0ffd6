/* A session is made in three steps: for each host of the address in turn a connection (libpq would
 * wait for one that does not answer as long as TCP does); then what the server must be; then what
 * the session shall be like.
 *
 * libpq's words about an address that it does not understand may quote the password (an unescaped
 * '@' or '/' makes it part of the host), so they are never repeated. Of a connection that failed
 * only the reason behind the last colon is, and not even that when the password is found in it. Of
 * the server's words only the primary message is repeated; the details quote rows. */
#include "store/postgres_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/postgres.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>

#define MIN_VERSION 140000 /* pipelines are older, but so old a server gets no repairs any more */
#define MAX_HOSTS   16
#define MAX_HOST    256
#define MAX_PARAMS  16

/* An empty schema name in the path would let temporary tables come first. */
#define SET_UP                                                                                    \
    "select current_schema() is not null, current_setting('fsync'),"                              \
    " set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false),"            \
    " set_config('synchronous_commit', case current_setting('synchronous_commit')"                \
    "  when 'off' then 'on' else current_setting('synchronous_commit') end, false),"              \
    " set_config('statement_timeout', '15s', false)," /* longer than we wait: for when we died */ \
    " set_config('lock_timeout', '5s', false),"                                                   \
    " set_config('idle_in_transaction_session_timeout', '30s', false),"                           \
    " set_config('idle_session_timeout', '0', false),"                                            \
    " set_config('client_min_messages', 'warning', false),"                                       \
    " set_config('jit', 'off', false)" /* costs more than it gives in short queries */

/* So that a transaction whose client is gone does not hold its locks. Not every system can. */
#define SET_UP_CHECK "set client_connection_check_interval = '2s'"

/* ---- waiting ---- */

/* The events that came; 0: none in time. */
static int await(int fd, short events, uint64_t until_us)
{
    for (;;) {
        uint64_t now = clock_mono_us(&clock_system);
        int left_ms = now < until_us ? (int)((until_us - now + 999) / 1000) : 0;
        struct pollfd pfd = { .fd = fd, .events = events };
        int n = poll(&pfd, 1, left_ms);
        if (n > 0)
            return pfd.revents;
        if (n == 0 || errno != EINTR)
            return 0;
    }
}

static uint64_t in_ms(unsigned ms)
{
    return clock_mono_us(&clock_system) + ms * 1000ull;
}

int postgres_link_wait(PGconn *c, unsigned patience_ms)
{
    int unsent = PQflush(c);
    if (unsent < 0 || PQsocket(c) < 0)
        return ERR_RESET;
    int events = await(PQsocket(c), unsent ? POLLIN | POLLOUT : POLLIN, in_ms(patience_ms));
    if (!events)
        return ERR_TIMEOUT;
    if (events & ~POLLOUT && !PQconsumeInput(c))
        return ERR_RESET;
    return 0;
}

/* ---- errors ---- */

static void say(char why[SQL_WHY_BYTES], const char *text)
{
    snprintf(why, SQL_WHY_BYTES, "%s", text);
}

static int err_of_class(const char *state)
{
    static const struct {
        const char *prefix;
        int err;
    } rows[] = {
        { "08", ERR_RESET },
        { "22", ERR_BAD_VALUE },
        { "23", ERR_CONFLICT },
        { "25006", ERR_RESET }, /* read only: it is not, or no longer, the one to write to */
        { "26", ERR_RESET },    /* somebody between us has forgotten what was prepared */
        { "40", ERR_STORAGE_UNAVAILABLE },
        { "53", ERR_STORAGE_UNAVAILABLE },
        { "54", ERR_BAD_VALUE },
        { "55P03", ERR_STORAGE_UNAVAILABLE }, /* lock_timeout */
        { "57", ERR_STORAGE_UNAVAILABLE },
        { "58", ERR_STORAGE_UNAVAILABLE },
        { "XX", ERR_IO },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (slice_starts(slice_str(state), slice_str(rows[i].prefix)))
            return rows[i].err;
    }
    return ERR_INTERNAL;
}

static int judge_failure(const PGresult *r, char why[SQL_WHY_BYTES])
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!state || !text) { /* libpq's own: the connection broke, or there is no memory */
        say(why, "The connection to the database was lost.");
        return ERR_RESET;
    }
    int err = err_of_class(state);
    if (err == ERR_BAD_VALUE)
        snprintf(why, SQL_WHY_BYTES, "The database refuses a value (%s).", state);
    else
        snprintf(why, SQL_WHY_BYTES, "PostgreSQL says: %.300s (%s).", text, state);
    bool is_over = severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
    return is_over ? ERR_RESET : err;
}

int postgres_link_judge(const PGresult *r, char why[SQL_WHY_BYTES])
{
    switch (PQresultStatus(r)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_EMPTY_QUERY:
        return 0;
    case PGRES_FATAL_ERROR:
        return judge_failure(r, why);
    default:
        say(why, "The database answers with something that was not asked for.");
        return ERR_RESET;
    }
}

static struct slice first_line(const char *text)
{
    struct slice rest = slice_str(text);
    struct slice line = slice_of("", 0);
    return slice_cut(&line, &rest, '\n') ? line : rest;
}

void postgres_link_epitaph(char why[SQL_WHY_BYTES], const PGconn *c, int err)
{
    struct slice line = first_line(PQerrorMessage(c));
    if (err == ERR_TIMEOUT)
        say(why, "The database server does not answer.");
    else if (line.len == 0)
        say(why, "The connection to the database was lost.");
    else
        snprintf(why, SQL_WHY_BYTES, "The connection to the database was lost: %.*s.",
            (int)slice_take(line, 300).len, line.p);
}

/* Why a server that was found did not let us in: what comes behind the last ": ". Empty when it was
 * not even found. */
static struct slice reason_of(const char *text)
{
    struct slice line = first_line(text);
    size_t at = slice_starts(line, S("connection to server ")) ? line.len : 0;
    while (at >= 2 && !(line.p[at - 2] == ':' && line.p[at - 1] == ' '))
        at--;
    return at < 2 ? slice_of("", 0) : slice_trim(slice_drop(line, at));
}

static bool holds(struct slice text, const char *word)
{
    return word && *word && memmem(text.p, text.len, word, strlen(word)) != NULL;
}

/* ---- connecting ---- */

/* Of the address. */
struct target {
    const char *url;
    PQconninfoOption *options;
    unsigned n_hosts;
};

static const char *option_of(const struct target *t, const char *name)
{
    for (const PQconninfoOption *o = t->options; o->keyword; o++) {
        if (strcmp(o->keyword, name) == 0)
            return o->val;
    }
    return NULL;
}

static unsigned count_items(const char *list)
{
    unsigned n = 1;
    for (; list && *list; list++)
        n += *list == ',';
    return n;
}

/* The i-th item, or the only one. Empty when there is none. */
static void item_of(char out[MAX_HOST], const char *list, unsigned i)
{
    struct slice rest = slice_str(list);
    struct slice item = slice_of("", 0);
    for (unsigned n = 0; n <= i && slice_cut(&item, &rest, ',');)
        n++;
    snprintf(out, MAX_HOST, "%.*s", (int)item.len, item.p);
}

struct params {
    const char *names[MAX_PARAMS + 1];
    const char *values[MAX_PARAMS + 1];
    unsigned n;
};

static void add(struct params *p, const char *name, const char *value)
{
    p->names[p->n] = name;
    p->values[p->n++] = value;
}

/* Each may be said otherwise in the address. */
static void add_defaults(struct params *p)
{
    add(p, "application_name", "stoa");
    add(p, "gssencmode", "disable"); /* asks Kerberos, which has its own deadlines */
    add(p, "target_session_attrs", "read-write");
    add(p, "keepalives_idle", "10");
    add(p, "keepalives_interval", "5");
    add(p, "keepalives_count", "3");
    add(p, "tcp_user_timeout", "15000");
}

static PGconn *start(const struct target *t, unsigned i)
{
    struct params p = { .n = 0 };
    char host[MAX_HOST], addr[MAX_HOST], port[MAX_HOST];
    add_defaults(&p);
    add(&p, "dbname", t->url);
    add(&p, "client_encoding", "UTF8");
    if (t->n_hosts > 1) {
        item_of(host, option_of(t, "host"), i);
        item_of(addr, option_of(t, "hostaddr"), i);
        item_of(port, option_of(t, "port"), i);
        add(&p, "host", host);
        add(&p, "hostaddr", addr);
        add(&p, "port", port);
    }
    return PQconnectStartParams(p.names, p.values, 1);
}

static void on_notice(void *arg, const PGresult *r)
{
    (void)arg;
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    log_info(LOG_STORE, "a notice of the database", LOG_STR("text", text ? text : ""),
        LOG_STR("state", PQresultErrorField(r, PG_DIAG_SQLSTATE)));
}

/* 0, ERR_TIMEOUT, ERR_RESET. */
static int go_on(PGconn *c)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    uint64_t until_us = in_ms(POSTGRES_CONNECT_MS);
    if (PQstatus(c) == CONNECTION_BAD)
        return ERR_RESET;
    while (want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED)
            return ERR_RESET;
        if (!await(PQsocket(c), want == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_us))
            return ERR_TIMEOUT;
        want = PQconnectPoll(c);
    }
    return 0;
}

static void say_unreached(char why[SQL_WHY_BYTES], PGconn *c, const struct target *t, int err)
{
    struct slice reason = reason_of(PQerrorMessage(c));
    bool is_telling = holds(reason, PQpass(c)) || holds(reason, option_of(t, "password"));
    if (err == ERR_TIMEOUT)
        say(why, "The database server does not answer.");
    else if (is_telling)
        say(why, "The database server cannot be connected to.");
    else if (reason.len == 0)
        say(why, "The database server is not found: its host, its port or an option is wrong.");
    else
        snprintf(why, SQL_WHY_BYTES, "The database server cannot be connected to: %.*s.",
            (int)slice_take(reason, 300).len, reason.p);
}

static int connect_to(PGconn **out, const struct target *t, unsigned i, char why[SQL_WHY_BYTES])
{
    PGconn *c = start(t, i);
    say(why, "There is no memory for a connection to the database.");
    if (!c)
        return ERR_NO_MEMORY;
    PQsetNoticeReceiver(c, on_notice, NULL);
    int err = go_on(c);
    if (!err) {
        *out = c;
        return 0;
    }
    say_unreached(why, c, t, err);
    PQfinish(c);
    return ERR_STORAGE_UNAVAILABLE;
}

static int connect_to_any(PGconn **out, const char *url, char why[SQL_WHY_BYTES])
{
    struct target t = { .url = url, .options = PQconninfoParse(url, NULL) };
    if (!t.options) {
        say(why, "The address of the database is not understood.");
        return ERR_BAD_CONFIG;
    }
    const char *hosts = option_of(&t, "host");
    t.n_hosts = count_items(hosts && *hosts ? hosts : option_of(&t, "hostaddr"));
    int err = ERR_STORAGE_UNAVAILABLE;
    for (unsigned i = 0; err == ERR_STORAGE_UNAVAILABLE && i < t.n_hosts && i < MAX_HOSTS; i++)
        err = connect_to(out, &t, i, why);
    PQconninfoFree(t.options);
    return err;
}

/* ---- the session ---- */

static int check_server(PGconn *c, char why[SQL_WHY_BYTES])
{
    const char *encoding = PQparameterStatus(c, "server_encoding");
    if (PQserverVersion(c) < MIN_VERSION) {
        snprintf(why, SQL_WHY_BYTES,
            "The database server is of version %d; 14 is needed, or newer.",
            PQserverVersion(c) / 10000);
        return ERR_BAD_CONFIG;
    }
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        snprintf(why, SQL_WHY_BYTES,
            "The database is encoded in %.40s; make one with `create database ... encoding "
            "'UTF8' template template0`.",
            encoding ? encoding : "something unknown");
        return ERR_BAD_CONFIG;
    }
    return 0;
}

/* The answer to one statement; NULL: the connection is over. Returns owned. */
static PGresult *ask(PGconn *c, const char *text, char why[SQL_WHY_BYTES])
{
    int err = PQsendQuery(c, text) ? 0 : ERR_RESET;
    PGresult *first = NULL;
    while (!err && PQisBusy(c))
        err = postgres_link_wait(c, POSTGRES_ANSWER_MS);
    if (!err)
        first = PQgetResult(c);
    PGresult *last = first;
    while (!err && last) {
        while (!err && PQisBusy(c))
            err = postgres_link_wait(c, POSTGRES_ANSWER_MS);
        last = err ? NULL : PQgetResult(c);
        PQclear(last);
    }
    if (err)
        postgres_link_epitaph(why, c, err);
    return first;
}

static int check_session(const PGresult *r, char why[SQL_WHY_BYTES])
{
    if (!r || postgres_link_judge(r, why) || PQntuples(r) != 1)
        return ERR_STORAGE_UNAVAILABLE;
    if (strcmp(PQgetvalue(r, 0, 0), "t") != 0) {
        say(why, "The database has no schema to make tables in, or none that this user may see.");
        return ERR_BAD_CONFIG;
    }
    if (strcmp(PQgetvalue(r, 0, 1), "off") == 0)
        log_warning(LOG_STORE,
            "the database server runs with fsync=off: a power cut loses what was stored");
    return 0;
}

static int set_up(PGconn *c, char why[SQL_WHY_BYTES])
{
    int err = check_server(c, why);
    if (!err && PQsetnonblocking(c, 1) < 0)
        err = ERR_STORAGE_UNAVAILABLE;
    if (err)
        return err;
    PGresult *r = ask(c, SET_UP, why);
    err = check_session(r, why);
    PQclear(r);
    if (err)
        return err;
    PQclear(ask(c, SET_UP_CHECK, why));
    return PQenterPipelineMode(c) ? 0 : ERR_STORAGE_UNAVAILABLE;
}

int postgres_link_open(PGconn **out, const char *url, char why[SQL_WHY_BYTES])
{
    PGconn *c = NULL;
    int err = connect_to_any(&c, url, why);
    if (!err)
        err = set_up(c, why);
    if (err) {
        PQfinish(c);
        return err;
    }
    why[0] = '\0';
    *out = c;
    return 0;
}
