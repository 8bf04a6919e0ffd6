#include "upkeep.h"

#include "base/log.h"

#define FIRST_US (60 * 1000000ull)
#define EVERY_US (3600 * 1000000ull)

static void on_swept(void *arg, int err)
{
    struct upkeep *u = arg;
    u->is_running = false;
    if (err)
        log_warning(LOG_STORE, "what is too old could not be removed", LOG_ERR(err));
}

static void on_timer(void *arg)
{
    struct upkeep *u = arg;
    loop_arm(u->loop, &u->timer, EVERY_US);
    if (u->is_running)
        return;
    u->is_running = true;
    u->ages.now_ms = loop_wall_ms(u->loop);
    u->store->ops->sweep(u->store, &u->ages, on_swept, u);
}

void upkeep_begin(struct upkeep *u, struct loop *loop, struct store *store, const struct options *o)
{
    *u = (struct upkeep){
        .loop = loop,
        .store = store,
        .ages = {
            .messages_ms = (int64_t)o->retention.messages_ms,
            .board_ms = (int64_t)o->retention.board_ms,
            .code_ms = (int64_t)o->retention.code_ms,
            .violations_ms = (int64_t)o->retention.violations_ms,
            .activity_ms = (int64_t)o->retention.activity_ms,
            .rooms_ms = (int64_t)o->retention.rooms_ms,
            .fleeting_ms = (int64_t)o->retention.fleeting_ms,
        },
    };
    timer_init(&u->timer, on_timer, u);
    loop_arm(loop, &u->timer, FIRST_US);
}

void upkeep_end(struct upkeep *u)
{
    loop_disarm(u->loop, &u->timer);
}
