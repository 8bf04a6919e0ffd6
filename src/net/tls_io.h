/* The OpenSSL side of net/tls, for the stream's transport only. */
#pragma once

#include "net/tls.h"

struct ssl_st;

/* Returns owned: a server session on that descriptor, with the certificate in force, or NULL. */
struct ssl_st *tls_session(struct tls *t, int fd);
