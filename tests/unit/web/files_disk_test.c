/* The folder of contents: what is written is there, in one step and no other; ids are the only way
 * in; what lies there that is not ours is neither followed nor shown. */
#include "web/files_disk.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID    "0123456789abcdef0123456789abcdef"
#define OTHER "ff23456789abcdef0123456789abcdef"

static char folder[] = "/tmp/stoa-disk-XXXXXX";
static struct files_disk disk;

static const char *at(const char *path)
{
    static char text[4][200];
    static unsigned n;
    char *out = text[n++ % 4];
    snprintf(out, sizeof text[0], "%s/files/%s", folder, path);
    return out;
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(at(path), &st) == 0;
}

static bool write_file(const char *path, const char *text)
{
    FILE *f = fopen(at(path), "w");
    return f && fputs(text, f) >= 0 && fclose(f) == 0;
}

static const char *content(struct slice id)
{
    static char text[100];
    uint64_t bytes = 0;
    int fd;
    int err = files_disk_read_open(&fd, &bytes, &disk, id);
    if (err)
        return err_name(err);
    if (bytes >= sizeof text || files_disk_read(text, fd, bytes, 0))
        bytes = 0;
    text[bytes] = '\0';
    close(fd);
    return text;
}

static const struct {
    const char *text;
    bool is_id;
} ids[] = {
    { ID, true },
    { OTHER, true },
    { "", false },
    { "0123456789abcdef0123456789abcde", false },
    { "0123456789abcdef0123456789abcdef0", false },
    { "0123456789ABCDEF0123456789ABCDEF", false },
    { "0123456789abcdef0123456789abcdeg", false },
    { "../3456789abcdef0123456789abcdef", false },
    { "01/3456789abcdef0123456789abcdef", false },
    { "0123456789abcdef0123456789abcd\n1", false },
};

static void test_upload(void)
{
    uint64_t bytes = 9;
    int fd;
    is_str(content(S(ID)), "NOT_FOUND", "nothing is there at first");
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_WHOLE), 0, "a draft");
    is_int(bytes, 0, "is empty");
    is_int(files_disk_write(fd, S("hello"), 0), 0, "it is written to");
    is_int(files_disk_write(fd, S(" world"), 5), 0, "and on");
    is_str(content(S(ID)), "NOT_FOUND", "and is not there yet");
    is_int(files_disk_sync(fd), 0, "it is synced");
    is_int(files_disk_publish(&disk, S(ID), DRAFT_WHOLE), 0, "and put in its place");
    close(fd);
    is_str(content(S(ID)), "hello world", "then all of it is there");
    ok(!is_there("tmp/" ID) && is_there("01/" ID), "under its own name alone");
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_WHOLE), 0, "a second draft");
    is_str(content(S(ID)), "hello world", "changes nothing");
    close(fd);
    is_int(files_disk_remove_draft(&disk, S(ID)), 0, "it is removed");
    is_str(content(S(ID)), "hello world", "which changes nothing, either");
    is_int(files_disk_remove(&disk, S(ID)), 0, "the file is removed");
    is_str(content(S(ID)), "NOT_FOUND", "and is gone");
    is_int(files_disk_remove(&disk, S(ID)), 0, "twice is fine");
}

static void test_parts(void)
{
    uint64_t bytes = 9;
    int fd;
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_PARTS), ERR_NOT_FOUND,
        "parts of what was never begun");
    ok(!files_disk_has_parts(&disk, S(ID)), "nobody goes on with it");
    is_int(files_disk_reserve(&disk, S(ID)), 0, "it is begun");
    ok(files_disk_has_parts(&disk, S(ID)), "now somebody may");
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_PARTS), 0, "it is opened");
    is_int(bytes, 0, "nothing is there");
    is_int(files_disk_write(fd, S("hello"), 0), 0, "a part");
    close(fd);
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_PARTS), 0, "it is opened again");
    is_int(bytes, 5, "the part is there");
    close(fd);
    is_int(files_disk_publish(&disk, S(ID), DRAFT_PARTS), 0, "it is put in its place");
    is_str(content(S(ID)), "hello", "as it is");
    is_int(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_PARTS), ERR_CONFLICT,
        "there is nothing to go on with");
    is_int(files_disk_remove(&disk, S(ID)), 0, "removed");
}

