/* All tables go the same way: what comes behind the last key, a page at a time, each row at once
 * into the other database. So memory holds no more than a page, and nothing depends on either
 * database but the texts of the statements (store/sql/copy.def).
 *
 * A file gets its name when it is whole: until then it lies beside it, under a name that ends in
 * ".part", and is removed if the copy fails. */
#include "store/copy.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "net/thread.h"
#include "store/migrate.h"
#include "store/postgres.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_ROWS  64u         /* PostgreSQL gives a page as a whole, and a row may have 3 MiB */
#define PAGE_BYTES (4u << 20)  /* SQLite gives row by row: then it is enough */
#define KEY_BYTES  (64u << 10) /* of a text in a key */
#define KEYS       3u
#define PATH_BYTES 4096u

/* ---- tables ---- */

struct table {
    const char *name;
    const char *key; /* of the columns that it begins with, a letter each: text or number */
    enum sql_statement copy;
    enum sql_statement paste;
    enum sql_statement count;
};

#define TABLE(id, name_, key_)                                                          \
    {                                                                                   \
        .name = (name_), .key = (key_), .copy = SQL_COPY_##id, .paste = SQL_PASTE_##id, \
        .count = SQL_COUNT_##id,                                                        \
    }

static const struct table tables[] = {
    TABLE(LOGS, "logs", "t"),
    TABLE(EPOCHS, "epochs", "tn"),
    TABLE(EVENTS, "events", "tn"),
    TABLE(ROOM_SNAPSHOTS, "room_snapshots", "tnn"),
    TABLE(ROOMS, "rooms", "t"),
    TABLE(ROOM_USERS, "room_users", "tt"),
    TABLE(MESSAGES, "messages", "tn"),
    TABLE(WHITEBOARD_SNAPSHOTS, "whiteboard_snapshots", "tn"),
    TABLE(VIOLATIONS, "violations", "tn"),
    TABLE(SUBMISSIONS, "submissions", "tn"),
    TABLE(JOIN_ATTEMPTS, "join_attempts", "tn"),
    TABLE(KICK_EVENTS, "kick_events", "tn"),
    TABLE(FOCUS_STRETCHES, "focus_stretches", "tnt"),
    TABLE(USERS, "users", "t"),
    TABLE(FILES, "files", "t"),
    TABLE(TOTALS, "totals", "t"),
    TABLE(REVOCATIONS, "revocations", "t"),
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

struct key {
    struct buf texts[KEYS];
    int64_t numbers[KEYS];
};

struct copying {
    struct sql *to;
    struct sql *from;
    const struct table *table;
    struct key keys[2];
    struct key *from_key; /* behind which the page begins: the query borrows it */
    struct key *last_key; /* of its last row */
    uint32_t n_page;
    size_t page_bytes;
    uint64_t n_rows; /* of the table */
};

static void key_init(struct key *k)
{
    for (unsigned i = 0; i < KEYS; i++)
        buf_init(&k->texts[i], KEY_BYTES);
}

static void key_fini(struct key *k)
{
    for (unsigned i = 0; i < KEYS; i++)
        buf_fini(&k->texts[i]);
}

/* Before all keys: names are not empty, numbers not negative. */
static void begin_table(struct copying *c, const struct table *table)
{
    c->table = table;
    c->n_rows = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        buf_reset(&c->last_key->texts[i]);
        c->last_key->numbers[i] = -1;
    }
}

static int keep_key(struct key *k, const struct table *table, const struct sql_value *at)
{
    for (unsigned i = 0; table->key[i] != '\0'; i++) {
        k->numbers[i] = sql_number(&at[i]);
        buf_reset(&k->texts[i]);
        buf_add_slice(&k->texts[i], sql_string(&at[i]));
        if (buf_err(&k->texts[i]))
            return buf_err(&k->texts[i]);
    }
    return 0;
}

