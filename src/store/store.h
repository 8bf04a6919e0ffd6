/* Where everything is kept: for each room a log of numbered events, and what is read from it in
 * other ways (messages in pages, the list of rooms); accounts; files. A vtable; nobody outside
 * store/ knows which one is in use. Everything answers later, by a call on the loop, never from
 * within the request; what changes one room is answered in order, and what is read has seen all
 * that was asked before it. A store has a handle for each loop (share()), which belongs to the
 * loop's thread: what is asked there is answered there, and what was asked before it is what was
 * asked anywhere. Used by hub/, by auth/ for accounts and by web/ for pages and files. */
#pragma once

#include "room/room.h"
#include "store/accounts.h"
#include "store/dashboard.h"
#include "store/files.h"
#include "store/history.h"
#include "store/pages.h"

#include <stdbool.h>

#define STORE_EPOCH_MAX  24    /* bytes of an epoch's name */
#define STORE_EPOCHS     16    /* of a room, that are remembered: the newest */
#define STORE_APPEND_MAX 65536 /* events of one append */
#define STORE_TAIL       2000  /* events before a snapshot that a load gives, for resuming */

struct loop;

enum store_state {
    STORE_UP,
    STORE_DOWN, /* what must be stored to be told would wait: refuse it. What need not, may come */
    STORE_FULL, /* too much waits already: refuse whatever would be stored */
};

/* How it is doing. */
struct store_status {
    enum store_state state;
    const char *why;  /* of DOWN and FULL: a sentence; else "" */
    uint32_t waiting; /* requests */
    uint64_t waiting_bytes;
    uint64_t commits;
    uint64_t written;    /* requests that were committed */
    uint64_t commit_us;  /* of all commits, from begin to the end */
    uint64_t longest_us; /* of one */
};

/* A numbered event as it is kept. */
struct stored_event {
    uint64_t seq;
    struct slice record;       /* store/record.h */
    const struct event *event; /* the same, decoded, for projections. Of append only */
};

/* What happened in a room, to be kept together or not at all. *Borrowed* until append returns. */
struct store_append {
    struct slice room_id;
    struct slice epoch;          /* of this load of the room; at most STORE_EPOCH_MAX bytes */
    struct stored_event *events; /* of numbers that follow the log's; the first has number 1 */
    uint32_t n;
    bool is_new;      /* the room's first, and its first epoch */
    bool is_fleeting; /* of a new one: it goes when it is idle */
};

/* The whole room as it is after `seq`: records of room_recall()'s events. *Borrowed*. It replaces
 * what it is made of when a room is loaded, and the snapshot before it. */
struct store_snapshot {
    struct slice room_id;
    struct slice epoch; /* of this load */
    uint64_t seq;
    const struct slice *records;
    uint32_t n;
};

/* A load of the room, and the last number stored before it began. */
struct store_epoch {
    struct slice name;
    uint64_t since_seq;
};

/* What is needed of a room's log: the newest snapshot, all events after it and up to STORE_TAIL
 * before it, as far as they are kept. *Lent* for the call. */
struct store_log {
    const struct store_epoch *epochs; /* oldest first */
    uint32_t n_epochs;
    const struct slice *snapshot;      /* its records */
    uint32_t n_snapshot;               /* 0: there is none */
    uint64_t snapshot_seq;             /* 0: there is none */
    const struct stored_event *events; /* oldest first */
    uint32_t n;
    bool is_fleeting;
};

/* What is older goes; 0: nothing of that kind does. Ages in ms. Of events only what a snapshot
 * makes dispensable, but for messages, which go wherever they are. */
struct store_retention {
    int64_t now_ms;
    int64_t messages_ms;
    int64_t board_ms; /* strokes that led to what a snapshot holds */
    int64_t code_ms;  /* what was typed, not what was submitted */
    int64_t violations_ms;
    int64_t activity_ms; /* the other events */
    int64_t rooms_ms;    /* rooms that have ended, with all that is in them */
    int64_t fleeting_ms; /* rooms that nobody made on purpose, since anything happened there */
};

