/* The file is made in a folder of its own under /tmp; several processes make it at once; and every
 * file that should not be believed is put in its place. */
#include "auth/secret.h"

#include "fault.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_BYTES (16 << 10)
#define PATH_BYTES  128
#define PROCESSES   12
#define ROUNDS      10

struct place {
    char folder[PATH_BYTES]; /* does not exist yet */
    char file[PATH_BYTES + 16];
    char parent[PATH_BYTES - 16];
};

static void place_init(struct place *p)
{
    snprintf(p->parent, sizeof(p->parent), "/tmp/stoa-secret-XXXXXX");
    ok(mkdtemp(p->parent) != NULL, "a folder");
    snprintf(p->folder, sizeof(p->folder), "%s/data", p->parent);
    snprintf(p->file, sizeof(p->file), "%s/" SECRET_FILE, p->folder);
}

static unsigned count_files(const char *folder)
{
    unsigned n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e != NULL; e = readdir(d))
        n += e->d_name[0] != '.';
    if (d != NULL)
        closedir(d);
    return n;
}

static void place_fini(struct place *p)
{
    (void)unlink(p->file);
    (void)rmdir(p->file);
    ok(rmdir(p->folder) == 0 || errno == ENOENT, "nothing else was left in the data folder");
    (void)rmdir(p->parent);
}

static void write_file(const char *path, struct slice text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ok(fd >= 0 && write(fd, text.p, text.len) == (ssize_t)text.len && fchmod(fd, mode) == 0,
        "a file of %zu bytes and mode %o", text.len, (unsigned)mode);
    close(fd);
}

/* ---- making ---- */

static void first_use(void)
{
    struct place p;
    struct arena a;
    struct stat st;
    struct slice one = S(""), two = S("");
    char why[SECRET_WHY_BYTES];
    place_init(&p);
    arena_init(&a, ARENA_BYTES);
    mode_t mask = umask(0);
    is_int(secret_load(&one, &a, p.folder, why), 0, "made: %s", why);
    is_int(one.len, 64, "64 characters");
    ok(stat(p.file, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 65,
        "in a file of mode 0600, whatever the mask");
    ok(stat(p.folder, &st) == 0 && (st.st_mode & 07777) == 0700, "in a folder of mode 0700");
    is_int(count_files(p.folder), 1, "and nothing beside it");
    is_int(secret_load(&two, &a, p.folder, why), 0, "read again: %s", why);
    ok(slice_eq(one, two), "it is the same");
    unlink(p.file);
    (void)umask(0377);
    is_int(secret_load(&two, &a, p.folder, why), 0, "when it is lost: %s", why);
    ok(stat(p.file, &st) == 0 && (st.st_mode & 07777) == 0600, "again of mode 0600");
    ok(!slice_eq(one, two), "another is made");
    (void)umask(mask);
    arena_fini(&a);
    place_fini(&p);
}

/* Each process writes the secret that it got into a pipe. */
static void run_child(const char *folder, int gate, int out)
{
    struct arena a;
    struct slice s = S("failed");
    char why[SECRET_WHY_BYTES];
    char go;
    arena_init(&a, ARENA_BYTES);
    (void)!read(gate, &go, 1); /* until the parent closes it */
    int err = secret_load(&s, &a, folder, why);
    bool is_said = write(out, s.p, s.len) == (ssize_t)s.len;
    _exit(err || !is_said);
}

static unsigned count_differing(struct slice all)
{
    unsigned differing = 0;
    for (size_t i = 64; i + 64 <= all.len; i += 64)
        differing += !slice_eq(slice_take(all, 64), slice_take(slice_drop(all, i), 64));
    return differing;
}

static unsigned race(const char *folder)
{
    int gate[2], out[2];
    char all[64 * PROCESSES + 1];
    size_t len = 0;
    unsigned failed = 0;
    if (pipe(gate) != 0 || pipe(out) != 0)
        return 1;
    for (unsigned i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            close(gate[1]);
            run_child(folder, gate[0], out[1]);
        }
    }
    close(gate[0]);
    close(gate[1]);
    close(out[1]);
    for (ssize_t n = 1; n > 0 && len<sizeof(all); len += n> 0 ? (size_t)n : 0)
        n = read(out[0], all + len, sizeof(all) - len);
    close(out[0]);
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        failed += wait(&status) < 0 || status != 0;
    }
    return failed + (len != 64 * PROCESSES) + count_differing(slice_of(all, len));
}

static void races(void)
{
    unsigned failed = 0, left = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct place p;
        place_init(&p);
        failed += race(p.folder);
        left += count_files(p.folder) != 1;
        place_fini(&p);
    }
    is_int(failed, 0, "%d processes at once agree on one secret, %d times", PROCESSES, ROUNDS);
    is_int(left, 0, "and tidy up");
}

/* ---- what is not believed ---- */

#define GOOD "0123456789abcdef0123456789abcdef"

struct file_case {
    const char *name;
    struct slice text;
    mode_t mode;
    const char *why; /* NULL: read */
};

static const struct file_case file_cases[] = {
    { "32 bytes", SLICE(GOOD), 0600, NULL },
    { "with a newline", SLICE(GOOD "\n"), 0600, NULL },
    { "read only", SLICE(GOOD "\n"), 0400, NULL },
    { "31 bytes", SLICE("0123456789abcdef0123456789abcde"), 0600, "at least 32 bytes" },
    { "31 and a newline", SLICE("0123456789abcdef0123456789abcde\n"), 0600, "at least 32 bytes" },
    { "empty", SLICE(""), 0600, "at least 32 bytes" },
    { "a NUL within", SLICE(GOOD "\0" GOOD), 0600, "at least 32 bytes" },
    { "readable by the group", SLICE(GOOD), 0640, "chmod 600" },
    { "writable by the group", SLICE(GOOD), 0620, "chmod 600" },
    { "readable by all", SLICE(GOOD), 0604, "chmod 600" },
    { "runnable by all", SLICE(GOOD), 0601, "chmod 600" },
};

