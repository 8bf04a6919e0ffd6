/* Opening the store: the data folder is had by one process at a time, what is wrong is said in a
 * sentence and leaves nothing behind, and what a killed program had committed is there at once. */
#include "store/open.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static const char *path_of(char out[160], const char *name)
{
    snprintf(out, 160, "%s/%s", folder, name);
    return out;
}

/* Of what a store leaves in its folder. */
static void remove_data(const char *data)
{
    static const char *const names[] = { "lock", "stoa.db", "stoa.db-wal", "stoa.db-shm" };
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", data, names[i]);
        unlink(path);
    }
    is_int(rmdir(data), 0, "nothing else is in %s", strrchr(data, '/') + 1);
}

struct opened {
    struct loop *loop;
    struct store *store;
    int err;
    char why[SQL_WHY_BYTES];
};

static bool open_url(struct opened *o, const char *data, const char *url)
{
    struct store_settings s = {
        .url = url, .data = data, .batch_max = 100, .max_waiting_bytes = 1 << 20
    };
    *o = (struct opened){ 0 };
    if (loop_new(&o->loop, &clock_system))
        abort();
    o->err = store_open(&o->store, o->loop, &s, o->why);
    return !o->err;
}

static void shut(struct opened *o)
{
    if (o->store)
        o->store->ops->close(o->store);
    loop_turn(o->loop, false);
    loop_free(o->loop);
}

/* ---- the folder ---- */

static void mode_is(const char *data, const char *name, mode_t want)
{
    char path[256];
    struct stat st = { 0 };
    snprintf(path, sizeof path, "%s/%s", data, name);
    is_int(stat(path, &st), 0, "there is %s", name);
    is_int(st.st_mode & 0777, want, "its user's alone");
}

static void a_folder_is_made(void)
{
    char data[160];
    struct opened o;
    mode_t mask = umask(0);
    ok(open_url(&o, path_of(data, "new"), NULL), "a store: %s", o.why);
    umask(mask);
    mode_is(data, "", 0700);
    mode_is(data, STORE_LOCK, 0600);
    mode_is(data, STORE_FILE, 0600);
    is_str(o.store->ops->name, "durable", "it is the durable one");
    is_int(o.store->ops->status(o.store)->state, STORE_UP, "and up");
    shut(&o);
    char wal[256];
    snprintf(wal, sizeof wal, "%s/%s-wal", data, STORE_FILE);
    ok(access(wal, F_OK) != 0, "it tidies up when it is closed");
    ok(open_url(&o, data, "sqlite:"), "and opens again: %s", o.why);
    shut(&o);
    remove_data(data);
}

static void one_at_a_time(void)
{
    char data[160];
    char elsewhere[160];
    char process[40];
    struct opened first;
    struct opened second;
    ok(open_url(&first, path_of(data, "taken"), NULL), "a store: %s", first.why);
    is_int(!open_url(&second, data, NULL), true, "a second one of the same folder is refused");
    is_int(second.err, ERR_CONFLICT, "for it is taken");
    snprintf(process, sizeof process, "(process %ld)", (long)getpid());
    ok(strstr(second.why, data) && strstr(second.why, process), "%s", second.why);
    shut(&second);
    ok(open_url(&second, path_of(elsewhere, "free"), NULL), "another folder is free: %s",
        second.why);
    shut(&second);
    is_int(!open_url(&second, data, NULL), true, "a refusal gives nothing away");
    shut(&second);
    shut(&first);
    ok(open_url(&second, data, NULL), "once it is closed it can be opened: %s", second.why);
    shut(&second);
    remove_data(data);
    remove_data(elsewhere);
}

/* Says "o" or the error's first letter, and waits to be killed. */
static pid_t open_elsewhere(const char *data, char *said)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        struct opened o;
        char c = open_url(&o, data, NULL) ? 'o' : *err_name(o.err);
        if (write(ends[1], &c, 1) == 1)
            pause();
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], said, 1) != 1)
        *said = '?';
    close(ends[0]);
    return pid;
}

