/* The lock is flock(2) on a file in the data folder. It belongs to the open file: it goes with the
 * process, however that ends, and no other descriptor of ours can lose it. The engine keeps it
 * until the connections are closed. */
#include "store/open.h"

#include "base/log.h"
#include "base/panic.h"
#include "store/durable.h"
#include "store/memory.h"
#include "store/migrate.h"
#include "store/postgres.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_MAX     200 /* of a path, in a sentence */
#define FIRST_FREE_FD 3   /* not one of the standard streams, whatever was closed */

/* What is taken on the way; it passes to the engine. */
struct parts {
    int lock; /* 0: none */
    struct sql *writer;
    struct sql *reader;
    struct copy_place place;
    char folder[PATH_MAX];
    char file[PATH_MAX + sizeof "/" STORE_FILE];
};

/* ---- the folder ---- */

static int folder_fails(const char *folder, char why[SQL_WHY_BYTES])
{
    snprintf(why, SQL_WHY_BYTES, "The data folder %.*s cannot be used: %s.", SHOWN_MAX, folder,
        strerrordesc_np(errno));
    return ERR_IO;
}

/* A name that lasts: in its folder, and that in the disk's. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fsync(fd))
        log_warning(LOG_STORE, "a folder could not be synced", LOG_STR("folder", folder));
    close(fd);
}

static int find_folder(struct parts *p, const char *data, char why[SQL_WHY_BYTES])
{
    char above[PATH_MAX + 3];
    bool is_new = mkdir(data, 0700) == 0;
    if ((!is_new && errno != EEXIST) || !realpath(data, p->folder))
        return folder_fails(data, why);
    snprintf(above, sizeof above, "%s/..", p->folder);
    if (is_new)
        sync_folder(above);
    return 0;
}

/* Who holds the lock, as far as it has said so; 0: it has not. */
static long holder_of(int fd)
{
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

static int folder_is_taken(const struct parts *p, int fd, char why[SQL_WHY_BYTES])
{
    char who[40] = "";
    if (holder_of(fd) > 0)
        snprintf(who, sizeof who, " (process %ld)", holder_of(fd));
    snprintf(why, SQL_WHY_BYTES,
        "Another process%s uses the data folder %.*s: stop it, or choose another folder.", who,
        SHOWN_MAX, p->folder);
    return ERR_CONFLICT;
}

static void say_holder(int fd)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
        log_debug(LOG_STORE, "the lock does not say who holds it"); /* a full disk */
}

static int open_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fd >= FIRST_FREE_FD)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    close(fd);
    return higher;
}

static int take_folder(struct parts *p, char why[SQL_WHY_BYTES])
{
    char path[PATH_MAX + sizeof "/" STORE_LOCK];
    snprintf(path, sizeof path, "%s/%s", p->folder, STORE_LOCK);
    int fd = open_lock(path);
    if (fd < 0)
        return folder_fails(p->folder, why);
    int err = 0;
    if (flock(fd, LOCK_EX | LOCK_NB))
        err = errno == EWOULDBLOCK ? folder_is_taken(p, fd, why) : folder_fails(p->folder, why);
    if (err) {
        close(fd);
        return err;
    }
    say_holder(fd);
    p->lock = fd;
    return 0;
}

/* ---- connections ---- */

static int connect_file(struct parts *p, char why[SQL_WHY_BYTES])
{
    struct sqlite_settings s = { .file = p->file, .is_writer = true };
    snprintf(p->file, sizeof p->file, "%s/%s", p->folder, STORE_FILE);
    p->place.file = p->file;
    int err = sqlite_open(&p->writer, &s, why);
    s.is_writer = false;
    if (!err)
        err = sqlite_open(&p->reader, &s, why);
    if (!err)
        sync_folder(p->folder);
    return err;
}

static int connect_server(struct parts *p, const char *url, char why[SQL_WHY_BYTES])
{
    p->place.url = url;
    int err = postgres_open(&p->writer, url, why);
    return err ? err : postgres_open(&p->reader, url, why);
}

static bool is_file(const char *url)
{
    return !url || !url[0] || strcmp(url, "sqlite:") == 0;
}

static int connect_all(struct parts *p, const struct store_settings *s, char why[SQL_WHY_BYTES])
{
    int err = find_folder(p, s->data, why);
    if (!err)
        err = take_folder(p, why);
    if (!err)
        err = is_file(s->url) ? connect_file(p, why) : connect_server(p, s->url, why);
    return err;
}

static void let_go(struct parts *p)
{
    if (p->reader)
        p->reader->ops->close(p->reader);
    if (p->writer)
        p->writer->ops->close(p->writer);
    if (p->lock)
        close(p->lock);
}

/* ---- the store ---- */

static void say_opened(const struct parts *p)
{
    if (!p->place.file) {
        log_info(LOG_STORE, "database opened", LOG_STR("database", p->writer->ops->name),
            LOG_STR("folder", p->folder));
        return;
    }
    log_info(LOG_STORE, "database opened", LOG_STR("database", p->writer->ops->name),
        LOG_STR("version", sqlite_version()), LOG_STR("file", p->file));
    if (sqlite_loses_checkpoints(sqlite_version_number()))
        log_info(LOG_STORE,
            "this SQLite can lose what was committed if two connections make checkpoints; here one "
            "alone does. Let no other program write to the file while it is in use",
            LOG_STR("version", sqlite_version()));
}

static int start(struct store **out, struct loop *loop, const struct store_settings *s,
    struct parts *p, char why[SQL_WHY_BYTES])
{
    struct desk *desk = NULL;
    struct engine_settings settings = {
        .writer = p->writer,
        .reader = p->reader,
        .lock = p->lock,
        .batch_max = s->batch_max,
        .max_waiting_bytes = s->max_waiting_bytes,
    };
    int err = desk_new(&desk, loop, &settings);
    if (err) {
        snprintf(why, SQL_WHY_BYTES, "The store cannot begin: no descriptors are left.");
        return err;
    }
    *out = store_durable_new(loop, desk, copier_new(loop, &p->place));
    return 0;
}

int store_open(
    struct store **out, struct loop *loop, const struct store_settings *s, char why[SQL_WHY_BYTES])
{
    struct parts p = { 0 };
    why[0] = '\0';
    if (s->url && strcmp(s->url, "memory") == 0) {
        *out = store_memory_new(loop);
        return 0;
    }
    int err = connect_all(&p, s, why);
    if (!err)
        err = migrate(why, p.writer, loop_wall_ms(loop));
    if (err) {
        let_go(&p);
        return err;
    }
    say_opened(&p);
    return start(out, loop, s, &p, why);
}
