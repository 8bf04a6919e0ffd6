/* E-mail addresses as names of accounts: one spelling of each, so that nobody has two accounts by
 * one. Whether mail arrives there nobody asks. Used by auth/accounts. */
#pragma once

#include "base/slice.h"
#include "store/accounts.h"

/* The address without spaces around it, in lower case (ASCII), NUL-terminated. ERR_BAD_VALUE: not
 * `somebody@some.where` of at most STORE_EMAIL_MAX characters, all of them ASCII. */
int email_normalise(char out[STORE_EMAIL_MAX + 1], struct slice text) MUST_CHECK;
