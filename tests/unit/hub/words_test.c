/* What words hold, typed and not, with and without a number, when the buffer is too small; and that
 * our own mistakes panic. */
#include "hub/words.h"

#include "tap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void say_left(struct words *w, const char *id)
{
    struct json_writer *writer = words_begin(w, "user:left");
    jw_field_str(writer, "socketId", slice_str(id));
    words_end(w);
}

static void test_several(void)
{
    struct words w;
    struct buf b;
    buf_init(&b, 1000);
    buf_add_str(&b, "before");
    words_init(&w, &b, false);
    ok(w.is_ended && w.n == 0, "nothing is said at first");
    say_left(&w, "a");
    struct json_writer *writer = words_begin_list(&w, "roster");
    ok(!w.is_ended, "a message is open");
    jw_u64(writer, 7);
    words_end(&w);
    words_begin(&w, "empty");
    words_end(&w);
    is_int(w.n, 3, "three messages");
    is_str(w.at[0].name, "user:left", "with their names");
    is_slice(words_json(&w, 0), "{\"socketId\":\"a\"}", "an object");
    is_slice(words_json(&w, 1), "[7]", "a list");
    is_slice(words_json(&w, 2), "{}", "an empty one");
    is_slice(buf_slice(&b), "before{\"socketId\":\"a\"}[7]{}", "all behind what was there");
    is_int(words_err(&w), 0, "no error");
    buf_fini(&b);
}

/* Others may write into the same buffer between two messages. */
static void test_shared(void)
{
    struct words a, b;
    struct buf json;
    buf_init(&json, 1000);
    words_init(&a, &json, false);
    words_init(&b, &json, true);
    say_left(&a, "a");
    say_left(&b, "b");
    say_left(&a, "c");
    is_slice(words_json(&a, 0), "{\"socketId\":\"a\"}", "the first's first");
    is_slice(words_json(&b, 0), "{\"type\":\"user:left\",\"socketId\":\"b\"}", "the second's");
    is_slice(words_json(&a, 1), "{\"socketId\":\"c\"}", "the first's second");
    buf_fini(&json);
}

static void test_events(void)
{
    static const struct {
        bool is_typed;
        uint64_t seq;
        const char *json;
    } rows[] = {
        { .seq = 0, .json = "{\"id\":1}" },
        { .seq = 9, .json = "{\"seq\":9,\"id\":1}" },
        { .is_typed = true, .seq = 0, .json = "{\"type\":\"CHAT\",\"id\":1}" },
        { .is_typed = true, .seq = 9, .json = "{\"type\":\"CHAT\",\"seq\":9,\"id\":1}" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct words w;
        struct buf b;
        struct event e = { .seq = rows[i].seq };
        buf_init(&b, 1000);
        words_init(&w, &b, rows[i].is_typed);
        jw_field_u64(words_begin_event(&w, "CHAT", &e), "id", 1);
        words_end(&w);
        is_slice(words_json(&w, 0), rows[i].json, "typed %d, number %d", rows[i].is_typed,
            (int)rows[i].seq);
        buf_fini(&b);
    }
}

static void test_too_big(void)
{
    struct words w;
    struct buf b;
    buf_init(&b, 30);
    words_init(&w, &b, false);
    say_left(&w, "a");
    is_int(words_err(&w), 0, "one fits");
    say_left(&w, "a longer one");
    say_left(&w, "and one more");
    is_int(words_err(&w), ERR_TOO_BIG, "the second does not");
    is_int(w.n, 3, "they are counted");
    for (unsigned i = 0; i < w.n; i++)
        is_slice(words_json(&w, i), "", "and empty: %u", i);
    buf_fini(&b);
}

/* ---- mistakes ---- */

static void end_without_begin(struct words *w)
{
    words_end(w);
}

static void begin_twice(struct words *w)
{
    words_begin(w, "a");
    words_begin(w, "b");
}

static void level_left_open(struct words *w)
{
    jw_field_object(words_begin(w, "a"), "b");
    words_end(w);
}

static void too_many(struct words *w)
{
    for (int i = 0; i <= WORDS_MAX; i++)
        say_left(w, "a");
}

static void list_where_typed(struct words *w)
{
    w->is_typed = true;
    words_begin_list(w, "a");
}

static void beyond_the_last(struct words *w)
{
    say_left(w, "a");
    (void)words_json(w, 1);
}

static void as_many_as_fit(struct words *w)
{
    for (int i = 0; i < WORDS_MAX; i++)
        say_left(w, "a");
}

/* In a child of its own, whose last words nobody reads. */
static bool panics(void (*mistake)(struct words *w))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct buf b;
        struct words w;
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        buf_init(&b, 1000);
        words_init(&w, &b, false);
        mistake(&w);
        _exit(0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid &&
        !(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void test_mistakes(void)
{
    ok(panics(end_without_begin), "an end without a begin panics");
    ok(panics(begin_twice), "a begin within another panics");
    ok(panics(level_left_open), "a level left open panics");
    ok(panics(too_many), "a message too many panics");
    ok(panics(list_where_typed), "a list among typed messages panics");
    ok(panics(beyond_the_last), "asking for one that is not there panics");
    ok(!panics(as_many_as_fit), "as many as fit do not");
}

int main(void)
{
    test_several();
    test_shared();
    test_events();
    test_too_big();
    test_mistakes();
    return done();
}
