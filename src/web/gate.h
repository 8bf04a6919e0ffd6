/* What every request passes before its route's handler: is it meant for this server, does the
 * address exist, may this peer call it. Used by web/conn once per head. */
#pragma once

#include "web/request.h"
#include "web/settings.h"

/* True: `r->route` is set, its body is to be read and its handler called. False: the request was
 * answered here. */
bool gate_admit(struct request *r);

/* Whether what `ip` says about whom it speaks for is believed: a configured proxy, or whoever may
 * use the unix socket, which is there for one. */
bool gate_is_proxy(const struct web_settings *s, struct ip ip);
