/* Options are loaded from flags, an environment and files that stand in the test; what came out is
 * compared field by field, what was said word by word. Secrets are canaries: wherever they are
 * planted, no sentence may show them. The last part changes files at random: a reader that guesses
 * would be found by it. */
#include "options.h"

#include "fault.h"
#include "option_value.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CANARY "canary-0123456789abcdef0123456789abcdef"

enum { WORDS_MAX = 8 };

/* What one loading is given and what came of it. */
struct run {
    struct options o;
    struct report report;
    int err;
};

struct input {
    const char *flags[WORDS_MAX];
    const char *env[WORDS_MAX];
};

struct test_file {
    const char *path;
    struct slice text;
};

static const struct test_file files[] = {
    { .path = "port.conf", .text = SLICE("port = 1001\n[log]\nlevel = \"error\"\n") },
    { .path = "bad.conf", .text = SLICE("port = 1001\nport = 1002\n[tls]\ncerd = \"x\"\n") },
    { .path = "syntax.conf", .text = SLICE("port = 1001\n\n  data = 'x'\n[tls]\n") },
    { .path = "section.conf",
        .text = SLICE("[tsl]\ncert = \"x\"\nkey = \"y\"\n[ws]\nping = \"20s\"\n") },
    { .path = "kinds.conf",
        .text = SLICE("host = 1\nport = \"1\"\ndev-tls = \"true\"\ndata = [\"x\"]\n"
                      "[limits]\nbody-bytes = [\"1\"]\nkeep-alive = \"9s\"\n"
                      "[log]\nformat = json\n[cors]\norigins = \"http://a\"\n") },
    { .path = "config.conf", .text = SLICE("config = \"x\"\n") },
    { .path = "secret.conf", .text = SLICE("[jwt]\nsecret = \"" CANARY "\"\n") },
    { .path = "weak.conf", .text = SLICE("[jwt]\nsecret = \"canary-short\"\n") },
    { .path = "tls.conf", .text = SLICE("[tls]\nkey = \"k.pem\"\n") },
    { .path = "secret", .text = SLICE(CANARY "\n") },
    { .path = "secret-crlf", .text = SLICE(CANARY "\r\n") },
    { .path = "secret-empty", .text = SLICE("\n") },
    { .path = "secret-short", .text = SLICE("canary\n") },
    { .path = "secret-nul", .text = SLICE("canary\0canary-canary-canary-canary-canary\n") },
};

static int read_file(struct slice *out, struct arena *a, const char *path, size_t max, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        if (strcmp(files[i].path, path) == 0)
            return files[i].text.len > max ? ERR_TOO_BIG : arena_copy(out, a, files[i].text);
    }
    errno = ENOENT;
    return ERR_IO;
}

static void load(struct run *r, const struct input *in)
{
    char *flags[WORDS_MAX + 1] = { NULL };
    char *env[WORDS_MAX + 1] = { NULL };
    for (size_t i = 0; i < WORDS_MAX && in->flags[i]; i++)
        flags[i] = strdup(in->flags[i]);
    for (size_t i = 0; i < WORDS_MAX && in->env[i]; i++)
        env[i] = strdup(in->env[i]);
    report_init(&r->report);
    r->err = options_load(&r->o, &r->report,
        &(struct options_input){ .flags = flags, .env = env, .read = read_file });
    for (size_t i = 0; i < WORDS_MAX; i++) {
        free(flags[i]);
        free(env[i]);
    }
}

static void unload(struct run *r)
{
    options_fini(&r->o);
    report_fini(&r->report);
}

/* ---- the table */

static bool is_sound(const struct option *row)
{
    bool is_number = row->type == OPTION_INTEGER || row->type == OPTION_PORT ||
        row->type == OPTION_DURATION || row->type == OPTION_SIZE;
    bool is_text = row->type == OPTION_TEXT || row->type == OPTION_PATH;
    struct slice help = slice_str(row->help);
    if (row->default_text == NULL || !slice_ends(help, S(".")) || slice_find(help, '\n') >= 0)
        return false;
    if ((is_number || is_text) && row->max <= row->min)
        return false;
    return row->type != OPTION_ENUM || row->unit != NULL;
}

/* Every spelling of every option, to see that none means two. */
static void add_spellings(struct buf *out, const struct option *row)
{
    char name[OPTIONS_NAME_BYTES];
    options_flag_name(name, row);
    REPORT_SAY(out, "\n--", name, "\n");
    if (row->type == OPTION_BOOL)
        REPORT_SAY(out, "\n--no-", name, "\n");
    options_env_name(name, row);
    REPORT_SAY(out, "\n", name, "\n");
    if (row->is_secret)
        REPORT_SAY(out, "\n", name, "_FILE\n");
    if (row->env != NULL)
        REPORT_SAY(out, "\n", row->env, "\n");
    if (row->env != NULL && row->is_secret)
        REPORT_SAY(out, "\n", row->env, "_FILE\n");
}