static int on_row(void *arg, const struct sql_value *at, unsigned n)
{
    struct copying *c = arg;
    c->to->ops->run(c->to, c->table->paste, at, n);
    c->n_page++;
    c->n_rows++;
    for (unsigned i = 0; i < n; i++)
        c->page_bytes += at[i].text.len;
    int err = keep_key(c->last_key, c->table, at);
    return !err && c->page_bytes > PAGE_BYTES ? ERR_AGAIN : err;
}

static unsigned key_args(struct sql_value *args, const struct key *k, const struct table *table)
{
    unsigned n = 0;
    for (; table->key[n] != '\0'; n++) {
        bool is_text = table->key[n] == 't';
        args[n] = is_text ? sql_text(buf_slice(&k->texts[n])) : sql_int(k->numbers[n]);
    }
    return n;
}

static int copy_page(bool *more, struct copying *c)
{
    struct sql_value args[KEYS + 1];
    struct key *from = c->last_key;
    c->last_key = c->from_key;
    c->from_key = from;
    unsigned n = key_args(args, from, c->table);
    args[n] = sql_int(PAGE_ROWS);
    c->n_page = 0;
    c->page_bytes = 0;
    int err = c->from->ops->query(c->from, c->table->copy, args, n + 1, on_row, c);
    *more = err == ERR_AGAIN || c->n_page == PAGE_ROWS;
    return err == ERR_AGAIN ? 0 : err;
}

static int on_count(void *arg, const struct sql_value *at, unsigned n)
{
    ASSERT(n == 1);
    *(int64_t *)arg = sql_number(&at[0]);
    return 0;
}

static int count(int64_t *rows, struct sql *db, const struct table *t)
{
    *rows = -1;
    return db->ops->query(db, t->count, NULL, 0, on_count, rows);
}

/* ---- one database into another ---- */

/* What went wrong there, unless it was said already. Whatever it was, the one cannot be read, the
 * other not be written. */
static int wrong_source(char why[SQL_WHY_BYTES], const struct sql *from, int err)
{
    snprintf(why, SQL_WHY_BYTES, "What is to be copied cannot be read. %s", from->ops->why(from));
    return err == ERR_NO_MEMORY ? err : ERR_STORAGE_UNAVAILABLE;
}

static int wrong_target(char why[SQL_WHY_BYTES], const struct sql *to, int err)
{
    snprintf(why, SQL_WHY_BYTES, "The copy cannot be written. %s", to->ops->why(to));
    return err == ERR_NO_MEMORY ? err : ERR_IO;
}

static int not_empty(char why[SQL_WHY_BYTES])
{
    snprintf(why, SQL_WHY_BYTES, "There is something already where the copy should go.");
    return ERR_CONFLICT;
}

static int check_stopped(char why[SQL_WHY_BYTES], const atomic_bool *is_stopped)
{
    if (is_stopped == NULL || !atomic_load(is_stopped))
        return 0;
    snprintf(why, SQL_WHY_BYTES, "The copy was broken off.");
    return ERR_CLOSED;
}

/* Every table is asked for: a database of somebody else may have one of that name, too. */
static int check_empty(char why[SQL_WHY_BYTES], struct sql *to)
{
    for (size_t i = 0; i < TABLES; i++) {
        int64_t rows;
        int err = count(&rows, to, &tables[i]);
        if (err == 0)
            return not_empty(why);
        if (err != ERR_INTERNAL)
            return wrong_target(why, to, err);
    }
    return 0;
}

static int check_count(char why[SQL_WHY_BYTES], const struct copying *c)
{
    int64_t here, there;
    int err = count(&here, c->from, c->table);
    if (err)
        return wrong_source(why, c->from, err);
    err = count(&there, c->to, c->table);
    if (err)
        return wrong_target(why, c->to, err);
    if (here == there && (uint64_t)there == c->n_rows)
        return 0;
    snprintf(why, SQL_WHY_BYTES, "Of the %jd rows of %s the copy has %jd.", (intmax_t)here,
        c->table->name, (intmax_t)there);
    return ERR_IO;
}

