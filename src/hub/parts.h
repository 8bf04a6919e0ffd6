/* What the files of hub/ share. Only they include it: hub.c (finding and making rooms), room.c (a
 * room's life in memory: time, idling), load.c (from what is stored), snapshot.c, deed.c (verbs and
 * what follows, failing), tell.c (who is told what, and when), session.c, user.c. */
#pragma once

#include "base/map.h"
#include "base/slots.h"
#include "hub/deputy.h"
#include "hub/hub.h"
#include "hub/tail.h"

#define SESSION_MAGIC   0x53455353u
#define HUB_ROOM_MAGIC  0x48524f4du
#define HUB_ARENA_BYTES (64u << 20) /* of one verb: everybody's code when an interview ends */
#define HUB_ID_BYTES    20          /* of what is made: 15 random bytes */
#define HUB_USER_TIMES  2           /* a user's sessions together may what so many of them may */

/* A person, while some session of it is here and a moment longer. What it may still do is counted
 * for all loops. */
struct hub_user {
    struct link link;    /* hub->idle_users while it has no session, the longest idle first */
    struct purse *purse; /* with its id */
    uint32_t sessions;
    struct link present; /* its sessions: session->of_user */
    uint64_t idle_since_us;
};

/* Messages as frames of one line, for whoever on it is told the same. */
struct encoded {
    uint32_t refs;
    const struct line *line;
    const struct dialect *dialect; /* of an event: in which it is worded, for this ear; else NULL */
    unsigned ear;
    unsigned n;
    struct frame *frames[];
};

struct hub {
    struct hubs *all;
    unsigned place;
    struct loop *loop;
    struct store *store;
    const struct hub_settings *settings;
    struct map rooms;        /* by id */
    struct link empty_rooms; /* where nobody sits, the longest empty first */
    struct slots sessions;
    struct map by_session_id;
    struct map users;
    struct link idle_users;
    uint32_t n_idle_users;
    struct link parting; /* sessions that were lost or ended: session->parting */
    struct task part;
    struct map_key key;    /* of the rooms' own maps */
    struct arena arena;    /* of one verb */
    struct buf json;       /* words of the event that is being told */
    struct buf record;     /* records of what is being stored */
    struct link snapshots; /* struct snapshot, that the store has not answered for */
    const struct line *deputy_lines[TONGUE_LINES];
    void (*deputy_done)(struct session *s, unsigned place, uint32_t serial, int err);
    void (*drop_deputy)(struct session *s);
    struct hub_stats stats;
};

enum hub_room_phase { HUB_ROOM_LOADING, HUB_ROOM_OPEN, HUB_ROOM_BROKEN };

struct hub_room {
    uint32_t magic;
    enum hub_room_phase phase;
    struct hub *hub;
    struct room *room; /* NULL unless open */
    char id[ROOM_ID_MAX + 1];
    char epoch[STORE_EPOCH_MAX + 1];
    uint64_t epoch_since;                    /* the last number stored before this load */
    struct store_epoch epochs[STORE_EPOCHS]; /* before this one; names in epoch_names */
    char epoch_names[STORE_EPOCHS][STORE_EPOCH_MAX + 1];
    uint32_t n_epochs;
    bool is_fleeting;
    bool is_failing;   /* those who wait are told so; then it is loaded anew */
    bool is_deleted;   /* nobody finds it; it goes when all is stored and told */
    int err;           /* why it is broken */
    struct link empty; /* hub->empty_rooms, while there are no attendances */
    struct link attendances;
    unsigned n_attendances;
    struct link waits;    /* struct hub_wait */
    struct link promises; /* struct hub_promise, by number */
    struct link appends;  /* struct append, that the store has not answered */
    uint32_t n_lively;   /* of them, events that need not wait for the store, but for their order */
    uint64_t commit_seq; /* of the newest event that must be stored before it is told */
    uint64_t stored_seq;
    uint64_t kept_seq;         /* of the newest snapshot */
    uint64_t snapshot_due_seq; /* when the next one is to be made */
    struct snapshot *snapshot; /* that the store has not answered for; NULL: there is none */
    struct tail tail;
    struct timer timer;
    uint64_t idle_since_us;
    int64_t due_ms;           /* room_next_due(), as of the last event that may have changed it */
    bool has_other_listeners; /* than those that pulse_ms is of */
    uint32_t pulse_ms;        /* the shortest of the languages that are spoken here; 0: none */
    uint64_t pulse_at_us;     /* when the next one is due; UINT64_MAX: none */
    struct task free_task;
};

/* A session in a room. A lost one stays: it may come back to what it missed. */
struct attendance {
    struct link of_room;
    struct session *session;
    const struct member *member; /* NULL: not known there any more */
    const struct dialect *dialect;
    /* Before that is stored it is told nothing, and nothing of it: it has not been introduced, or
     * something waits already, which is not to be overtaken. */
    uint64_t after_seq;
    struct hub_room *room;
    struct link of_session;
    bool is_back; /* came back while the room was not open: takes its seat when it is */
};

