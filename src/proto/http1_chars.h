/* The classes of bytes in HTTP/1.1's text, and the search for a control character. Shared by the
 * files of proto/http1, of no use to others. */
#pragma once

#include "base/slice.h"

enum http1_class {
    HTTP1_TOKEN = 1,  /* RFC 9110 5.6.2: methods, header names, list members */
    HTTP1_TARGET = 2, /* visible ASCII but '#': a fragment never travels */
    HTTP1_HOST = 4,   /* of a host name; narrower than RFC 3986, as wide as names in use */
    HTTP1_IP6 = 8,    /* between the brackets of an IPv6 address */
};

extern const uint8_t http1_classes[256];

static inline bool http1_is(char c, enum http1_class class)
{
    return (http1_classes[(unsigned char)c] & class) != 0;
}

/* How many bytes from `from` on are of the class. */
static inline size_t http1_span(struct slice s, size_t from, enum http1_class class)
{
    size_t at = from;
    while (at < s.len && http1_is(s.p[at], class))
        at++;
    return at - from;
}

/* Index of the first control character but HTAB at or behind `from`; `s.len` when there is none. */
size_t http1_find_control(struct slice s, size_t from);