static void files(void)
{
    for (size_t i = 0; i < sizeof(file_cases) / sizeof(*file_cases); i++) {
        const struct file_case *c = &file_cases[i];
        struct place p;
        struct arena a;
        struct slice s = S("");
        char why[SECRET_WHY_BYTES];
        place_init(&p);
        arena_init(&a, ARENA_BYTES);
        (void)mkdir(p.folder, 0755);
        write_file(p.file, c->text, c->mode);
        is_int(secret_load(&s, &a, p.folder, why), c->why ? ERR_IO : 0, "%s: %s", c->name, why);
        if (c->why == NULL)
            is_slice(s, GOOD, "%s: read", c->name);
        else
            ok(strstr(why, c->why) && strstr(why, p.file) && !strstr(why, "0123456789"),
                "it is said which file, what to do, and not the secret");
        arena_fini(&a);
        place_fini(&p);
    }
}

static void no_files(void)
{
    static char big[SECRET_MAX_BYTES + 1];
    char good[PATH_BYTES];
    struct place p;
    struct arena a;
    struct slice s;
    char why[SECRET_WHY_BYTES];
    place_init(&p);
    arena_init(&a, ARENA_BYTES);
    (void)mkdir(p.folder, 0700);
    (void)mkdir(p.file, 0700);
    is_int(secret_load(&s, &a, p.folder, why), ERR_IO, "a folder in its place: %s", why);
    (void)rmdir(p.file);
    ok(mkfifo(p.file, 0600) == 0, "a pipe in its place");
    is_int(secret_load(&s, &a, p.folder, why), ERR_IO, "does not stop anybody: %s", why);
    (void)unlink(p.file);
    snprintf(good, sizeof(good), "%s/good", p.parent);
    write_file(good, S(GOOD), 0600);
    ok(symlink(good, p.file) == 0, "a link in its place");
    is_int(secret_load(&s, &a, p.folder, why), ERR_IO, "is not followed: %s", why);
    (void)unlink(p.file);
    (void)unlink(good);
    memset(big, 'x', sizeof(big));
    write_file(p.file, slice_of(big, sizeof(big)), 0600);
    is_int(secret_load(&s, &a, p.folder, why), ERR_IO, "too large: %s", why);
    write_file(p.file, slice_of(big, SECRET_MAX_BYTES), 0600);
    is_int(secret_load(&s, &a, p.folder, why), 0, "the largest");
    is_int(s.len, SECRET_MAX_BYTES, "is read whole");
    arena_fini(&a);
    place_fini(&p);
}

static void no_folder(void)
{
    static char deep[5000];
    struct arena a;
    struct slice s;
    char why[SECRET_WHY_BYTES];
    arena_init(&a, ARENA_BYTES);
    is_int(secret_load(&s, &a, "/nowhere/at/all", why), ERR_IO, "no folder: %s", why);
    ok(strstr(why, "jwt.secret") != NULL, "what to do is said");
    is_int(secret_load(&s, &a, "/dev/null", why), ERR_IO, "what is no folder: %s", why);
    memset(deep, 'x', sizeof(deep) - 1);
    is_int(secret_load(&s, &a, deep, why), ERR_IO, "a name that is too long: %.60s", why);
    arena_fini(&a);
}

/* ---- failures ---- */

static void one_fault(void *arg)
{
    struct place *p = arg;
    struct arena a;
    struct slice s = S("");
    char why[SECRET_WHY_BYTES];
    (void)unlink(p->file);
    arena_init(&a, ARENA_BYTES);
    int err = secret_load(&s, &a, p->folder, why);
    bool is_clean = err == ERR_TOO_BIG || (err == ERR_IO && why[0] != '\0');
    if (fault_hit())
        ok(is_clean, "a clean error: %s: %s", err_name(err), why);
    arena_fini(&a);
    fault_off();
    arena_init(&a, ARENA_BYTES);
    is_int(secret_load(&s, &a, p->folder, why), 0, "and the next start is good");
    is_int(s.len, 64, "with a whole secret");
    is_int(count_files(p->folder), 1, "nothing is left of the failure");
    arena_fini(&a);
}

static void faults(void)
{
    static const enum fault_kind kinds[] = { FAULT_ALLOC, FAULT_WRITE, FAULT_READ };
    for (size_t i = 0; i < 3; i++) {
        struct place p;
        place_init(&p);
        for (unsigned n = 1; n <= 2; n++) {
            fault_at(kinds[i], n, kinds[i] == FAULT_ALLOC ? ENOMEM : EIO);
            one_fault(&p);
        }
        place_fini(&p);
    }
}

static void in_pieces(void)
{
    struct place p;
    struct arena a;
    struct slice one, two;
    char why[SECRET_WHY_BYTES];
    place_init(&p);
    arena_init(&a, ARENA_BYTES);
    fault_trickle(5);
    is_int(secret_load(&one, &a, p.folder, why), 0, "written and read in pieces");
    fault_off();
    is_int(secret_load(&two, &a, p.folder, why), 0, "and as a whole");
    ok(one.len == 64 && slice_eq(one, two), "the same");
    fault_at(FAULT_READ, 1, EINTR);
    is_int(secret_load(&two, &a, p.folder, why), 0, "after an interruption");
    ok(slice_eq(one, two), "the same");
    fault_off();
    arena_fini(&a);
    place_fini(&p);
}

int main(void)
{
    first_use();
    races();
    files();
    no_files();
    no_folder();
    faults();
    in_pieces();
    return done();
}
