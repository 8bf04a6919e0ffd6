/* Whether two rooms are the same in everything that folding their events brings: all but what is
 * told and not kept (what a seat's camera does). For the tests of room/ and the simulation. */
#pragma once

#include "room/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* On a difference its name goes to `why`, and the walk stops. */
struct unlike {
    char *why; /* 128 bytes */
    bool found;
};

static inline void unlike_number(struct unlike *u, const char *part, int64_t a, int64_t b)
{
    if (u->found || a == b)
        return;
    u->found = true;
    snprintf(u->why, 128, "%s: %" PRId64 ", %" PRId64, part, a, b);
}

static inline void unlike_text(struct unlike *u, const char *part, const char *a, const char *b)
{
    if (u->found || strcmp(a, b) == 0)
        return;
    u->found = true;
    snprintf(u->why, 128, "%s: '%.40s', '%.40s'", part, a, b);
}

#define UNLIKE(part)      unlike_number(u, #part, (int64_t)(a->part), (int64_t)(b->part))
#define UNLIKE_TEXT(part) unlike_text(u, #part, (a->part), (b->part))

typedef void(unlike_fn)(struct unlike *u, const struct link *a, const struct link *b);

static inline void unlike_list(
    struct unlike *u, const char *name, const struct link *a, const struct link *b, unlike_fn *fn)
{
    const struct link *la = a->next, *lb = b->next;
    for (; la != a && lb != b && !u->found; la = la->next, lb = lb->next)
        fn(u, la, lb);
    if (!u->found)
        unlike_number(u, name, la != a, lb != b);
}

static inline void unlike_seat(struct unlike *u, const struct link *la, const struct link *lb)
{
    const struct seat *a = CONTAINER_OF(la, const struct seat, link);
    const struct seat *b = CONTAINER_OF(lb, const struct seat, link);
    UNLIKE_TEXT(id);
}

static inline void unlike_exam(struct unlike *u, const struct member *a, const struct member *b)
{
    UNLIKE(violations);
    UNLIKE(has_submitted);
    UNLIKE(submitted_at_ms);
    UNLIKE(is_warned);
    UNLIKE(is_auto_submitted);
    UNLIKE(is_code_new);
    UNLIKE(code_len);
    UNLIKE_TEXT(code);
    UNLIKE_TEXT(language);
    UNLIKE_TEXT(reports);
    UNLIKE_TEXT(handed_in);
    for (int i = 0; i < REPORT_VIOLATIONS; i++)
        UNLIKE(by_kind[i]);
}

static inline void unlike_member(struct unlike *u, const struct link *la, const struct link *lb)
{
    const struct member *a = CONTAINER_OF(la, const struct member, link);
    const struct member *b = CONTAINER_OF(lb, const struct member, link);
    UNLIKE_TEXT(user_id);
    UNLIKE_TEXT(name);
    UNLIKE_TEXT(avatar_url);
    UNLIKE_TEXT(knock);
    UNLIKE(is_guest);
    UNLIKE(is_present);
    UNLIKE(hand);
    UNLIKE(hand_at_ms);
    UNLIKE(focus_since_ms);
    UNLIKE(status);
    UNLIKE(role);
    UNLIKE(joined_at_ms);
    UNLIKE(joined_seq);
    UNLIKE(lost_at_ms);
    UNLIKE(left_at_ms);
    UNLIKE_TEXT(goal);
    UNLIKE(goal_done);
    unlike_exam(u, a, b);
    unlike_list(u, "seats", &a->seats, &b->seats, unlike_seat);
}

static inline void unlike_message(struct unlike *u, const struct link *la, const struct link *lb)
{
    const struct message *a = CONTAINER_OF(la, const struct message, link);
    const struct message *b = CONTAINER_OF(lb, const struct message, link);
    UNLIKE_TEXT(id);
    UNLIKE_TEXT(user_id);
    UNLIKE_TEXT(to);
    UNLIKE_TEXT(name);
    UNLIKE_TEXT(text);
    UNLIKE_TEXT(attachments);
    UNLIKE_TEXT(reply_to);
    UNLIKE(kind);
    UNLIKE(seq);
    UNLIKE(at_ms);
    UNLIKE(edited_at_ms);
}

