/* Signals as events of a loop. The first thread blocks them before it makes others, so that they
 * come nowhere else. */
#pragma once

#include "net/loop.h"

struct signals;

typedef void(signals_fn)(void *arg, int number);

/* SIGTERM, SIGINT and SIGHUP are told; SIGPIPE is ignored for good. ERR_IO. */
int signals_open(struct signals **out, struct loop *l, signals_fn *fn, void *arg) MUST_CHECK;
void signals_close(struct signals *s); /* NULL is fine */
