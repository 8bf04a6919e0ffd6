/* What one loop's web face counts. Plain numbers of one thread; web/metrics reads them. */
#pragma once

#include "base/err.h"
#include "net/stream.h"

#include <stdint.h>

struct web_stats {
    struct stream_stats net;
    uint64_t connections_opened;
    uint64_t closed[ERR_INDEX_END]; /* connections by why they ended, at -err */
    uint64_t requests;
    uint64_t responses[6]; /* by the status' first digit */
    uint64_t ws_opened;
    uint64_t ws_open; /* now */
    uint64_t ws_received;
    uint64_t ws_sent;
};
