/* Files as the languages need them: is there one at this address, and keep this picture. What they
 * are kept in is another's (web/files); here is only what may be asked of it. Used by handlers,
 * through dialect/errand. */
#pragma once

#include "net/addr.h"

struct shelf;

/* Who asks, and for which room. *Borrows*. */
struct shelf_asker {
    struct slice user_id;
    struct ip peer; /* of a guest, who may have uploaded without a token */
    struct slice room_id;
};

/* Of a file that is there; *lent* to shelf_done. */
struct shelf_file {
    struct slice url;
    struct slice name;
    struct slice type;
    uint64_t bytes;
};

/* Called once, later, from the loop; never after the shelf is closed. */
typedef void(shelf_done)(void *arg, int err, const struct shelf_file *file);

struct shelf_ops {
    const char *name;
    /* Whether the address is of a file here, in whatever state. */
    bool (*is_ours)(const struct shelf *s, struct slice url);
    /* The file at an address of ours. ERR_NOT_FOUND: it is not there, not whole, or not of that
     * room and by that person. */
    void (*find)(struct shelf *s, const struct shelf_asker *asker, struct slice url,
        shelf_done *done, void *arg);
    /* Keeps a picture of the room's board. Both are *lent* for the call. ERR_BAD_FIELD: it is no
     * picture; ERR_TOO_BIG, ERR_QUOTA. */
    void (*keep)(struct shelf *s, const struct shelf_asker *asker, struct slice picture,
        shelf_done *done, void *arg);
};

struct shelf {
    const struct shelf_ops *ops;
};
