/* The one function of a fuzz target: libFuzzer calls it (make fuzz), and so does replay.c. Input
 * that the code under test refuses is fine; a broken promise of ours is an abort(). Returns 0. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
