/* Lengths of time are minutes on the wire, fractions included, and milliseconds inside. Used by the
 * dialects and web/rest_focus. */
#pragma once

#include "room/room.h"

#define MINUTES_MS  60000.0
#define MINUTES_MIN (ROOM_PHASE_MIN_MS / MINUTES_MS)
#define MINUTES_MAX (ROOM_PHASE_MAX_MS / MINUTES_MS) /* of a phase of the timer */

/* `minutes` is not negative, and not so many that their milliseconds leave 32 bits. */
static inline uint32_t minutes_to_ms(double minutes)
{
    return (uint32_t)(minutes * MINUTES_MS + 0.5);
}

static inline double minutes_of_ms(uint32_t ms)
{
    return ms / MINUTES_MS;
}
