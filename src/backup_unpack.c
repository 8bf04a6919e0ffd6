/* A member goes to one of three places: a text in memory (the manifest and its checksum), a file of
 * the folder, nowhere but into its checksum. Which names there are is a table; whatever else an
 * archive may hold is refused by its head, before a byte of it is looked at. */
#include "auth/secret.h"
#include "backup_parts.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "gzip_in.h"
#include "proto/tar.h"
#include "web/files_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PATH_BYTES 4096

enum place { PLACE_FILE, PLACE_CONTENT, PLACE_MANIFEST, PLACE_SUM };

struct kind {
    const char *name; /* a content's is behind it */
    enum place place;
    uint64_t max_bytes; /* 0: what there is room for */
};

static const struct kind kinds[] = {
    { .name = BACKUP_DATABASE, .place = PLACE_FILE },
    { .name = BACKUP_SECRET, .place = PLACE_FILE, .max_bytes = SECRET_MAX_BYTES },
    { .name = BACKUP_MANIFEST, .place = PLACE_MANIFEST, .max_bytes = BACKUP_MANIFEST_BYTES },
    { .name = BACKUP_MANIFEST_SUM, .place = PLACE_SUM, .max_bytes = BACKUP_SUM_BYTES },
    { .name = BACKUP_FILES "/", .place = PLACE_CONTENT },
};

/* The archive while it is taken apart. */
struct unpack {
    struct backup *backup;
    struct gzip_in *in;
    struct tar_reader *tar;
    struct checksum *sum;
    struct files_disk disk;
    const struct kind *kind;  /* of the member under way */
    struct backup_item *item; /* likewise */
    struct slice id;          /* of a content: in the item's name */
    uint64_t at;
    int fd; /* -1: none */
};

/* ---- sentences ---- */

int backup_refuse(struct backup *b, const char *words)
{
    REPORT_SAY(report_error(b->report), b->from->name, ": ", words, ".\n");
    return ERR_BAD_VALUE;
}

int backup_refuse_member(struct backup *b, struct slice name, const char *words)
{
    struct buf *out = report_error(b->report);
    REPORT_SAY(out, b->from->name, ": the member ");
    report_quote(out, name);
    REPORT_SAY(out, " ", words, ".\n");
    return ERR_BAD_VALUE;
}

static int fail(struct unpack *u, int err, const char *what)
{
    struct backup *b = u->backup;
    if (err == ERR_QUOTA)
        REPORT_SAY(report_error(b->report), b->from->folder, ": the disk is full.\n");
    else if (err == ERR_IO)
        REPORT_SAY(report_error(b->report), what, ": ", strerrordesc_np(errno), ".\n");
    return err;
}

/* ---- heads ---- */

static const struct kind *find_kind(struct slice name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct slice known = slice_str(kinds[i].name);
        bool is_it = slice_eq(name, known);
        if (kinds[i].place == PLACE_CONTENT)
            is_it = slice_starts(name, known) && files_is_id(slice_drop(name, known.len));
        if (is_it)
            return &kinds[i];
    }
    return NULL;
}

static int check_space(struct unpack *u, const struct tar_member *m)
{
    struct statvfs v;
    struct backup *b = u->backup;
    bool is_written = u->kind->place == PLACE_FILE || b->from->keeps_files;
    if (!is_written || u->kind->max_bytes > 0)
        return 0;
    if (statvfs(b->from->folder, &v) != 0)
        return fail(u, ERR_IO, b->from->folder);
    if (m->bytes / v.f_frsize < v.f_bavail)
        return 0;
    backup_refuse_member(b, m->name, "says that it is larger than the room that there is for it");
    return ERR_QUOTA;
}

static int check_head(struct unpack *u, const struct tar_member *m)
{
    struct backup *b = u->backup;
    u->kind = find_kind(m->name);
    if (m->type != TAR_FILE)
        return backup_refuse_member(b, m->name, "is no file; a backup holds nothing else");
    if (u->kind == NULL)
        return backup_refuse_member(b, m->name, "has a name that nothing in a backup has");
    if (map_find(&b->items, m->name) != NULL)
        return backup_refuse_member(b, m->name, "is there twice");
    if (u->kind->max_bytes > 0 && m->bytes > u->kind->max_bytes)
        return backup_refuse_member(b, m->name, "is too large for what it is");
    if (b->items.n >= BACKUP_MAX_MEMBERS)
        return backup_refuse(b, "there are too many members in it");
    return check_space(u, m);
}

static int add_item(struct unpack *u, const struct tar_member *m)
{
    struct backup_item *item = xtry(NULL, sizeof(*item));
    void *old;
    if (item == NULL)
        return ERR_NO_MEMORY;
    *item = (struct backup_item){ .bytes = m->bytes };
    ASSERT(m->name.len < sizeof(item->name));
    memcpy(item->name, m->name.p, m->name.len);
    int err = map_put(&u->backup->items, slice_str(item->name), item, &old);
    if (err)
        xfree(item);
    else
        u->item = item;
    return err;
}

