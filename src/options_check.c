/* Rules are small predicates over one text, without a word of output; what between options is wrong
 * becomes a sentence that names both and says where each was set. */
#include "options_check.h"

#include "net/addr.h"

/* ---- rules of single values; none is asked about an empty text */

static bool is_address(struct slice s)
{
    struct addr a;
    return addr_parse(&a, s, 0) == 0;
}

static bool is_range(struct slice s)
{
    struct ip_range r;
    return ip_range_parse(&r, s) == 0;
}

static bool is_port_number(struct slice s)
{
    uint64_t n;
    return s.len <= 5 && slice_u64(&n, s) == 0 && n >= 1 && n <= 65535 && s.p[0] != '0';
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Lower-case labels, or an IPv4 address: an origin is compared byte by byte with what browsers
 * send, and they send lower case. */
static bool is_host_name(struct slice s)
{
    struct slice label;
    if (s.len == 0 || s.len > 253 || s.p[s.len - 1] == '.')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_host_char(s.p[i]))
            return false;
    while (slice_cut(&label, &s, '.'))
        if (label.len == 0 || label.len > 63 || label.p[0] == '-' || label.p[label.len - 1] == '-')
            return false;
    return true;
}

/* host[:port] or [v6][:port] */
static bool is_authority(struct slice s)
{
    bool is_v6 = s.len > 0 && s.p[0] == '[';
    ptrdiff_t at = slice_find(s, is_v6 ? ']' : ':');
    size_t host_len = at < 0 ? s.len : (size_t)at + is_v6;
    struct slice host = slice_take(s, host_len);
    struct slice rest = slice_drop(s, host_len);
    if (is_v6 ? at < 0 || !is_address(host) : !is_host_name(host))
        return false;
    return rest.len == 0 || (rest.p[0] == ':' && is_port_number(slice_drop(rest, 1)));
}

/* Browsers leave the usual port away, so an origin that names it would match nothing. */
static bool is_after_scheme(struct slice s, const char *usual_port)
{
    return is_authority(s) && !slice_ends(s, slice_str(usual_port));
}

static bool is_origin(struct slice s)
{
    struct slice http = SLICE("http://");
    struct slice https = SLICE("https://");
    if (slice_starts(s, https))
        return is_after_scheme(slice_drop(s, https.len), ":443");
    return slice_starts(s, http) && is_after_scheme(slice_drop(s, http.len), ":80");
}

static bool is_levels(struct slice s)
{
    return log_check_levels(s) == 0;
}

static bool is_database(struct slice s)
{
    bool is_postgres = slice_starts(s, S("postgresql://")) || slice_starts(s, S("postgres://"));
    return is_postgres || slice_eq(s, S("sqlite:"));
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return true;
}

/* Whoever copies an example gets a secret that everybody knows; and the half of a key pair that
 * verifies is made to be known. */
static bool is_unpublished(struct slice s)
{
    return !slice_eq(s, S("your-super-secret-jwt-key-change-this")) &&
        !slice_starts(s, S("-----BEGIN")) && !slice_starts(s, S("{\""));
}

static bool has_scheme(struct slice *rest, struct slice s, struct slice scheme)
{
    *rest = slice_drop(s, scheme.len);
    return slice_starts(s, scheme);
}

/* RFC 7064. */
static bool is_stun(struct slice s)
{
    struct slice rest;
    return (has_scheme(&rest, s, S("stun:")) || has_scheme(&rest, s, S("stuns:"))) &&
        is_authority(rest);
}

/* RFC 7065. */
static bool is_turn(struct slice s)
{
    struct slice rest;
    ptrdiff_t query = slice_find(s, '?');
    struct slice transport = query < 0 ? S("") : slice_drop(s, (size_t)query);
    s = slice_take(s, s.len - transport.len);
    if (!has_scheme(&rest, s, S("turn:")) && !has_scheme(&rest, s, S("turns:")))
        return false;
    return is_authority(rest) &&
        (query < 0 || slice_eq(transport, S("?transport=udp")) ||
            slice_eq(transport, S("?transport=tcp")));
}

