/* The address space as data: which method on which path does what, who may, and how much it may
 * send. The table itself is web/routes.c; the paths of files are the embedded assets. */
#pragma once

#include "proto/http1.h"

#include <stdbool.h>
#include <stdint.h>

struct request;
struct rest_row;
struct ws_conn;

typedef void(route_fn)(struct request *r);
typedef void(route_refuse_fn)(struct request *r, int err);
typedef unsigned(route_place_fn)(struct request *r);

enum route_who {
    ROUTE_ANYONE,
    ROUTE_ADMIN,    /* by the admin socket, where there is nothing else; elsewhere it is not */
    ROUTE_OPERATOR, /* this machine, private networks, or whoever shows the metrics token */
};

struct route {
    /* "/rooms/{room_id}": a brace takes one segment; a star at the end takes whatever follows. */
    const char *pattern;
    enum http1_method method;
    enum route_who who;
    bool is_socket;        /* the handler answers an upgrade to WebSocket */
    bool is_plain_safe;    /* answered without TLS even where the port has TLS */
    bool is_files;         /* people's files, which may have a host of their own */
    bool is_any_method;    /* `method` does not matter */
    uint32_t body_bytes;   /* 0: no body is taken, unless `begin` says otherwise */
    route_place_fn *place; /* which loop serves it; NULL: the one that it came to */
    route_fn *begin;       /* called before the body is read; may answer, change `r->body_max`, or
                            take the body in pieces (web/request.h) */
    route_fn *handle;
    route_refuse_fn *refuse;     /* answers in words of its own what could not be read; or NULL */
    const struct rest_row *rest; /* of a call of the REST interface (web/rest.h): what it takes,
                                    does and gives; `handle` is rest_handle. Else NULL */
    const char *help;
    const char
        *gives; /* for the documentation: an example of the answer, JSON; NULL: it is none, or
                          `rest` has one */
};

enum route_match { ROUTE_FOUND, ROUTE_NOT_FOUND, ROUTE_OTHER_METHOD };

/* Finds the row for `r->path` and fills `r->route` and `r->params`. HEAD is served by the first row
 * of HEAD or GET. */
enum route_match route_find(struct request *r, const struct route *table, size_t n);

/* Whether a path is of a pattern's form. */
bool route_fits(struct slice pattern, struct slice path);

/* "GET, HEAD, POST": what the path takes, for an Allow header. */
void route_methods(struct buf *out, const struct request *r, const struct route *table, size_t n);

extern const struct route routes[];
extern const size_t routes_n;
