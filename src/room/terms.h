/* What events and rooms speak of: people's roles and states, settings, the timer, what is reported.
 * No more than that: what happens is room/event.h, what there is room/room.h. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum role { ROLE_OUTSIDER, ROLE_WAITING, ROLE_PARTICIPANT, ROLE_COHOST, ROLE_HOST, ROLE_COUNT };

/* "outsider", "waiting", "participant", "cohost", "host". */
const char *role_name(enum role role);

enum room_status { ROOM_WAITING, ROOM_LIVE, ROOM_ENDED };

enum member_status { MEMBER_PENDING, MEMBER_APPROVED, MEMBER_REJECTED, MEMBER_KICKED };

enum room_mode { MODE_STUDY, MODE_FOCUS, MODE_CALL, MODE_INTERVIEW };

struct room_settings {
    enum room_mode mode;
    bool is_public;  /* listed */
    bool approval;   /* hosts let people in */
    bool is_locked;  /* nobody new comes in */
    bool relay_only; /* calls hide addresses from each other */
    bool timer_by_hosts;
    uint32_t max_participants; /* 0: no limit. Neither the owner nor an interview's hosts count */
    uint32_t duration_ms;      /* 0: no end */
    uint32_t focus_ms;
    uint32_t break_ms;
    uint32_t long_break_ms;
    uint32_t rounds;         /* of focus before a long break */
    bool auto_focus;         /* after a break the next focus begins by itself */
    uint32_t warn_at;        /* violations; 0: never */
    uint32_t auto_submit_at; /* likewise */
    struct slice question;
};

enum timer_phase { TIMER_IDLE, TIMER_FOCUS, TIMER_BREAK, TIMER_LONG_BREAK };

/* Why the timer is as it is now. */
enum timer_cause {
    TIMER_STARTED,
    TIMER_PAUSED,
    TIMER_RESUMED,
    TIMER_RESET,
    TIMER_FOCUS_ENDED,
    TIMER_BREAK_STARTED,
    TIMER_BREAK_ENDED,
    TIMER_BREAK_SKIPPED,
    TIMER_CONFIGURED,
};

struct timer_state {
    enum timer_phase phase;
    bool is_running;
    uint32_t round;       /* of focus, from 1; 0 before the first */
    int64_t ends_at_ms;   /* while running */
    int64_t remaining_ms; /* while paused: of the phase */
};

/* What a candidate's page reports. Those that end one of the others are no violations. */
enum report_kind {
    REPORT_FULLSCREEN_EXIT,
    REPORT_TAB_SWITCH,
    REPORT_PASTE,
    REPORT_COPY,
    REPORT_DISCONNECT, /* made by the room itself */
    REPORT_VIOLATIONS, /* how many kinds of violation there are */
    REPORT_FULLSCREEN_ENTER = REPORT_VIOLATIONS,
    REPORT_TAB_FOCUS,
};

/* "TAB_SWITCH": stable, on the wire and in the log. */
const char *report_name(enum report_kind kind);

enum message_kind { MESSAGE_TEXT, MESSAGE_EMOJI, MESSAGE_SYSTEM };
