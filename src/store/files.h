/* What a store keeps of files: everything but their content. Part of store/store.h. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_FILE_ID_MAX 32

enum store_file_use { FILE_SHARED, FILE_BOARD, FILE_AVATAR };

/* Its content is elsewhere: in the data folder, or at a service. */
struct store_file {
    struct slice id;
    struct slice room_id; /* empty: of no room, or of one that is gone */
    struct slice user_id;
    struct slice name;
    struct slice type; /* as it was said to be */
    enum store_file_use use;
    uint64_t bytes;
    bool is_complete; /* its content is all there */
    bool is_remote;   /* at a service */
    bool is_doomed;   /* its room is gone: content and row are to go */
    int64_t created_at_ms;
};

/* Bytes, of complete files and of those that are awaited. 0: no limit. Of STORE_ADD only. */
struct store_quota {
    uint64_t user_bytes;
    uint64_t room_bytes;
    uint64_t all_bytes;
};

enum store_file_which { FILES_BY_ID, FILES_OF_ROOM, FILES_OF_USER, FILES_DOOMED, FILES_AWAITED };

/* AWAITED: incomplete ones made before `before_ms`. Pages are sorted by id. */
struct store_file_query {
    enum store_file_which which;
    struct slice key; /* id, room id or user id */
    int64_t before_ms;
    struct slice after;
    uint32_t limit;
};

struct store_files {
    const struct store_file *at;
    uint32_t n;
    bool has_more;
};

typedef void(store_files_done)(void *arg, int err, const struct store_files *page);
