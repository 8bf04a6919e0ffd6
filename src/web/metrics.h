/* What is counted, as data: a row for each metric with its name, kind and meaning. No label ever
 * holds a user, a room or an address, so the number of series is fixed. */
#pragma once

#include "base/buf.h"
#include "sio/engine.h"

#define METRICS_MAX 80

struct front;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

/* What the loops' values together come to. */
enum metric_sum { METRIC_ADDED, METRIC_LARGEST, METRIC_COMMON /* all say the same */ };

struct metric {
    const char *name;
    const char *label; /* `class="2xx"`, or NULL; rows of one name stand together */
    enum metric_kind kind;
    enum metric_sum sum;
    const char *help;
    double (*value)(const struct front *f);
};

extern const struct metric metrics[];
extern const size_t metrics_n;

struct metrics_sums {
    double values[METRICS_MAX];
    uint64_t closed[ERR_INDEX_END]; /* connections, by why */
    uint64_t ended[EIO_REASONS];    /* sessions, by why */
    double busy_s[PLACES_MAX];      /* of each loop */
    unsigned n;                     /* loops */
};

/* One loop's, on its thread; the sums begin as zeros. */
void metrics_add(struct metrics_sums *sums, const struct front *f);

/* All of them, in Prometheus' text format. */
void metrics_write(struct buf *out, const struct metrics_sums *sums);
