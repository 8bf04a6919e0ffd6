/* SQLite's file layer (VFS) over memory. A `struct disk_file` is an inode: a file that was removed
 * and made again is two of them, either of which may be there after a power cut. A handle lies in
 * the memory that SQLite keeps for it. */
#include "crash_disk.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR_BYTES 512
#define PATH_BYTES   512
#define SHM_REGIONS  64

struct bytes {
    char *p;
    size_t len;
    size_t cap;
};

/* A write, or a truncation (no data). */
struct change {
    struct change *next;
    size_t at;
    size_t len;
    bool is_cut;
    char data[];
};

struct handle;

struct disk_file {
    struct disk_file *next;
    char name[PATH_BYTES];
    bool is_here;  /* as the program sees the folder */
    bool is_named; /* as the disk has it */
    struct bytes now;
    struct bytes synced;
    struct change *changes; /* oldest first */
    struct change **last;
    struct handle *handles;
    char *shm[SHM_REGIONS];
};

struct handle {
    sqlite3_file base;
    struct disk *disk;
    struct disk_file *file;
    struct handle *next;
    int level; /* of the lock */
    unsigned shm_shared;
    unsigned shm_exclusive;
    bool is_temporary;
    bool is_read_only;
    bool syncs_folder; /* with its first sync */
};

/* ---- bytes ---- */

uint64_t disk_draw(uint64_t *random, uint64_t below)
{
    uint64_t x = *random += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (x ^ (x >> 31)) % below;
}

static void resize(struct bytes *b, size_t len)
{
    if (len > b->cap) {
        b->cap = len * 2;
        b->p = realloc(b->p, b->cap);
        ASSERT(b->p);
    }
    if (len > b->len)
        memset(b->p + b->len, 0, len - b->len);
    b->len = len;
}

static void put(struct bytes *b, size_t at, const char *p, size_t len)
{
    if (at + len > b->len)
        resize(b, at + len);
    memcpy(b->p + at, p, len);
}

static void copy_bytes(struct bytes *to, const struct bytes *from)
{
    resize(to, from->len);
    if (from->len > 0)
        memcpy(to->p, from->p, from->len);
}

static void apply(struct bytes *b, const struct change *c)
{
    if (c->is_cut)
        resize(b, c->at);
    else
        put(b, c->at, c->data, c->len);
}

/* ---- changes ---- */

static void remember(struct disk_file *f, size_t at, const char *p, size_t len)
{
    struct change *c = malloc(sizeof *c + len);
    ASSERT(c);
    *c = (struct change){ .at = at, .len = len, .is_cut = !p };
    if (p)
        memcpy(c->data, p, len);
    *f->last = c;
    f->last = &c->next;
    apply(&f->now, c);
}

static void forget_changes(struct disk_file *f)
{
    while (f->changes) {
        struct change *c = f->changes;
        f->changes = c->next;
        free(c);
    }
    f->last = &f->changes;
}

static void sync_file(struct disk_file *f)
{
    for (const struct change *c = f->changes; c; c = c->next)
        apply(&f->synced, c);
    forget_changes(f);
}

/* Counts a change. False: the power is off, or goes now. */
static bool has_power(struct disk *d)
{
    if (!d->is_off && ++d->changes == d->power_until)
        d->is_off = true;
    return !d->is_off;
}

/* ---- the folder ---- */

