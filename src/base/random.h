/* Random bytes of the kernel: for keys, ids and masks. Panics when the kernel has none. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *out, size_t len);
uint64_t random_u64(void);
