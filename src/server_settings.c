/* Options are checked where they are read; here they only change their form: milliseconds become
 * microseconds, large numbers are cut to what the settings hold, texts become slices and lists. */
#include "server_settings.h"

#include "base/panic.h"

#define QUEUE_SLACK_BYTES       (64u * 1024)
#define SECONDS_OF_MINUTE       60u
#define ORIGINS_BYTES           2048 /* two origins of 300 characters, and a bucket */
#define MISSES_PER_MINUTE       1000 /* of all addresses */
#define SESSIONS_PER_CONNECTION 4    /* namespaces of one client, and those that may come back */

static uint64_t us(uint64_t ms)
{
    return ms * 1000;
}

static uint32_t u32(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static int parse_proxies(struct web_settings *s, struct arena *memory, const struct options *o)
{
    size_t n = o->trusted_proxies.n;
    struct ip_range *ranges = arena_alloc(memory, (n + 1) * sizeof *ranges);
    if (!ranges)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        ASSERT(ip_range_parse(&ranges[i], slice_str(o->trusted_proxies.at[i])) == 0);
    s->proxies = ranges;
    s->n_proxies = n;
    return 0;
}

static int copy_origins(struct web_settings *s, struct arena *memory, const struct options *o)
{
    size_t n = o->cors.origins.n;
    struct slice *origins = arena_alloc(memory, (n + 1) * sizeof *origins);
    if (!origins)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        origins[i] = slice_str(o->cors.origins.at[i]);
    s->origins = origins;
    s->n_origins = n;
    return 0;
}

static void fill_http(struct web_settings *s, const struct options *o)
{
    s->http.line_bytes = u32(o->limits.request_line_bytes);
    s->http.header_bytes = u32(o->limits.header_bytes);
    s->http.header_count = u32(o->limits.header_count);
    s->body_bytes = u32(o->limits.body_bytes);
    s->header_deadline_us = us(o->limits.header_deadline_ms);
    s->keep_alive_us = us(o->limits.keep_alive_ms);
    s->body_rate = u32(o->limits.body_rate_bytes);
    s->tls_half_open = u32(o->limits.tls_half_open);
    s->connections = u32(o->limits.connections);
    s->connections_per_address = u32(o->limits.connections_per_address);
}

static void fill_ws(struct web_settings *s, const struct options *o)
{
    s->ws.message_bytes = u32(o->ws.message_bytes);
    s->ws.fragments = u32(o->ws.fragments);
    s->ws_assembly_us = us(o->ws.assembly_deadline_ms);
    s->ws_ping_us = us(o->ws.ping_ms);
    s->ws_pong_us = us(o->ws.pong_timeout_ms);
    s->ws_deflate = o->ws.deflate;
    s->ws_echo = o->ws.echo;
}

/* Who is below the soft mark is still listened to: there is room for one more message, of the
 * largest size. */
static uint32_t queue_bytes(const struct options *o)
{
    uint64_t least = o->limits.queue_soft_bytes + o->ws.message_bytes + QUEUE_SLACK_BYTES;
    uint64_t hard = o->limits.queue_hard_bytes;
    return u32(hard > least ? hard : least);
}

static void fill_streams(struct web_settings *s, const struct options *o)
{
    s->ws_stream = (struct stream_limits){
        .queue_hard_bytes = queue_bytes(o),
        .queue_soft_bytes = u32(o->limits.queue_soft_bytes),
        .queue_soft_us = us(o->limits.queue_soft_time_ms),
        .stall_us = us(o->limits.write_stall_ms),
        .handshake_us = us(o->limits.tls_handshake_ms),
    };
    s->http_stream = s->ws_stream;
    s->http_stream.queue_soft_us = UINT64_MAX;
}

/* Of an origin, which may be empty. */
static struct slice host_of(struct slice origin)
{
    ptrdiff_t colon = slice_find(origin, ':');
    return colon < 0 ? origin : slice_drop(origin, (size_t)colon + strlen("://"));
}

/* One that is the server's own is none. */
static struct slice files_url(const struct options *o)
{
    struct slice url = slice_str(o->files.url);
    return slice_eq_nocase(url, slice_str(o->public_url)) ? S("") : url;
}

static struct files_s3 files_s3(const struct options *o)
{
    return (struct files_s3){
        .endpoint = slice_str(o->s3.endpoint),
        .bucket = slice_str(o->s3.bucket),
        .key = { .access_key = slice_str(o->s3.access_key),
            .secret_key = slice_str(o->s3.secret_key),
            .region = slice_str(o->s3.region) },
        .is_path_style = o->s3.path_style,
    };
}

struct files_settings server_files_settings(const struct options *o)
{
    return (struct files_settings){
        .max_bytes = o->files.max_bytes,
        .quota = { .user_bytes = o->files.user_quota,
            .room_bytes = o->files.room_quota,
            .all_bytes = o->files.total_quota },
        .free_bytes = o->files.free_space,
        .uploads = u32(o->files.uploads),
        .url = files_url(o),
        .public_url = slice_str(o->public_url),
        .s3 = files_s3(o),
    };
}

/* Where people's files are, if that is elsewhere. */
static int fill_files(struct web_settings *s, struct arena *memory, const struct options *o)
{
    const struct files_s3 s3 = files_s3(o);
    struct buf origins;
    s->files_host = host_of(files_url(o));
    buf_init(&origins, ORIGINS_BYTES);
    buf_add_slice(&origins, files_url(o));
    if (files_s3_is_on(&s3)) {
        buf_add_str(&origins, origins.len > 0 ? " " : "");
        files_s3_add_origin(&origins, &s3);
    }
    int err = buf_err(&origins);
    if (!err)
        err = arena_copy(&s->page_origins, memory, buf_slice(&origins));
    buf_fini(&origins);
    return err;
}

static void fill_names(struct web_settings *s, const struct options *o)
{
    s->public_url = slice_str(o->public_url);
    s->public_host = host_of(s->public_url);
    s->metrics_token = slice_str(o->metrics.token);
    s->expects_proxy = o->proxy_protocol;
    s->is_dev_tls = o->dev_tls;
}

struct eio_settings server_eio_settings(const struct options *o)
{
    return (struct eio_settings){
        .ping_interval_ms = u32(o->sio.ping_interval_ms),
        .ping_timeout_ms = u32(o->sio.ping_timeout_ms),
        .upgrade_timeout_ms = u32(o->sio.upgrade_timeout_ms),
        .max_payload = u32(o->ws.message_bytes),
        .queue_bytes = queue_bytes(o),
        .sessions = u32(o->limits.connections),
        .sessions_per_address = u32(o->limits.connections_per_address),
    };
}

struct sio_settings server_sio_settings(const struct options *o)
{
    return (struct sio_settings){
        .connect_timeout_ms = u32(o->sio.connect_timeout_ms),
        .recovery_ms = u32(o->sio.recovery_ms),
    };
}

static struct limit_rate rate(uint64_t per_s, unsigned times)
{
    return (struct limit_rate){ .per_s = u32(per_s), .burst = u32(per_s * times) };
}

struct limit_rate server_try_rate(uint64_t per_minute)
{
    return (struct limit_rate){
        .per_s = u32(per_minute), .burst = u32(per_minute), .slower = SECONDS_OF_MINUTE
    };
}

static void fill_rates(struct hub_settings *s, const struct options *o)
{
    s->rates[RATE_JOIN] = rate(o->rate.join, 4);
    s->rates[RATE_CONTROL] = rate(o->rate.control, 2);
    s->rates[RATE_PRESENCE] = rate(o->rate.presence, 2);
    s->rates[RATE_SIGNAL] = rate(o->rate.signal, 4);
    s->rates[RATE_CHAT] = rate(o->rate.chat, 2);
    s->rates[RATE_BOARD] = rate(o->rate.board, 2);
    s->rates[RATE_PROCTOR] = rate(o->rate.proctor, 4);
    s->rates[RATE_CODE] = rate(o->rate.code, 2);
    s->rates[LIMIT_CREATE] = rate(o->rate.create, 20);
    s->rates[LIMIT_MISS] = rate(1, 60);
    s->rates[LIMIT_MISSES] = server_try_rate(MISSES_PER_MINUTE);
}

struct hub_settings server_hub_settings(const struct options *o, struct slice secret)
{
    struct hub_settings s = {
        .auth_mode = o->auth.mode,
        .max_rooms = u32(o->room.limit),
        .max_sessions = u32(o->limits.connections) * SESSIONS_PER_CONNECTION,
        .idle_ms = u32(o->room.idle_ms),
        .grace_ms = u32(o->room.grace_ms),
        .mesh_limit = u32(o->mesh.limit),
        .snapshot_events = u32(o->room.snapshot),
        .message_age_ms = o->retention.messages_ms,
        .public_url = slice_str(o->public_url),
        .token_secret = secret,
        .token_ttl_ms = o->auth.token_ttl_ms,
        .ice = { .stun = o->ice.stun.at,
            .n_stun = o->ice.stun.n,
            .turn = o->ice.turn.at,
            .n_turn = o->ice.turn.n,
            .turn_secret = slice_str(o->ice.turn_secret) },
    };
    fill_rates(&s, o);
    return s;
}

int server_settings(struct web_settings **out, struct arena *memory, const struct options *o)
{
    struct web_settings *s = arena_alloc(memory, sizeof *s);
    if (!s)
        return ERR_NO_MEMORY;
    fill_http(s, o);
    fill_ws(s, o);
    fill_streams(s, o);
    fill_names(s, o);
    int err = parse_proxies(s, memory, o);
    if (!err)
        err = copy_origins(s, memory, o);
    if (!err)
        err = fill_files(s, memory, o);
    *out = s;
    return err;
}
