/* The way from the web face to the rooms: the hub and the dispatchers of its languages. Made by the
 * server; one for each loop. Used by the lines and by the REST routes. */
#pragma once

#include "auth/livekit.h"
#include "dialect/dispatch.h"

struct accounts;
struct files;
struct rests;
struct revocations;
struct throttle;

struct lobby {
    struct hub *hub;
    struct accounts *accounts; /* NULL: this server has none */
    struct files *files;       /* NULL: there are none */
    struct rests *rests;       /* REST calls that are under way */
    struct revocations *revocations;
    struct throttle *throttle; /* of log-ins */
    bool is_signup_open;
    struct dispatch *socket; /* of the languages that share Socket.IO's namespaces */
    struct dispatch *focus;
    struct dispatch *proctor;
    struct livekit_key livekit; /* empty: there is none */
    struct slice livekit_url;
    uint64_t livekit_ttl_ms;
};