static unsigned count_doubles(struct slice text)
{
    unsigned doubles = 0;
    struct slice rest = text;
    struct slice word;
    while (slice_cut(&word, &rest, '\n')) {
        if (word.len == 0)
            continue;
        struct slice whole = slice_of(word.p - 1, word.len + 2);
        doubles += rest.len > 0 && memmem(rest.p, rest.len, whole.p, whole.len) != NULL;
    }
    return doubles;
}

static void table(void)
{
    struct buf spellings;
    unsigned unsound = 0, apart = 0, announced = 0;
    buf_init(&spellings, 1 << 20);
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        char env[OPTIONS_NAME_BYTES];
        options_env_name(env, row);
        unsound += !is_sound(row);
        announced += slice_starts(slice_str(env), S("STOA_PORT_")) ||
            slice_starts(slice_str(env), S("STOA_SERVICE_"));
        for (size_t k = 0; k < i; k++)
            apart += options_table[k].offset == row->offset;
        add_spellings(&spellings, row);
    }
    is_int(unsound, 0, "every row has a default, limits, and help in sentences");
    is_int(apart, 0, "no two rows fill the same field");
    is_int(announced, 0, "no option is named like a variable that announces a service");
    is_int(count_doubles(buf_slice(&spellings)), 0, "no spelling means two options");
    buf_fini(&spellings);
}

static void defaults(void)
{
    struct run r;
    load(&r, &(struct input){ .flags = { NULL } });
    is_int(r.err, 0, "nothing given: every default is good");
    is_int(r.report.warnings.len, 0, "and without a warning");
    is_int(r.o.port, 5050, "port");
    is_str(r.o.data, "./data", "data");
    is_int(r.o.host.n, 0, "host");
    is_str(r.o.socket, "", "an unset path is an empty text");
    is_str(r.o.jwt.secret, "", "so is an unset secret");
    is_int(r.o.limits.header_deadline_ms, 10000, "a duration");
    is_int(r.o.limits.queue_hard_bytes, 1 << 20, "a size");
    is_int(r.o.log.form, LOG_FORM_AUTO, "a word");
    ok(r.o.ws.echo && !r.o.ws.deflate && !r.o.dev_tls && !r.o.proxy_protocol, "truths");
    is_str(r.o.log.level, "info", "log level");
    is_int(r.o.auth.mode, AUTH_OPTIONAL, "who may come in");
    is_int(r.o.auth.token_ttl_ms, 7 * 86400000ll, "for how long");
    ok(r.o.ice.stun.n == 1 && strcmp(r.o.ice.stun.at[0], "stun:stun.l.google.com:19302") == 0,
        "a list that is not empty");
    ok(r.o.ice.turn.n == 0 && r.o.ice.turn_secret[0] == '\0' && r.o.livekit.url[0] == '\0',
        "no media servers");
    unload(&r);
}

static void default_limits(void)
{
    struct run r;
    load(&r, &(struct input){ .flags = { NULL } });
    is_int(r.o.room.limit, 10000, "rooms");
    is_int(r.o.room.idle_ms, 600000, "idle rooms");
    is_int(r.o.room.grace_ms, 120000, "lost places");
    is_int(r.o.mesh.limit, 4, "people in a mesh");
    is_int(r.o.rate.chat, 10, "chat");
    is_int(r.o.rate.board, 60, "board");
    is_int(r.o.rate.signal, 50, "signal");
    is_int(r.o.rate.presence, 10, "presence");
    is_int(r.o.rate.proctor, 5, "proctor");
    is_int(r.o.rate.code, 20, "code");
    is_int(r.o.rate.join, 5, "join");
    is_int(r.o.rate.create, 5, "create");
    is_int(r.o.rate.control, 10, "control");
    unload(&r);
}

static void auth_modes(void)
{
    static const char *const words[] = { "open", "optional", "required" };
    for (size_t i = 0; i < 3; i++) {
        struct run r;
        char env[32];
        snprintf(env, sizeof(env), "AUTH_MODE=%s", words[i]);
        load(&r, &(struct input){ .env = { env } });
        is_int(r.err, 0, "%s", env);
        is_int(r.o.auth.mode, AUTH_OPEN + (int)i, "is that mode");
        unload(&r);
    }
}

static void media_servers(void)
{
    struct run r;
    load(&r,
        &(struct input){ .env = { "LIVEKIT_URL=wss://live.example.org:7443", "LIVEKIT_API_KEY=k",
                             "LIVEKIT_API_SECRET=" CANARY, "STUN_URLS=stun:a.example,stuns:[::1]:1",
                             "TURN_URLS=turn:t.example:3478?transport=udp,turns:t.example",
                             "TURN_SECRET=" CANARY } });
    is_int(r.err, 0, "LiveKit, STUN and TURN");
    is_str(r.o.livekit.url, "wss://live.example.org:7443", "url");
    is_str(r.o.livekit.api_key, "k", "key");
    is_str(r.o.livekit.api_secret, CANARY, "secret");
    is_str(options_setting(&r.o, "livekit.api-secret")->text, "(set)", "not kept for show");
    is_int(r.o.ice.stun.n, 2, "STUN servers");
    is_str(r.o.ice.turn.at[0], "turn:t.example:3478?transport=udp", "a TURN server");
    is_str(r.o.ice.turn_secret, CANARY, "its secret");
    is_str(options_setting(&r.o, "ice.turn-secret")->text, "(set)", "not kept for show");
    unload(&r);
    load(&r, &(struct input){ .flags = { "--ice-stun=" } });
    ok(r.err == 0 && r.o.ice.stun.n == 0, "no STUN server");
    unload(&r);
}

