/* Every address but those of the embedded files. */
#include "web/admin_copy.h"
#include "web/admin_users.h"
#include "web/docs.h"
#include "web/eio.h"
#include "web/files.h"
#include "web/ops.h"
#include "web/rest.h"
#include "web/rest_about.h"
#include "web/rest_auth.h"
#include "web/rest_chat.h"
#include "web/rest_dashboard.h"
#include "web/rest_focus.h"
#include "web/rest_report.h"
#include "web/rest_rooms.h"
#include "web/rest_sfu.h"
#include "web/route.h"
#include "web/ws_echo.h"
#include "web/ws_line.h"

#define SMALL_BODY_BYTES (16u << 10)
#define CHAT_BODY_BYTES  (128u << 10) /* the longest message, escaped */

#define REST(row)    .handle = rest_handle, .rest = &(row)
#define ACCOUNT(row) .place = first_place, REST(row)
#define ADMIN(row)   .who = ROUTE_ADMIN, .place = first_place, REST(row)

/* Of accounts there is one keeper, who does what is asked of each in order. */
static unsigned first_place(struct request *r)
{
    (void)r;
    return PLACES_FIRST;
}

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
        .help =
            "Says whether the server wants clients: 503 while it drains, or cannot store anything.",
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
        .place = eio_place,
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
        .place = ws_line_focus_place,
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
        .method = HTTP1_GET,
        .pattern = "/api/about",
        REST(rest_about),
        .help = "Says what this server is: its version, who may come in, how large a call and a "
                "file may be. A limit of 0 is none, a file of 0 bytes none at all.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/dashboard",
        REST(rest_dashboard),
        .help = "Shows what one has here: the rooms that one owns or was let into, the liveliest "
                "first; minutes of focus, of which week is the last seven days and streak the days "
                "in a row up to today or yesterday; the newest files that one has shared.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/auth/signup",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_signup),
        .help = "Makes an account, and logs in: gives a token, and the same as a cookie that no "
                "script reads.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/auth/login",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_login),
        .help = "Logs in: gives a token, and the same as a cookie that no script reads.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/auth/logout",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_logout),
        .help = "Logs out: the token that is shown, or the cookie's, does not hold any more.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/auth/me",
        ACCOUNT(rest_auth_me),
        .help = "Shows who one is.",
    },
    {
        .method = HTTP1_PATCH,
        .pattern = "/api/auth/me",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_change),
        .help = "Changes one's name or picture; the new token says so.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/auth/password",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_password),
        .help = "Sets another password. Every token from before ends, wherever one is logged in, "
                "and with it the connections; the answer has a new one.",
    },
    {
        .method = HTTP1_DELETE,
        .pattern = "/api/auth/me",
        .body_bytes = SMALL_BODY_BYTES,
        ACCOUNT(rest_auth_delete),
        .help = "Removes one's account. What one has said and made in rooms stays.",
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
        .help = "Gives what was said in a room, from the newest page backwards; with q, only what "
                "has that text in it.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/rooms/{id}/report",
        REST(rest_rooms_report),
        .help = "Gives a room's hosts all that is known of those who take or took part: what their "
                "pages reported, what they wrote and handed in. Where that is too much, the oldest "
                "goes, codes as null, and truncated is true.",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/api/ice-servers",
        REST(rest_ice_servers),
        .help = "Gives the STUN and TURN servers, as RTCPeerConnection takes them.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/api/upload-url",
        .body_bytes = SMALL_BODY_BYTES,
        REST(files_offer),
        .help = "Gives an address that takes one file, and the one where it will be. Members of a "
                "room may, and whoever may write into it.",
    },
    {
        .method = HTTP1_PUT,
        .pattern = "/api/files/{id}",
        .place = files_place,
        .begin = files_upload_begin,
        .handle = files_upload,
        .help = "Takes a file, by an uploadUrl, with exactly its size and type.",
        .gives = "{\"fileUrl\":\"https://rooms.example.org/files/"
                 "0123456789abcdef0123456789abcdef/cat.png\","
                 "\"fileId\":\"0123456789abcdef0123456789abcdef\",\"name\":\"cat.png\","
                 "\"size\":4096,\"type\":\"image/png\"}",
    },
    {
        .method = HTTP1_PATCH,
        .pattern = "/api/files/{id}",
        .place = files_place,
        .begin = files_upload_begin,
        .handle = files_upload,
        .help = "Takes the next part of a file, by an uploadUrl that was asked for as resumable: "
                "tus 1.0, with Upload-Offset.",
    },
    {
        .method = HTTP1_HEAD,
        .pattern = "/api/files/{id}",
        .place = files_place,
        .begin = files_upload_begin,
        .handle = files_upload,
        .help = "Says how much of such a file is there, as Upload-Offset.",
    },
    {
        .method = HTTP1_DELETE,
        .pattern = "/api/files/{id}",
        .place = files_place,
        .begin = files_upload_begin,
        .handle = files_upload,
        .help = "Cancels an upload, by its uploadUrl: what came is removed, and counts for nothing "
                "any more. A file that is complete stays (409).",
    },
    {
        .method = HTTP1_GET,
        .pattern = "/files/{id}/{name}",
        .is_files = true,
        .handle = files_download,
        .help = "Gives a file, or a range of it, to whoever has its address. Pictures, films and "
                "sounds of a few types are shown, all else is an attachment.",
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
    {
        .method = HTTP1_GET,
        .pattern = "/admin/users",
        ADMIN(admin_users_list),
        .help = "Lists all accounts, by their ids.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/users",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_user_create),
        .help = "Makes an account.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/users/password",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_user_password),
        .help = "Gives an account another password.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/users/disable",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_user_disable),
        .help = "Lets nobody in by an account, until it is enabled again.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/users/enable",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_user_enable),
        .help = "Lets somebody in by a disabled account again.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/users/delete",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_user_delete),
        .help = "Removes an account.",
    },
    {
        .method = HTTP1_POST,
        .pattern = "/admin/copy",
        .body_bytes = SMALL_BODY_BYTES,
        ADMIN(admin_copy),
        .help = "Copies everything that is stored into another, empty database.",
    },
};

const size_t routes_n = sizeof routes / sizeof *routes;
