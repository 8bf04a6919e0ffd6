/* The works of a durable store: for each member of store_ops one that does it, of the same name.
 * Only durable.c makes them; each is in the file that is named here. What is asked is *copied*;
 * answers go to `done`. NULL: no memory, and then the caller answers ERR_NO_MEMORY. */
#pragma once

#include "store/desk.h"
#include "store/keep.h"

#define WORK_MAX_BYTES ((size_t)1 << 30) /* of what one work copies, or reads */

/* ---- work_rooms.c ---- */

struct work *work_append(const struct store_append *a, store_done *done, void *arg) MUST_CHECK;
struct work *work_forget(struct slice room_id, store_done *done, void *arg) MUST_CHECK;

/* Runs all that makes a room forgotten, its files doomed, within the caller's transaction. Gives
 * the number of the run that changes one row if there was such a room. */
uint32_t rooms_forget(struct sql *db, struct slice room_id);

/* ---- work_load.c ---- */

struct work *work_snapshot(const struct store_snapshot *n, store_done *done, void *arg) MUST_CHECK;
struct work *work_load(
    struct slice room_id, struct slice epoch, store_log_done *done, void *arg) MUST_CHECK;

/* ---- work_pages.c ---- */

struct work *work_messages(
    const struct store_message_query *q, store_messages_done *done, void *arg) MUST_CHECK;
struct work *work_rooms(
    const struct store_room_query *q, store_rooms_done *done, void *arg) MUST_CHECK;

/* A room of a row that begins with the columns of the lists. */
#define PAGES_ROOM_COLUMNS 22
void pages_room(struct store_room *room, struct row_reader *row);

/* ---- work_dashboard.c ---- */

struct work *work_dashboard(
    const struct store_dashboard_query *q, store_dashboard_done *done, void *arg) MUST_CHECK;

/* ---- work_history.c ---- */

struct work *work_history(struct slice room_id, store_history_done *done, void *arg) MUST_CHECK;

/* ---- work_accounts.c ---- */

struct work *work_put_user(
    enum store_put how, const struct store_user *u, store_done *done, void *arg) MUST_CHECK;
struct work *work_users(
    const struct store_user_query *q, store_users_done *done, void *arg) MUST_CHECK;
struct work *work_drop_user(struct slice id, store_done *done, void *arg) MUST_CHECK;
struct work *work_revoke(const struct store_revocation *r, store_done *done, void *arg) MUST_CHECK;
struct work *work_revocations(int64_t now_ms, store_revocations_done *done, void *arg) MUST_CHECK;

/* ---- work_files.c ---- */

struct work *work_put_file(enum store_put how, const struct store_file *f,
    const struct store_quota *quota, store_done *done, void *arg) MUST_CHECK;
struct work *work_files(
    const struct store_file_query *q, store_files_done *done, void *arg) MUST_CHECK;
struct work *work_drop_file(struct slice id, store_done *done, void *arg) MUST_CHECK;

/* A file of a row that has the columns of the lists. ERR_IO: it is none that we wrote. */
#define FILES_COLUMNS 11
int files_row(struct store_file *f, struct row_reader *row) MUST_CHECK;

/* Runs what dooms the files of a room that is forgotten. */
void files_doom_room(struct sql *db, struct slice room_id);

/* ---- work_sweep.c ---- */

/* The first of many: each asks the desk for the next, and the last is answered to `done`. */
struct work *work_sweep(
    struct desk *d, const struct store_retention *r, store_done *done, void *arg) MUST_CHECK;