/* ---- who wins */

struct port_case {
    struct input in;
    uint16_t port;
    const char *place;
};

static const struct port_case port_cases[] = {
    { .in.env = { "PORT=1" }, .port = 1, .place = "PORT in the environment" },
    { .in.env = { "STOA_PORT=2" }, .port = 2, .place = "STOA_PORT in the environment" },
    { .in.env = { "STOA_PORT=2", "PORT=1" }, .port = 2, .place = "STOA_PORT in the environment" },
    { .in = { .flags = { "--port", "3" }, .env = { "PORT=1" } }, .port = 3, .place = "--port" },
    { .in.flags = { "--port=3", "--port=4" }, .port = 4, .place = "--port" },
    { .in.flags = { "--config", "port.conf" }, .port = 1001, .place = "port.conf:1:8" },
    { .in.env = { "STOA_CONFIG=port.conf" }, .port = 1001, .place = "port.conf:1:8" },
    { .in = { .flags = { "--config", "port.conf" }, .env = { "PORT=1" } },
        .port = 1,
        .place = "PORT in the environment" },
    { .in.flags = { "--config", "port.conf", "--port", "3" }, .port = 3, .place = "--port" },
    { .in = { .flags = { "--port", "5050" }, .env = { "PORT=1" } },
        .port = 5050,
        .place = "--port" },
    { .in.env = { "STOA_PORT=tcp://10.0.0.1:80", "STOA_SERVICE_HOST=10.0.0.1",
          "STOA_PORT_5050_TCP_ADDR=10.0.0.1" },
        .port = 5050,
        .place = "the default" },
    { .in.env = { "PORTS=1", "XPORT=2", "stoa_port=3" }, .port = 5050, .place = "the default" },
};

static void precedence(void)
{
    struct buf place;
    buf_init(&place, 4096);
    for (size_t i = 0; i < sizeof(port_cases) / sizeof(*port_cases); i++) {
        const struct port_case *c = &port_cases[i];
        struct run r;
        load(&r, &c->in);
        is_int(r.err, 0, "sources %zu are good", i);
        is_int(r.o.port, c->port, "port from %s", c->place);
        buf_reset(&place);
        options_say_place(&place, options_setting(&r.o, "port"));
        is_slice(buf_slice(&place), c->place, "and its place is known");
        unload(&r);
    }
    buf_fini(&place);
}

static void truths(void)
{
    struct run r;
    load(&r, &(struct input){ .flags = { "--dev-tls", "--no-ws-echo", "--ws-deflate=true" } });
    is_int(r.err, 0, "flags without value");
    ok(r.o.dev_tls && !r.o.ws.echo && r.o.ws.deflate, "set what is true or false");
    unload(&r);
    load(&r, &(struct input){ .flags = { "--no-ws-deflate" }, .env = { "STOA_WS_DEFLATE=true" } });
    ok(r.err == 0 && !r.o.ws.deflate, "a negative flag wins over the environment");
    unload(&r);
}

static void kinds_of_values(void)
{
    struct run r;
    load(&r,
        &(struct input){ .flags = { "--log-format=json", "--host", "::1,127.0.0.1", "--socket=/s",
                             "--drain-delay", "250ms", "--redis-port=7" } });
    is_int(r.err, 0, "one option of each type");
    is_int(r.o.log.form, LOG_FORM_JSON, "a word");
    ok(r.o.host.n == 2 && strcmp(r.o.host.at[1], "127.0.0.1") == 0, "a list");
    is_str(r.o.socket, "/s", "a path");
    is_int(r.o.drain.delay_ms, 250, "a duration");
    is_int(r.o.redis.port, 7, "a port");
    unload(&r);
}

static void node_env(void)
{
    struct run r;
    load(&r, &(struct input){ .env = { "NODE_ENV=development" } });
    is_str(r.o.log.level, "debug", "NODE_ENV=development: debug is the default");
    unload(&r);
    load(&r, &(struct input){ .flags = { "--log-level=info" }, .env = { "NODE_ENV=development" } });
    is_str(r.o.log.level, "info", "but what is set stays");
    unload(&r);
    load(&r, &(struct input){ .env = { "NODE_ENV=production" } });
    ok(r.err == 0 && strcmp(r.o.log.level, "info") == 0, "NODE_ENV=production changes nothing");
    unload(&r);
}

static void empty_variables(void)
{
    static const char *const env[] = {
        "PORT=", "JWT_SECRET=", "JWT_SECRET_FILE=", "STOA_TLS_CERT="
    };
    for (size_t i = 0; i < sizeof(env) / sizeof(*env); i++) {
        struct run r;
        load(&r, &(struct input){ .env = { env[i] } });
        is_int(r.err, 0, "%s is as if it were not there", env[i]);
        is_int(r.o.port, 5050, "the port is the usual one");
        unload(&r);
    }
}

