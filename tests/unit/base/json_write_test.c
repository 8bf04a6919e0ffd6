/* All calls at once, every size of buffer, and that our own mistakes panic. */
#include "base/json_write.h"

#include "base/json_read.h"
#include "tap.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_all(struct json_writer *w)
{
    jw_object(w);
    jw_field_str(w, "name", S("a\"b"));
    jw_field_i64(w, "i", -5);
    jw_field_u64(w, "u", UINT64_MAX);
    jw_field_double(w, "d", 1.5);
    jw_field_double(w, "nan", NAN);
    jw_field_double(w, "inf", -INFINITY);
    jw_field_bool(w, "t", true);
    jw_field_bool(w, "f", false);
    jw_field_null(w, "n");
    jw_field_time(w, "at", 1795257645123);
    jw_field_raw(w, "raw", S("[1, 2]"));
    jw_field_raw(w, "none", S(""));
    jw_key(w, S("k\n"));
    jw_array(w);
    jw_end(w);
    jw_field_array(w, "list");
    jw_i64(w, 1);
    jw_object(w);
    jw_end(w);
    jw_array(w);
    jw_array(w);
    jw_end(w);
    jw_str(w, S("x"));
    jw_end(w);
    jw_null(w);
    jw_bool(w, true);
    jw_raw(w, S("{}"));
    jw_u64(w, 2);
    jw_double(w, 0.25);
    jw_time(w, 0);
    jw_end(w);
    jw_field_object(w, "o");
    jw_field_i64(w, "x", 0);
    jw_end(w);
    jw_end(w);
}

static void test_all(void)
{
    struct buf b;
    struct json_writer w;
    struct json_value v;
    buf_init(&b, 10000);
    jw_init(&w, &b);
    write_all(&w);
    is_int(buf_err(&b), 0, "written");
    ok(jw_is_done(&w), "to its end");
    is_slice(buf_slice(&b),
        "{\"name\":\"a\\\"b\",\"i\":-5,\"u\":18446744073709551615,\"d\":1.5,\"nan\":null,"
        "\"inf\":null,\"t\":true,\"f\":false,\"n\":null,\"at\":\"2026-11-21T10:40:45.123Z\","
        "\"raw\":[1, 2],\"none\":null,\"k\\n\":[],\"list\":[1,{},[[],\"x\"],null,true,{},2,0.25,"
        "\"1970-01-01T00:00:00.000Z\"],\"o\":{\"x\":0}}",
        "commas, quotes and brackets where they belong");
    is_int(json_read_whole(&v, buf_slice(&b), NULL), 0, "our reader accepts it");
    buf_fini(&b);
}

static void test_single(void)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 100);
    buf_add_str(&b, "42");
    jw_init(&w, &b);
    jw_str(&w, S("one"));
    is_slice(buf_slice(&b), "42\"one\"", "a value alone, behind what was there");
    ok(jw_is_done(&w), "is done");
    buf_fini(&b);
}

static void test_depth(void)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 1000);
    jw_init(&w, &b);
    for (int i = 0; i < JW_MAX_DEPTH; i++) {
        if (i % 2 == 0) {
            jw_array(&w);
            jw_i64(&w, i);
        } else {
            jw_object(&w);
            jw_key(&w, S("k"));
        }
    }
    jw_null(&w);
    ok(!jw_is_done(&w), "64 levels are open");
    for (int i = 0; i < JW_MAX_DEPTH; i++)
        jw_end(&w);
    ok(jw_is_done(&w), "and closed");
    ok(slice_starts(buf_slice(&b), S("[0,{\"k\":[2,{\"k\":")), "alternating");
    ok(slice_ends(buf_slice(&b), S("}]}]}]}]")), "to the end");
    buf_fini(&b);
}

/* Whatever the limit, the buffer fails cleanly or has it all. */
static void test_overflow(void)
{
    struct buf b;
    struct json_writer w;
    size_t wrong = 0, whole = 0;
    for (size_t max = 0; max < 600; max++) {
        buf_init(&b, max);
        jw_init(&w, &b);
        write_all(&w);
        wrong += buf_err(&b) != 0 && buf_err(&b) != ERR_TOO_BIG;
        wrong += !jw_is_done(&w);
        whole += buf_err(&b) == 0;
        buf_fini(&b);
    }
    is_int(wrong, 0, "too small a buffer says so at the end");
    ok(whole > 100 && whole < 500, "and %zu limits of 600 were enough", whole);
}

static void no_key(struct json_writer *w)
{
    jw_object(w);
    jw_i64(w, 1);
}

static void key_in_array(struct json_writer *w)
{
    jw_array(w);
    jw_key(w, S("k"));
}

static void two_keys(struct json_writer *w)
{
    jw_object(w);
    jw_key(w, S("k"));
    jw_key(w, S("k"));
}

static void end_after_key(struct json_writer *w)
{
    jw_object(w);
    jw_key(w, S("k"));
    jw_end(w);
}

static void end_too_many(struct json_writer *w)
{
    jw_array(w);
    jw_end(w);
    jw_end(w);
}

static void too_deep(struct json_writer *w)
{
    for (int i = 0; i <= JW_MAX_DEPTH; i++)
        jw_array(w);
}

/* The mistake ends the process: in a child of its own, whose last words nobody reads. */
static bool panics(void (*mistake)(struct json_writer *w))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct buf b;
        struct json_writer w;
        struct rlimit no_core = { .rlim_cur = 0 };
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        buf_init(&b, 1000);
        jw_init(&w, &b);
        mistake(&w);
        _exit(0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid &&
        !(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void test_mistakes(void)
{
    static const struct {
        const char *name;
        void (*mistake)(struct json_writer *w);
    } rows[] = {
        { "a member without a key", no_key },
        { "a key in an array", key_in_array },
        { "two keys", two_keys },
        { "an end behind a key", end_after_key },
        { "an end too many", end_too_many },
        { "a level too many", too_deep },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(panics(rows[i].mistake), "%s panics", rows[i].name);
}

int main(void)
{
    test_all();
    test_single();
    test_depth();
    test_overflow();
    test_mistakes();
    return done();
}