static bool is_media_url(struct slice s)
{
    static const struct slice schemes[] = { SLICE("wss://"), SLICE("ws://"), SLICE("https://"),
        SLICE("http://") };
    struct slice rest;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (has_scheme(&rest, s, schemes[i]))
            return is_authority(rest);
    }
    return false;
}

const struct option_rule option_rule_address = {
    .holds = is_address,
    .says = "is not an IP address; write one such as 127.0.0.1 or ::1 (names are not looked up)",
};

const struct option_rule option_rule_range = {
    .holds = is_range,
    .says = "is not a range of addresses; write one such as 10.0.0.0/8, fd00::/8 or 192.0.2.7",
};

const struct option_rule option_rule_origin = {
    .holds = is_origin,
    .says = "is not an origin; write http:// or https://, the host in lower case, and :port if it "
            "is not the usual one, without a path or a slash at the end, as in https://example.org",
};

const struct option_rule option_rule_levels = {
    .holds = is_levels,
    .says = "is not a list of log levels; write debug, info, warning, error or off, then single "
            "sources if any, as in info,http=debug",
};

const struct option_rule option_rule_database = {
    .holds = is_database,
    .says = "is not the address of a database; write postgresql://user:password@host:5432/name, or "
            "remove it: Stoa then keeps everything in one SQLite file in its data folder",
};

const struct option_rule option_rule_token = {
    .holds = is_token,
    .says = "holds a space or a character beyond ASCII; make one with: openssl rand -hex 32",
};

const struct option_rule option_rule_secret = {
    .holds = is_unpublished,
    .says =
        "is the one of a manual's example or a key in PEM or JSON form, which others know; make "
        "your own with: openssl rand -hex 32",
};

const struct option_rule option_rule_stun = {
    .holds = is_stun,
    .says =
        "is not the address of a STUN server; write stun: or stuns:, the host in lower case, and "
        ":port if it is not the usual one, as in stun:stun.example.org:3478",
};

const struct option_rule option_rule_turn = {
    .holds = is_turn,
    .says =
        "is not the address of a TURN server; write turn: or turns:, the host in lower case, "
        ":port if it is not the usual one, and ?transport=udp or ?transport=tcp if it has to be, "
        "as in turn:turn.example.org:3478?transport=udp",
};

const struct option_rule option_rule_media_url = {
    .holds = is_media_url,
    .says = "is not the address of a media server; write wss:// (or ws://, https://, http://), the "
            "host in lower case, and :port if it is not the usual one, without a path, as in "
            "wss://live.example.org",
};

/* ---- between options */

/* "tls.cert (stoa.conf:3:8)" */
static void say_option(struct buf *out, const struct options *o, const char *name)
{
    REPORT_SAY(out, name, " (");
    options_say_place(out, options_setting(o, name));
    buf_add_str(out, ")");
}

/* Options that have a meaning only together. */
#define GROUP_MAX 4

struct group {
    const char *names[GROUP_MAX]; /* up to a NULL */
    const char *advice;
};

static const struct group groups[] = {
    { .names = { "tls.cert", "tls.key" }, .advice = "set both for HTTPS, or neither" },
    { .names = { "ice.turn", "ice.turn-secret" }, .advice = "set both for TURN, or neither" },
    { .names = { "livekit.url", "livekit.api-key", "livekit.api-secret" },
        .advice = "set all three for LiveKit, or none" },
    { .names = { "s3.endpoint", "s3.bucket", "s3.access-key", "s3.secret-key" },
        .advice = "set all four for files at an S3 service, or none" },
};

static bool is_set(const struct options *o, const char *name)
{
    return options_setting(o, name)->text[0] != '\0';
}

