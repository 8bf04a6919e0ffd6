/* The five languages. */
#pragma once

#include "dialect/ask.h"

extern const struct language study_language;   /* A: Socket.IO, and what the app speaks */
extern const struct language session_language; /* B: Socket.IO */
extern const struct language focus_language;   /* C: WebSocket, one for each room */
extern const struct language proctor_language; /* D: WebSocket */
extern const struct language call_language;    /* E: Socket.IO */

/* All of them, and those that Socket.IO's namespaces share. */
#define REGISTRY_ALL    5
#define REGISTRY_SOCKET 3
extern const struct language *const registry_all[REGISTRY_ALL];
extern const struct language *const registry_socket[REGISTRY_SOCKET];

/* The namespaces: all of the latter are spoken in each. */
#define REGISTRY_NAMESPACES 2
extern const char *const registry_namespaces[REGISTRY_NAMESPACES];