static void secrets_from_files(void)
{
    static const char *const env[] = { "JWT_SECRET_FILE=secret", "STOA_JWT_SECRET_FILE=secret",
        "JWT_SECRET_FILE=secret-crlf", "JWT_SECRET=" CANARY };
    for (size_t i = 0; i < sizeof(env) / sizeof(*env); i++) {
        struct run r;
        load(&r, &(struct input){ .env = { env[i] } });
        is_int(r.err, 0, "secret %zu is read", i);
        is_str(r.o.jwt.secret, CANARY, "without the file's newline");
        is_str(options_setting(&r.o, "jwt.secret")->text, "(set)", "and not kept for show");
        unload(&r);
    }
}

/* ---- what is refused */

struct refused {
    struct input in;
    int err;
    const char *says; /* all of it */
};

static const struct refused refused[] = {
    { .in.flags = { "--prot", "80" },
        .err = ERR_BAD_REQUEST,
        .says = "\"--prot\" is not an option; did you mean --port?\n" },
    { .in.flags = { "--jwt-secrett", CANARY },
        .err = ERR_BAD_REQUEST,
        .says = "\"--jwt-secrett\" is not an option; did you mean --jwt-secret?\n" },
    { .in.flags = { "--jwt-secrett=" CANARY },
        .err = ERR_BAD_REQUEST,
        .says = "\"--jwt-secrett\" is not an option; did you mean --jwt-secret?\n" },
    { .in.flags = { "--quux" },
        .err = ERR_BAD_REQUEST,
        .says = "\"--quux\" is not an option; `stoa help options` lists all.\n" },
    { .in.flags = { "--no-port" },
        .err = ERR_BAD_REQUEST,
        .says = "\"--no-port\" is not an option; `stoa help options` lists all.\n" },
    { .in.flags = { "port" },
        .err = ERR_BAD_REQUEST,
        .says = "\"port\" is not expected here; options are written --name value.\n" },
    { .in.flags = { "-p", "80" },
        .err = ERR_BAD_REQUEST,
        .says = "\"-p\" is not expected here; options are written --name value.\n" },
    { .in.flags = { "--" },
        .err = ERR_BAD_REQUEST,
        .says = "\"--\" is not expected here; options are written --name value.\n" },
    { .in.flags = { "--=5" },
        .err = ERR_BAD_REQUEST,
        .says = "\"--\" is not expected here; options are written --name value.\n" },
    { .in.flags = { "" },
        .err = ERR_BAD_REQUEST,
        .says = "\"\" is not expected here; options are written --name value.\n" },
    { .in.flags = { "--port" },
        .err = ERR_BAD_REQUEST,
        .says = "--port: a value is missing; write --port PORT or --port=PORT.\n" },
    { .in.flags = { "--tls-cert", "--tls-key", "k" },
        .err = ERR_BAD_REQUEST,
        .says = "--tls-cert: a value is missing; write --tls-cert PATH or --tls-cert=PATH.\n" },
    { .in.flags = { "--no-dev-tls=true" },
        .err = ERR_BAD_REQUEST,
        .says = "--no-dev-tls: takes no value; remove what follows the =.\n" },
    { .in.flags = { "--port=x" },
        .err = ERR_BAD_REQUEST,
        .says = "--port: \"x\" is not a whole number; write one from 0 to 65535.\n" },
    { .in.flags = { "--port=x", "--port=80" },
        .err = ERR_BAD_REQUEST,
        .says = "--port: \"x\" is not a whole number; write one from 0 to 65535.\n" },
    { .in = { .flags = { "--port=80" }, .env = { "PORT=x" } },
        .err = ERR_BAD_CONFIG,
        .says = "PORT in the environment: port: \"x\" is not a whole number; write one from 0 to "
                "65535.\n" },
    { .in.env = { "STOA_DATA=tcp://x", "STOA_PORTS=1" },
        .err = ERR_BAD_CONFIG,
        .says = "\"STOA_PORTS\" in the environment is not an option; did you mean STOA_PORT?\n" },
    { .in.env = { "STOA_PORT_FILE=x", "STOA_DATA_FILE=x" },
        .err = ERR_BAD_CONFIG,
        .says = "\"STOA_DATA_FILE\" in the environment is not an option; `stoa help "
                "options` lists all.\n" },
    { .in.flags = { "--config=none.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "--config: the file \"none.conf\" cannot be read: No such file or directory.\n" },
    { .in.flags = { "--config=bad.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "bad.conf:2:1: port is already set in line 1; remove one of the two.\n"
                "bad.conf:4:1: \"tls.cerd\" is not an option; did you mean tls.cert?\n" },
    { .in.flags = { "--config=bad.conf", "--port=7" },
        .err = ERR_BAD_CONFIG,
        .says = "bad.conf:2:1: port is already set in line 1; remove one of the two.\n"
                "bad.conf:4:1: \"tls.cerd\" is not an option; did you mean tls.cert?\n" },
    { .in.flags = { "--config=syntax.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "syntax.conf:3:10: write text in double quotes.\n" },
    { .in.flags = { "--config=section.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "section.conf:1:2: \"tsl\" is not a section; did you mean tls?\n" },
    { .in.flags = { "--config=kinds.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "kinds.conf:1:8: host takes a list; write it as [\"one\", \"two\"].\n"
                "kinds.conf:2:8: port takes a number; write it without quotes or brackets.\n"
                "kinds.conf:3:11: dev-tls takes true or false, without quotes or brackets.\n"
                "kinds.conf:4:8: data takes one text; write it in double quotes.\n"
                "kinds.conf:6:14: limits.body-bytes takes one value; write it without brackets.\n"
                "kinds.conf:9:10: log.format takes one text; write it in double quotes.\n" },
    { .in.flags = { "--config=config.conf" },
        .err = ERR_BAD_CONFIG,
        .says = "config.conf:1:1: config cannot be set in a file.\n" },
    { .in.flags = { "--config=weak.conf" },
        .err = ERR_BAD_CONFIG,
        .says =
            "weak.conf:2:10: jwt.secret: the value is too short; it takes at least 32 bytes.\n" },
    { .in.env = { "JWT_SECRET_FILE=secret-short" },
        .err = ERR_BAD_CONFIG,
        .says =
            "JWT_SECRET_FILE in the environment: jwt.secret: the value is too short; it takes at "
            "least 32 bytes.\n" },
    { .in.env = { "JWT_SECRET_FILE=secret-nul" },
        .err = ERR_BAD_CONFIG,
        .says =
            "JWT_SECRET_FILE in the environment: jwt.secret: the value holds a NUL byte; remove "
            "it.\n" },
    { .in.env = { "REDIS_PASSWORD_FILE=secret-empty" },
        .err = ERR_BAD_CONFIG,
        .says = "REDIS_PASSWORD_FILE in the environment: redis.password: the file is empty.\n" },
    { .in.env = { "JWT_SECRET_FILE=secret", "JWT_SECRET=" CANARY },
        .err = ERR_BAD_CONFIG,
        .says = "JWT_SECRET in the environment: JWT_SECRET_FILE is set as well; keep one of the "
                "two.\n" },
    { .in.env = { "DATABASE_URL=mysql://u:" CANARY "@h/d" },
        .err = ERR_BAD_CONFIG,
        .says = "DATABASE_URL in the environment: database.url: the value is not the address of a "
                "database; write postgresql://user:password@host:5432/name, or remove it: Stoa "
                "then keeps everything in one SQLite file in its data folder.\n" },
    { .in.env = { "S3_BUCKET=b" },
        .err = ERR_BAD_CONFIG,
        .says = "s3.bucket (S3_BUCKET in the environment) is set without s3.endpoint and "
                "s3.access-key and s3.secret-key; set all four for files at an S3 service, or "
                "none.\n" },

    { .in.flags = { "--tls-cert=c" },
        .err = ERR_BAD_CONFIG,
        .says = "tls.cert (--tls-cert) is set without tls.key; set both for HTTPS, or neither.\n" },
    { .in.env = { "LIVEKIT_API_KEY=k" },
        .err = ERR_BAD_CONFIG,
        .says =
            "livekit.api-key (LIVEKIT_API_KEY in the environment) is set without livekit.url and "
            "livekit.api-secret; set all three for LiveKit, or none.\n" },
    { .in = { .flags = { "--livekit-url=wss://a" }, .env = { "LIVEKIT_API_SECRET=" CANARY } },
        .err = ERR_BAD_CONFIG,
        .says = "livekit.url (--livekit-url) is set without livekit.api-key; set all three for "
                "LiveKit, or none.\n" },
    { .in.env = { "TURN_SECRET=" CANARY },
        .err = ERR_BAD_CONFIG,
        .says =
            "ice.turn-secret (TURN_SECRET in the environment) is set without ice.turn; set both "
            "for TURN, or neither.\n" },
    { .in.env = { "TURN_URLS=turn:a" },
        .err = ERR_BAD_CONFIG,
        .says = "ice.turn (TURN_URLS in the environment) is set without ice.turn-secret; set both "
                "for TURN, or neither.\n" },
    { .in = { .flags = { "--livekit-url=wss://a", "--livekit-api-key=k" },
          .env = { "LIVEKIT_API_SECRET=" CANARY, "JWT_SECRET=" CANARY } },
        .err = ERR_BAD_CONFIG,
        .says = "livekit.api-secret (LIVEKIT_API_SECRET in the environment) is the same as "
                "jwt.secret (JWT_SECRET in the environment), so tokens for LiveKit would be taken "
                "for tokens of users; change one of the two.\n" },
    { .in.env = { "AUTH_MODE=none" },
        .err = ERR_BAD_CONFIG,
        .says = "AUTH_MODE in the environment: auth.mode: \"none\" is not known here; write one of "
                "open|optional|required.\n" },
    { .in.flags = { "--config=tls.conf" },
        .err = ERR_BAD_CONFIG,
        .says =
            "tls.key (tls.conf:2:7) is set without tls.cert; set both for HTTPS, or neither.\n" },
    { .in = { .flags = { "--tls-cert=c", "--tls-key=k" }, .env = { "STOA_DEV_TLS=1" } },
        .err = ERR_BAD_CONFIG,
        .says =
            "dev-tls (STOA_DEV_TLS in the environment) makes a certificate of its own, but one is "
            "given by tls.cert (--tls-cert); choose one of the two.\n" },
    { .in.flags = { "--limits-queue-hard=128KiB" },
        .err = ERR_BAD_CONFIG,
        .says = "limits.queue-soft (the default), 256KiB, is more than limits.queue-hard "
                "(--limits-queue-hard), 128KiB; lower the first or raise the second.\n" },
};

static void says_all(const struct run *r, const char *want, const char *name)
{
    if (!ok(slice_eq(buf_slice(&r->report.errors), slice_str(want)), "%s", name))
        note("got  %.*s\nwant %s", (int)r->report.errors.len, r->report.errors.p, want);
}

static void refusals(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        const struct refused *c = &refused[i];
        const char *name = c->in.flags[0] ? c->in.flags[0] : c->in.env[0];
        struct run r;
        load(&r, &c->in);
        is_int(r.err, c->err, "refused: %s", name);
        says_all(&r, c->says, name);
        unload(&r);
    }
    struct run r;
    load(
        &r, &(struct input){ .flags = { "--limits-queue-hard=1MiB", "--limits-queue-soft=1MiB" } });
    is_int(r.err, 0, "a soft mark as high as the hard one is fine");
    unload(&r);
}

static void warnings(void)
{
    struct run r;
    load(&r,
        &(struct input){ .flags = { "--metrics-token=" CANARY },
            .env = { "REDIS_HOST=localhost", "REDIS_PORT=6379",
                "REDIS_PASSWORD=", "NODE_ENV=production", "PORT=5050" } });
    is_int(r.err, 0, "what has no effect does not keep Stoa from starting");
    is_slice(buf_slice(&r.report.warnings),
        "redis.host (REDIS_HOST in the environment) has no effect: this version runs on one "
        "machine and uses no Redis.\n"
        "redis.port (REDIS_PORT in the environment) has no effect: this version runs on one "
        "machine and uses no Redis.\n"
        "--metrics-token shows the secret to every user of this machine; put it into a file and "
        "name that in STOA_METRICS_TOKEN_FILE.\n",
        "but is said");
    unload(&r);
}

/* A secret in every place where one can stand, and a mistake beside it. */
static void canaries(void)
{
    static const struct input inputs[] = {
        { .flags = { "--jwt-secret", CANARY, "--metrics-token", CANARY " ", "--redis-password",
              CANARY, "--database-url=" CANARY } },
        { .env = { "JWT_SECRET=canary", "STOA_METRICS_TOKEN=canary", "REDIS_PASSWORD=" CANARY,
              "DATABASE_URL=" CANARY, "STOA_JWT_SECRETS=" CANARY } },
        { .flags = { "--config=secret.conf" }, .env = { "JWT_SECRET_FILE=secret-nul" } },
        { .flags = { "--config=weak.conf" }, .env = { "STOA_JWT_SECRET_FILE=secret-short" } },
        { .flags = { "--jwt-secret=" CANARY, "--database-urls", CANARY } },
        { .env = { "LIVEKIT_API_SECRET=" CANARY, "TURN_SECRET=" CANARY } },
        { .flags = { "--livekit-api-secret=" CANARY, "--ice-turn-secret", CANARY } },
        { .env = { "LIVEKIT_API_SECRET=" CANARY, "JWT_SECRET=" CANARY } },
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
        struct run r;
        struct buf changed;
        buf_init(&changed, 1 << 16);
        load(&r, &inputs[i]);
        options_say_changed(&changed, &r.o);
        buf_add_slice(&changed, buf_slice(&r.report.errors));
        buf_add_slice(&changed, buf_slice(&r.report.warnings));
        ok(r.err != 0 && r.report.errors.len > 0, "input %zu is refused", i);
        ok(memmem(changed.p, changed.len, "canary", 6) == NULL, "and none of its secrets is shown");
        buf_fini(&changed);
        unload(&r);
    }
}

static void many_mistakes(void)
{
    char name[] = "STOA_NOTHING=1";
    char *flags[] = { NULL };
    char *env[4001] = { NULL };
    struct run r;
    for (size_t i = 0; i < 4000; i++)
        env[i] = name;
    report_init(&r.report);
    r.err = options_load(
        &r.o, &r.report, &(struct options_input){ .flags = flags, .env = env, .read = read_file });
    is_int(r.err, ERR_BAD_CONFIG, "4,000 mistakes are refused");
    is_int(r.report.n_errors, REPORT_MAX_ERRORS, "and not all of them told");
    unload(&r);
}

/* ---- failures */

static void without_memory(void *arg)
{
    struct run r;
    load(&r, arg);
    bool is_clean = r.err == ERR_NO_MEMORY || r.err == ERR_BAD_CONFIG;
    if (fault_hit() && r.err != 0 && !is_clean)
        ok(false, "no memory is a clean error, not %d", r.err);
    unload(&r);
}

static void reading(void)
{
    char path[] = "/tmp/stoa-options-XXXXXX";
    struct arena a;
    struct slice text;
    int fd = mkstemp(path);
    arena_init(&a, 1 << 20);
    ok(fd >= 0 && write(fd, "0123456789", 10) == 10, "a file of 10 bytes");
    is_int(options_read_path(&text, &a, path, 10, NULL), 0, "is read whole");
    is_slice(text, "0123456789", "byte by byte");
    is_int(options_read_path(&text, &a, path, 9, NULL), ERR_TOO_BIG, "or not at all");
    fault_trickle(3);
    is_int(options_read_path(&text, &a, path, 10, NULL), 0, "in pieces too");
    is_slice(text, "0123456789", "in order");
    fault_off();
    fault_at(FAULT_READ, 1, EINTR);
    is_int(options_read_path(&text, &a, path, 10, NULL), 0, "after an interruption");
    is_slice(text, "0123456789", "without a loss");
    fault_at(FAULT_READ, 2, EIO);
    is_int(options_read_path(&text, &a, path, 10, NULL), ERR_IO, "half a file is none");
    is_int(errno, EIO, "and errno says why");
    fault_off();
    is_int(
        options_read_path(&text, &a, "/nowhere/at/all", 10, NULL), ERR_IO, "nor is a missing one");
    is_int(errno, ENOENT, "and errno says why");
    is_int(options_read_path(&text, &a, "/", 10, NULL), ERR_IO, "nor is a folder");
    close(fd);
    unlink(path);
    arena_fini(&a);
}

/* ---- mutated files (a corrupted file must not be understood differently) */

static const char base_file[] = "# everything that guards something\n"
                                "host = [\"127.0.0.1\", \"::1\"]\n"
                                "port = 5051\n"
                                "data = \"/var/lib/stoa\"\n"
                                "public-url = \"https://rooms.example.org\"\n"
                                "trusted-proxies = [\n"
                                "    \"10.0.0.0/8\", # the balancer\n"
                                "    \"192.0.2.7\",\n"
                                "]\n"
                                "proxy-protocol = true\n"
                                "\n"
                                "[tls]\n"
                                "cert = \"/etc/stoa/cert.pem\"\n"
                                "key = \"/etc/stoa/key.pem\"\n"
                                "[cors]\n"
                                "origins = [\"https://a.example\", \"https://b.example:8443\"]\n"
                                "\n"
                                "[metrics]\n"
                                "token = \"0123456789abcdef0123\" # for the monitor\n"
                                "[limits]\n"
                                "header-bytes = 8KiB\n"
                                "body-bytes = \"64KiB\"\n"
                                "connections = 1000\n"
                                "connections-per-address = 20\n"
                                "header-deadline = 5s\n"
                                "queue-hard = 512KiB\n"
                                "[ws]\n"
                                "message-bytes = 100000\n"
                                "echo = false\n"
                                "[jwt]\n"
                                "secret = \"an unguessable \\\"text\\\" of enough bytes\"\n"
                                "[log]\n"
                                "level = \"warning,http=error\"\n"
                                "[redis]\n"
                                "host = \"redis.internal\"\n"
                                "port = 6380\n"
                                "password = \"\\\\swordfish\"\n";

enum { BASE_LEN = sizeof(base_file) - 1, MUTANT_BYTES = 2 * BASE_LEN + 64 };

static int read_mutant(struct slice *out, struct arena *a, const char *path, size_t max, void *arg)
{
    (void)path, (void)max;
    return arena_copy(out, a, *(const struct slice *)arg);
}

/* xorshift64*: the same mutants on every machine. */
static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (*state * 0x2545f4914f6cdd1du >> 33) % below;
}

/* Where the base file was changed: the bytes from `from` to `to` are not what they were. */
struct change {
    size_t from;
    size_t to;
    char put[MUTANT_BYTES]; /* what stands there instead */
    size_t put_len;
};

static const char *const tokens[] = { "\"", "#", "[", "]", "=", "\n", ",", "\\", " ", "\r\n", "0",
    "true", "\n[tls]\n", "\nport = 1\n", "#\n", "\"\n", "= \"", "\xff", "", "KiB", "\n#", "]\n",
    "[\"" };

static void draw_change(struct change *c, uint64_t *s)
{
    size_t span = draw(s, 8) == 0 ? BASE_LEN : 1 + draw(s, 24);
    const char *token = tokens[draw(s, sizeof(tokens) / sizeof(*tokens))];
    size_t copied = draw(s, BASE_LEN);
    c->from = draw(s, BASE_LEN);
    c->to = c->from;
    c->put_len = 0;
    switch (draw(s, 6)) {
    case 0: /* a flipped bit */
        c->to = c->from + 1;
        c->put[c->put_len++] = (char)(base_file[c->from] ^ (1 << draw(s, 8)));
        return;
    case 1: /* another byte */
        c->to = c->from + 1;
        c->put[c->put_len++] = (char)draw(s, 256);
        return;
    case 2: /* a part is missing, or the end is */
        c->to = c->from + span < BASE_LEN ? c->from + span : BASE_LEN;
        return;
    case 3: /* something in between */
        c->put_len = strlen(token);
        memcpy(c->put, token, c->put_len);
        return;
    case 4: /* something in its place */
        c->to = c->from + span % 24 < BASE_LEN ? c->from + span % 24 : BASE_LEN;
        c->put_len = strlen(token);
        memcpy(c->put, token, c->put_len);
        return;
    default: /* a part twice */
        c->put_len = span < BASE_LEN - copied ? span : BASE_LEN - copied;
        memcpy(c->put, base_file + copied, c->put_len);
        return;
    }
}

static bool is_same_list(const struct option_list *a, const struct option_list *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return a->n == b->n;
}

static bool is_same_value(
    const struct option *row, const struct options *a, const struct options *b)
{
    const char *p = (const char *)a + row->offset;
    const char *q = (const char *)b + row->offset;
    union option_value v, w;
    memcpy(&v, p, option_value_size(row->type));
    memcpy(&w, q, option_value_size(row->type));
    if (row->type == OPTION_LIST)
        return is_same_list(&v.list, &w.list);
    if (row->type == OPTION_TEXT || row->type == OPTION_PATH)
        return strcmp(v.text, w.text) == 0;
    return memcmp(p, q, option_value_size(row->type)) == 0;
}

/* Whether the change meets the lines that set an option, or the newline in front of them, which
 * ends what came before. A value lies on one line, or on the lines up to "]". */
static bool is_touched(const struct option_setting *s, const struct change *c)
{
    const char *start = base_file;
    for (uint32_t line = 1; line < s->line; line++)
        start = strchr(start, '\n') + 1;
    const char *end = strchr(start, '\n');
    if (end[-1] == '[')
        end = strchr(strstr(start, "\n]"), '\n') + 2;
    size_t from = (size_t)(start - base_file) - (start > base_file);
    size_t to = (size_t)(end - base_file) + 1;
    return c->from <= to && c->to >= from;
}

static int load_mutant(struct run *r, const struct change *c)
{
    char text[MUTANT_BYTES];
    char *flags[] = { (char[]){ "--config=m" }, NULL };
    char *env[] = { NULL };
    memcpy(text, base_file, c->from);
    memcpy(text + c->from, c->put, c->put_len);
    memcpy(text + c->from + c->put_len, base_file + c->to, BASE_LEN - c->to);
    struct slice mutant = slice_of(text, c->from + c->put_len + BASE_LEN - c->to);
    report_init(&r->report);
    return options_load(&r->o, &r->report,
        &(struct options_input){
            .flags = flags, .env = env, .read = read_mutant, .read_arg = &mutant });
}

static unsigned count_changed(const struct run *r, const struct run *base, const struct change *c)
{
    unsigned changed = 0;
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option_setting *s = &base->o.settings[i];
        if (s->from != OPTION_FROM_FILE || is_touched(s, c))
            continue;
        if (is_same_value(&options_table[i], &r->o, &base->o))
            continue;
        note("%s changed though its line did not: bytes %zu to %zu became \"%.*s\"",
            options_table[i].name, c->from, c->to, (int)c->put_len, c->put);
        changed++;
    }
    return changed;
}

static void mutants(unsigned n)
{
    uint64_t state = 88172645463325252u;
    unsigned accepted = 0, changed = 0, silent = 0;
    struct run base;
    struct change c = { .from = 0 };
    if (!is_int(load_mutant(&base, &c), 0, "the file as it was is good"))
        note("%.*s", (int)base.report.errors.len, base.report.errors.p);
    for (unsigned i = 0; i < n; i++) {
        struct run r;
        draw_change(&c, &state);
        r.err = load_mutant(&r, &c);
        accepted += r.err == 0;
        silent += r.err != 0 && r.report.errors.len == 0;
        if (r.err == 0)
            changed += count_changed(&r, &base, &c);
        unload(&r);
    }
    is_int(changed, 0, "of %u mutants, none changed an option whose lines it left alone", n);
    is_int(silent, 0, "whatever was refused, the reason was said");
    ok(accepted > n / 100 && accepted < n / 2, "%u were understood, %u refused", accepted,
        n - accepted);
    unload(&base);
}

int main(void)
{
    table();
    defaults();
    default_limits();
    auth_modes();
    media_servers();
    precedence();
    truths();
    kinds_of_values();
    node_env();
    empty_variables();
    secrets_from_files();
    refusals();
    warnings();
    canaries();
    many_mistakes();
    struct input with_all = { .flags = { "--config=section.conf", "--host=::1,::1" },
        .env = { "JWT_SECRET_FILE=secret", "PORT=7" } };
    fault_each(FAULT_ALLOC, without_memory, &with_all);
    reading();
    mutants(getenv("SOAK") ? 1000000 : 10000);
    return done();
}
