/* What the files of the stage share. Only they include it: stage.c (the steps), clients.c (who they
 * are, how they connect), loopback.c (the line that they are on), setup.c (the hub and its end). */
#pragma once

#include "base/clock.h"
#include "base/list.h"
#include "stage.h"

#define STAGE_LINES        3 /* "/", "/rooms", raw */
#define STAGE_SECRET       "a secret of thirty-two bytes, at least"
#define STAGE_TOKEN_TTL_MS 3600000
#define STAGE_SHOWN_BYTES  1500 /* of a message that was not expected */

#define TEXT(s) (int)(s).len, (s).p ? (s).p : ""

/* Something a client was sent. */
struct heard {
    struct link link;
    struct slice name;
    struct slice json;
    uint64_t ack_id;
};

struct client {
    struct link link;
    struct stage *stage;
    struct slice name;
    const struct language *language;
    struct session *session; /* NULL: it has ended */
    struct dispatch *dispatch;
    struct link messages;
    struct link acks;
    uint64_t asked;
    uint64_t answered;
    int refused; /* why it was not let in, or its connection was closed */
};

struct stage {
    const struct script *script;
    const struct step *step;
    struct buf *why;
    struct coverage *coverage;
    bool is_loud;
    bool has_failed;
    struct arena arena;
    struct names names;
    struct test_clock clock;
    struct loop *loop;
    struct store *store;
    struct hub_settings settings;
    const char *ice[2]; /* STUN, TURN */
    struct places places;
    struct hubs hubs;
    struct hub *hub;
    struct line lines[STAGE_LINES];
    struct dispatch *socket; /* of all languages that share Socket.IO */
    struct dispatch *focus;
    struct dispatch *proctor;
    struct link clients;
    struct client *current;
    unsigned n_connections;
};

/* The step does not hold. */
#define FAIL(s, ...) stage_fail((s), (s)->step->line, __VA_ARGS__)
void stage_fail(struct stage *s, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A copy for as long as the stage lasts. */
struct slice stage_keep(struct stage *s, struct slice text);

/* ---- setup.c ---- */

void stage_set_up(struct stage *s);
void stage_tear_down(struct stage *s);

/* Turns until nothing that was begun is left undone. */
void stage_settle(struct stage *s);

/* ---- loopback.c ---- */

void loopback_init(struct line lines[STAGE_LINES]);
void loopback_trace(const struct client *c, const char *mark, struct slice name, struct slice json);

/* The oldest of what was heard, or NULL. */
struct heard *loopback_take(struct link *queue);

/* ---- clients.c ---- */

struct client *client_find(struct stage *s, struct slice name);
void client_connect(struct stage *s, struct client *c, const struct step *step);
void client_hang_up(struct client *c);

/* ---- stage.c ---- */

/* Whether all that it heard was expected; else that is said. */
bool stage_has_nothing_left(struct stage *s, struct client *c);
bool stage_cover_row(struct stage *s, const struct language *l, struct slice name);