static struct disk_file *find(const struct disk *d, const char *name)
{
    for (struct disk_file *f = d->files; f; f = f->next) {
        if (f->is_here && strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

static struct disk_file *make(struct disk *d, const char *name)
{
    struct disk_file *f = calloc(1, sizeof *f);
    ASSERT(f && strlen(name) < sizeof f->name);
    memcpy(f->name, name, strlen(name) + 1);
    f->is_here = true;
    f->last = &f->changes;
    f->next = d->files;
    d->files = f;
    return f;
}

static void free_shm(struct disk_file *f)
{
    for (int i = 0; i < SHM_REGIONS; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
}

static void destroy(struct disk_file *f)
{
    forget_changes(f);
    free_shm(f);
    free(f->now.p);
    free(f->synced.p);
    free(f);
}

/* Removes what nobody can see any more. */
static void tidy(struct disk *d)
{
    struct disk_file **at = &d->files;
    while (*at) {
        struct disk_file *f = *at;
        if (f->is_here || f->is_named || f->handles) {
            at = &f->next;
            continue;
        }
        *at = f->next;
        destroy(f);
    }
}

static void sync_folder(struct disk *d)
{
    for (struct disk_file *f = d->files; f; f = f->next)
        f->is_named = f->is_here;
    tidy(d);
}

uint64_t disk_used_bytes(const struct disk *d)
{
    uint64_t n = 0;
    for (const struct disk_file *f = d->files; f; f = f->next)
        n += f->is_here ? f->now.len : 0;
    return n;
}

static bool ends_in(const struct disk_file *f, const char *name_end)
{
    size_t len = strlen(f->name);
    size_t end = strlen(name_end);
    return len >= end && strcmp(f->name + len - end, name_end) == 0;
}

static const struct disk_file *find_end(const struct disk *d, const char *name_end)
{
    for (const struct disk_file *f = d->files; f; f = f->next) {
        if (f->is_here && ends_in(f, name_end))
            return f;
    }
    return NULL;
}

uint64_t disk_size_of(const struct disk *d, const char *name_end)
{
    const struct disk_file *f = find_end(d, name_end);
    return f ? f->now.len : 0;
}

bool disk_is_synced(const struct disk *d, const char *name_end)
{
    const struct disk_file *f = find_end(d, name_end);
    return !f || !f->changes;
}

/* ---- the power goes ---- */

enum fate { FATE_LOST, FATE_KEPT, FATE_SPOILT };

/* How a disk treats what it holds: of 100 pieces so many are kept, so many spoilt. */
struct habit {
    unsigned kept;
    unsigned spoilt;
    bool is_whole; /* pieces are whole writes */
};

static enum fate fate_of(struct disk *d, const struct habit *habit)
{
    uint64_t lot = disk_draw(&d->random, 100);
    if (lot < habit->kept) {
        d->kept++;
        return FATE_KEPT;
    }
    if (lot < habit->kept + habit->spoilt) {
        d->spoilt++;
        return FATE_SPOILT;
    }
    d->lost++;
    return FATE_LOST;
}

static void spoil(struct disk *d, struct bytes *b, size_t at, size_t len)
{
    char noise[SECTOR_BYTES];
    for (size_t i = 0; i < len; i++)
        noise[i] = (char)disk_draw(&d->random, 256);
    put(b, at, noise, len);
}

static void meet_fate(
    struct disk *d, struct disk_file *f, const struct change *c, const struct habit *habit)
{
    size_t done = 0;
    if (c->is_cut) {
        if (fate_of(d, habit) == FATE_KEPT)
            apply(&f->synced, c);
        return;
    }
    while (done < c->len) {
        size_t at = c->at + done;
        size_t len = SECTOR_BYTES - at % SECTOR_BYTES;
        if (len > c->len - done)
            len = c->len - done;
        enum fate fate = fate_of(d, habit);
        if (habit->is_whole)
            len = c->len;
        if (fate == FATE_KEPT)
            put(&f->synced, at, c->data + done, len);
        if (fate == FATE_SPOILT)
            spoil(d, &f->synced, at, len);
        done += len;
    }
}

static struct habit draw_habit(struct disk *d)
{
    static const struct habit habits[] = {
        { .kept = 0 },
        { .kept = 100 },
        { .kept = 50, .is_whole = true },
        { .kept = 90, .is_whole = true },
        { .kept = 50 },
        { .kept = 10 },
        { .kept = 97 },
        { .kept = 60, .spoilt = 20 },
        { .kept = 97, .spoilt = 3 },
    };
    return habits[disk_draw(&d->random, sizeof habits / sizeof *habits)];
}

/* Which of two files of a name it is. */
static void settle_names(struct disk *d)
{
    for (struct disk_file *f = d->files; f; f = f->next) {
        if (!f->is_here || f->is_named)
            continue;
        if (disk_draw(&d->random, 2)) {
            for (struct disk_file *old = d->files; old; old = old->next)
                old->is_named = old->is_named && strcmp(old->name, f->name) != 0;
            f->is_named = true;
        }
    }
    for (struct disk_file *f = d->files; f; f = f->next) {
        bool is_gone = f->is_named && !f->is_here && !find(d, f->name);
        if (is_gone && disk_draw(&d->random, 2))
            f->is_named = false;
    }
    for (struct disk_file *f = d->files; f; f = f->next)
        f->is_here = f->is_named;
    tidy(d);
}

static void wake(struct disk *d)
{
    for (struct disk_file *f = d->files; f; f = f->next) {
        ASSERT(!f->handles);
        free_shm(f);
    }
    d->is_off = false;
    d->power_until = 0;
}

void disk_cut(struct disk *d)
{
    struct habit habit = draw_habit(d);
    wake(d);
    settle_names(d);
    for (struct disk_file *f = d->files; f; f = f->next) {
        for (const struct change *c = f->changes; c; c = c->next)
            meet_fate(d, f, c, &habit);
        forget_changes(f);
        copy_bytes(&f->now, &f->synced);
    }
}

void disk_kill(struct disk *d)
{
    wake(d);
}

/* ---- reading and writing ---- */

static struct handle *handle_of(sqlite3_file *f)
{
    return (struct handle *)f;
}

static int do_close(sqlite3_file *file)
{
    struct handle *h = handle_of(file);
    struct handle **at = &h->file->handles;
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    if (h->is_temporary)
        h->file->is_here = h->file->is_named = false;
    tidy(h->disk);
    return SQLITE_OK;
}

static int do_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    const struct handle *h = handle_of(file);
    const struct bytes *b = &h->file->now;
    size_t there = (size_t)at < b->len ? b->len - (size_t)at : 0;
    size_t len = there < (size_t)n ? there : (size_t)n;
    if (h->disk->is_off)
        return SQLITE_IOERR_READ;
    if (len > 0)
        memcpy(out, b->p + at, len);
    memset((char *)out + len, 0, (size_t)n - len);
    return len == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static bool has_space(struct disk *d, const struct disk_file *f, size_t end)
{
    size_t more = end > f->now.len ? end - f->now.len : 0;
    if (!d->quota_bytes || !more || disk_used_bytes(d) + more <= d->quota_bytes)
        return true;
    d->refused++;
    return false;
}

/* The one at which the power goes may be on its way to the disk, too. */
static int do_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
    struct handle *h = handle_of(file);
    ASSERT(!h->is_read_only);
    if (h->disk->is_off)
        return SQLITE_IOERR_WRITE;
    if (!has_space(h->disk, h->file, (size_t)at + (size_t)n))
        return SQLITE_FULL;
    bool is_on = has_power(h->disk);
    remember(h->file, (size_t)at, p, (size_t)n);
    return is_on ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    struct handle *h = handle_of(file);
    if (h->disk->is_off)
        return SQLITE_IOERR_TRUNCATE;
    bool is_on = has_power(h->disk);
    remember(h->file, (size_t)len, NULL, 0);
    return is_on ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static bool is_to_fail(struct disk *d, const struct disk_file *f)
{
    if (!d->sync_fails_of || (d->sync_fails_at && !ends_in(f, d->sync_fails_at)))
        return false;
    return disk_draw(&d->random, d->sync_fails_of) == 0;
}

/* A kernel may take pages that it could not write for written. */
static int fail_sync(struct disk *d, struct disk_file *f)
{
    d->failed_syncs++;
    forget_changes(f);
    return SQLITE_IOERR_FSYNC;
}

static int do_sync(sqlite3_file *file, int flags)
{
    struct handle *h = handle_of(file);
    struct disk *d = h->disk;
    (void)flags;
    if (!has_power(d))
        return SQLITE_IOERR_FSYNC;
    d->syncs++;
    if (d->is_lying)
        return SQLITE_OK;
    if (is_to_fail(d, h->file))
        return fail_sync(d, h->file);
    sync_file(h->file);
    if (h->syncs_folder)
        sync_folder(d);
    h->syncs_folder = false;
    return SQLITE_OK;
}

static int do_size(sqlite3_file *file, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)handle_of(file)->file->now.len;
    return SQLITE_OK;
}

static int do_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int do_sector_size(sqlite3_file *file)
{
    (void)file;
    return SECTOR_BYTES;
}

static int do_character(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks ---- */

/* The highest that another one has. */
static int others_level(const struct handle *h)
{
    int level = SQLITE_LOCK_NONE;
    for (const struct handle *o = h->file->handles; o; o = o->next) {
        if (o != h && o->level > level)
            level = o->level;
    }
    return level;
}

static int do_lock(sqlite3_file *file, int level)
{
    struct handle *h = handle_of(file);
    int others = others_level(h);
    int limit = level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_RESERVED
        : level == SQLITE_LOCK_RESERVED     ? SQLITE_LOCK_SHARED
                                            : SQLITE_LOCK_NONE;
    if (h->level >= level)
        return SQLITE_OK;
    if (others > limit)
        return SQLITE_BUSY;
    h->level = level;
    return SQLITE_OK;
}

static int do_unlock(sqlite3_file *file, int level)
{
    struct handle *h = handle_of(file);
    if (h->level > level)
        h->level = level;
    return SQLITE_OK;
}

static int do_check_reserved(sqlite3_file *file, int *out)
{
    const struct handle *h = handle_of(file);
    *out = h->level >= SQLITE_LOCK_RESERVED || others_level(h) >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

static int do_shm_map(sqlite3_file *file, int region, int size, int is_made, void volatile **out)
{
    struct disk_file *f = handle_of(file)->file;
    ASSERT(region < SHM_REGIONS);
    if (!f->shm[region] && is_made) {
        f->shm[region] = calloc(1, (size_t)size);
        ASSERT(f->shm[region]);
    }
    *out = f->shm[region];
    return SQLITE_OK;
}

static bool is_shm_free(const struct handle *h, unsigned mask, bool is_exclusive)
{
    for (const struct handle *o = h->file->handles; o; o = o->next) {
        if (o != h && (o->shm_exclusive & mask || (is_exclusive && o->shm_shared & mask)))
            return false;
    }
    return true;
}

static int do_shm_lock(sqlite3_file *file, int from, int n, int flags)
{
    struct handle *h = handle_of(file);
    unsigned mask = ((1u << n) - 1) << from;
    bool is_exclusive = flags & SQLITE_SHM_EXCLUSIVE;
    unsigned *mine = is_exclusive ? &h->shm_exclusive : &h->shm_shared;
    if (flags & SQLITE_SHM_UNLOCK) {
        *mine &= ~mask;
        return SQLITE_OK;
    }
    if (!is_shm_free(h, mask, is_exclusive))
        return SQLITE_BUSY;
    *mine |= mask;
    return SQLITE_OK;
}

static void do_shm_barrier(sqlite3_file *file)
{
    (void)file;
    __sync_synchronize();
}

/* The last one to go takes it along. */
static int do_shm_unmap(sqlite3_file *file, int is_removed)
{
    struct handle *h = handle_of(file);
    (void)is_removed;
    h->shm_shared = h->shm_exclusive = 0;
    if (h->file->handles == h && !h->next)
        free_shm(h->file);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check_reserved,
    .xFileControl = do_control,
    .xSectorSize = do_sector_size,
    .xDeviceCharacteristics = do_character,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap,
};

/* ---- names ---- */

static struct disk *disk_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
    struct disk *d = disk_of(vfs);
    struct handle *h = handle_of(file);
    *h = (struct handle){ .disk = d, .is_temporary = !name || flags & SQLITE_OPEN_DELETEONCLOSE };
    h->file = find(d, name ? name : "");
    bool is_there = h->file != NULL;
    if (d->is_off || (!is_there && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    if (!is_there && !has_power(d))
        return SQLITE_CANTOPEN;
    if (!is_there)
        h->file = make(d, name ? name : "");
    h->syncs_folder = flags & SQLITE_OPEN_CREATE &&
        flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL);
    h->is_read_only = flags & SQLITE_OPEN_READONLY;
    h->next = h->file->handles;
    h->file->handles = h;
    h->base.pMethods = &methods;
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
    struct disk *d = disk_of(vfs);
    struct disk_file *f = find(d, name);
    if (d->is_off)
        return SQLITE_IOERR_DELETE;
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    bool is_on = has_power(d);
    f->is_here = false;
    tidy(d);
    if (is_on && is_synced && !d->is_lying)
        sync_folder(d);
    return is_on ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

/* As SQLite's own: an empty file does not exist. */
static int do_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    const struct disk_file *f = find(disk_of(vfs), name);
    *out = f && (flags != SQLITE_ACCESS_EXISTS || f->now.len > 0);
    return disk_of(vfs)->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int do_full_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    (void)vfs;
    if (strlen(name) >= (size_t)n)
        return SQLITE_CANTOPEN;
    memcpy(out, name, strlen(name) + 1);
    return SQLITE_OK;
}

static int do_randomness(sqlite3_vfs *vfs, int n, char *out)
{
    for (int i = 0; i < n; i++)
        out[i] = (char)disk_draw(&disk_of(vfs)->random, 256);
    return n;
}

static int do_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int do_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 2461366.0; /* Julian days; it stands still */
    return SQLITE_OK;
}

static int do_last_error(sqlite3_vfs *vfs, int n, char *out)
{
    (void)vfs;
    (void)n;
    (void)out;
    return 0;
}

void disk_mount(struct disk *d, uint64_t seed)
{
    *d = (struct disk){ .random = seed };
    d->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(struct handle),
        .mxPathname = PATH_BYTES,
        .zName = "crash-disk",
        .pAppData = d,
        .xOpen = do_open,
        .xDelete = do_delete,
        .xAccess = do_access,
        .xFullPathname = do_full_path,
        .xRandomness = do_randomness,
        .xSleep = do_sleep,
        .xCurrentTime = do_time,
        .xGetLastError = do_last_error,
    };
    ASSERT(sqlite3_vfs_register(&d->vfs, 1) == SQLITE_OK);
    sqlite3_randomness(0, NULL);
}

void disk_unmount(struct disk *d)
{
    sqlite3_vfs_unregister(&d->vfs);
    while (d->files) {
        struct disk_file *f = d->files;
        ASSERT(!f->handles);
        d->files = f->next;
        destroy(f);
    }
}
