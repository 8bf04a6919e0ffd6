#include "web/ws_echo.h"

#include "web/front.h"
#include "web/reply.h"
#include "web/ws_conn.h"

/* Who does not read what comes back is not listened to. */
static void on_message(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    (void)arg;
    ws_conn_send_message(ws, op, payload);
    if (ws_conn_is_slow(ws))
        ws_conn_pause(ws);
}

static void on_drained(void *arg, struct ws_conn *ws)
{
    (void)arg;
    ws_conn_resume(ws);
}

static const struct ws_user echo_user = {
    .name = "echo",
    .on_message = on_message,
    .on_drained = on_drained,
};

void ws_echo_handle(struct request *r)
{
    if (r->front->settings->ws_echo)
        ws_conn_accept(r, &echo_user, NULL);
    else
        reply_error(r, ERR_NOT_FOUND);
}
