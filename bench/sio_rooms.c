/* Our Socket.IO peer: the server's own code with the application of peers/sio-rooms.mjs.
 *   join ROOM       joins, and acknowledges
 *   msg ROOM TEXT   everybody in the room gets msg TEXT, the sender included
 *
 * usage: sio_rooms PORT RECOVERY_MS   for how long a client may come back; 0: never */
#include "base/json_read.h"
#include "base/log.h"
#include "base/panic.h"
#include "net/signals.h"
#include "sio/server.h"
#include "web/eio.h"
#include "web/front.h"
#include "web/route.h"

#include <stdio.h>

#define SECOND_US UINT64_C(1000000)
#define MESSAGE   1000000u

/* ---- the application */

/* Cuts the first argument, which is a text, off the others. */
static int cut_room(struct slice *room, struct slice *rest, const struct sio_event *e)
{
    struct json j;
    struct json_value v;
    json_init(&j, e->args, e->arena);
    if (json_next(&v, &j) != JSON_STRING)
        return ERR_BAD_VALUE;
    *rest = slice_drop(e->args, json_at(&j) + 1);
    return json_text(room, e->arena, &v);
}

static void join(struct sio_socket *s, const struct sio_event *e, struct slice room)
{
    if (sio_join(s, room) == 0)
        sio_answer(s, e, S(""));
}

static void tell(
    struct sio_socket *s, const struct sio_event *e, struct slice room, struct slice text)
{
    const struct sio_audience to = { .rooms = &room, .n_rooms = 1 };
    struct sio_message *m = sio_event_new(sio_namespace(s), e->name, text, true);
    if (m)
        sio_broadcast(sio_namespace(s), &to, m);
    sio_message_unref(m);
}

static void on_event(struct sio_socket *s, const struct sio_event *e)
{
    struct slice room;
    struct slice rest;
    if (cut_room(&room, &rest, e))
        return;
    if (slice_eq(e->name, S("msg")))
        tell(s, e, room, rest);
    else if (slice_eq(e->name, S("join")))
        join(s, e, room);
}

static const struct sio_app app = { .name = "/", .on_event = on_event };

/* ---- the server, with the product's limits */

const struct route routes[] = {
    {
        .pattern = "/socket.io/*",
        .is_any_method = true,
        .body_bytes = MESSAGE,
        .begin = eio_begin,
        .handle = eio_handle,
        .refuse = eio_refuse,
        .help = "Socket.IO",
    },
};
const size_t routes_n = sizeof routes / sizeof *routes;

static const struct stream_limits stream_limits = {
    .queue_hard_bytes = 1u << 20,
    .queue_soft_bytes = 1u << 18,
    .queue_soft_us = 10 * SECOND_US,
    .stall_us = 30 * SECOND_US,
    .handshake_us = 10 * SECOND_US,
};

static const struct web_settings web_settings = {
    .http = { .line_bytes = 8192, .header_bytes = 16384, .header_count = 100 },
    .body_bytes = MESSAGE,
    .header_deadline_us = 10 * SECOND_US,
    .keep_alive_us = 60 * SECOND_US,
    .ws = { .message_bytes = MESSAGE, .fragments = 1024 },
    .ws_assembly_us = 30 * SECOND_US,
    .ws_ping_us = 15 * SECOND_US,
    .ws_pong_us = 10 * SECOND_US,
    .http_stream = stream_limits,
    .ws_stream = stream_limits,
    .tls_half_open = 1024,
    .connections = 100000,
    .connections_per_address = 100000,
};

static const struct eio_settings eio_settings = {
    .ping_interval_ms = 25000,
    .ping_timeout_ms = 20000,
    .upgrade_timeout_ms = 10000,
    .max_payload = MESSAGE,
    .queue_bytes = 1u << 20,
};

static void on_signal(void *arg, int number)
{
    (void)number;
    loop_stop(arg);
}

static void serve(uint16_t port, const struct sio_settings *settings)
{
    struct eio_servers engines;
    struct eio_server engine;
    struct signals *signals;
    struct places places;
    struct fronts fronts;
    struct loop *loop;
    struct addr at;
    ASSERT(loop_new(&loop, &clock_system) == 0);
    ASSERT(signals_open(&signals, loop, on_signal, loop) == 0);
    places_alone(&places, loop);
    eio_servers_init(&engines, &places, &eio_settings);
    eio_server_init(&engine, &engines, PLACES_FIRST, &eio_settings);
    fronts_init(&fronts, &places, &web_settings);
    struct front *front = front_new(&fronts, PLACES_FIRST, &web_settings, NULL);
    front->engine = &engine;
    struct sio_server *sockets = sio_server_new(&engine, settings);
    ASSERT(sio_register(sockets, &app) == 0);
    ASSERT(addr_parse(&at, S("127.0.0.1"), port) == 0 && front_listen(front, &at) == 0);
    loop_run(loop);
    eio_server_fini(&engine);
    front_free(front);
    eio_servers_fini(&engines);
    fronts_fini(&fronts);
    sio_server_free(sockets);
    loop_turn(loop, false);
    signals_close(signals);
    loop_free(loop);
}

int main(int argc, char **argv)
{
    struct sio_settings settings = { .connect_timeout_ms = 45000 };
    uint64_t port;
    uint64_t recovery_ms;
    if (argc != 3 || slice_u64(&port, slice_str(argv[1])) || port > 65535 ||
        slice_u64(&recovery_ms, slice_str(argv[2]))) {
        fputs("usage: sio_rooms PORT RECOVERY_MS\n", stderr);
        return 64;
    }
    settings.recovery_ms = (uint32_t)recovery_ms;
    log_set_level(LOG_WARNING);
    serve((uint16_t)port, &settings);
    return 0;
}