/* "tls.cert (--tls-cert) is set without tls.key; set both for HTTPS, or neither." */
static void check_group(struct report *report, const struct options *o, const struct group *g)
{
    const char *first = NULL;
    const char *before = " is set without ";
    struct buf *out = NULL;
    for (size_t i = 0; i < GROUP_MAX && g->names[i] != NULL && first == NULL; i++)
        first = is_set(o, g->names[i]) ? g->names[i] : NULL;
    for (size_t i = 0; i < GROUP_MAX && g->names[i] != NULL && first != NULL; i++) {
        if (is_set(o, g->names[i]))
            continue;
        if (out == NULL) {
            out = report_error(report);
            say_option(out, o, first);
        }
        REPORT_SAY(out, before, g->names[i]);
        before = " and ";
    }
    if (out != NULL)
        REPORT_SAY(out, "; ", g->advice, ".\n");
}

static void check_dev_tls(struct report *report, const struct options *o)
{
    bool has_cert = is_set(o, "tls.cert");
    if (!o->dev_tls || !(has_cert || is_set(o, "tls.key")))
        return;
    struct buf *out = report_error(report);
    say_option(out, o, "dev-tls");
    buf_add_str(out, " makes a certificate of its own, but one is given by ");
    say_option(out, o, has_cert ? "tls.cert" : "tls.key");
    buf_add_str(out, "; choose one of the two.\n");
}

/* A token for the media server says who somebody is, too: it must not count here. */
static void check_secrets(struct report *report, const struct options *o)
{
    struct slice ours = slice_str(o->jwt.secret);
    /* not secret: who sets both of them asks */
    if (ours.len == 0 || !slice_eq(ours, slice_str(o->livekit.api_secret)))
        return;
    struct buf *out = report_error(report);
    say_option(out, o, "livekit.api-secret");
    buf_add_str(out, " is the same as ");
    say_option(out, o, "jwt.secret");
    buf_add_str(out,
        ", so tokens for LiveKit would be taken for tokens of users; change one of the "
        "two.\n");
}

struct order {
    const char *low;
    const char *high;
};

/* Each pair is of one type. */
static const struct order orders[] = {
    { .low = "limits.queue-soft", .high = "limits.queue-hard" },
};

static uint64_t number_of(const struct options *o, const char *name)
{
    uint64_t n;
    memcpy(&n, (const char *)o + options_find(slice_str(name))->offset, sizeof(n));
    return n;
}

static void check_order(struct report *report, const struct options *o, const struct order *pair)
{
    if (number_of(o, pair->low) <= number_of(o, pair->high))
        return;
    struct buf *out = report_error(report);
    say_option(out, o, pair->low);
    REPORT_SAY(out, ", ", options_setting(o, pair->low)->text, ", is more than ");
    say_option(out, o, pair->high);
    REPORT_SAY(out, ", ", options_setting(o, pair->high)->text, "; lower the first or raise the ",
        "second.\n");
}

static const char *const redis_names[] = { "redis.host", "redis.port", "redis.password" };

static void warn_of_redis(struct report *report, const struct options *o)
{
    for (size_t i = 0; i < sizeof(redis_names) / sizeof(*redis_names); i++) {
        const struct option_setting *s = options_setting(o, redis_names[i]);
        if (s->from == OPTION_FROM_DEFAULT || s->text[0] == '\0')
            continue;
        struct buf *out = report_warning(report);
        say_option(out, o, redis_names[i]);
        buf_add_str(out, " has no effect: this version runs on one machine and uses no Redis.\n");
    }
}

static void warn_of_visible_secrets(struct report *report, const struct options *o)
{
    char env[OPTIONS_NAME_BYTES];
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        if (!row->is_secret || o->settings[i].from != OPTION_FROM_FLAG)
            continue;
        options_env_name(env, row);
        REPORT_SAY(report_warning(report), o->settings[i].place, " shows the secret to every user ",
            "of this machine; put it into a file and name that in ", env, "_FILE.\n");
    }
}

void options_check(struct report *report, const struct options *o)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
        check_group(report, o, &groups[i]);
    check_dev_tls(report, o);
    check_secrets(report, o);
    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
        check_order(report, o, &orders[i]);
    warn_of_redis(report, o);
    warn_of_visible_secrets(report, o);
}