/* Another database, which is empty or does not exist: an SQLite file or an address. All is copied
 * as it is at one moment, while others write. */
struct store_copy {
    struct slice file;
    struct slice url;
};

typedef void(store_done)(void *arg, int err);
typedef void(store_log_done)(void *arg, int err, const struct store_log *log);

enum store_put { STORE_ADD, STORE_CHANGE };

struct store {
    const struct store_ops *ops;
};

/* Errors: ERR_STORAGE_UNAVAILABLE (nothing was kept, or it cannot be read); ERR_NO_MEMORY;
 * ERR_ROOM_NOT_FOUND (nothing of that id is kept, whatever was asked of it; of rooms(): `after`);
 * ERR_CONFLICT (of an append: the room is new and kept already, or it was loaded anew since, so
 * somebody else goes on with it). A failed append leaves the log as it was, and the later ones of
 * its epoch fail, too: with ERR_STORAGE_UNAVAILABLE, where no other error says more. */
struct store_ops {
    const char *name;
    const struct store_status *(*status)(const struct store *s);

    void (*append)(struct store *s, const struct store_append *a, store_done *done, void *arg);
    /* ERR_CONFLICT: of an older load, or of a number that is not stored. */
    void (*snapshot)(struct store *s, const struct store_snapshot *n, store_done *done, void *arg);
    /* Remembers `epoch` as a new load, and gives the log with the epochs before it. */
    void (*load)(
        struct store *s, struct slice room_id, struct slice epoch, store_log_done *done, void *arg);
    /* Everything of it. ERR_ROOM_NOT_FOUND. Its files are doomed. */
    void (*forget)(struct store *s, struct slice room_id, store_done *done, void *arg);
    void (*messages)(
        struct store *s, const struct store_message_query *q, store_messages_done *done, void *arg);
    void (*rooms)(
        struct store *s, const struct store_room_query *q, store_rooms_done *done, void *arg);
    void (*history)(struct store *s, struct slice room_id, store_history_done *done, void *arg);

    void (*dashboard)(struct store *s, const struct store_dashboard_query *q,
        store_dashboard_done *done, void *arg);

    /* ERR_CONFLICT: the id or the e-mail is taken; ERR_NOT_FOUND: nobody is to be changed. */
    void (*put_user)(struct store *s, enum store_put how, const struct store_user *u,
        store_done *done, void *arg);
    void (*users)(
        struct store *s, const struct store_user_query *q, store_users_done *done, void *arg);
    /* With what is kept of their focus. ERR_NOT_FOUND. */
    void (*drop_user)(struct store *s, struct slice id, store_done *done, void *arg);
    void (*revoke)(struct store *s, const struct store_revocation *r, store_done *done, void *arg);
    /* All that are still to be remembered at that time. */
    void (*revocations)(struct store *s, int64_t now_ms, store_revocations_done *done, void *arg);

    /* ERR_QUOTA, ERR_CONFLICT, ERR_NOT_FOUND. `quota` may be NULL. */
    void (*put_file)(struct store *s, enum store_put how, const struct store_file *f,
        const struct store_quota *quota, store_done *done, void *arg);
    void (*files)(
        struct store *s, const struct store_file_query *q, store_files_done *done, void *arg);
    void (*drop_file)(struct store *s, struct slice id, store_done *done, void *arg);

    void (*sweep)(struct store *s, const struct store_retention *r, store_done *done, void *arg);
    /* `ERR_CONFLICT`: there is something already; ERR_IO: it cannot be written. */
    void (*copy)(struct store *s, const struct store_copy *to, store_done *done, void *arg);

    /* One more handle on the same store, for `loop`: asked for on that loop's thread, or while
     * nobody turns it. `s`, which may be another thread's, is not closed meanwhile. Returns owned.
     * ERR_IO: no descriptors left. */
    int (*share)(struct store **out, struct store *s, struct loop *loop);
    /* On the handle's thread, or after that has ended; its loop is still there. In any order: what
     * was asked is still kept, if it can be, and closing the last handle waits for that and ends
     * the store. What was not answered is never answered. */
    void (*close)(struct store *s);
};
