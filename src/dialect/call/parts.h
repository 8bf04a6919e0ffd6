/* What the files of dialect/call/ share; only they and their test include it. Language E: calls
 * from browser to browser in a full mesh, over Socket.IO. A peer is a connection, its id the socket
 * id; of two peers the one with the smaller id makes the offer, and does not give way. What clients
 * may say is in rows.c, what they are told in tell.c; README.md is written for their authors. The
 * language itself is call_language (dialect/registry.h). */
#pragma once

#include "hub/hub.h"

extern const struct dialect call_dialect; /* tell.c */

/* To whom peers are listed: not to itself, and, while it is not known which of a person's
 * connections listens, without all of them. */
struct call_listener {
    struct slice seat;     /* its own; empty: of these it cannot be said who offers */
    struct slice but_user; /* or empty */
};

/* { peers, roomId, participants, seq, epoch }, into an open object. */
void call_peers(struct json_writer *w, const struct view *v, const struct call_listener *to);

/* { id, from, displayName, text, timestamp, roomId, to? } of EV_CHAT, into an open object. */
void call_chat(struct json_writer *w, const struct view *v, const struct event *e);

void call_say_waiting(struct words *words, struct slice room_id);
