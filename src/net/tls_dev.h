/* A certificate for trying Stoa in the local network, where no authority vouches for anyone and
 * browsers still give cameras only to secure pages. Self-signed, for this machine's names and
 * addresses. Used by main for --dev-tls; not for a server that strangers meet. */
#pragma once

#include "base/err.h"

#define TLS_DEV_DAYS       365 /* from yesterday on, for the sake of clocks that are behind */
#define TLS_DEV_RENEW_DAYS 7   /* one with less to go is made anew */

/* Leaves a PEM certificate and its key (readable by its owner only) in these files. Those that are
 * there stay if they belong together, live long enough, cover every present name and address, and
 * nobody else may read the key. ERR_IO, and then `why` says what failed. */
int tls_dev_make(const char *cert_file, const char *key_file, char why[160]) MUST_CHECK;
