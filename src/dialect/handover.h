/* A message that a client has said to its home, and that is for a room of another loop: it travels
 * there, to the deputy (hub/deputy.h), whose dispatcher takes it up as if it had come to it. Used
 * by dialect/dispatch. */
#pragma once

#include "hub/hub.h"

struct dispatch;

/* *Borrows* all. */
struct handover {
    struct dispatch *to;
    struct session *from; /* on its own loop only */
    struct slice name;
    struct slice json;
    uint64_t ack_id;
    uint32_t serial;
    bool is_probe; /* if it is for nobody there, it may be for another deputy */
};

/* Copies it and sends it on its way. ERR_NO_MEMORY. */
int handover_send(const struct handover *h) MUST_CHECK;

/* On the other loop, by the dispatcher. */
struct hub *dispatch_hub(const struct dispatch *d);
void dispatch_take_over(struct dispatch *d, struct session *deputy, const struct handover *h);
