/* What a room's hosts may read of its people: who takes or took part, what their pages reported,
 * what they wrote and handed in. A row for web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_rooms_report;
