/* Everything happens in a folder of its own, inside the data folder or, of --verify, among the
 * temporary ones. Only what was checked to the last byte is moved into place: contents, secret, and
 * the database last, since that is what makes a data folder one. Whatever goes wrong, that folder
 * is removed, and what was moved goes back into it before. */
#include "restore_command.h"

#include "auth/secret.h"
#include "backup_manifest.h"
#include "backup_reader.h"
#include "interruption.h"
#include "store/open.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALK_FDS   16
#define SIZE_BYTES 32

static void help(struct buf *out)
{
    buf_add_str(out,
        "Usage: stoa restore FILE [--data DIR] [--without-secret]\n"
        "       stoa restore --verify FILE\n"
        "\n"
        "Puts what `stoa backup` wrote into a data folder without a database. Everything is\n"
        "checked first: each checksum, the database itself, the contents of all files. If\n"
        "anything is wrong, nothing is left behind. FILE - is standard input.\n"
        "\n"
        "  --data DIR         the data folder; without it ./data\n"
        "  --without-secret   leave the secret of tokens as it is: old tokens end\n"
        "  --verify           only check FILE, and say what is in it\n"
        "\n"
        "    stoa restore --verify stoa-monday.tar.gz\n"
        "    stoa restore stoa-monday.tar.gz --data /var/lib/stoa\n");
}

struct restore {
    struct operation *op;
    const char *data;      /* NULL: of --verify */
    char folder[PATH_MAX]; /* in which it happens; "": there is none yet */
    bool has_made_data;
    int lock; /* -1: none */
    struct backup_contents contents;
};

static int complain(struct restore *r, const char *path, const char *says)
{
    REPORT_SAY(report_error(&r->op->report), path, ": ", says, ".\n");
    return ERR_CONFLICT;
}

static int complain_of(struct restore *r, const char *path)
{
    complain(r, path, strerrordesc_np(errno));
    return ERR_IO;
}

static void name_in(char out[PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        out[0] = '\0'; /* no path is that long */
}

/* ---- the data folder ---- */

static bool is_there(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    name_in(path, folder, name);
    return lstat(path, &st) == 0;
}

/* What is restored by root must not be root's alone. */
static int make_data(struct restore *r)
{
    struct stat st;
    r->has_made_data = mkdir(r->data, S_IRWXU) == 0;
    if (!r->has_made_data && errno != EEXIST)
        return complain_of(r, r->data);
    if (stat(r->data, &st) == 0 && st.st_uid != geteuid())
        return complain(r, r->data, "it " OPERATION_NOT_OURS);
    return 0;
}

/* As a server does: so none starts meanwhile, and none is running. */
static int lock_data(struct restore *r)
{
    char path[PATH_MAX];
    name_in(path, r->data, STORE_LOCK);
    r->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (r->lock < 0)
        return complain_of(r, path);
    if (flock(r->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? complain(r, r->data, "another Stoa uses this data folder")
                                : complain_of(r, path);
}

/* An empty folder of drafts is nothing. */
static bool has_files(const char *data)
{
    char path[PATH_MAX];
    name_in(path, data, BACKUP_FILES "/tmp");
    rmdir(path);
    name_in(path, data, BACKUP_FILES);
    return rmdir(path) != 0 && errno != ENOENT;
}

static int check_data(struct restore *r)
{
    if (is_there(r->data, STORE_FILE))
        return complain(r, r->data, "there is a database already; choose another folder");
    if (is_there(r->data, SECRET_FILE) && !r->op->words.is_without_secret)
        return complain(
            r, r->data, "there is a secret already; remove it, or keep it with --without-secret");
    if (has_files(r->data))
        return complain(r, r->data, "there are files already; choose another folder");
    return 0;
}

/* ---- the folder in which it happens ---- */

static int make_folder(struct restore *r, const char *in, const char *name)
{
    char path[PATH_MAX];
    name_in(path, in, name);
    if (mkdtemp(path) == NULL)
        return complain_of(r, in);
    memcpy(r->folder, path, sizeof(path));
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    remove(path);
    return 0;
}

static void remove_folder(struct restore *r)
{
    if (r->folder[0] != '\0')
        nftw(r->folder, remove_one, WALK_FDS, FTW_DEPTH | FTW_PHYS);
}

static int prepare(struct restore *r)
{
    const char *temp = getenv("TMPDIR");
    if (r->data == NULL)
        return make_folder(r, temp != NULL && temp[0] != '\0' ? temp : "/tmp", "stoa-XXXXXX");
    int err = make_data(r);
    if (!err)
        err = lock_data(r);
    if (!err)
        err = check_data(r);
    return err ? err : make_folder(r, r->data, "restore-XXXXXX");
}

/* ---- into place ---- */

static int move(const char *name, const char *from, const char *to)
{
    char old[PATH_MAX], new[PATH_MAX];
    name_in(old, from, name);
    name_in(new, to, name);
    return renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE);
}

static int sync_folder(struct restore *r, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int err = is_synced ? 0 : complain_of(r, path);
    if (fd >= 0)
        close(fd);
    return err;
}

/* The last one makes it a data folder. */
static const char *const parts[] = { BACKUP_FILES, BACKUP_SECRET, BACKUP_DATABASE };

enum { PARTS = sizeof(parts) / sizeof(*parts) };

static int put_in_place(struct restore *r)
{
    unsigned n = 0;
    int err = sync_folder(r, r->folder);
    while (n < PARTS && !err) {
        bool is_wanted = is_there(r->folder, parts[n]);
        if (is_wanted && move(parts[n], r->folder, r->data) != 0)
            err = complain_of(r, r->data);
        else
            n++;
    }
    if (!err)
        err = sync_folder(r, r->data);
    while (err && n-- > 0)
        (void)move(parts[n], r->data, r->folder);
    return err;
}

static void leave_out_secret(struct restore *r)
{
    char path[PATH_MAX];
    name_in(path, r->folder, BACKUP_SECRET);
    unlink(path);
    r->contents.has_secret = false;
}

/* ---- what is said ---- */

static void say_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
    buf_add_u64(out, n);
    REPORT_SAY(out, " ", n == 1 ? one : many);
}

static void say_size(struct buf *out, uint64_t bytes)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
    char text[SIZE_BYTES];
    double n = (double)bytes;
    unsigned unit = 0;
    for (; n >= 1024 && unit < sizeof(units) / sizeof(*units) - 1; unit++)
        n /= 1024;
    snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
    buf_add_str(out, text);
}

