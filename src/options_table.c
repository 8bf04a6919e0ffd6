/* Every option, one row each. The macros name the field and state its type, so that a row whose
 * type does not fit its field does not compile. */
#include "options_check.h"

#define FIELD(c_type, member)                                                                \
    (offsetof(struct options, member) + 0 * sizeof(struct {                                  \
        _Static_assert(                                                                      \
            __builtin_types_compatible_p(__typeof__(((struct options *)0)->member), c_type), \
            "the option's type is not its field's");                                         \
        char c;                                                                              \
    }))

#define TEXT(member)     .type = OPTION_TEXT, .offset = FIELD(const char *, member)
#define PATH(member)     .type = OPTION_PATH, .offset = FIELD(const char *, member)
#define INTEGER(member)  .type = OPTION_INTEGER, .offset = FIELD(uint64_t, member)
#define PORT(member)     .type = OPTION_PORT, .offset = FIELD(uint16_t, member)
#define BOOL(member)     .type = OPTION_BOOL, .offset = FIELD(bool, member)
#define DURATION(member) .type = OPTION_DURATION, .offset = FIELD(uint64_t, member)
#define SIZE(member)     .type = OPTION_SIZE, .offset = FIELD(uint64_t, member)
#define LIST(member)     .type = OPTION_LIST, .offset = FIELD(struct option_list, member)

/* An enum is written as an int. */
#define ENUM(c_enum, member)                                                   \
    .type = OPTION_ENUM, .offset = FIELD(c_enum, member) + 0 * sizeof(struct { \
        _Static_assert(sizeof(c_enum) == sizeof(int), "the enum is no int");   \
        char c;                                                                \
    })

#define PATH_BYTES   4095
#define SOCKET_BYTES 107 /* sun_path without its NUL */
#define KIB          1024u
#define MIB          (1024u * KIB)
#define GIB          (1024u * MIB)
#define RATE_MAX     1000000u
#define TICK         10u /* ms: the shortest time that makes sense as a limit */
#define SECOND       1000u
#define MINUTE       (60 * SECOND)
#define HOUR         (60 * MINUTE)
#define DAY          (24 * HOUR)
#define YEAR         (366ull * DAY)

