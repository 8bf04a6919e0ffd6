/* Plays the transcripts tests/wire/<folder>/<name>.wire without sockets: one check for each, then
 * one for each message of each language, that some transcript has it.
 *
 *     build/debug/tests/wire/run                     all of them
 *     build/debug/tests/wire/run [-v] FILE...        these alone; -v: every message as it goes
 */
#include "match_check.h"
#include "stage.h"
#include "tap.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX_BYTES (4u << 20)
#define WHY_MAX_BYTES  (1u << 20)
#define TRANSCRIPTS    "tests/wire/*/*.wire"
#define FAILING        "tests/wire/selftest/*.bad"
#define FAILS          "# fails: "

struct run {
    struct coverage coverage;
    struct buf why;
    bool is_loud;
    bool is_broken; /* some transcript does not hold */
};

static bool read_text(struct slice *out, struct arena *arena, const char *path)
{
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    char *text = arena_alloc(arena, FILE_MAX_BYTES);
    size_t n = text != NULL ? fread(text, 1, FILE_MAX_BYTES, f) : 0;
    fclose(f);
    *out = slice_of(text, n);
    return n < FILE_MAX_BYTES;
}

enum verdict { HOLDS, SKIPPED, FAILED };

/* `text` is what the file says. */
static enum verdict play_file(
    struct run *run, struct script *script, struct slice *text, struct arena *arena)
{
    buf_reset(&run->why);
    if (!read_text(text, arena, script->path)) {
        script_complain(&run->why, script->path, 1, "cannot be read: %s", strerror(errno));
        return FAILED;
    }
    if (script_parse(script, &run->why, arena, *text))
        return FAILED;
    if (script->has_http)
        return SKIPPED;
    return stage_play(&run->why, script, &run->coverage, run->is_loud) ? HOLDS : FAILED;
}

static void note_why(const struct run *run)
{
    struct slice line, rest = buf_slice(&run->why);
    while (slice_cut(&line, &rest, '\n'))
        note("%.*s", (int)line.len, line.p);
}

static void run_file(struct run *run, const char *path)
{
    struct arena arena;
    struct script script = { .path = path };
    struct slice text;
    arena_init(&arena, 4 * FILE_MAX_BYTES);
    enum verdict verdict = play_file(run, &script, &text, &arena);
    if (verdict == SKIPPED)
        skip("%s: it needs a server", path);
    else
        ok(verdict == HOLDS, "%s: %.*s", path, (int)script.sentence.len,
            script.sentence.p ? script.sentence.p : "");
    if (verdict == FAILED)
        note_why(run);
    run->is_broken |= verdict == FAILED;
    arena_fini(&arena);
}

/* A transcript that must not hold, and what is said about it: its lines that begin with FAILS. */
static void run_failing(struct run *run, const char *path)
{
    struct arena arena;
    struct script script = { .path = path };
    struct slice text = S(""), line;
    unsigned n_missing = 0, n = 0;
    arena_init(&arena, 4 * FILE_MAX_BYTES);
    enum verdict verdict = play_file(run, &script, &text, &arena);
    buf_add_char(&run->why, '\0');
    while (slice_cut(&line, &text, '\n')) {
        if (!slice_starts(line, S(FAILS)))
            continue;
        line = slice_drop(line, sizeof(FAILS) - 1);
        n++;
        n_missing += memmem(run->why.p, run->why.len, line.p, line.len) == NULL;
    }
    if (!ok(verdict == FAILED && n > 0 && n_missing == 0, "%s fails, and is told why", path))
        note_why(run);
    arena_fini(&arena);
}

static void run_all(struct run *run, const char *pattern, void (*each)(struct run *, const char *))
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            each(run, found.gl_pathv[i]);
    }
    globfree(&found);
}

static void check_coverage(const struct run *run)
{
    for (size_t i = 0; i < REGISTRY_ALL; i++) {
        const struct language *l = registry_all[i];
        const char *name = l->dialect->name;
        ok(l->n_rows <= COVERAGE_MAX && l->n_said <= COVERAGE_MAX, "%s: there is room", name);
        for (size_t k = 0; k < l->n_rows; k++)
            ok(run->coverage.rows[i][k], "%s: a transcript sends %s", name, l->rows[k].name);
        for (size_t k = 0; k < l->n_said; k++)
            ok(run->coverage.said[i][k], "%s: in a transcript %s comes", name, l->said[k].name);
    }
    struct slice line, rest = buf_slice(&run->coverage.unsaid);
    bool is_known = rest.len == 0;
    ok(is_known, "nothing comes that is not in a table of what may be said");
    while (slice_cut(&line, &rest, '\n'))
        note("  %.*s", (int)line.len, line.p);
}

int main(int argc, char **argv)
{
    struct run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return 1;
    buf_init(&run->why, WHY_MAX_BYTES);
    buf_init(&run->coverage.unsaid, WHY_MAX_BYTES);
    int i = 1;
    run->is_loud = argc > 1 && strcmp(argv[1], "-v") == 0;
    i += run->is_loud;
    if (i < argc) {
        for (; i < argc; i++)
            run_file(run, argv[i]);
    } else {
        match_check();
        run_all(run, FAILING, run_failing);
        run_all(run, TRANSCRIPTS, run_file);
        check_coverage(run);
    }
    buf_fini(&run->why);
    buf_fini(&run->coverage.unsaid);
    free(run);
    return done();
}
