#include "base/hex.h"

void hex_encode(char *out, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        *out++ = "0123456789abcdef"[c >> 4];
        *out++ = "0123456789abcdef"[c & 15];
    }
}

int hex_decode(size_t *len, void *out, size_t max, struct slice text)
{
    unsigned char *to = out;
    if (text.len % 2 != 0)
        return ERR_BAD_VALUE;
    if (text.len / 2 > max)
        return ERR_TOO_BIG;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.p[i]), low = hex_digit(text.p[i + 1]);
        if (high < 0 || low < 0)
            return ERR_BAD_VALUE;
        *to++ = (unsigned char)(high << 4 | low);
    }
    *len = text.len / 2;
    return 0;
}
