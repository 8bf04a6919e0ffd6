/* Its own flags stand beside the options of the server, so that `stoa serve` and `stoa token` can
 * be given the same words: these decide which secret signs. */
#include "token_command.h"

#include "auth/secret.h"
#include "auth/token.h"
#include "command_words.h"
#include "option_value.h"

#define MEMORY_BYTES (TOKEN_ARENA_BYTES + 2 * SECRET_MAX_BYTES)
#define WHY_BYTES    4096
#define YEAR_MS      (366ull * 24 * 60 * 60 * 1000)

static const struct option ttl_row = {
    .name = "ttl",
    .type = OPTION_DURATION,
    .default_text = "",
    .min = 1000,
    .max = 10 * YEAR_MS,
};

void token_command_help(struct buf *out)
{
    buf_add_str(out,
        "Usage: stoa token --user ID [--name NAME] [--admin] [--ttl DURATION] [--option VALUE]...\n"
        "\n"
        "Prints a token for somebody, signed with the secret of the server (jwt.secret, or the\n"
        "file `secret` in its data folder), so run it with the options of `stoa serve`.\n"
        "\n"
        "  --user ID        1 to 50 letters, digits and - _ . : @ + = ~ |\n"
        "  --name NAME      what others see; without it the id\n"
        "  --admin          may do in every room what its hosts may\n"
        "  --ttl DURATION   how long it holds, as in 30m, 12h or 7d; without it auth.token-ttl\n"
        "\n"
        "    stoa token --user alice --name \"Alice Liddell\" --ttl 12h\n");
}

/* ---- words ---- */

#define TOKEN_VALUE(flag, member)                                                            \
    {                                                                                        \
        .name = (flag), .type = WORD_VALUE, .offset = offsetof(struct token_command, member) \
    }

static const struct command_word words[] = {
    TOKEN_VALUE("--user", user),
    TOKEN_VALUE("--name", name),
    TOKEN_VALUE("--ttl", ttl),
    { .name = "--admin", .type = WORD_SWITCH, .offset = offsetof(struct token_command, is_admin) },
    { .name = NULL },
};

int token_command_parse(struct token_command *out, struct report *report, char **args)
{
    *out = (struct token_command){ .user = NULL };
    int err = command_words_take(out, report, args, words);
    if (err || out->user != NULL)
        return err;
    buf_add_str(report_usage(report), "whose token? Write --user ID, as in --user alice.\n");
    return ERR_BAD_REQUEST;
}

/* ---- the token ---- */

static int find_ttl(uint64_t *out, struct arena *a, struct report *report, const char *text)
{
    union option_value v = { .number = 0 };
    struct buf why;
    buf_init(&why, WHY_BYTES);
    int err = option_value_parse(&v, a, &ttl_row, slice_str(text), &why);
    if (err == ERR_BAD_VALUE) {
        struct buf *say = report_usage(report);
        buf_add_str(say, "--ttl: ");
        buf_add_slice(say, buf_slice(&why));
        buf_add_str(say, ".\n");
        err = ERR_BAD_REQUEST;
    }
    buf_fini(&why);
    *out = v.number;
    return err;
}

static int refuse(struct report *report, const char *says)
{
    REPORT_SAY(report_usage(report), says, "\n");
    return ERR_BAD_REQUEST;
}

static int fill(struct token_claims *out, struct arena *a, struct report *report,
    const struct token_command *c, const struct options *o)
{
    out->who.user_id = slice_str(c->user);
    out->who.name = slice_str(c->name != NULL ? c->name : c->user);
    out->who.is_admin = c->is_admin;
    out->ttl_ms = o->auth.token_ttl_ms;
    if (!identity_is_id(out->who.user_id))
        return refuse(report, "--user: an id is 1 to 50 letters, digits and - _ . : @ + = ~ |.");
    if (!identity_is_name(out->who.name))
        return refuse(report, "--name: a name is one line of 1 to 100 characters.");
    return c->ttl == NULL ? 0 : find_ttl(&out->ttl_ms, a, report, c->ttl);
}

static int find_key(
    struct token_key *out, struct arena *a, struct report *report, const struct options *o)
{
    char why[SECRET_WHY_BYTES];
    out->secret = slice_str(o->jwt.secret);
    if (out->secret.len > 0)
        return 0;
    int err = secret_load(&out->secret, a, o->data, why);
    if (err == ERR_IO)
        REPORT_SAY(report_error(report), why, ".\n");
    return err;
}

int token_command_run(struct buf *out, struct report *report, const struct token_command *c,
    const struct options *o, int64_t now_ms)
{
    struct token_claims claims = { .now_ms = now_ms };
    struct token_key key;
    struct arena memory;
    struct slice text = S("");
    arena_init(&memory, MEMORY_BYTES);
    int err = fill(&claims, &memory, report, c, o);
    if (!err)
        err = find_key(&key, &memory, report, o);
    if (!err)
        err = token_mint(&text, &memory, &key, &claims);
    buf_add_slice(out, text);
    buf_add_str(out, err ? "" : "\n");
    arena_fini(&memory);
    return err ? err : buf_err(out);
}
