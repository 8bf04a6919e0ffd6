/* Files are put in place as databases do it: written under another name, synced, renamed, and the
 * folder synced; so a name in its place always has its whole content. The folders of contents are
 * made when they are first needed.
 *
 * A kernel without openat2 (before 5.6), or a sandbox that forbids it, gets a path in two steps
 * that follow no link either: folder, then file. */
#include "web/files_disk.h"

#include "base/panic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOLDER       "files"
#define DRAFTS       "tmp"
#define PARTS_ENDING ".part"
#define FOLDERS      256u
#define NAME_BYTES   64
#define PATH_BYTES   4096
#define DISK_SHARE   20 /* one of so many parts of the disk stays free */

#define OPEN_READ  (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
#define OPEN_DIR   (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY)
#define OPEN_WRITE (O_WRONLY | O_CLOEXEC | O_NOFOLLOW)

struct name {
    char text[NAME_BYTES]; /* "aa/<id>" */
};

bool files_is_id(struct slice text)
{
    if (text.len != FILES_ID_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (!is_digit && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return true;
}

/* ---- names ---- */

static struct name content_name(struct slice id)
{
    struct name n;
    ASSERT(files_is_id(id));
    snprintf(n.text, sizeof n.text, "%.2s/%.*s", id.p, FILES_ID_BYTES, id.p);
    return n;
}

static struct name draft_name(struct slice id, enum files_draft kind)
{
    struct name n;
    ASSERT(files_is_id(id));
    snprintf(n.text, sizeof n.text, DRAFTS "/%.*s%s", FILES_ID_BYTES, id.p,
        kind == DRAFT_PARTS ? PARTS_ENDING : "");
    return n;
}

static struct name folder_name(unsigned folder)
{
    struct name n;
    if (folder < FOLDERS)
        snprintf(n.text, sizeof n.text, "%02x", folder);
    else
        snprintf(n.text, sizeof n.text, DRAFTS);
    return n;
}

/* ---- the system's calls ---- */

static int err_of_errno(void)
{
    switch (errno) {
    case ENOENT:
        return ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_QUOTA;
    default:
        return ERR_IO;
    }
}

static int open_in_steps(int root, const char *path, int flags)
{
    char folder[NAME_BYTES];
    const char *slash = strchr(path, '/');
    if (!slash)
        return openat(root, path, flags, 0600);
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    int dir = openat(root, folder, OPEN_DIR);
    if (dir < 0)
        return -1;
    int fd = openat(dir, slash + 1, flags, 0600);
    int error = errno;
    close(dir);
    errno = error;
    return fd;
}

static int open_beneath(const struct files_disk *d, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)flags,
        .mode = flags & O_CREAT ? 0600 : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    int fd = (int)syscall(SYS_openat2, d->root, path, &how, sizeof how);
    bool is_missing = fd < 0 && (errno == ENOSYS || errno == EPERM);
    return is_missing ? open_in_steps(d->root, path, flags) : fd;
}

/* A regular file, or ERR_NOT_FOUND: nobody's pipe is waited for. */
static int size_of(uint64_t *bytes, int fd)
{
    struct stat st;
    if (fstat(fd, &st))
        return ERR_IO;
    *bytes = (uint64_t)st.st_size;
    return S_ISREG(st.st_mode) ? 0 : ERR_NOT_FOUND;
}

static int sync_folder(const struct files_disk *d, const char *path)
{
    int fd = open_beneath(d, path, OPEN_DIR);
    int err = fd < 0 || fsync(fd) ? err_of_errno() : 0;
    if (fd >= 0)
        close(fd);
    return err;
}

static int make_folder(int at, const char *path)
{
    return mkdirat(at, path, 0700) && errno != EEXIST ? err_of_errno() : 0;
}

static int remove_name(const struct files_disk *d, struct name n)
{
    return unlinkat(d->root, n.text, 0) && errno != ENOENT ? ERR_IO : 0;
}

/* ---- the folder ---- */

int files_disk_open(struct files_disk *d, const char *data_folder)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/" FOLDER, data_folder);
    d->root = -1;
    if (n < 0 || (size_t)n >= sizeof path || make_folder(AT_FDCWD, path))
        return ERR_IO;
    d->root = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (d->root < 0 || make_folder(d->root, DRAFTS) || fsync(d->root))
        return ERR_IO;
    return 0;
}

void files_disk_close(struct files_disk *d)
{
    if (d->root >= 0)
        close(d->root);
    d->root = -1;
}

int files_disk_check_space(const struct files_disk *d, uint64_t bytes, uint64_t free_bytes)
{
    struct statvfs st;
    if (fstatvfs(d->root, &st))
        return ERR_IO;
    uint64_t available = (uint64_t)st.f_bavail * st.f_frsize;
    uint64_t share = (uint64_t)st.f_blocks * st.f_frsize / DISK_SHARE;
    uint64_t floor = free_bytes > share ? free_bytes : share;
    return available < floor || available - floor < bytes ? ERR_QUOTA : 0;
}

/* ---- uploads ---- */

int files_disk_reserve(const struct files_disk *d, struct slice id)
{
    struct name n = draft_name(id, DRAFT_PARTS);
    int fd = open_beneath(d, n.text, OPEN_WRITE | O_CREAT);
    if (fd < 0)
        return err_of_errno();
    close(fd);
    return sync_folder(d, DRAFTS);
}

