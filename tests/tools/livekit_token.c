/* livekit_token API_KEY API_SECRET ROOM IDENTITY NAME PERMISSIONS: prints an access token for an
 * hour from now, made by auth/livekit. PERMISSIONS are letters: p publish, s subscribe, d data.
 * tests/live/livekit_token.test.mjs shows it to LiveKit's own library. */
#include "auth/livekit.h"
#include "base/clock.h"

#include <stdio.h>

#define ARENA_BYTES (32 << 10)
#define HOUR_MS     3600000

int main(int argc, char **argv)
{
    struct arena a;
    struct slice text;
    if (argc != 7)
        return 64;
    const struct livekit_key key = {
        .api_key = slice_str(argv[1]),
        .api_secret = slice_str(argv[2]),
    };
    const struct livekit_grant grant = {
        .room = slice_str(argv[3]),
        .identity = slice_str(argv[4]),
        .name = slice_str(argv[5]),
        .now_ms = clock_wall_ms(&clock_system),
        .ttl_ms = HOUR_MS,
        .can_publish = strchr(argv[6], 'p') != NULL,
        .can_subscribe = strchr(argv[6], 's') != NULL,
        .can_publish_data = strchr(argv[6], 'd') != NULL,
    };
    arena_init(&a, ARENA_BYTES);
    int err = livekit_mint(&text, &a, &key, &grant);
    if (!err)
        printf("%.*s\n", (int)text.len, text.p);
    else
        fprintf(stderr, "livekit_token: %s\n", err_info(err)->text);
    arena_fini(&a);
    return err ? 1 : 0;
}
