/* The head of a member as its block holds it. For the reader and the writer of proto/tar alone. */
#pragma once

#include "proto/tar.h"

#define TAR_MAGIC     "ustar\00000" /* ends with a NUL; "00" is the version */
#define TAR_SIZE_MAX  077777777777u /* bytes of a content that the head itself can say */
#define TAR_TYPE_FILE '0'
#define TAR_TYPE_PAX  'x'

/* Numbers are octal digits with a NUL or a space behind them; texts end with a NUL if they fit. */
struct tar_head {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char sum[8]; /* of all bytes, as if these eight were spaces */
    char type;
    char link_name[100];
    char magic[8];
    char user[32];
    char group[32];
    char major[8];
    char minor[8];
    char prefix[155];
    char unused[12];
};

_Static_assert(sizeof(struct tar_head) == TAR_BLOCK_BYTES, "a head is a block");

static inline unsigned tar_sum(const struct tar_head *h)
{
    const unsigned char *p = (const unsigned char *)h;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(*h); i++) {
        bool is_sum = i >= offsetof(struct tar_head, sum) && i < offsetof(struct tar_head, type);
        sum += is_sum ? ' ' : p[i];
    }
    return sum;
}

/* Up to the next block. */
static inline uint32_t tar_padding(uint64_t bytes)
{
    return (uint32_t)(-bytes % TAR_BLOCK_BYTES);
}