/* Whether it lies in its place already, after a draft that is no more. */
static int why_no_draft(const struct files_disk *d, struct slice id)
{
    struct stat st;
    int err = err_of_errno();
    struct name n = content_name(id);
    bool is_there = fstatat(d->root, n.text, &st, AT_SYMLINK_NOFOLLOW) == 0;
    return err == ERR_NOT_FOUND && is_there ? ERR_CONFLICT : err;
}

int files_disk_draft(
    int *fd, uint64_t *bytes, const struct files_disk *d, struct slice id, enum files_draft kind)
{
    struct name n = draft_name(id, kind);
    int how = kind == DRAFT_WHOLE ? O_CREAT | O_TRUNC : 0;
    *fd = open_beneath(d, n.text, OPEN_WRITE | how);
    if (*fd < 0)
        return why_no_draft(d, id);
    int err = kind == DRAFT_PARTS ? files_disk_sync(*fd) : 0;
    if (!err)
        err = size_of(bytes, *fd);
    if (err)
        close(*fd);
    return err;
}

int files_disk_write(int fd, struct slice bytes, uint64_t at)
{
    while (bytes.len > 0) {
        ssize_t n = pwrite(fd, bytes.p, bytes.len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_of_errno() : ERR_IO;
        bytes = slice_drop(bytes, (size_t)n);
        at += (uint64_t)n;
    }
    return 0;
}

int files_disk_sync(int fd)
{
    return fsync(fd) ? err_of_errno() : 0;
}

void files_disk_leave(int fd)
{
    close(fd);
}

int files_disk_publish(const struct files_disk *d, struct slice id, enum files_draft kind)
{
    struct name from = draft_name(id, kind);
    struct name to = content_name(id);
    char folder[3] = { id.p[0], id.p[1], '\0' };
    int err = 0;
    if (mkdirat(d->root, folder, 0700) == 0)
        err = fsync(d->root) ? err_of_errno() : 0;
    else if (errno != EEXIST)
        err = err_of_errno();
    if (!err && renameat(d->root, from.text, d->root, to.text))
        err = err_of_errno();
    return err ? err : sync_folder(d, folder);
}

/* ---- what is there ---- */

int files_disk_read_open(int *fd, uint64_t *bytes, const struct files_disk *d, struct slice id)
{
    struct name n = content_name(id);
    *fd = open_beneath(d, n.text, OPEN_READ);
    if (*fd < 0)
        return err_of_errno();
    int err = size_of(bytes, *fd);
    if (err)
        close(*fd);
    return err;
}

int files_disk_read(void *out, int fd, size_t len, uint64_t at)
{
    char *p = out;
    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        p += n;
        len -= (size_t)n;
        at += (uint64_t)n;
    }
    return 0;
}

int files_disk_remove_draft(const struct files_disk *d, struct slice id)
{
    int err = remove_name(d, draft_name(id, DRAFT_WHOLE));
    int err2 = remove_name(d, draft_name(id, DRAFT_PARTS));
    return err ? err : err2;
}

int files_disk_remove(const struct files_disk *d, struct slice id)
{
    int err = files_disk_remove_draft(d, id);
    int err2 = remove_name(d, content_name(id));
    return err ? err : err2;
}

bool files_disk_has_parts(const struct files_disk *d, struct slice id)
{
    struct stat st;
    struct name n = draft_name(id, DRAFT_PARTS);
    return fstatat(d->root, n.text, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- the walk ---- */

/* A folder that is not there is none. */
static void open_next(struct files_walk *w, const struct files_disk *d)
{
    struct name n = folder_name(w->folder);
    int fd = open_beneath(d, n.text, OPEN_DIR);
    w->dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !w->dir)
        close(fd);
    if (!w->dir)
        w->folder++;
}

static void close_folder(struct files_walk *w)
{
    closedir(w->dir);
    w->dir = NULL;
    w->folder++;
}

/* One name; a draft's ending is not part of the id. */
static void look_at(
    struct files_found *out, const struct files_walk *w, const char *name, int64_t before_s)
{
    struct stat st;
    struct slice id = slice_str(name);
    if (slice_ends(id, S(PARTS_ENDING)))
        id = slice_take(id, id.len - strlen(PARTS_ENDING));
    bool is_there = fstatat(dirfd(w->dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!files_is_id(id) || !is_there || st.st_mtim.tv_sec >= before_s)
        return;
    memcpy(out->ids[out->n], id.p, id.len);
    out->ids[out->n][id.len] = '\0';
    out->n++;
}

void files_disk_walk(
    struct files_found *out, struct files_walk *w, const struct files_disk *d, int64_t before_s)
{
    out->n = 0;
    for (unsigned i = 0; i < FILES_STEP_NAMES && w->folder <= FOLDERS; i++) {
        const struct dirent *entry = w->dir ? readdir(w->dir) : NULL;
        if (!w->dir)
            open_next(w, d);
        else if (!entry)
            close_folder(w);
        else
            look_at(out, w, entry->d_name, before_s);
    }
    out->is_end = w->folder > FOLDERS;
}

void files_disk_walk_end(struct files_walk *w)
{
    if (w->dir)
        closedir(w->dir);
    w->dir = NULL;
}
