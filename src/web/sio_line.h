/* The languages that are spoken over Socket.IO: A, B and E in the namespaces `/` and `/rooms`. */
#pragma once

#include "sio/server.h"

struct lobby;
struct sio_lines;

/* Registers the namespaces. *borrows* both. Returns owned; freed after the sockets' server. */
struct sio_lines *sio_lines_new(struct sio_server *server, struct lobby *lobby);
void sio_lines_free(struct sio_lines *l);
