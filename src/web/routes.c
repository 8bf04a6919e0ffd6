/* Every address but those of the embedded files. */
#include "web/docs.h"
#include "web/eio.h"
#include "web/ops.h"
#include "web/rest.h"
#include "web/rest_chat.h"
#include "web/rest_focus.h"
#include "web/rest_rooms.h"
#include "web/rest_sfu.h"
#include "web/route.h"
#include "web/ws_echo.h"
#include "web/ws_line.h"

#define SMALL_BODY_BYTES (16u << 10)
#define CHAT_BODY_BYTES  (128u << 10) /* the longest message, escaped */

#define REST(row) .handle = rest_handle, .rest = &(row)

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
    {
        .method = HTTP1_POST,
        .pattern = "/api/rooms",
        .body_bytes = REST_BODY_BYTES,
        REST(rest_rooms_create),
        .help = "Makes a room. With an account it is owned and not listed; without one it is "
                "public, and its creation key is given once, here and as a cookie.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/rooms",
        REST(rest_rooms_list),
        .help = "Lists public rooms and one's own, the newest first.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/rooms/{id}",
        REST(rest_rooms_show),
        .help = "Shows a room; of one that one is not let into, its door.",
    },
    {
        .method = HTTP1_DELETE,
        .pattern = "/api/rooms/{id}",
        REST(rest_rooms_end),
        .help =
            "Removes a room: it ends for everybody, and nothing of it is kept. Its owner may, or "
            "whoever shows the creation key of one without an owner.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/rooms/{id}/messages",
        REST(rest_rooms_messages),
        .help = "Gives what was said in a room, from the newest page backwards.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/ice-servers",
        REST(rest_ice_servers),
        .help = "Gives the STUN and TURN servers, as RTCPeerConnection takes them.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/chat",
        .body_bytes = CHAT_BODY_BYTES,
        REST(rest_chat_say),
        .help = "Stores a chat message, or finds the one that was sent as an event a moment ago.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/chat/session/{sessionId}",
        REST(rest_chat_history),
        .help = "Gives what was said in a session, from the newest page backwards.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/sessions",
        REST(rest_sessions_list),
        .help = "Lists public sessions and one's own, the newest first.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/rooms",
        .body_bytes = SMALL_BODY_BYTES,
        REST(rest_focus_put),
        .help = "Makes a focus room (201), or changes one (200).",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/rooms",
        REST(rest_focus_list),
        .help = "Lists public rooms and one's own, as language C sees them.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/rooms/{room_id}",
        REST(rest_focus_show),
        .help = "Shows the state of a room.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/rooms/{room_id}/reset",
        .body_bytes = SMALL_BODY_BYTES,
        REST(rest_focus_reset),
        .help = "Resets the timer of a room.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/sfu/token",
        .body_bytes = SMALL_BODY_BYTES,
        REST(rest_sfu_token),
        .help = "Gives an access token for the LiveKit server.",
    },
};

const size_t routes_n = sizeof routes / sizeof *routes;
