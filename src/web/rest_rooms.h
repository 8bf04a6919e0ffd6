/* The REST interface of languages A and E: /api/rooms and what belongs to it. Rows for
 * web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_rooms_create, rest_rooms_list, rest_rooms_show, rest_rooms_end,
    rest_rooms_messages, rest_ice_servers;

/* A room object, for examples: what is between its braces. */
#define REST_ROOM_EXAMPLE                                                                      \
    "\"_id\":\"A7x9K2\",\"id\":\"A7x9K2\",\"roomId\":\"A7x9K2\",\"code\":\"A7x9K2\","          \
    "\"title\":\"Algebra\",\"name\":\"Algebra\",\"ownerId\":\"u1\",\"settings\":"              \
    "{\"mode\":\"study\",\"isPublic\":true,\"approval\":false,\"maxParticipants\":200,"        \
    "\"locked\":false,\"question\":\"\",\"durationMinutes\":0,\"timer\":{\"focusMinutes\":25," \
    "\"breakMinutes\":5,\"longBreakMinutes\":15,\"rounds\":4,\"autoFocus\":false,"             \
    "\"hostsOnly\":false},\"proctor\":{\"warnAt\":0,\"autoSubmitAt\":0},"                      \
    "\"iceTransportPolicy\":\"all\"},\"status\":\"LIVE\","                                     \
    "\"createdAt\":\"2026-01-02T03:04:05.678Z\",\"startedAt\":\"2026-01-02T03:04:05.678Z\","   \
    "\"endsAt\":null,\"endedAt\":null,\"joinLink\":\"https://rooms.example.org/room/A7x9K2\"," \
    "\"participants\":[{\"userId\":\"u1\",\"name\":\"Ada\","                                   \
    "\"joinedAt\":\"2026-01-02T03:05:00.000Z\"}]"
