/* For those who run the server and for what watches over it: health, readiness, metrics. */
#pragma once

#include "web/request.h"

void ops_health(struct request *r);  /* the loop turns */
void ops_ready(struct request *r);   /* send people here */
void ops_metrics(struct request *r); /* Prometheus' text format */
