/* Accounts by REST: signing up, logging in and out, one's own account. What is given out is a token
 * and, with it, a cookie that holds the same: programs use the one, browsers the other. Rows for
 * web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_auth_signup, rest_auth_login, rest_auth_logout, rest_auth_me,
    rest_auth_change, rest_auth_password, rest_auth_delete;
