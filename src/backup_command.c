/* The server makes a copy of its database as it is at one moment (it alone can while it writes),
 * inside the data folder; this process packs it, with the contents of the files that the copy
 * speaks of. A content never changes under its id, so it does not matter that people go on; one
 * that somebody has removed meanwhile is noted as missing. The copy goes with the command; what a
 * command that was killed has left goes with a later one. */
#include "backup_command.h"

#include "admin_client.h"
#include "auth/secret.h"
#include "backup_manifest.h"
#include "backup_writer.h"
#include "base/clock.h"
#include "base/random.h"
#include "interruption.h"
#include "store/inspect.h"
#include "version.h"
#include "web/files_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PATTERN "backup-*.db"
#define COPY_OLD_S   (24 * 60 * 60) /* after which nobody is at work on it any more */
#define BODY_BYTES   (64u << 10)
#define NAME_BYTES   64

static void help(struct buf *out)
{
    buf_add_str(out,
        "Usage: stoa backup FILE [--without-secret] [--option VALUE]...\n"
        "\n"
        "Writes everything that is kept into FILE: the database as it is at one moment, the\n"
        "contents of uploaded files, the secret of tokens. A server that runs goes on meanwhile;\n"
        "whatever it had acknowledged before is in it. FILE appears when it is whole, for your\n"
        "eyes only, and takes the place of an older one. Run this as the user that Stoa runs as,\n"
        "with the options of `stoa serve`, of which --data is the one that matters.\n"
        "\n"
        "  FILE               a tar; compressed if it ends in .gz; - is standard output\n"
        "  --without-secret   tokens that are made before a restore do not hold after it\n"
        "\n"
        "    stoa backup /var/backups/stoa-$(date +%F).tar.gz\n"
        "    stoa restore --verify /var/backups/stoa-2026-11-21.tar.gz\n");
}

struct backup_run {
    struct operation *op;
    char data[PATH_MAX]; /* whole path */
    char copy[PATH_MAX]; /* of the database */
    char temp[PATH_MAX]; /* FILE while it grows; "": none */
    int fd;              /* of it, or standard output */
    struct sql *db;      /* the copy */
    struct files_disk disk;
    struct backup_writer *writer;
    uint64_t missing;
};

static int complain_of(struct backup_run *r, const char *path)
{
    REPORT_SAY(report_error(&r->op->report), path, ": ", strerrordesc_np(errno), ".\n");
    return ERR_IO;
}

/* ---- the copy ---- */

/* Of those that were killed. */
static void remove_old_copies(const struct backup_run *r)
{
    struct dirent *e;
    struct stat st;
    DIR *dir = opendir(r->data);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        bool is_copy = fnmatch(COPY_PATTERN, e->d_name, 0) == 0;
        if (is_copy && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_mtime < clock_wall_ms(&clock_system) / 1000 - COPY_OLD_S)
            unlinkat(dirfd(dir), e->d_name, 0);
    }
    if (dir != NULL)
        closedir(dir);
}

static int name_copy(struct backup_run *r)
{
    if (realpath(r->op->options.data, r->data) == NULL)
        return complain_of(r, r->op->options.data);
    int len = snprintf(r->copy, sizeof(r->copy), "%s/backup-%016llx.db", r->data,
        (unsigned long long)random_u64());
    return len > 0 && (size_t)len < sizeof(r->copy) ? 0 : ERR_TOO_BIG;
}

static int make_copy(struct backup_run *r)
{
    struct slice ignored;
    struct buf body;
    struct json_writer w;
    struct admin_client *c = admin_client_new(&r->op->options, &r->op->report);
    buf_init(&body, BODY_BYTES);
    jw_init(&w, &body);
    jw_object(&w);
    jw_field_str(&w, "file", slice_str(r->copy));
    jw_end(&w);
    int err = buf_err(&body);
    if (!err)
        err = admin_client_ask(&ignored, c, "/admin/copy", &body);
    buf_fini(&body);
    admin_client_free(c);
    return err;
}