static void test_strangers(void)
{
    uint64_t bytes;
    int fd;
    char secret[200];
    snprintf(secret, sizeof secret, "%s/secret", folder);
    FILE *f = fopen(secret, "w");
    ok(f && fputs("secret", f) >= 0 && fclose(f) == 0, "a secret beside the folder");
    mkdir(at("01"), 0700);
    ok(symlink("../../secret", at("01/" ID)) == 0, "a link to it");
    is_str(content(S(ID)), "IO", "is not followed");
    ok(symlink("../../secret", at("tmp/" ID)) == 0, "one among the drafts");
    ok(files_disk_draft(&fd, &bytes, &disk, S(ID), DRAFT_WHOLE) != 0, "is not written through");
    is_int(files_disk_remove(&disk, S(ID)), 0, "links are removed");
    f = fopen(secret, "r");
    ok(f && fgetc(f) == 's' && fclose(f) == 0, "and not what they lead to");
    rmdir(at("01"));
    ok(symlink("..", at("01")) == 0, "a folder that is a link");
    snprintf(secret, sizeof secret, "%s/" ID, folder);
    f = fopen(secret, "w");
    ok(f && fclose(f) == 0, "with a file of that name behind it");
    ok(files_disk_read_open(&fd, &bytes, &disk, S(ID)) != 0, "is not entered");
    unlink(secret);
    unlink(at("01"));
    mkdir(at("01"), 0700);
    ok(mkfifo(at("01/" ID), 0600) == 0, "a pipe");
    is_str(content(S(ID)), "NOT_FOUND", "is not waited for");
    is_int(files_disk_remove(&disk, S(ID)), 0, "it goes");
    ok(mkdir(at("01/" ID), 0700) == 0, "a folder");
    is_str(content(S(ID)), "NOT_FOUND", "is no file");
    rmdir(at("01/" ID));
}

static void test_short_file(void)
{
    uint64_t bytes;
    int fd;
    char text[10];
    mkdir(at("01"), 0700);
    ok(write_file("01/" ID, "hello"), "a file of five bytes");
    is_int(files_disk_read_open(&fd, &bytes, &disk, S(ID)), 0, "is opened");
    is_int(files_disk_read(text, fd, 5, 0), 0, "read");
    is_int(files_disk_read(text, fd, 6, 0), ERR_IO, "and not beyond its end");
    is_int(files_disk_read(text, fd, 1, 5), ERR_IO, "nor behind it");
    close(fd);
    is_int(files_disk_remove(&disk, S(ID)), 0, "removed");
}

static void test_space(void)
{
    is_int(files_disk_check_space(&disk, 1, 0), 0, "a byte has place");
    is_int(files_disk_check_space(&disk, UINT64_MAX / 2, 0), ERR_QUOTA, "everything has not");
    is_int(files_disk_check_space(&disk, 1, UINT64_MAX / 2), ERR_QUOTA, "nor one that must not be");
}

static void set_age(const char *path, time_t s)
{
    const struct timespec times[2] = { { .tv_sec = s }, { .tv_sec = s } };
    utimensat(AT_FDCWD, at(path), times, 0);
}

static void test_walk(void)
{
    enum { MANY = 150 };
    struct files_walk walk = { .folder = 0 };
    struct files_found found;
    unsigned n = 0, steps = 0, wrong = 0;
    mkdir(at("00"), 0700);
    mkdir(at("ff"), 0700);
    for (unsigned i = 0; i < MANY; i++) {
        char path[60];
        snprintf(path, sizeof path, "00/00%030x", i);
        ok(write_file(path, "x") || errno == 0, "file %u", i);
        set_age(path, 1000);
    }
    write_file("ff/" OTHER, "young");
    set_age("ff/" OTHER, 2000);
    write_file("ff/not-an-id", "x");
    set_age("ff/not-an-id", 1000);
    write_file("tmp/" ID ".part", "x");
    set_age("tmp/" ID ".part", 1000);
    do {
        files_disk_walk(&found, &walk, &disk, 2000);
        for (unsigned i = 0; i < found.n; i++)
            wrong += !files_is_id(slice_str(found.ids[i]));
        n += found.n;
        steps++;
        wrong += found.n > FILES_STEP_NAMES;
    } while (!found.is_end && steps < 1000);
    is_int(n, MANY + 1, "all that are old enough are found, drafts too");
    is_int(wrong, 0, "by their ids");
    ok(steps > 4 && steps < 20, "in some steps: %u", steps);
    for (unsigned i = 0; i < MANY; i++) {
        char id[FILES_ID_BYTES + 1];
        snprintf(id, sizeof id, "00%030x", i);
        if (files_disk_remove(&disk, slice_str(id)))
            wrong++;
    }
    is_int(files_disk_remove(&disk, S(ID)), 0, "a part goes");
    is_int(files_disk_remove(&disk, S(OTHER)), 0, "and the young one");
    is_int(wrong, 0, "and all others");
    unlink(at("ff/not-an-id"));
    walk = (struct files_walk){ .folder = 0 };
    files_disk_walk(&found, &walk, &disk, 2000);
    files_disk_walk_end(&walk);
    ok(!walk.dir, "a walk can be left");
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        ok(files_is_id(slice_str(ids[i].text)) == ids[i].is_id, "id %zu: %d", i, ids[i].is_id);
    is_int(files_disk_open(&disk, folder), 0, "the folder is made");
    files_disk_close(&disk);
    is_int(files_disk_open(&disk, folder), 0, "or found");
    test_upload();
    test_parts();
    test_strangers();
    test_short_file();
    test_space();
    test_walk();
    files_disk_close(&disk);
    is_int(files_disk_open(&disk, "/nowhere/at/all"), ERR_IO, "there must be a data folder");
    files_disk_close(&disk);
    static const char *const left[] = { "files/00", "files/01", "files/ff", "files/tmp", "files",
        "secret", "" };
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, left[i]);
        if (remove(path))
            note("left: %s", path);
    }
    struct stat st;
    ok(stat(folder, &st) != 0, "nothing is left");
    return done();
}
