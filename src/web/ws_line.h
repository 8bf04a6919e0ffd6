/* The languages that are spoken over a bare WebSocket: C at /ws/rooms/{room_id}, D at / and /ws. A
 * message is a text frame with one JSON object. */
#pragma once

#include "web/request.h"

struct hub;

void ws_line_open(struct hub *h);                /* its clients may sit in rooms of that loop */
unsigned ws_line_focus_place(struct request *r); /* where the room is */
void ws_line_focus(struct request *r);
void ws_line_proctor(struct request *r);
