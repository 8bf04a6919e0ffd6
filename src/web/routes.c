/* Every address but those of the embedded files. */
#include "web/docs.h"
#include "web/eio.h"
#include "web/ops.h"
#include "web/route.h"
#include "web/ws_echo.h"
#include "web/ws_line.h"

const struct route routes[] = {
    {
        .method = HTTP1_GET,
        .pattern = "/health",
        .handle = ops_health,
        .is_plain_safe = true,
        .help = "Says that the server is alive.",
        .gives = "{\"status\":\"ok\"}",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/healthz",
        .handle = ops_health,
        .is_plain_safe = true,
        .help = "Says that the server is alive.",
        .gives = "{\"status\":\"ok\"}",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/readyz",
        .handle = ops_ready,
        .is_plain_safe = true,
        .help = "Says whether the server wants clients: 503 while it drains.",
        .gives = "{\"status\":\"ready\"}",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/metrics",
        .who = ROUTE_OPERATOR,
        .handle = ops_metrics,
        .is_plain_safe = true,
        .help = "Metrics in Prometheus' text format.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/docs",
        .handle = docs_page,
        .help = "This interface, for people.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/docs/openapi.json",
        .handle = docs_openapi,
        .help = "What can be asked by HTTP: this document.",
        .gives = "{\"openapi\":\"3.1.0\"}",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/docs/asyncapi.json",
        .handle = docs_asyncapi,
        .help = "What can be said over Socket.IO and WebSocket, in each language.",
        .gives = "{\"asyncapi\":\"3.0.0\"}",
    },
    {
        .is_any_method = true,
        .pattern = "/socket.io/*",
        .begin = eio_begin,
        .handle = eio_handle,
        .refuse = eio_refuse,
        .help = "Socket.IO: long polling and WebSocket, by its own clients.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/ws/echo",
        .is_socket = true,
        .handle = ws_echo_handle,
        .help = "A WebSocket that says back what it is told: the connection test.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/ws/rooms/{room_id}",
        .is_socket = true,
        .handle = ws_line_focus,
        .help = "A WebSocket into one room, which is made if it does not exist: language C.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/",
        .is_socket = true,
        .handle = ws_line_proctor,
        .help = "A WebSocket for proctored rooms: language D. Without an upgrade, the start page.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/ws",
        .is_socket = true,
        .handle = ws_line_proctor,
        .help = "The same as the WebSocket at /.",
    },
};

const size_t routes_n = sizeof routes / sizeof *routes;
