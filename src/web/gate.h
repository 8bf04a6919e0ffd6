/* What every request passes before its route's handler: is it meant for this server, does the
 * address exist, may this peer call it. Used by web/conn once per head. */
#pragma once

#include "web/request.h"

/* True: `r->route` is set, its body is to be read and its handler called. False: the request was
 * answered here. */
bool gate_admit(struct request *r);
