/* GET /api/about: what a page must know of this server before anybody has come in. */
#pragma once

struct rest_row;
extern const struct rest_row rest_about;
