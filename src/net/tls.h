/* TLS 1.2 and 1.3 by OpenSSL: the certificate in force, and the transport that wraps a stream's
 * descriptor. A reload changes what new connections get; those that live keep theirs. */
#pragma once

#include "base/slice.h"

struct tls;

/* Reads a PEM certificate chain and its key. ERR_BAD_CONFIG, and then `why` (a static or bounded
 * text) says what is wrong. Returns owned, with one reference. */
int tls_new(
    struct tls **out, const char *cert_file, const char *key_file, char why[160]) MUST_CHECK;

/* Reads both files again; on failure the old certificate stays in force. Any thread may call this
 * while others take sessions. */
int tls_reload(struct tls *t, char why[160]) MUST_CHECK;

struct tls *tls_ref(struct tls *t);
void tls_unref(struct tls *t);