static void say_contents(struct restore *r, const char *name)
{
    const struct backup_contents *c = &r->contents;
    struct buf *out = &r->op->out;
    REPORT_SAY(out, name, ": made by Stoa ", c->stoa, " at ", c->created_at, ", with ");
    say_count(out, (uint64_t)c->users, "account, ", "accounts, ");
    say_count(out, (uint64_t)c->rooms, "room, ", "rooms, ");
    say_count(out, (uint64_t)c->messages, "message and ", "messages and ");
    say_count(out, c->files, "file (", "files (");
    say_size(out, c->file_bytes);
    REPORT_SAY(out, "), ", c->has_secret ? "and the secret" : "without the secret", ".\n");
    if (c->missing > 0) {
        say_count(out, c->missing, "file has", "files have");
        buf_add_str(out, " no content in it: there was none when it was made.\n");
    }
    if (c->remote > 0) {
        say_count(out, (uint64_t)c->remote, "file has its", "files have their");
        buf_add_str(out, " content at the S3 service, which is not part of it.\n");
    }
}

/* ---- all of it ---- */

static int unpack(struct restore *r, const char *file)
{
    bool is_stdin = strcmp(file, "-") == 0;
    struct backup_reading from = {
        .fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC),
        .name = is_stdin ? "standard input" : file,
        .folder = r->folder,
        .keeps_files = r->data != NULL,
    };
    if (from.fd < 0)
        return complain_of(r, file);
    int err = backup_read(&r->contents, &from, &r->op->report);
    if (!is_stdin)
        close(from.fd);
    if (!err && r->op->words.is_without_secret)
        leave_out_secret(r);
    if (!err)
        say_contents(r, from.name);
    return err;
}

/* Of a folder that is left as it was. */
static void forget_data(struct restore *r)
{
    char path[PATH_MAX];
    if (!r->has_made_data)
        return;
    name_in(path, r->data, STORE_LOCK);
    unlink(path);
    rmdir(r->data);
}

static int restore(struct restore *r, const char *file)
{
    int err = prepare(r);
    if (!err)
        err = unpack(r, file);
    if (!err && r->data != NULL)
        err = put_in_place(r);
    remove_folder(r);
    if (err)
        forget_data(r);
    if (r->lock >= 0)
        close(r->lock);
    if (!err)
        REPORT_SAY(&r->op->out, r->data != NULL ? "It is now in " : "It is good",
            r->data != NULL ? r->data : "", ".\n");
    return err;
}

static int run(struct operation *op)
{
    struct restore r = { .op = op, .lock = -1 };
    struct interruption interruption;
    if (op->words.file == NULL)
        return operation_misuse(op, "which backup? Write `stoa restore FILE`.");
    if (!op->words.is_verify)
        r.data = op->options.data;
    interruption_begin(&interruption);
    int err = restore(&r, op->words.file);
    interruption_end(&interruption);
    return err;
}

static const struct command_word words[] = {
    OPERATION_PLACE("FILE", file),
    OPERATION_SWITCH("--verify", is_verify),
    OPERATION_SWITCH("--without-secret", is_without_secret),
    { .name = NULL },
};

static const struct operation_verb verbs[] = { { .name = "", .words = words, .run = run } };

const struct operation_command restore_command = { .verbs = verbs, .n = 1, .help = help };
