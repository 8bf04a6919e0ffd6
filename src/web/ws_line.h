/* The languages that are spoken over a bare WebSocket: C at /ws/rooms/{room_id}, D at / and /ws. A
 * message is a text frame with one JSON object. */
#pragma once

#include "web/request.h"

void ws_line_focus(struct request *r);
void ws_line_proctor(struct request *r);
