/* GET /api/dashboard: what a person has here. */
#pragma once

struct rest_row;
extern const struct rest_row rest_dashboard;
