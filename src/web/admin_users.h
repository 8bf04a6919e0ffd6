/* Accounts, as whoever runs the server sees them: calls of the admin socket. */
#pragma once

#include "web/rest.h"

extern const struct rest_row admin_users_list;
extern const struct rest_row admin_user_create;
extern const struct rest_row admin_user_password;
extern const struct rest_row admin_user_disable;
extern const struct rest_row admin_user_enable;
extern const struct rest_row admin_user_delete;
