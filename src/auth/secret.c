/* Reading comes first, making second, and then reading again: so there is one place that judges a
 * secret, whoever made it. The file appears with all of its content: a temporary one is written and
 * synced, then linked under the name, which fails when somebody else was faster. */
#include "auth/secret.h"

#include "base/hex.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANDOM_BYTES 32
#define SUFFIX_BYTES 8
#define REMEDY       "; or set jwt.secret"

struct names {
    const char *folder;
    char file[PATH_MAX];
    char temp[PATH_MAX];
};

static int complain(char why[SECRET_WHY_BYTES], const char *file, const char *what)
{
    snprintf(why, SECRET_WHY_BYTES, "%.200s: %s", file, what);
    return ERR_IO;
}

static int complain_of(char why[SECRET_WHY_BYTES], const char *file, const char *what, int error)
{
    snprintf(why, SECRET_WHY_BYTES, "%.200s: %s: %s" REMEDY, file, what, strerrordesc_np(error));
    return ERR_IO;
}

static int name_files(struct names *n, const char *folder, char why[SECRET_WHY_BYTES])
{
    char suffix[2 * SUFFIX_BYTES + 1] = "";
    uint64_t number = random_u64();
    hex_encode(suffix, slice_of(&number, SUFFIX_BYTES));
    n->folder = folder;
    int len = snprintf(n->file, sizeof(n->file), "%s/" SECRET_FILE, folder);
    int temp_len = snprintf(n->temp, sizeof(n->temp), "%s/" SECRET_FILE ".%s", folder, suffix);
    bool fits = len > 0 && temp_len > 0 && (size_t)temp_len < sizeof(n->temp);
    return fits ? 0 : complain(why, folder, "the name is too long");
}

/* ---- reading ---- */

static const char *fault_of(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "this is no file; remove it, and a secret is made";
    if (st->st_mode & (S_IRWXG | S_IRWXO))
        return "others than its owner may read or change it; chmod 600 if nobody did, or remove "
               "it, and a new one is made (old tokens end)";
    if (st->st_size > SECRET_MAX_BYTES)
        return "this is too large for a secret" REMEDY;
    return NULL;
}

static int read_text(struct slice *out, struct arena *arena, int fd)
{
    size_t len = 0;
    ssize_t n = 1;
    char *p = arena_alloc(arena, SECRET_MAX_BYTES);
    if (p == NULL)
        return ERR_TOO_BIG;
    while (len < SECRET_MAX_BYTES && n != 0) {
        n = read(fd, p + len, SECRET_MAX_BYTES - len);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        len += n > 0 ? (size_t)n : 0;
    }
    arena_trim(arena, p, SECRET_MAX_BYTES, len);
    *out = slice_of(p, len);
    return 0;
}

static int read_open(
    struct slice *out, struct arena *arena, const char *file, int fd, char why[SECRET_WHY_BYTES])
{
    struct stat st;
    const char *fault = fstat(fd, &st) == 0 ? fault_of(&st) : "its mode cannot be read";
    if (fault != NULL)
        return complain(why, file, fault);
    int err = read_text(out, arena, fd);
    if (err == ERR_IO)
        return complain_of(why, file, "cannot be read", errno);
    if (err)
        return err;
    out->len -= slice_ends(*out, S("\n"));
    if (out->len < SECRET_MIN_BYTES || slice_find(*out, '\0') >= 0)
        return complain(why, file,
            "this is no text of at least 32 bytes; remove the file, and a secret is made (old "
            "tokens end)");
    return 0;
}

/* ERR_NOT_FOUND: there is none yet. Not through a link, and not waiting for a pipe's other end. */
static int read_secret(
    struct slice *out, struct arena *arena, const char *file, char why[SECRET_WHY_BYTES])
{
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (fd < 0)
        return complain_of(why, file, "cannot be read", errno);
    int err = read_open(out, arena, file, fd, why);
    close(fd);
    return err;
}

/* ---- making ---- */

static bool write_all(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t n = write(fd, s.p, s.len);
        if (n < 0 && errno != EINTR)
            return false;
        s = slice_drop(s, n > 0 ? (size_t)n : 0);
    }
    return true;
}

static bool write_random(int fd)
{
    char bytes[RANDOM_BYTES];
    char text[2 * RANDOM_BYTES + 1];
    random_bytes(bytes, sizeof(bytes));
    hex_encode(text, slice_of(bytes, sizeof(bytes)));
    text[2 * RANDOM_BYTES] = '\n';
    bool is_written = write_all(fd, slice_of(text, sizeof(text))) && fsync(fd) == 0;
    OPENSSL_cleanse(bytes, sizeof(bytes));
    OPENSSL_cleanse(text, sizeof(text));
    return is_written;
}

/* So that the name, too, outlives a power cut. */
static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return is_synced;
}

/* 0 as well when somebody else has made it meanwhile. */
static int make_secret(const struct names *n, char why[SECRET_WHY_BYTES])
{
    if (mkdir(n->folder, S_IRWXU) != 0 && errno != EEXIST)
        return complain_of(why, n->folder, "the folder cannot be made", errno);
    int fd = open(n->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return complain_of(why, n->file, "cannot be made", errno);
    bool is_written = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write_random(fd);
    int error = errno;
    close(fd);
    bool is_there = is_written && (link(n->temp, n->file) == 0 || errno == EEXIST);
    error = is_written && !is_there ? errno : error;
    unlink(n->temp);
    if (!is_there)
        return complain_of(why, n->file, "cannot be made", error);
    return sync_folder(n->folder) ? 0 : complain_of(why, n->folder, "cannot be synced", errno);
}

int secret_load(
    struct slice *out, struct arena *arena, const char *data_folder, char why[SECRET_WHY_BYTES])
{
    struct names n;
    why[0] = '\0';
    int err = name_files(&n, data_folder, why);
    if (err)
        return err;
    err = read_secret(out, arena, n.file, why);
    if (err != ERR_NOT_FOUND)
        return err;
    err = make_secret(&n, why);
    if (!err)
        err = read_secret(out, arena, n.file, why);
    return err == ERR_NOT_FOUND ? complain(why, n.file, "somebody removes it again") : err;
}
