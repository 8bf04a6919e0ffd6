/* What is counted, as data: a row for each metric with its name, kind and meaning. No label ever
 * holds a user, a room or an address, so the number of series is fixed. */
#pragma once

#include "base/buf.h"

struct front;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
    const char *name;
    const char *label; /* `class="2xx"`, or NULL; rows of one name stand together */
    enum metric_kind kind;
    const char *help;
    double (*value)(const struct front *f);
};

extern const struct metric metrics[];
extern const size_t metrics_n;

/* All of them, in Prometheus' text format. */
void metrics_write(struct buf *out, const struct front *f);
