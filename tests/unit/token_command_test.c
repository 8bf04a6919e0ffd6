/* The words of `stoa token`, and that what it prints is taken by a server with the same options. */
#include "token_command.h"

#include "auth/token.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW_MS 1700000000000

enum { WORDS_MAX = 8, TEXT_BYTES = 8192 };

struct run {
    char *words[WORDS_MAX + 1];
    char *all[WORDS_MAX]; /* for free() */
    struct token_command c;
    struct options o;
    struct report report;
    struct buf out;
    int err;
};

static void parse(struct run *r, const char *const *args)
{
    *r = (struct run){ .err = 0 };
    for (size_t i = 0; i < WORDS_MAX && args[i] != NULL; i++)
        r->words[i] = r->all[i] = strdup(args[i]);
    report_init(&r->report);
    buf_init(&r->out, TEXT_BYTES);
    r->err = token_command_parse(&r->c, &r->report, r->words);
}

/* All of it, as main does. */
static void run(struct run *r, const char *const *args)
{
    char *env[] = { NULL };
    parse(r, args);
    if (!r->err)
        r->err = options_load(
            &r->o, &r->report, &(struct options_input){ .flags = r->words, .env = env });
    if (!r->err)
        r->err = token_command_run(&r->out, &r->report, &r->c, &r->o, NOW_MS);
}

static void end(struct run *r)
{
    options_fini(&r->o);
    report_fini(&r->report);
    buf_fini(&r->out);
    for (size_t i = 0; i < WORDS_MAX; i++)
        free(r->all[i]);
}

static void words(void)
{
    struct run r;
    parse(&r,
        (const char *const[]){ "--port", "1", "--user", "alice", "--admin", "--name=A B",
            "--data=x", "--ttl=5m", NULL });
    is_int(r.err, 0, "parsed");
    is_str(r.c.user, "alice", "the user");
    is_str(r.c.name, "A B", "the name");
    is_str(r.c.ttl, "5m", "the time");
    ok(r.c.is_admin, "an administrator");
    is_str(r.words[0], "--port", "what is left");
    is_str(r.words[1], "1", "stays");
    is_str(r.words[2], "--data=x", "in order");
    is_str(r.words[3], NULL, "and ends");
    end(&r);
    parse(&r, (const char *const[]){ "--user", "a", "--user=b", NULL });
    is_str(r.c.user, "b", "the last of two counts");
    ok(!r.c.is_admin && r.c.name == NULL && r.c.ttl == NULL, "what is not said is not set");
    end(&r);
}

struct refused {
    const char *args[WORDS_MAX];
    const char *says;
};

static const struct refused refused[] = {
    { { NULL }, "whose token? Write --user ID, as in --user alice.\n" },
    { { "--users", "a" }, "whose token? Write --user ID, as in --user alice.\n" },
    { { "--user" }, "--user: a value is missing.\n" },
    { { "--user", "--admin" }, "--user: a value is missing.\n" },
    { { "--user", "a", "--name" }, "--name: a value is missing.\n" },
    { { "--user=a b" }, "--user: an id is 1 to 50 letters, digits and - _ . : @ + = ~ |.\n" },
    { { "--user=" }, "--user: an id is 1 to 50 letters, digits and - _ . : @ + = ~ |.\n" },
    { { "--user=a", "--name=" }, "--name: a name is one line of 1 to 100 characters.\n" },
    { { "--user=a", "--ttl=0" },
        "--ttl: \"0\" is out of range; write a value from 1s to 3660d.\n" },
    { { "--user=a", "--ttl", "12" },
        "--ttl: \"12\" is not a duration; write a whole number with ms, s, m, h or d, from 1s to "
        "3660d.\n" },
    { { "--user=a", "--admins" },
        "\"--admins\" is not an option; `stoa help options` lists all.\n" },
    { { "--user=a", "b" }, "\"b\" is not expected here; options are written --name value.\n" },
};

static void refusals(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct run r;
        run(&r, refused[i].args);
        is_int(r.err, ERR_BAD_REQUEST, "refused: %s", refused[i].says);
        ok(slice_eq(buf_slice(&r.report.errors), slice_str(refused[i].says)), "with these words");
        is_int(r.out.len, 0, "and nothing is printed");
        end(&r);
    }
}

struct printed {
    const char *args[WORDS_MAX];
    const char *name;
    int64_t ttl_ms;
    bool is_admin;
};

static const struct printed printed[] = {
    { { "--user=alice", "--jwt-secret=" SECRET }, "alice", 7 * 86400000ll, false },
    { { "--user=alice", "--jwt-secret", SECRET, "--auth-token-ttl=1h" }, "alice", 3600000, false },
    { { "--user=alice", "--jwt-secret", SECRET, "--ttl", "12h", "--admin" }, "alice", 43200000,
        true },
    { { "--user", "alice", "--name", "Alice Liddell", "--jwt-secret", SECRET }, "Alice Liddell",
        7 * 86400000ll, false },
};

static void tokens(void)
{
    static const struct token_key key = { .secret = SLICE(SECRET) };
    for (size_t i = 0; i < sizeof(printed) / sizeof(*printed); i++) {
        struct run r;
        struct arena a;
        struct token t;
        arena_init(&a, TOKEN_ARENA_BYTES);
        run(&r, printed[i].args);
        is_int(r.err, 0, "printed");
        ok(slice_ends(buf_slice(&r.out), S("\n")), "on a line");
        r.out.len -= r.out.len > 0;
        int err = token_verify(&t, &a, &key, buf_slice(&r.out), NOW_MS);
        is_int(err, 0, "it is taken: %s", t.why);
        is_slice(t.who.user_id, "alice", "as alice");
        is_slice(t.who.name, printed[i].name, "by that name");
        is_int(t.expires_at_ms, NOW_MS + printed[i].ttl_ms, "for that time");
        is_int(t.who.is_admin, printed[i].is_admin, "with these rights");
        end(&r);
        arena_fini(&a);
    }
}

static void kept_secret(void)
{
    char folder[] = "/tmp/stoa-token-XXXXXX";
    char file[64];
    struct run one, two;
    ok(mkdtemp(folder) != NULL, "a folder");
    snprintf(file, sizeof(file), "%s/secret", folder);
    run(&one, (const char *const[]){ "--user", "a", "--data", folder, NULL });
    run(&two, (const char *const[]){ "--user", "a", "--data", folder, NULL });
    ok(one.err == 0 && two.err == 0, "without a secret, one is kept in the data folder");
    ok(slice_eq(buf_slice(&one.out), buf_slice(&two.out)) && one.out.len > 0, "and used again");
    end(&one);
    end(&two);
    ok(unlink(file) == 0 && rmdir(folder) == 0, "in the file secret");
    run(&one, (const char *const[]){ "--user", "a", "--data", "/nowhere/at/all", NULL });
    is_int(one.err, ERR_IO, "or it is said why not");
    ok(one.report.errors.len > 0 && one.out.len == 0, "and nothing is printed");
    end(&one);
}

int main(void)
{
    words();
    refusals();
    tokens();
    kept_secret();
    return done();
}
