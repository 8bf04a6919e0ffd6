/*
 * Runs a fuzz target over files instead of under libFuzzer, so that `make test` replays the corpus
 * with gcc's sanitizers: x_replay FILE|FOLDER... Prints TAP, one line per file; a crash names the
 * file that was being run. The empty input is always the first.
 */
#include "fuzz.h"
#include "tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The copy has exactly the size of the file, so that ASan sees a read past its end. */
static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!ok(f != NULL && fstat(fileno(f), &st) == 0, "open %s", path))
        exit(done());
    uint8_t *data = malloc((size_t)st.st_size);
    size_t len = data != NULL ? fread(data, 1, (size_t)st.st_size, f) : 0;
    fclose(f);
    note("running %s", path);
    int ret = LLVMFuzzerTestOneInput(data, len);
    ok(ret == 0 && len == (size_t)st.st_size, "%s", path);
    free(data);
}

static int is_visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static void run_folder(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_visible, alphasort);
    ok(n > 0, "%s holds inputs", path);
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
        run_file(file);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    static const uint8_t nothing[1];
    ok(LLVMFuzzerTestOneInput(nothing, 0) == 0, "the empty input");
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            run_folder(argv[i]);
        else
            run_file(argv[i]);
    }
    return done();
}