static int open_copy(struct backup_run *r)
{
    char why[SQL_WHY_BYTES];
    const struct copy_place place = { .file = r->copy };
    int err = inspect_open(&r->db, &place, why);
    if (err)
        REPORT_SAY(report_error(&r->op->report), r->copy, ": ", why, "\n");
    return err;
}

static void remove_copy(const struct backup_run *r)
{
    unlink(r->copy);
    inspect_tidy(r->copy);
}

/* ---- what is packed ---- */

static int say_unpacked(struct backup_run *r, const char *name, int err)
{
    if (err == ERR_IO)
        return complain_of(r, name);
    if (err == ERR_CLOSED)
        REPORT_SAY(report_error(&r->op->report), name, ": became shorter while it was read.\n");
    return err;
}

static int add_file(struct backup_run *r, const char *name, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return complain_of(r, path);
    int err = backup_writer_add(r->writer, name, fd, (uint64_t)st.st_size);
    err = say_unpacked(r, name, err);
    close(fd);
    return err;
}

static int add_secret(struct backup_run *r)
{
    char path[PATH_MAX + sizeof("/" SECRET_FILE)];
    snprintf(path, sizeof(path), "%s/" SECRET_FILE, r->data);
    if (r->op->words.is_without_secret || access(path, F_OK) != 0)
        return 0;
    return add_file(r, BACKUP_SECRET, path);
}

static int add_content(struct backup_run *r, const struct store_file *file, int fd)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof(name), BACKUP_FILES "/%.*s", (int)file->id.len, file->id.p);
    return say_unpacked(r, name, backup_writer_add(r->writer, name, fd, file->bytes));
}

/* ERR_NOT_FOUND: there is none, or another than the database says. */
static int open_content(int *fd, struct backup_run *r, const struct store_file *file)
{
    uint64_t bytes;
    if (!files_is_id(file->id))
        return ERR_NOT_FOUND;
    int err = files_disk_read_open(fd, &bytes, &r->disk, file->id);
    if (!err && bytes != file->bytes) {
        close(*fd);
        err = ERR_NOT_FOUND;
    }
    return err;
}

static int on_file(void *arg, const struct store_file *file)
{
    struct backup_run *r = arg;
    int fd;
    if (file->is_remote) {
        backup_writer_pass_over(r->writer);
        return 0;
    }
    int err = open_content(&fd, r, file);
    if (err == ERR_NOT_FOUND) {
        backup_writer_miss(r->writer, file->id, file->bytes);
        r->missing++;
        return 0;
    }
    if (err)
        return complain_of(r, r->data);
    err = add_content(r, file, fd);
    close(fd);
    return err;
}

static int add_rows(struct backup_run *r)
{
    int err = 0;
    for (unsigned i = 0; i < inspect_tables_n && !err; i++) {
        uint64_t rows;
        err = inspect_count(&rows, r->db, slice_str(inspect_tables[i]));
        if (!err)
            backup_writer_rows(r->writer, inspect_tables[i], rows);
    }
    return err;
}

static int pack_all(struct backup_run *r)
{
    int err = add_rows(r);
    if (!err)
        err = add_file(r, BACKUP_DATABASE, r->copy);
    if (!err)
        err = add_secret(r);
    if (!err)
        err = inspect_files(r->db, on_file, r);
    return err ? err : say_unpacked(r, r->op->words.file, backup_writer_end(r->writer));
}

static int pack(struct backup_run *r)
{
    struct backup_writer_settings s = {
        .fd = r->fd,
        .is_gzip = slice_ends(slice_str(r->op->words.file), S(".gz")),
        .now_ms = clock_wall_ms(&clock_system),
        .stoa = STOA_VERSION,
    };
    int err = inspect_schema(&s.schema, r->db);
    if (!err && files_disk_open(&r->disk, r->data))
        err = complain_of(r, r->data);
    if (err)
        return err;
    r->writer = backup_writer_new(&s);
    err = pack_all(r);
    backup_writer_free(r->writer);
    files_disk_close(&r->disk);
    return err;
}

