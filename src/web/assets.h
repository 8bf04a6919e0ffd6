/*
 * The app and the files beside it, embedded in the program by tools/embed: a table in memory,
 * sorted by path, so that no request ever touches the file system. Not a router: web/static looks
 * up here.
 */
#pragma once
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct asset {
    struct slice path; /* as in the URL, decoded: "/index.html" */
    struct slice type; /* the Content-Type */
    struct slice etag; /* strong, quotes included: of `raw`; an encoded form needs its own suffix */
    struct slice raw;
    struct slice gzip; /* empty where it would save less than a tenth */
    struct slice br;   /* likewise */
    bool immutable;    /* the name carries a hash of the content: cache for ever */
};

/* Sorted by path, byte by byte. */
extern const struct asset assets[];
extern const size_t assets_n;
