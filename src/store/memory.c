#include "store/memory.h"

#include "base/panic.h"
#include "store/durable.h"
#include "store/migrate.h"
#include "store/sqlite.h"

struct store *store_memory_new(struct loop *loop)
{
    struct sqlite_settings file = { .is_memory = true };
    struct engine_settings settings = {
        .batch_max = 1, .max_waiting_bytes = STORE_MEMORY_MAX_BYTES, .is_inline = true
    };
    char why[SQL_WHY_BYTES];
    struct desk *desk;
    int err = sqlite_open(&settings.writer, &file, why);
    if (!err)
        err = migrate(why, settings.writer, loop_wall_ms(loop));
    if (err)
        PANIC("no database in memory: %s", why);
    settings.reader = settings.writer;
    err = desk_new(&desk, loop, &settings);
    ASSERT(!err);
    return store_durable_new(loop, desk, NULL);
}