static int copy_table(char why[SQL_WHY_BYTES], struct copying *c, const struct table *table,
    const atomic_bool *is_stopped)
{
    bool more = true;
    begin_table(c, table);
    while (more) {
        int err = check_stopped(why, is_stopped);
        if (err)
            return err;
        err = copy_page(&more, c);
        if (err)
            return wrong_source(why, c->from, err);
        err = c->to->ops->settle(c->to);
        if (err)
            return wrong_target(why, c->to, err);
    }
    return check_count(why, c);
}

static int copy_all(
    char why[SQL_WHY_BYTES], struct sql *to, struct sql *from, const atomic_bool *is_stopped)
{
    struct copying c = {
        .to = to,
        .from = from,
        .from_key = &c.keys[0],
        .last_key = &c.keys[1],
    };
    int err = 0;
    key_init(&c.keys[0]);
    key_init(&c.keys[1]);
    for (size_t i = 0; i < TABLES && !err; i++)
        err = copy_table(why, &c, &tables[i], is_stopped);
    key_fini(&c.keys[0]);
    key_fini(&c.keys[1]);
    return err;
}

static int write_all(
    char why[SQL_WHY_BYTES], struct sql *to, struct sql *from, const atomic_bool *is_stopped)
{
    int err = migrate_empty(to, clock_wall_ms(&clock_system));
    if (err)
        return err == ERR_CONFLICT ? not_empty(why) : wrong_target(why, to, err);
    err = copy_all(why, to, from, is_stopped);
    if (err)
        return err;
    err = to->ops->commit(to);
    return err ? wrong_target(why, to, err) : 0;
}

int copy_tables(
    char why[SQL_WHY_BYTES], struct sql *to, struct sql *from, const atomic_bool *is_stopped)
{
    why[0] = '\0';
    int err = check_empty(why, to);
    if (err)
        return err;
    err = from->ops->begin(from, SQL_READING);
    if (err) {
        err = wrong_source(why, from, err);
        goto out;
    }
    err = to->ops->begin(to, SQL_COPYING);
    err = err ? wrong_target(why, to, err) : write_all(why, to, from, is_stopped);
    if (err)
        to->ops->rollback(to);
out:
    from->ops->rollback(from);
    return err;
}

/* ---- places ---- */

static int open_place(
    struct sql **out, const struct copy_place *place, bool is_writer, char why[SQL_WHY_BYTES])
{
    struct sqlite_settings file = { .file = place->file, .is_writer = is_writer };
    ASSERT(place->file != NULL || place->url != NULL);
    if (place->file != NULL)
        return sqlite_open(out, &file, why);
    return postgres_open(out, place->url, why);
}

/* "target.db" and a suffix; empty: too long. */
struct path {
    char text[PATH_BYTES];
};

static struct path path_with(const char *file, const char *suffix)
{
    struct path p;
    int len = snprintf(p.text, sizeof(p.text), "%s%s", file, suffix);
    if (len < 0 || (size_t)len >= sizeof(p.text))
        p.text[0] = '\0';
    return p;
}

static struct path part_of(const char *file)
{
    char suffix[32];
    snprintf(suffix, sizeof(suffix), ".%016jx.part", (uintmax_t)random_u64());
    return path_with(file, suffix);
}

static bool is_there(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0;
}

static void remove_part(const char *part)
{
    unlink(path_with(part, "-wal").text);
    unlink(path_with(part, "-shm").text);
    unlink(part);
}

static int wrong_file(char why[SQL_WHY_BYTES], const char *what)
{
    snprintf(
        why, SQL_WHY_BYTES, "The copy cannot be written: %s: %s.", what, strerrordesc_np(errno));
    return ERR_IO;
}

