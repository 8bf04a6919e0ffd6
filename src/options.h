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
#include "option.h"
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
    uint64_t threads; /* event loops; 0: one for each core */
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
        bool signup;
        uint64_t token_ttl_ms;
        uint64_t password_memory;
        uint64_t password_passes;
        uint64_t password_workers;
    } auth;
    struct {
        const char *secret;
    } jwt;
    struct {
        uint64_t limit;
        uint64_t idle_ms;
        uint64_t grace_ms;
        uint64_t snapshot; /* events between two */
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
        uint64_t login; /* a minute */
        uint64_t login_address;
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
        uint64_t batch;
        uint64_t queue_bytes;
    } database;
    struct { /* ages; 0: kept for ever */
        uint64_t messages_ms;
        uint64_t board_ms;
        uint64_t code_ms;
        uint64_t violations_ms;
        uint64_t activity_ms;
        uint64_t rooms_ms;
        uint64_t fleeting_ms;
    } retention;
    struct {
        uint64_t max_bytes;
        uint64_t user_quota;
        uint64_t room_quota;
        uint64_t total_quota;
        uint64_t free_space;
        uint64_t uploads;
        const char *url;
    } files;
    struct {
        const char *endpoint;
        const char *region;
        const char *bucket;
        const char *access_key;
        const char *secret_key;
        bool path_style;
    } s3;
    struct {
        const char *host;
        uint16_t port;
        const char *password;
    } redis;

    struct option_setting *settings; /* one per row of the table */
    struct arena memory;             /* of all texts and lists */
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
