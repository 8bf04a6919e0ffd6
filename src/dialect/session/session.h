/* The objects of language B: chat messages, cards of sessions, participants. Each writer adds its
 * members to what is open. Used by this folder and by web/. What clients may say is in rows.c, what
 * they are told in tell.c; README.md is written for their authors. The language itself is
 * session_language (dialect/registry.h). */
#pragma once

#include "hub/hub.h"

/* { id, _id, sessionId, userId, userName, message, messageType, createdAt, updatedAt, timestamp,
 * to? }, into an open object. */
void session_message(struct json_writer *w, struct slice session_id, const struct store_message *m);

/* { sessionId, title, participantCount, createdAt, status }, into an open object. `room` is NULL of
 * one that is not in memory: nobody is there. */
void session_card(struct json_writer *w, const struct store_room *s, const struct room *room);

/* Objects { socketId, userId, userName, initiator, polite } into an open array: one for each
 * connection of those inside, whatever language it speaks; without that one, and without all of
 * that person's. */
struct session_roster {
    const struct room *room;
    struct slice but_seat;
    struct slice but_user;
};
void session_participants(struct json_writer *w, const struct session_roster *r);

/* "text", "emoji", "system", NULL: by enum message_kind. */
extern const char *const session_message_types[];

/* Clients of B claim to be somebody, and name their messages, in any type of JSON: the text of a
 * string, and anything else as it is written. For dialect/claims.h, where both sides of a
 * comparison come from here. */
#define SESSION_CLAIM_MAX 256 /* bytes of it, as sent */
struct slice session_claimed(struct slice json);