/* The name must not be taken; not every file system can say so while it renames. */
static int give_name(const char *part, const char *file)
{
    if (renameat2(AT_FDCWD, part, AT_FDCWD, file, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return link(part, file) == 0 ? unlink(part) : -1;
}

static int sync_path(const char *path, int flags)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    int err = fd >= 0 ? fsync(fd) : -1;
    int was = errno;
    if (fd >= 0)
        close(fd);
    errno = was;
    return err;
}

static int sync_folder(const char *file)
{
    struct path folder = path_with(file, "");
    char *slash = strrchr(folder.text, '/');
    if (slash == NULL)
        return sync_path(".", O_DIRECTORY);
    slash[slash == folder.text] = '\0';
    return sync_path(folder.text, O_DIRECTORY);
}

/* What SQLite could not move from the WAL into the file when it was closed is still there. */
static int publish(char why[SQL_WHY_BYTES], const char *part, const char *file)
{
    if (is_there(path_with(part, "-wal").text)) {
        snprintf(why, SQL_WHY_BYTES, "The copy cannot be written: its last part is missing.");
        return ERR_IO;
    }
    if (sync_path(part, 0))
        return wrong_file(why, "sync");
    if (give_name(part, file))
        return errno == EEXIST ? not_empty(why) : wrong_file(why, "rename");
    return sync_folder(file) ? wrong_file(why, "sync of the folder") : 0;
}

static int copy_to_place(char why[SQL_WHY_BYTES], const struct copy_place *to, struct sql *from,
    const atomic_bool *is_stopped)
{
    struct sql *target;
    int err = open_place(&target, to, true, why);
    if (err)
        return ERR_IO;
    err = copy_tables(why, target, from, is_stopped);
    target->ops->close(target);
    return err;
}

static int copy_to_file(
    char why[SQL_WHY_BYTES], const char *file, struct sql *from, const atomic_bool *is_stopped)
{
    struct path part = part_of(file);
    struct copy_place to = { .file = part.text };
    if (part.text[0] == '\0' || file[0] == '\0') {
        errno = file[0] == '\0' ? ENOENT : ENAMETOOLONG;
        return wrong_file(why, "its name");
    }
    if (is_there(file))
        return not_empty(why);
    int err = copy_to_place(why, &to, from, is_stopped);
    if (!err)
        err = publish(why, part.text, file);
    if (err)
        remove_part(part.text);
    return err;
}

int copy_database(char why[SQL_WHY_BYTES], const struct copy_place *to,
    const struct copy_place *from, const atomic_bool *is_stopped)
{
    struct sql *source;
    why[0] = '\0';
    int err = open_place(&source, from, false, why);
    if (err)
        return ERR_STORAGE_UNAVAILABLE;
    if (to->file != NULL)
        err = copy_to_file(why, to->file, source, is_stopped);
    else
        err = copy_to_place(why, to, source, is_stopped);
    source->ops->close(source);
    return err;
}

/* ---- on a thread ---- */

/* Somebody who is to be told that it was not even begun. */
struct refused {
    struct link link; /* copier->refused */
    int err;
    store_done *done;
    void *arg;
};

struct copier {
    struct loop *loop;
    char *from_file;
    char *from_url;
    struct link refused;
    struct task task; /* tells them; in the end, frees */
    bool is_closed;

    /* Of a copy that is under way. */
    bool is_running;
    pthread_t thread;
    int event; /* its end */
    struct watch watch;
    char *to_file;
    char *to_url;
    atomic_bool is_stopped;
    int err;
    char why[SQL_WHY_BYTES];
    store_done *done;
    void *arg;
};

static char *text_of(struct slice s)
{
    if (s.len == 0)
        return NULL;
    char *text = xalloc(s.len + 1);
    memcpy(text, s.p, s.len);
    return text;
}

static void tell_refused(void *arg)
{
    struct copier *c = arg;
    struct link now, *l;
    link_init(&now);
    list_splice(&now, &c->refused);
    while ((l = list_pop(&now))) {
        struct refused *r = CONTAINER_OF(l, struct refused, link);
        if (!c->is_closed)
            r->done(r->arg, r->err);
        xfree(r);
    }
}

static void refuse(struct copier *c, int err, store_done *done, void *arg)
{
    struct refused *r = xalloc(sizeof(*r));
    *r = (struct refused){ .err = err, .done = done, .arg = arg };
    list_push(&c->refused, &r->link);
    loop_soon(c->loop, &c->task);
}

/* The thread's. It touches nothing of the copier but what is the copy's. */
static void *run(void *arg)
{
    struct copier *c = arg;
    struct copy_place from = { .file = c->from_file, .url = c->from_url };
    struct copy_place to = { .file = c->to_file, .url = c->to_url };
    pthread_setname_np(pthread_self(), "stoa-copier");
    c->err = copy_database(c->why, &to, &from, &c->is_stopped);
    eventfd_write(c->event, 1);
    return NULL;
}

static void end_copy(struct copier *c)
{
    pthread_join(c->thread, NULL);
    loop_unwatch(c->loop, &c->watch);
    close(c->event);
    xfree(c->to_file);
    xfree(c->to_url);
    c->to_file = c->to_url = NULL;
    c->is_running = false;
}

static void on_end(void *arg, uint32_t events)
{
    struct copier *c = arg;
    (void)events;
    end_copy(c);
    if (c->err)
        log_error(LOG_STORE, "a copy failed", LOG_STR("why", c->why), LOG_ERR(c->err));
    else
        log_info(LOG_STORE, "a copy was made");
    c->done(c->arg, c->err);
}

static int watch_end(struct copier *c)
{
    c->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (c->event < 0)
        return ERR_IO;
    c->watch = (struct watch){ .fd = c->event, .fn = on_end, .arg = c };
    int err = loop_watch(c->loop, &c->watch, EPOLLIN);
    if (err)
        close(c->event);
    return err;
}

static int start_copy(struct copier *c, const struct store_copy *to)
{
    int err = watch_end(c);
    if (err)
        return err;
    c->to_file = text_of(to->file);
    c->to_url = text_of(to->url);
    atomic_store(&c->is_stopped, false);
    err = thread_start(&c->thread, run, c);
    c->is_running = !err;
    if (err) {
        loop_unwatch(c->loop, &c->watch);
        close(c->event);
        xfree(c->to_file);
        xfree(c->to_url);
    }
    return err;
}

struct copier *copier_new(struct loop *loop, const struct copy_place *from)
{
    struct copier *c = xalloc(sizeof(*c));
    c->loop = loop;
    c->from_file = text_of(slice_str(from->file));
    c->from_url = text_of(slice_str(from->url));
    link_init(&c->refused);
    task_init(&c->task, tell_refused, c);
    return c;
}

struct copier *copier_share(const struct copier *c, struct loop *loop)
{
    struct copy_place from = { .file = c->from_file, .url = c->from_url };
    return copier_new(loop, &from);
}

void copier_copy(struct copier *c, const struct store_copy *to, store_done *done, void *arg)
{
    int err = c->is_running ? ERR_BUSY : 0;
    ASSERT(!c->is_closed && (to->file.len > 0) != (to->url.len > 0));
    if (!err) {
        c->done = done;
        c->arg = arg;
        err = start_copy(c, to);
    }
    if (err)
        refuse(c, err, done, arg);
}

static void destroy(void *arg)
{
    struct copier *c = arg;
    tell_refused(c);
    xfree(c->from_file);
    xfree(c->from_url);
    xfree(c);
}

void copier_free(struct copier *c)
{
    ASSERT(!c->is_closed);
    c->is_closed = true;
    if (c->is_running) {
        atomic_store(&c->is_stopped, true);
        end_copy(c);
    }
    link_leave(&c->task.link);
    c->task.fn = destroy;
    loop_free_later(c->loop, &c->task);
}