/* ---- contents ---- */

static int open_file(struct unpack *u)
{
    char path[PATH_BYTES];
    int len = snprintf(path, sizeof(path), "%s/%s", u->backup->from->folder, u->item->name);
    ASSERT(len > 0 && (size_t)len < sizeof(path));
    u->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return u->fd < 0 ? ERR_IO : 0;
}

static int open_content(struct unpack *u)
{
    uint64_t bytes;
    u->id = slice_drop(slice_str(u->item->name), strlen(BACKUP_FILES "/"));
    if (!u->backup->from->keeps_files)
        return 0;
    return files_disk_draft(&u->fd, &bytes, &u->disk, u->id, DRAFT_WHOLE);
}

static int begin_member(struct unpack *u, const struct tar_member *m)
{
    int err = check_head(u, m);
    if (!err)
        err = add_item(u, m);
    if (err)
        return err;
    u->at = 0;
    if (u->kind->place == PLACE_FILE)
        err = open_file(u);
    else if (u->kind->place == PLACE_CONTENT)
        err = open_content(u);
    return err ? fail(u, err, u->backup->from->folder) : 0;
}

static int take_data(struct unpack *u, struct slice data)
{
    int err = 0;
    checksum_add(u->sum, data);
    if (u->kind->place == PLACE_MANIFEST)
        buf_add_slice(&u->backup->manifest, data);
    else if (u->kind->place == PLACE_SUM)
        buf_add_slice(&u->backup->manifest_sum, data);
    else if (u->fd >= 0)
        err = files_disk_write(u->fd, data, u->at);
    u->at += data.len;
    return err ? fail(u, err, u->backup->from->folder) : 0;
}

static int end_member(struct unpack *u)
{
    int err = 0;
    checksum_end(u->item->sha256, u->sum);
    if (u->fd < 0)
        return 0;
    err = files_disk_sync(u->fd);
    close(u->fd);
    u->fd = -1;
    if (!err && u->kind->place == PLACE_CONTENT)
        err = files_disk_publish(&u->disk, u->id, DRAFT_WHOLE);
    return err ? fail(u, err, u->backup->from->folder) : 0;
}

/* ---- the archive ---- */

static int on_event(struct unpack *u, const struct tar_event *e)
{
    switch (e->type) {
    case TAR_MEMBER:
        return begin_member(u, &e->member);
    case TAR_DATA:
        return take_data(u, e->data);
    case TAR_MEMBER_END:
        return end_member(u);
    case TAR_NOTHING:
    case TAR_END:
        break;
    }
    return 0;
}

/* 0: all of the piece is used. */
static int take_piece(struct unpack *u, struct slice piece)
{
    struct tar_event e;
    int err;
    while ((err = tar_read(&e, u->tar, &piece)) == 0) {
        err = on_event(u, &e);
        if (err)
            return err;
    }
    if (err == ERR_AGAIN)
        return 0;
    if (err == ERR_NOT_IMPLEMENTED)
        return backup_refuse(u->backup, "this is a tar, but of another kind than a backup is");
    return backup_refuse(
        u->backup, u->backup->items.n > 0 ? "the archive is damaged" : "this is no backup");
}

static int read_all(struct unpack *u)
{
    struct slice piece;
    int err;
    while ((err = gzip_in_read(&piece, u->in)) == 0 && piece.len > 0) {
        err = take_piece(u, piece);
        if (err)
            return err;
    }
    if (err == ERR_IO || err == ERR_DRAINING)
        return fail(u, err, u->backup->from->name);
    if (err)
        return backup_refuse(u->backup, "the compressed archive is damaged, or ends too early");
    if (!tar_is_complete(u->tar))
        return backup_refuse(u->backup, "the archive ends too early");
    return 0;
}

int backup_unpack(struct backup *b)
{
    struct unpack u = {
        .backup = b,
        .in = gzip_in_new(b->from->fd),
        .tar = xalloc(sizeof(*u.tar)),
        .sum = checksum_new(),
        .disk.root = -1,
        .fd = -1,
    };
    int err = 0;
    tar_reader_init(u.tar);
    if (b->from->keeps_files)
        err = files_disk_open(&u.disk, b->from->folder);
    err = err ? fail(&u, err, b->from->folder) : read_all(&u);
    if (u.fd >= 0)
        close(u.fd);
    if (u.disk.root >= 0)
        files_disk_close(&u.disk);
    checksum_free(u.sum);
    gzip_in_free(u.in);
    xfree(u.tar);
    return err;
}