static void kill_it(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void another_process(void)
{
    char data[160];
    struct opened o;
    char said = 0;
    path_of(data, "shared");
    pid_t pid = open_elsewhere(data, &said);
    is_int(said, 'o', "another process has the folder");
    is_int(!open_url(&o, data, NULL), true, "then we have not");
    is_int(o.err, ERR_CONFLICT, "for it is taken");
    shut(&o);
    kill_it(pid);
    ok(open_url(&o, data, NULL), "killed, it has let go: %s", o.why);
    pid = open_elsewhere(data, &said);
    is_int(said, 'C', "now it is the other one that is refused");
    kill_it(pid);
    shut(&o);
    remove_data(data);
}

/* ---- what will not do ---- */

static void refused(const char *data, int err, const char *word)
{
    struct opened o;
    open_url(&o, data, NULL);
    is_int(o.err, err, "%s is refused", strrchr(data, '/') + 1);
    ok(strstr(o.why, word) && o.why[strlen(o.why) - 1] == '.', "%s", o.why);
    shut(&o);
}

static void make_file(const char *data, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", data, name);
    FILE *file = fopen(path, "we");
    for (int i = 0; file && i < 100; i++)
        fputs(text, file);
    ok(file && fclose(file) == 0, "a file: %s", name);
}

static void folders_that_will_not_do(void)
{
    char data[160];
    refused(path_of(data, "not/there"), ERR_IO, "No such file");
    make_file(folder, "file", "x");
    refused(path_of(data, "file"), ERR_IO, "Not a directory");
    unlink(data);
    is_int(mkdir(path_of(data, "noise"), 0700), 0, "a folder");
    make_file(data, STORE_FILE, "this is no database but a text about one. ");
    refused(data, ERR_IO, "not a database");
    refused(data, ERR_IO, "not a database");
    remove_data(data);
    is_int(mkdir(path_of(data, "linked"), 0700), 0, "a folder");
    char lock[256];
    snprintf(lock, sizeof lock, "%s/%s", data, STORE_LOCK);
    is_int(symlink("/dev/null", lock), 0, "a lock that is elsewhere");
    refused(data, ERR_IO, "symbolic links");
    remove_data(data);
}

static void set_up_file(const char *data, const char *script)
{
    char file[256];
    sqlite3 *raw = NULL;
    snprintf(file, sizeof file, "%s/%s", data, STORE_FILE);
    is_int(sqlite3_open(file, &raw), 0, "the file");
    is_int(sqlite3_exec(raw, script, NULL, NULL, NULL), 0, "is changed");
    sqlite3_close(raw);
}

static void a_newer_schema(void)
{
    char data[160];
    struct opened o;
    ok(open_url(&o, path_of(data, "newer"), NULL), "a store: %s", o.why);
    shut(&o);
    set_up_file(data, "insert into schema_version values (9999, 'tomorrow', 0)");
    refused(data, ERR_BAD_CONFIG, "newer");
    set_up_file(data, "delete from schema_version where number = 9999");
    ok(open_url(&o, data, NULL), "without it: %s", o.why);
    shut(&o);
    remove_data(data);
}

static void bad_addresses(void)
{
    char data[160];
    struct opened o;
    open_url(&o, path_of(data, "far"), "postgresql://nobody:geheim@127.0.0.1:1/x");
    ok(o.err, "a server that is not there");
    ok(o.why[0] && !strstr(o.why, "geheim"), "%s", o.why);
    shut(&o);
    ok(open_url(&o, data, NULL), "the folder was let go: %s", o.why);
    shut(&o);
    remove_data(data);
}

static void in_memory(void)
{
    struct opened o;
    ok(open_url(&o, "/not/there", "memory"), "a store in memory needs no folder: %s", o.why);
    shut(&o);
}

/* ---- after the worst ---- */

#define NOT_YET 1000

static void on_done(void *arg, int err)
{
    *(int *)arg = err;
}

static void on_users(void *arg, int err, const struct store_users *page)
{
    *(int *)arg = err ? err : (int)page->n;
}

static void wait_for(struct opened *o, const int *answer)
{
    while (*answer == NOT_YET)
        loop_turn(o->loop, true);
}

static int add_user(struct opened *o, const char *id)
{
    int answer = NOT_YET;
    struct store_user u = { .id = slice_str(id), .name = S("Somebody"), .email = slice_str(id) };
    o->store->ops->put_user(o->store, STORE_ADD, &u, on_done, &answer);
    wait_for(o, &answer);
    return answer;
}

static bool has_user(struct opened *o, const char *id)
{
    int answer = NOT_YET;
    struct store_user_query q = { .id = slice_str(id), .limit = 1 };
    o->store->ops->users(o->store, &q, on_users, &answer);
    wait_for(o, &answer);
    return answer == 1;
}

/* What was answered is there, whatever was not closed. */
static void killed(void)
{
    char data[160];
    struct opened o;
    int ends[2];
    path_of(data, "killed");
    if (pipe2(ends, O_CLOEXEC))
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        char id[16];
        int n = 0;
        open_url(&o, data, NULL);
        while (n < 1000 && snprintf(id, sizeof id, "u%d", n) && !add_user(&o, id))
            n++;
        if (write(ends[1], &n, sizeof n) > 0)
            pause();
        _exit(0);
    }
    int n = 0;
    is_int(read(ends[0], &n, sizeof n), sizeof n, "a process stores something");
    kill_it(pid);
    close(ends[0]);
    close(ends[1]);
    uint64_t began = clock_mono_us(&clock_system);
    ok(open_url(&o, data, NULL), "it was killed, and the store opens: %s", o.why);
    uint64_t took = clock_mono_us(&clock_system) - began;
    ok(took < 1000000, "within a second: %ju us", (uintmax_t)took);
    ok(n == 1000 && has_user(&o, "u0") && has_user(&o, "u999"), "what was answered is there");
    shut(&o);
    remove_data(data);
}

int main(void)
{
    log_set_level(LOG_OFF);
    snprintf(folder, sizeof folder, "/tmp/stoa-open-XXXXXX");
    if (!ok(mkdtemp(folder) != NULL, "a folder"))
        return done();
    a_folder_is_made();
    one_at_a_time();
    another_process();
    folders_that_will_not_do();
    a_newer_schema();
    bad_addresses();
    in_memory();
    killed();
    is_int(rmdir(folder), 0, "nothing is left behind");
    return done();
}