static inline void unlike_file(struct unlike *u, const struct link *la, const struct link *lb)
{
    const struct shared_file *a = CONTAINER_OF(la, const struct shared_file, link);
    const struct shared_file *b = CONTAINER_OF(lb, const struct shared_file, link);
    UNLIKE_TEXT(id);
    UNLIKE_TEXT(user_id);
    UNLIKE_TEXT(name);
    UNLIKE_TEXT(file_name);
    UNLIKE_TEXT(url);
    UNLIKE_TEXT(type);
    UNLIKE(bytes);
    UNLIKE(at_ms);
}

static inline void unlike_op(struct unlike *u, const struct link *la, const struct link *lb)
{
    const struct op *a = CONTAINER_OF(la, const struct op, link);
    const struct op *b = CONTAINER_OF(lb, const struct op, link);
    UNLIKE_TEXT(id);
    UNLIKE_TEXT(user_id);
    UNLIKE_TEXT(json);
    UNLIKE(json_len);
    UNLIKE(number);
}

static inline void unlike_board(struct unlike *u, const struct board *a, const struct board *b)
{
    UNLIKE(n);
    UNLIKE(by_id.n);
    UNLIKE(bytes);
    UNLIKE_TEXT(snapshot_id);
    UNLIKE_TEXT(snapshot_url);
    UNLIKE_TEXT(snapshot_by);
    UNLIKE(snapshot_at_ms);
    UNLIKE(n_in_snapshot);
    UNLIKE(next_number);
    UNLIKE(snapshot_number);
    unlike_list(u, "ops", &a->ops, &b->ops, unlike_op);
}

static inline void unlike_settings(
    struct unlike *u, const struct room_settings *a, const struct room_settings *b)
{
    UNLIKE(mode);
    UNLIKE(is_public);
    UNLIKE(approval);
    UNLIKE(is_locked);
    UNLIKE(relay_only);
    UNLIKE(timer_by_hosts);
    UNLIKE(max_participants);
    UNLIKE(duration_ms);
    UNLIKE(focus_ms);
    UNLIKE(break_ms);
    UNLIKE(long_break_ms);
    UNLIKE(rounds);
    UNLIKE(auto_focus);
    UNLIKE(warn_at);
    UNLIKE(auto_submit_at);
    UNLIKE(question.len);
}

static inline void unlike_room(struct unlike *u, const struct room *a, const struct room *b)
{
    UNLIKE_TEXT(id);
    UNLIKE_TEXT(title);
    UNLIKE_TEXT(owner_id);
    UNLIKE_TEXT(question);
    UNLIKE(status);
    UNLIKE(seq);
    UNLIKE(created_at_ms);
    UNLIKE(started_at_ms);
    UNLIKE(ends_at_ms);
    UNLIKE(ended_at_ms);
    UNLIKE(grace_ms);
    UNLIKE_TEXT(goal);
    UNLIKE(goal_done);
    UNLIKE(timer.phase);
    UNLIKE(timer.is_running);
    UNLIKE(timer.round);
    UNLIKE(timer.ends_at_ms);
    UNLIKE(timer.remaining_ms);
    UNLIKE(n_members);
    UNLIKE(by_user.n);
    UNLIKE(n_messages);
    UNLIKE(n_files);
}

/* Else `why` names the first difference. */
static inline bool room_equal(const struct room *a, const struct room *b, char why[128])
{
    struct unlike difference = { .why = why };
    struct unlike *u = &difference;
    unlike_room(u, a, b);
    unlike_settings(u, &a->settings, &b->settings);
    unlike_list(u, "members", &a->members, &b->members, unlike_member);
    unlike_list(u, "messages", &a->messages, &b->messages, unlike_message);
    unlike_list(u, "files", &a->files, &b->files, unlike_file);
    unlike_board(u, &a->board, &b->board);
    return !u->found;
}