/* ---- the file ---- */

static bool is_stdout(const struct backup_run *r)
{
    return strcmp(r->op->words.file, "-") == 0;
}

/* The folder that a file is in. */
static void name_folder(char out[PATH_MAX], const char *file)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        snprintf(out, PATH_MAX, ".");
    else
        snprintf(out, PATH_MAX, "%.*s/", (int)(slash - file), file);
}

/* Before the server is troubled. */
static int check_file(struct backup_run *r)
{
    const char *file = r->op->words.file;
    char folder[PATH_MAX];
    struct stat st;
    if (is_stdout(r) && isatty(STDOUT_FILENO))
        return operation_misuse(r->op, "a backup is nothing for a terminal; name a file.");
    if (is_stdout(r))
        return 0;
    name_folder(folder, file);
    if (access(folder, W_OK) != 0)
        return complain_of(r, folder);
    errno = EISDIR;
    return stat(file, &st) == 0 && S_ISDIR(st.st_mode) ? complain_of(r, file) : 0;
}

static int open_file(struct backup_run *r)
{
    const char *file = r->op->words.file;
    if (is_stdout(r)) {
        r->fd = STDOUT_FILENO;
        return 0;
    }
    if (snprintf(r->temp, sizeof(r->temp), "%s.XXXXXX", file) >= PATH_MAX)
        return ERR_TOO_BIG;
    r->fd = mkostemp(r->temp, O_CLOEXEC);
    if (r->fd >= 0)
        return 0;
    r->temp[0] = '\0';
    return complain_of(r, file);
}

static int sync_folder_of(struct backup_run *r, const char *file)
{
    char folder[PATH_MAX];
    name_folder(folder, file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int err = is_synced ? 0 : complain_of(r, folder);
    if (fd >= 0)
        close(fd);
    return err;
}

static int put_in_place(struct backup_run *r)
{
    const char *file = r->op->words.file;
    if (is_stdout(r))
        return 0;
    if (fsync(r->fd) != 0 || rename(r->temp, file) != 0)
        return complain_of(r, file);
    r->temp[0] = '\0';
    return sync_folder_of(r, file);
}

static void close_file(const struct backup_run *r)
{
    if (r->fd > STDOUT_FILENO)
        close(r->fd);
    if (r->temp[0] != '\0')
        unlink(r->temp);
}

/* ---- all of it ---- */

static void warn(const struct backup_run *r)
{
    struct buf *out = report_warning(&r->op->report);
    buf_add_u64(out, r->missing);
    buf_add_str(out, r->missing == 1 ? " file has" : " files have");
    buf_add_str(out, " no content: manifest.json in the backup names what is missing.\n");
}

static int write_file(struct backup_run *r)
{
    int err = open_file(r);
    if (!err)
        err = pack(r);
    if (!err)
        err = put_in_place(r);
    if (!err && r->missing > 0)
        warn(r);
    close_file(r);
    return err;
}

/* From here on there is something to tidy up. */
static int write_copied(struct backup_run *r)
{
    struct interruption interruption;
    interruption_begin(&interruption);
    int err = open_copy(r);
    if (!err) {
        err = write_file(r);
        r->db->ops->close(r->db);
    }
    remove_copy(r);
    interruption_end(&interruption);
    return err;
}

static int run(struct operation *op)
{
    struct backup_run r = { .op = op, .fd = -1 };
    if (op->words.file == NULL)
        return operation_misuse(op, "into which file? Write `stoa backup FILE`.");
    int err = check_file(&r);
    if (!err)
        err = name_copy(&r);
    if (err)
        return err;
    remove_old_copies(&r);
    err = make_copy(&r);
    return err ? err : write_copied(&r);
}

static const struct command_word words[] = {
    OPERATION_PLACE("FILE", file),
    OPERATION_SWITCH("--without-secret", is_without_secret),
    { .name = NULL },
};

static const struct operation_verb verbs[] = { { .name = "", .words = words, .run = run } };

const struct operation_command backup_command = { .verbs = verbs, .n = 1, .help = help };