static inline struct attendance *attendance_of_room(struct link *l)
{
    return CONTAINER_OF(l, struct attendance, of_room);
}

static inline struct attendance *attendance_of_session(struct link *l)
{
    return CONTAINER_OF(l, struct attendance, of_session);
}

/* Why nothing can be done in it now; 0: it is open. */
static inline int hub_room_err(const struct hub_room *r)
{
    if (r->phase == HUB_ROOM_OPEN)
        return 0;
    return r->err ? r->err : ERR_STORAGE_UNAVAILABLE;
}

/* Whether it does what it is asked for. */
static inline enum store_state hub_store_state(const struct hub *h)
{
    const struct store *s = h->store;
    return s->ops->status ? s->ops->status(s)->state : STORE_UP;
}

static inline struct slice session_slice(const struct session *s)
{
    return slice_of(s->id, strlen(s->id));
}

/* hub.c */
void hub_make_id(char id[HUB_ID_BYTES + 1]);

/* room.c */
struct hub_room *hub_room_new(struct hub *h, struct slice id);
void hub_room_free(struct hub_room *r);
/* One that has been empty for a while goes from memory, to make place; false: there is none. */
bool hub_room_evict(struct hub *h);
void hub_room_evict_elsewhere(struct hub *h);         /* the same of other loops, soon */
void hub_room_wind(struct hub_room *r);               /* sets the timer anew */
int hub_room_catch_up(struct hub_room *r) MUST_CHECK; /* what time has brought */

/* load.c */
void hub_room_load(struct hub_room *r);
/* Those who wait for it look again. */
void hub_room_wake(struct hub_room *r);
/* It is what its first events make it. */
void hub_room_begin(struct hub_room *r);
/* Its first events could not be made: it is not there. */
void hub_room_abandon(struct hub_room *r);

/* snapshot.c */
void snapshot_if_due(struct hub_room *r); /* when something has been stored */
void snapshot_last(struct hub_room *r);   /* before it goes from memory */
void snapshot_forget(struct hub_room *r); /* it goes: nobody waits for the store's answer */
void snapshots_free(struct hub *h);

/* deed.c */
/* What a verb or time has led to: stored, told. An error has failed the room. */
int hub_settle(struct hub_room *r, const struct events *happened) MUST_CHECK;
/* Back to what is stored: nobody may be told what came after. */
void hub_room_fail(struct hub_room *r, int err);
/* Those who have no place any more do not attend any more. */
void hub_sweep(struct hub_room *r);
/* That connection is gone. An error that is not about the seat has failed the room. */
int hub_leave_seat(
    struct hub_room *r, struct slice user_id, struct slice seat, enum loss whose) MUST_CHECK;

/* tell.c */
void tell_events(struct hub_room *r, const struct events *happened);
void tell_pulse(struct hub_room *r);
/* While the store is away: what has waited for it since before that, and need not. */
void tell_lively(struct hub_room *r);
/* It has just come, and is told what follows behind the answer to that. */
void tell_newcomer(struct attendance *a);
/* Something is not stored yet; or those are being told who have waited, who come first. */
bool tell_must_wait(const struct hub_room *r);
/* Whether that session need not wait for the answer to something that is not stored first. */
bool tell_may_answer(const struct hub_room *r, const struct session *s);
/* Everything up to stored_seq may be told. */
void tell_release(struct hub_room *r);
/* Nothing that waits will be stored. */
void tell_fail(struct hub_room *r, int err);
/* `is_lasting`: who was away for a moment is told it all the same. NULL: nothing to say, or no
 * memory. */
struct encoded *encoded_new(const struct line *line, const struct words *words, bool is_lasting);
void encoded_unref(struct encoded *e);
void encoded_send(struct hub *h, const struct encoded *e, struct session *s);

/* deputy.c */
void deputy_lines_free(struct hub *h);

/* session.c */
/* It has been given something that it was owed, or will never be. */
void session_is_paid(struct session *s);
/* Its home, or a deputy of it, is that person by now. ERR_UNAUTHORIZED: by a token that was revoked
 * meanwhile; ERR_NO_MEMORY. */
int session_adopt(struct session *s, const struct identity *as) MUST_CHECK;
int identity_own(struct identity *to, const struct identity *from) MUST_CHECK; /* ERR_NO_MEMORY */
void identity_disown(struct identity *who);
struct session *session_by_handle(const struct hub *h, uint64_t handle);
struct attendance *attendance_new(
    struct hub_room *r, struct session *s, const struct dialect *dialect);
void attendance_free(struct attendance *a);
/* A session that is back takes the seat that it had, now or when the room is open. Where it may
 * not, it does not attend any more. */
void session_sit_again(struct attendance *a);
void session_part_all(struct hub *h);

/* user.c */
struct hub_user *user_take(struct hub *h, struct slice id) MUST_CHECK; /* NULL: no memory */
void user_release(struct hub *h, struct hub_user *u);
void session_send_away(struct session *s); /* its token was revoked */
void users_free(struct hub *h);