const struct option options_table[] = {
    {
        .name = "host",
        LIST(host),
        .default_text = "",
        .rule = &option_rule_address,
        .help =
            "Addresses to listen on, such as 127.0.0.1 or ::1. Without any, Stoa listens on all "
            "addresses of the machine, IPv6 and IPv4.",
    },
    {
        .name = "port",
        PORT(port),
        .default_text = "5050",
        .min = 0,
        .max = 65535,
        .env = "PORT",
        .help = "TCP port to listen on. 0 takes any free one, which the log then names.",
    },
    {
        .name = "threads",
        INTEGER(threads),
        .default_text = "1",
        .min = 0,
        .max = 64,
        .unit = "threads",
        .help = "Event loops, each a thread with its own part of the rooms and of the connections; "
                "0 is one for each core. Limits hold for all of them together; of half-open TLS "
                "connections each has its own. More than one is an experiment: not yet where "
                "strangers come.",
    },
    {
        .name = "socket",
        PATH(socket),
        .default_text = "",
        .max = SOCKET_BYTES,
        .help = "Path of a unix socket to listen on as well, for a proxy on the same machine.",
    },
    {
        .name = "data",
        PATH(data),
        .default_text = "./data",
        .min = 1,
        .max = PATH_BYTES,
        .help = "Folder of everything Stoa keeps. It is made if it does not exist.",
    },
    {
        .name = "config",
        PATH(config),
        .default_text = "",
        .max = PATH_BYTES,
        .is_not_in_file = true,
        .help = "File with options, as `stoa help config` prints one. Without it no file is read: "
                "one that happens to lie in the current folder changes nothing.",
    },
    {
        .name = "public-url",
        TEXT(public_url),
        .default_text = "",
        .max = 300,
        .env = "PUBLIC_URL",
        .rule = &option_rule_origin,
        .help =
            "Where people reach Stoa, as in https://rooms.example.org. Links are built from it, "
            "its pages may connect, and requests for other host names are refused.",
    },
    {
        .name = "dev-tls",
        BOOL(dev_tls),
        .default_text = "false",
        .help =
            "Serve HTTPS with a certificate that Stoa makes for this machine. For trying things "
            "in a local network, since browsers give cameras only to secure pages.",
    },
    {
        .name = "trusted-proxies",
        LIST(trusted_proxies),
        .default_text = "",
        .rule = &option_rule_range,
        .help = "Address ranges of reverse proxies, such as 10.0.0.0/8. Only from them is "
                "X-Forwarded-For believed; a range that is too wide lets clients forge their "
                "address.",
    },
    {
        .name = "proxy-protocol",
        BOOL(proxy_protocol),
        .default_text = "false",
        .help = "Expect the PROXY protocol, version 2, in front of every connection of a trusted "
                "proxy.",
    },
    {
        .name = "node-env",
        TEXT(node_env),
        .default_text = "",
        .max = 64,
        .env = "NODE_ENV",
        .help = "Accepted for the sake of existing deployments. \"development\" makes debug the "
                "default of log.level; nothing else depends on it.",
    },
    {
        .name = "log.level",
        TEXT(log.level),
        .default_text = "info",
        .min = 1,
        .max = 512,
        .rule = &option_rule_levels,
        .help = "What is logged: debug, info, warning, error or off, then single sources if any, "
                "as in info,http=debug.",
    },
    {
        .name = "log.format",
        ENUM(enum log_form, log.form),
        .default_text = "auto",
        .unit = "auto|logfmt|json",
        .help = "How a log line is written. auto is logfmt on a terminal and JSON elsewhere.",
    },
    {
        .name = "tls.cert",
        PATH(tls.cert),
        .default_text = "",
        .max = PATH_BYTES,
        .help = "PEM file with the certificate and the chain behind it; makes Stoa serve HTTPS. "
                "SIGHUP reads it again.",
    },
    {
        .name = "tls.key",
        PATH(tls.key),
        .default_text = "",
        .max = PATH_BYTES,
        .help = "PEM file with the private key of the certificate. SIGHUP reads it again.",
    },
    {
        .name = "cors.origins",
        LIST(cors.origins),
        .default_text = "",
        .rule = &option_rule_origin,
        .help = "Origins of other web pages that may use Stoa from a browser, as in "
                "https://app.example.org. There is no wildcard: each one that is named is trusted.",
    },
    {
        .name = "metrics.token",
        TEXT(metrics.token),
        .default_text = "",
        .min = 16,
        .max = 512,
        .is_secret = true,
        .rule = &option_rule_token,
        .help = "Bearer token for /metrics from public addresses. Loopback and private addresses "
                "need none.",
    },
    {
        .name = "limits.request-line-bytes",
        SIZE(limits.request_line_bytes),
        .default_text = "64KiB",
        .min = 256,
        .max = MIB,
        .help = "Longest request line, which holds the address and its query.",
    },
    {
        .name = "limits.header-bytes",
        SIZE(limits.header_bytes),
        .default_text = "16KiB",
        .min = 1 * KIB,
        .max = MIB,
        .help = "Most bytes of all headers of a request.",
    },
    {
        .name = "limits.header-count",
        INTEGER(limits.header_count),
        .default_text = "100",
        .min = 10,
        .max = 100,
        .unit = "headers",
        .help = "Most headers of a request.",
    },
    {
        .name = "limits.body-bytes",
        SIZE(limits.body_bytes),
        .default_text = "256KiB",
        .min = 1 * KIB,
        .max = GIB,
        .help = "Largest body of a request. Uploads of files have a limit of their own.",
    },
    {
        .name = "limits.header-deadline",
        DURATION(limits.header_deadline_ms),
        .default_text = "10s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for the headers of a request to arrive, from its first byte or from the "
                "start of the connection. Stops clients that trickle.",
    },
    {
        .name = "limits.keep-alive",
        DURATION(limits.keep_alive_ms),
        .default_text = "60s",
        .min = TICK,
        .max = DAY,
        .help = "How long a connection may wait between two requests.",
    },
    {
        .name = "limits.body-rate",
        SIZE(limits.body_rate_bytes),
        .default_text = "1KiB",
        .min = 0,
        .max = GIB,
        .unit = "per second",
        .help = "Slowest body, in bytes per second, after its first 5 seconds. 0 allows any.",
    },
    {
        .name = "limits.write-stall",
        DURATION(limits.write_stall_ms),
        .default_text = "30s",
        .min = TICK,
        .max = HOUR,
        .help = "How long a client may take nothing of what waits for it before it is cut off.",
    },
    {
        .name = "limits.tls-handshake",
        DURATION(limits.tls_handshake_ms),
        .default_text = "10s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for a TLS handshake.",
    },
    {
        .name = "limits.tls-half-open",
        INTEGER(limits.tls_half_open),
        .default_text = "1024",
        .min = 1,
        .max = 1000000,
        .unit = "connections",
        .help =
            "TLS handshakes under way at once, in each event loop. They are the costliest thing "
            "a stranger can ask for.",
    },
    {
        .name = "limits.connections",
        INTEGER(limits.connections),
        .default_text = "100000",
        .min = 1,
        .max = 10000000,
        .unit = "connections",
        .help = "Connections at once. The limit of open files of the process also holds.",
    },
    {
        .name = "limits.connections-per-address",
        INTEGER(limits.connections_per_address),
        .default_text = "2000",
        .min = 1,
        .max = 10000000,
        .unit = "connections",
        .help = "Connections at once from one IPv4 address or one IPv6 network (/64). A school may "
                "sit behind one address. Trusted proxies are not counted.",
    },
    {
        .name = "limits.queue-soft",
        SIZE(limits.queue_soft_bytes),
        .default_text = "256KiB",
        .min = 4 * KIB,
        .max = GIB,
        .help = "Bytes that may wait for a client before messages that can be missed are dropped. "
                "At most limits.queue-hard.",
    },
    {
        .name = "limits.queue-soft-time",
        DURATION(limits.queue_soft_time_ms),
        .default_text = "10s",
        .min = TICK,
        .max = HOUR,
        .help = "How long a client may stay above limits.queue-soft before it is disconnected.",
    },
    {
        .name = "limits.queue-hard",
        SIZE(limits.queue_hard_bytes),
        .default_text = "1MiB",
        .min = 4 * KIB,
        .max = GIB,
        .help = "Bytes that may wait for a client at all. Beyond it is disconnected and may come "
                "back.",
    },
    {
        .name = "ws.message-bytes",
        SIZE(ws.message_bytes),
        .default_text = "1000000",
        .min = 125,
        .max = 64 * MIB,
        .help = "Largest WebSocket message.",
    },
    {
        .name = "ws.fragments",
        INTEGER(ws.fragments),
        .default_text = "1024",
        .min = 1,
        .max = 1000000,
        .unit = "frames",
        .help = "Most frames of one message.",
    },
    {
        .name = "ws.assembly-deadline",
        DURATION(ws.assembly_deadline_ms),
        .default_text = "30s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for all frames of one message to arrive.",
    },
    {
        .name = "ws.ping",
        DURATION(ws.ping_ms),
        .default_text = "15s",
        .min = TICK,
        .max = HOUR,
        .help = "How often a quiet client is asked whether it is still there.",
    },
    {
        .name = "ws.pong-timeout",
        DURATION(ws.pong_timeout_ms),
        .default_text = "10s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for its answer.",
    },
    {
        .name = "ws.deflate",
        BOOL(ws.deflate),
        .default_text = "false",
        .help = "Offer compression (permessage-deflate). Saves traffic, costs processor time and "
                "memory for each connection.",
    },
    {
        .name = "ws.echo",
        BOOL(ws.echo),
        .default_text = "true",
        .help = "Serve /ws/echo, which sends back what it gets: a connection test for clients.",
    },
    {
        .name = "sio.ping-interval",
        DURATION(sio.ping_interval_ms),
        .default_text = "25s",
        .min = TICK,
        .max = HOUR,
        .help = "How often a Socket.IO client is asked whether it is still there. It learns this "
                "and the next value when it connects.",
    },
    {
        .name = "sio.ping-timeout",
        DURATION(sio.ping_timeout_ms),
        .default_text = "20s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for its answer.",
    },
    {
        .name = "sio.upgrade-timeout",
        DURATION(sio.upgrade_timeout_ms),
        .default_text = "10s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for a client to change from long polling to WebSocket.",
    },
    {
        .name = "sio.connect-timeout",
        DURATION(sio.connect_timeout_ms),
        .default_text = "45s",
        .min = TICK,
        .max = HOUR,
        .help = "Time for a client to enter its first namespace.",
    },
    {
        .name = "sio.recovery",
        DURATION(sio.recovery_ms),
        .default_text = "2m",
        .min = 0,
        .max = DAY,
        .help = "How long a client that was lost may come back to what it missed. 0 switches that "
                "off.",
    },
    {
        .name = "drain.delay",
        DURATION(drain.delay_ms),
        .default_text = "0s",
        .min = 0,
        .max = HOUR,
        .help = "Time between the answer \"not ready\" of /readyz and the end of listening after "
                "SIGTERM, so that a balancer notices in time.",
    },
    {
        .name = "drain.deadline",
        DURATION(drain.deadline_ms),
        .default_text = "30s",
        .min = 0,
        .max = DAY,
        .help = "Time for connections to finish after SIGTERM. Then, or at a second SIGTERM, Stoa "
                "ends.",
    },
    {
        .name = "auth.mode",
        ENUM(enum auth_mode, auth.mode),
        .default_text = "optional",
        .unit = "open|optional|required",
        .env = "AUTH_MODE",
        .help = "Who may come in. optional: people with a token as themselves, others as "
                "guests. required: nobody without a token. open: as optional, and anybody may "
                "end or remove a room that belongs to nobody, which otherwise takes the key of "
                "who made it.",
    },
    {
        .name = "auth.token-ttl",
        DURATION(auth.token_ttl_ms),
        .default_text = "7d",
        .min = MINUTE,
        .max = YEAR,
        .help = "How long a token holds that Stoa gives out at log-in.",
    },
    {
        .name = "auth.signup",
        BOOL(auth.signup),
        .default_text = "true",
        .help = "Whether people may make accounts by themselves. Without it, `stoa user create` "
                "makes them.",
    },
    {
        .name = "auth.password-memory",
        SIZE(auth.password_memory),
        .default_text = "19MiB",
        .min = 8 * MIB,
        .max = GIB,
        .help = "Memory that hashing one password takes (Argon2id). More of it makes guessing "
                "dearer, for whoever stole the data, and log-ins slower.",
    },
    {
        .name = "auth.password-passes",
        INTEGER(auth.password_passes),
        .default_text = "2",
        .min = 1,
        .max = 100,
        .unit = "passes",
        .help = "Passes over that memory.",
    },
    {
        .name = "auth.password-workers",
        INTEGER(auth.password_workers),
        .default_text = "0",
        .min = 0,
        .max = 64,
        .unit = "threads",
        .help = "Threads that hash passwords; 0 is one for each core. A short queue stands "
                "before them; who finds it full is told to try again.",
    },
    {
        .name = "jwt.secret",
        TEXT(jwt.secret),
        .default_text = "",
        .min = 32,
        .max = 4096,
        .env = "JWT_SECRET",
        .is_secret = true,
        .rule = &option_rule_secret,
        .help = "Key by which tokens of users are signed (HS256). Make one with: openssl rand "
                "-hex 32. Who knows it can be anybody. Without one, Stoa makes one and keeps it"
                " in the file `secret` of the data folder.",
    },
    {
        .name = "room.limit",
        INTEGER(room.limit),
        .default_text = "10000",
        .min = 1,
        .max = 10000000,
        .unit = "rooms",
        .help = "Rooms that may be open at once. Whoever would open one more is told to try "
                "later.",
    },
    {
        .name = "room.idle",
        DURATION(room.idle_ms),
        .default_text = "10m",
        .min = TICK,
        .max = 7 * DAY,
        .help = "How long a room that everybody has left stays in memory. What is stored of it "
                "stays.",
    },
    {
        .name = "room.grace",
        DURATION(room.grace_ms),
        .default_text = "120s",
        .min = 0,
        .max = DAY,
        .help = "How long somebody whose connection was lost keeps the place in the room: seat,"
                " role, counts.",
    },
    {
        .name = "room.snapshot",
        INTEGER(room.snapshot),
        .default_text = "1000",
        .min = 10,
        .max = 1000000,
        .unit = "events",
        .help = "After so many events in a room its whole state is stored anew, so that it "
                "loads quickly.",
    },
    {
        .name = "rate.chat",
        INTEGER(rate.chat),
        .default_text = "10",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Chat messages that one client may send. Burst: 2 times as many. Twice that "
                "holds for all connections of one person together; beyond it a message is "
                "answered by RATE_LIMITED with a time, and the connection stays.",
    },
    {
        .name = "rate.board",
        INTEGER(rate.board),
        .default_text = "60",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Strokes and other changes of the whiteboard that one client may send. Burst: 2"
                " times as many.",
    },
    {
        .name = "rate.signal",
        INTEGER(rate.signal),
        .default_text = "50",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Messages between the browsers of a call that one client may send. Burst: 4 "
                "times as many.",
    },
    {
        .name = "rate.presence",
        INTEGER(rate.presence),
        .default_text = "10",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Changes of typing, hand, goal, media and the like that one client may send. "
                "Burst: 2 times as many.",
    },
    {
        .name = "rate.proctor",
        INTEGER(rate.proctor),
        .default_text = "5",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Reports of a supervised interview that one client may send. Burst: 4 times as "
                "many.",
    },
    {
        .name = "rate.code",
        INTEGER(rate.code),
        .default_text = "20",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Changes of code, and submissions, that one client may send. Burst: 2 times as "
                "many.",
    },
    {
        .name = "rate.join",
        INTEGER(rate.join),
        .default_text = "5",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Joins and leaves of one client. Burst: 4 times as many.",
    },
    {
        .name = "rate.create",
        INTEGER(rate.create),
        .default_text = "5",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Rooms that one person, or one address of guests, may make. Burst: 20 times as "
                "many.",
    },
    {
        .name = "rate.control",
        INTEGER(rate.control),
        .default_text = "10",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a second",
        .help = "Everything else that one client does in a room: timer, settings, roles, kicks."
                " Burst: 2 times as many.",
    },
    {
        .name = "rate.login",
        INTEGER(rate.login),
        .default_text = "5",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a minute",
        .help = "Log-ins that may be tried for one account.",
    },
    {
        .name = "rate.login-address",
        INTEGER(rate.login_address),
        .default_text = "30",
        .min = 1,
        .max = RATE_MAX,
        .unit = "a minute",
        .help = "Log-ins and sign-ups that may be tried from one address.",
    },
    {
        .name = "mesh.limit",
        INTEGER(mesh.limit),
        .default_text = "4",
        .min = 2,
        .max = 50,
        .unit = "people",
        .help = "People in a call that goes from browser to browser. Each of them sends to each"
                " other, so that more than a few overload the slowest line.",
    },
    {
        .name = "ice.stun",
        LIST(ice.stun),
        .default_text = "stun:stun.l.google.com:19302",
        .env = "STUN_URLS",
        .rule = &option_rule_stun,
        .help = "STUN servers, by which browsers learn their public addresses. The default is "
                "somebody else's: who calls asks it. An empty list, for calls within one "
                "network, asks nobody.",
    },
    {
        .name = "ice.turn",
        LIST(ice.turn),
        .default_text = "",
        .env = "TURN_URLS",
        .rule = &option_rule_turn,
        .help = "TURN servers, as in turn:turn.example.org:3478?transport=udp, which relay "
                "calls that cannot go directly. Needs ice.turn-secret.",
    },
    {
        .name = "ice.turn-secret",
        TEXT(ice.turn_secret),
        .default_text = "",
        .max = 4096,
        .env = "TURN_SECRET",
        .is_secret = true,
        .help = "Secret that Stoa shares with these servers (static-auth-secret of coturn). "
                "People get passwords made with it, which hold for a while.",
    },
    {
        .name = "livekit.url",
        TEXT(livekit.url),
        .default_text = "",
        .max = 300,
        .env = "LIVEKIT_URL",
        .rule = &option_rule_media_url,
        .help = "Where browsers reach a LiveKit server, as in wss://live.example.org. With it "
                "and the next two, /sfu/token gives out tokens for that server.",
    },
    {
        .name = "livekit.api-key",
        TEXT(livekit.api_key),
        .default_text = "",
        .max = 256,
        .env = "LIVEKIT_API_KEY",
        .rule = &option_rule_token,
        .help = "Name of the key by which that server knows Stoa.",
    },
    {
        .name = "livekit.api-secret",
        TEXT(livekit.api_secret),
        .default_text = "",
        .max = 4096,
        .env = "LIVEKIT_API_SECRET",
        .is_secret = true,
        .help = "Secret of that key.",
    },
    {
        .name = "database.url",
        TEXT(database.url),
        .default_text = "",
        .max = 4096,
        .env = "DATABASE_URL",
        .is_secret = true,
        .rule = &option_rule_database,
        .help = "Address of the database, as in postgresql://user:password@host:5432/stoa. "
                "Without one, or with \"sqlite:\", everything is kept in one SQLite file in the "
                "data folder.",
    },
    {
        .name = "database.batch",
        INTEGER(database.batch),
        .default_text = "1000",
        .min = 1,
        .max = 65536,
        .unit = "changes",
        .help = "Changes that are committed together at most. 1 commits each by itself, which "
                "is slow: it is there for comparison.",
    },
    {
        .name = "database.queue",
        SIZE(database.queue_bytes),
        .default_text = "64MiB",
        .min = MIB,
        .max = 4ull * GIB,
        .help = "What may wait in memory while the database is away or slow. Beyond it "
                "everything that would have to be stored is refused.",
    },
    {
        .name = "retention.messages",
        DURATION(retention.messages_ms),
        .default_text = "0s",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which chat messages are removed. 0 keeps them for ever.",
    },
    {
        .name = "retention.board",
        DURATION(retention.board_ms),
        .default_text = "7d",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which the single strokes are removed that a whiteboard as it is now "
                "does not need. 0 keeps them for ever.",
    },
    {
        .name = "retention.code",
        DURATION(retention.code_ms),
        .default_text = "90d",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which the steps are removed by which code came about; submissions stay. "
                "0 keeps them for ever.",
    },
    {
        .name = "retention.violations",
        DURATION(retention.violations_ms),
        .default_text = "0s",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which the violations of supervised interviews are removed. 0 keeps them "
                "for ever.",
    },
    {
        .name = "retention.activity",
        DURATION(retention.activity_ms),
        .default_text = "30d",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which all other events (who came and went, timers, goals) are "
                "removed that a room as it is now does not need. 0 keeps them for ever.",
    },
    {
        .name = "retention.rooms",
        DURATION(retention.rooms_ms),
        .default_text = "0s",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which rooms that have ended are removed, with everything in them. 0 "
                "keeps them for ever.",
    },
    {
        .name = "retention.fleeting",
        DURATION(retention.fleeting_ms),
        .default_text = "1d",
        .min = 0,
        .max = 100 * YEAR,
        .help = "Age at which rooms are removed that came about by being entered, which nobody "
                "owns and nobody was in since. 0 keeps them for ever.",
    },
    {
        .name = "files.max-bytes",
        SIZE(files.max_bytes),
        .default_text = "50MiB",
        .min = KIB,
        .max = 1024ull * GIB,
        .help = "The largest file that may be uploaded.",
    },
    {
        .name = "files.user-quota",
        SIZE(files.user_quota),
        .default_text = "1GiB",
        .min = 0,
        .max = 1ull << 60,
        .help = "Bytes that the files of one person may take; 0 is no limit.",
    },
    {
        .name = "files.room-quota",
        SIZE(files.room_quota),
        .default_text = "2GiB",
        .min = 0,
        .max = 1ull << 60,
        .help = "Bytes that the files of one room may take; 0 is no limit.",
    },
    {
        .name = "files.total-quota",
        SIZE(files.total_quota),
        .default_text = "0",
        .min = 0,
        .max = 1ull << 60,
        .help = "Bytes that all files may take; 0 is no limit but the disk.",
    },
    {
        .name = "files.free-space",
        SIZE(files.free_space),
        .default_text = "512MiB",
        .min = 0,
        .max = 1ull << 60,
        .help = "Uploads are refused when less than this, or less than a twentieth of the disk, "
                "would stay free.",
    },
    {
        .name = "files.uploads",
        INTEGER(files.uploads),
        .default_text = "4",
        .min = 1,
        .max = 1000,
        .unit = "uploads",
        .help = "Uploads that one person may have under way.",
    },
    {
        .name = "files.url",
        TEXT(files.url),
        .default_text = "",
        .max = 300,
        .rule = &option_rule_origin,
        .help = "Another origin by which this server is reached, as in "
                "https://files.example.org, from which files are then served: what they might "
                "do in a browser, they do there.",
    },
    {
        .name = "s3.endpoint",
        TEXT(s3.endpoint),
        .default_text = "",
        .max = 300,
        .env = "S3_ENDPOINT",
        .rule = &option_rule_origin,
        .help = "Origin of a service that speaks S3, as in "
                "https://s3.eu-central-1.amazonaws.com. With it and the next four, files are "
                "uploaded there instead of to Stoa.",
    },
    {
        .name = "s3.region",
        TEXT(s3.region),
        .default_text = "us-east-1",
        .max = 64,
        .env = "S3_REGION",
        .rule = &option_rule_token,
        .help = "Its region.",
    },
    {
        .name = "s3.bucket",
        TEXT(s3.bucket),
        .default_text = "",
        .max = 63,
        .env = "S3_BUCKET",
        .rule = &option_rule_token,
        .help = "The bucket that takes the files.",
    },
    {
        .name = "s3.access-key",
        TEXT(s3.access_key),
        .default_text = "",
        .max = 256,
        .env = "S3_ACCESS_KEY_ID",
        .rule = &option_rule_token,
        .help = "Name of the key by which it knows Stoa.",
    },
    {
        .name = "s3.secret-key",
        TEXT(s3.secret_key),
        .default_text = "",
        .max = 4096,
        .env = "S3_SECRET_ACCESS_KEY",
        .is_secret = true,
        .help = "Secret of that key.",
    },
    {
        .name = "s3.path-style",
        BOOL(s3.path_style),
        .default_text = "true",
        .help = "Whether the bucket stands in the path, as in https://host/bucket/key, or "
                "before the host.",
    },
    {
        .name = "redis.host",
        TEXT(redis.host),
        .default_text = "",
        .max = 253,
        .env = "REDIS_HOST",
        .help = "Host of a Redis server. Read, but without effect in this version.",
    },
    {
        .name = "redis.port",
        PORT(redis.port),
        .default_text = "6379",
        .min = 1,
        .max = 65535,
        .env = "REDIS_PORT",
        .help = "Its port. Without effect in this version.",
    },
    {
        .name = "redis.password",
        TEXT(redis.password),
        .default_text = "",
        .max = 4096,
        .env = "REDIS_PASSWORD",
        .is_secret = true,
        .help = "Its password. Without effect in this version.",
    },
};

const size_t options_table_len = sizeof(options_table) / sizeof(*options_table);
