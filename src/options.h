/* Every setting of Stoa. One table says what there is (options_table.c); from it come the reader of
 * flags, environment and file, `--help`, the example file and docs/options.md. A flag wins over the
 * environment, that over the file, that over the default. Nothing malformed or unknown is ignored:
 * it keeps Stoa from starting.
 *
 * The option `tls.cert` is the flag `--tls-cert`, the variable STOA_TLS_CERT and, in the file,
 * `cert` under [tls]. A secret may also stand in a file that the variable STOA_X_FILE names.
 * Used by main and the server, which hands single values on: nothing below src/ sees options. */
#pragma once

#include "auth/identity.h"
#include "base/arena.h"
#include "base/log.h"
#include "report.h"

#include <stddef.h>

#define OPTIONS_MAX_LIST 256u        /* items of one list */
#define OPTIONS_MAX_TEXT (64u << 10) /* bytes of one value */

struct option_list {
    const char **at;
    size_t n;
};

/* Durations are milliseconds, sizes bytes. Texts are never NULL: "" where nothing is set. */
struct options {
    struct option_list host; /* IP addresses; none: all of the machine's */
    uint16_t port;           /* 0: any free one */
    const char *socket;
    const char *data;
    const char *config;
    const char *public_url;
    const char *node_env;
    bool dev_tls;
    struct option_list trusted_proxies; /* address ranges */
    bool proxy_protocol;
    struct {
        const char *level;
        enum log_form form;
    } log;
    struct {
        const char *cert;
        const char *key;
    } tls;
    struct {
        struct option_list origins;
    } cors;
    struct {
        const char *token;
    } metrics;
    struct {
        uint64_t request_line_bytes;
        uint64_t header_bytes;
        uint64_t header_count;
        uint64_t body_bytes;
        uint64_t header_deadline_ms;
        uint64_t keep_alive_ms;
        uint64_t body_rate_bytes; /* a second */
        uint64_t write_stall_ms;
        uint64_t tls_handshake_ms;
        uint64_t tls_half_open;
        uint64_t connections;
        uint64_t connections_per_address;
        uint64_t queue_soft_bytes;
        uint64_t queue_soft_time_ms;
        uint64_t queue_hard_bytes;
    } limits;
    struct {
        uint64_t message_bytes;
        uint64_t fragments;
        uint64_t assembly_deadline_ms;
        uint64_t ping_ms;
        uint64_t pong_timeout_ms;
        bool deflate;
        bool echo;
    } ws;
    struct {
        uint64_t ping_interval_ms;
        uint64_t ping_timeout_ms;
        uint64_t upgrade_timeout_ms;
        uint64_t connect_timeout_ms;
        uint64_t recovery_ms;
    } sio;
    struct {
        uint64_t delay_ms;
        uint64_t deadline_ms;
    } drain;
    struct {
        enum auth_mode mode;
        uint64_t token_ttl_ms;
    } auth;
    struct {
        const char *secret;
    } jwt;
    struct {
        uint64_t limit;
        uint64_t idle_ms;
        uint64_t grace_ms;
    } room;
    struct { /* a second, of one session; each class has a burst, see docs/options.md */
        uint64_t chat;
        uint64_t board;
        uint64_t signal;
        uint64_t presence;
        uint64_t proctor;
        uint64_t code;
        uint64_t join;
        uint64_t create;
        uint64_t control;
    } rate;
    struct {
        uint64_t limit;
    } mesh;
    struct {
        struct option_list stun;
        struct option_list turn;
        const char *turn_secret;
    } ice;
    struct {
        const char *url;
        const char *api_key;
        const char *api_secret;
    } livekit;
    struct {
        const char *url;
    } database;
    struct {
        const char *host;
        uint16_t port;
        const char *password;
    } redis;

    struct option_setting *settings; /* one per row of the table */
    struct arena memory;             /* of all texts and lists */
};

enum option_type {
    OPTION_TEXT,
    OPTION_PATH,
    OPTION_INTEGER,
    OPTION_PORT,
    OPTION_BOOL,
    OPTION_DURATION, /* 250ms 30s 5m 2h 1d */
    OPTION_SIZE,     /* 1000 16KiB 4MiB 1GiB */
    OPTION_LIST,     /* separated by commas */
    OPTION_ENUM,     /* one of the words of `unit` */
};

/* What a text, or each item of a list, must be. */
struct option_rule {
    bool (*holds)(struct slice text);
    const char *says; /* goes on after the value: "is not an IP address; write ..." */
};

struct option {
    const char *name;
    enum option_type type;
    const char *default_text;
    uint64_t min; /* texts: bytes, if anything is set */
    uint64_t max;
    const char *unit; /* what an integer counts; an enum's words: "auto|logfmt|json" */
    const char *env;  /* a further variable, or NULL */
    bool is_secret;   /* never shown */
    bool is_not_in_file;
    const struct option_rule *rule;
    const char *help; /* what and why, whole sentences */
    size_t offset;    /* into struct options */
};

/* In the order of the documentation; options of one section stand together. */
extern const struct option options_table[];
extern const size_t options_table_len;

/* Where a value came from, the weakest first. */
enum option_from { OPTION_FROM_DEFAULT, OPTION_FROM_FILE, OPTION_FROM_ENV, OPTION_FROM_FLAG };

struct option_setting {
    enum option_from from;
    const char *place; /* the flag, the variable, the file's path */
    uint32_t line;     /* of the file */
    uint32_t column;
    const char *text; /* as it was given; "(set)" for a secret */
};

/* Reads a whole file of at most `max` bytes into the arena. ERR_TOO_BIG, ERR_NO_MEMORY, or
 * ERR_IO with errno. Tests have their own. */
typedef int(options_read)(
    struct slice *out, struct arena *a, const char *path, size_t max, void *arg);

/* The one that opens the path; needs no argument. */
int options_read_path(
    struct slice *out, struct arena *a, const char *path, size_t max, void *arg) MUST_CHECK;

/* All borrowed, and to live as long as the options. */
struct options_input {
    char *const *flags; /* up to a NULL: without the names of program and subcommand */
    char *const *env;   /* up to a NULL: NAME=value */
    options_read *read;
    void *read_arg;
};

/* Fills `o`, which is to be freed in any case. 0, or the report says what is wrong:
 * ERR_BAD_REQUEST on the command line, ERR_BAD_CONFIG elsewhere. ERR_NO_MEMORY. */
int options_load(
    struct options *o, struct report *report, const struct options_input *in) MUST_CHECK;
void options_fini(struct options *o);

/* The row of a name such as "tls.cert", or NULL. */
const struct option *options_find(struct slice name);
const struct option_setting *options_setting(const struct options *o, const char *name);

/* "tls.cert" as "tls-cert" and as "STOA_TLS_CERT". */
#define OPTIONS_NAME_BYTES 80
void options_flag_name(char out[OPTIONS_NAME_BYTES], const struct option *row);
void options_env_name(char out[OPTIONS_NAME_BYTES], const struct option *row);

/* "--port", "STOA_PORT in the environment", "stoa.conf:3:8", "the default". */
void options_say_place(struct buf *out, const struct option_setting *s);

/* Texts from the table: what `stoa serve --help` says, a file with every option at its default, the
 * page of the documentation; and what differs from the defaults, secrets as "(set)". */
void options_help(struct buf *out);
void options_example(struct buf *out);
void options_markdown(struct buf *out);
void options_say_changed(struct buf *out, const struct options *o);
