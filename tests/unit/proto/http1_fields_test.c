/* Range, If-None-Match and Accept-Encoding: values as clients and attackers send them. */
#include "proto/http1.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define IGNORED      ERR_NOT_IMPLEMENTED

static const struct {
    const char *value;
    uint64_t size;
    int err;
    uint64_t first, last;
} ranges[] = {
    { .value = "bytes=0-0", .size = 10, .first = 0, .last = 0 },
    { .value = "bytes=2-5", .size = 10, .first = 2, .last = 5 },
    { .value = "BYTES=2-5", .size = 10, .first = 2, .last = 5 },
    { .value = "bytes=9-9", .size = 10, .first = 9, .last = 9 },
    { .value = "bytes=0-", .size = 10, .first = 0, .last = 9 },
    { .value = "bytes=9-", .size = 10, .first = 9, .last = 9 },
    { .value = "bytes=3-10", .size = 10, .first = 3, .last = 9 },
    { .value = "bytes=3-99999999999999999999999", .size = 10, .first = 3, .last = 9 },
    { .value = "bytes=-1", .size = 10, .first = 9, .last = 9 },
    { .value = "bytes=-10", .size = 10, .first = 0, .last = 9 },
    { .value = "bytes=-11", .size = 10, .first = 0, .last = 9 },
    { .value = "bytes=-99999999999999999999999", .size = 10, .first = 0, .last = 9 },
    { .value = "bytes=0-", .size = UINT64_MAX, .first = 0, .last = UINT64_MAX - 1 },
    { .value = "bytes=10-", .size = 10, .err = ERR_BAD_RANGE },
    { .value = "bytes=10-20", .size = 10, .err = ERR_BAD_RANGE },
    { .value = "bytes=99999999999999999999999-", .size = 10, .err = ERR_BAD_RANGE },
    { .value = "bytes=-0", .size = 10, .err = ERR_BAD_RANGE },
    { .value = "bytes=0-", .size = 0, .err = ERR_BAD_RANGE },
    { .value = "bytes=-1", .size = 0, .err = ERR_BAD_RANGE },
    { .value = "bytes=5-2", .size = 10, .err = IGNORED },
    { .value = "bytes=0-1,3-4", .size = 10, .err = IGNORED },
    { .value = "bytes=-", .size = 10, .err = IGNORED },
    { .value = "bytes=", .size = 10, .err = IGNORED },
    { .value = "bytes", .size = 10, .err = IGNORED },
    { .value = "", .size = 10, .err = IGNORED },
    { .value = "bytes=1", .size = 10, .err = IGNORED },
    { .value = "bytes=--1", .size = 10, .err = IGNORED },
    { .value = "bytes=1--2", .size = 10, .err = IGNORED },
    { .value = "bytes=+1-2", .size = 10, .err = IGNORED },
    { .value = "bytes=1 -2", .size = 10, .err = IGNORED },
    { .value = "bytes=a-b", .size = 10, .err = IGNORED },
    { .value = "bytes=0x1-2", .size = 10, .err = IGNORED },
    { .value = "items=0-1", .size = 10, .err = IGNORED },
    { .value = "bytes 0-1", .size = 10, .err = IGNORED },
    { .value = "-bytes=1", .size = 10, .err = IGNORED },
};

static void test_ranges(void)
{
    for (size_t i = 0; i < COUNT(ranges); i++) {
        uint64_t first = 77, last = 77;
        int err = http1_range(&first, &last, slice_str(ranges[i].value), ranges[i].size);
        is_int(err, ranges[i].err, "'%s' of %ju: %s", ranges[i].value, (uintmax_t)ranges[i].size,
            err ? err_name(err) : "a range");
        if (!err)
            ok(first == ranges[i].first && last == ranges[i].last, "'%s': %ju to %ju",
                ranges[i].value, (uintmax_t)first, (uintmax_t)last);
    }
}

static const struct {
    const char *value;
    const char *etag;
    bool matches;
} etags[] = {
    { .value = "\"a\"", .etag = "\"a\"", .matches = true },
    { .value = "W/\"a\"", .etag = "\"a\"", .matches = true },
    { .value = "\"a\"", .etag = "W/\"a\"", .matches = true },
    { .value = "\"x\", W/\"y\" ,\t\"a\"", .etag = "\"a\"", .matches = true },
    { .value = ", ,\"a\"", .etag = "\"a\"", .matches = true },
    { .value = "*", .etag = "\"a\"", .matches = true },
    { .value = " * ", .etag = "\"a\"", .matches = true },
    { .value = "\"a,b\"", .etag = "\"a,b\"", .matches = true },
    { .value = "\"\"", .etag = "\"\"", .matches = true },
    { .value = "", .etag = "\"a\"" },
    { .value = "\"A\"", .etag = "\"a\"" },
    { .value = "\"ab\"", .etag = "\"a\"" },
    { .value = "\"x\\\"a\"", .etag = "\"a\"" },
    { .value = "\"x, \"a\"", .etag = "\"a\"" },
    { .value = "a", .etag = "\"a\"" },
    { .value = "\"a", .etag = "\"a\"" },
    { .value = "\"", .etag = "\"a\"" },
    { .value = "W/", .etag = "\"a\"" },
    { .value = "w/\"a\"", .etag = "\"a\"" },
    { .value = "**", .etag = "\"a\"" },
};

static void test_etags(void)
{
    for (size_t i = 0; i < COUNT(etags); i++)
        is_int(http1_etag_matches(slice_str(etags[i].value), slice_str(etags[i].etag)),
            etags[i].matches, "%s lists %s", etags[i].value, etags[i].etag);
    ok(!http1_etag_matches((struct slice){ .p = NULL }, S("\"a\"")), "no header lists nothing");
}

static const struct {
    const char *value;
    const char *coding;
    unsigned quality;
} encodings[] = {
    { .value = "gzip", .coding = "gzip", .quality = 1000 },
    { .value = "gzip, deflate, br", .coding = "br", .quality = 1000 },
    { .value = "GZIP;Q=0.5", .coding = "gzip", .quality = 500 },
    { .value = "br ; q=0.123 , gzip", .coding = "br", .quality = 123 },
    { .value = "br;q=1.000", .coding = "br", .quality = 1000 },
    { .value = "br;q=0", .coding = "br", .quality = 0 },
    { .value = "br;q=0.000", .coding = "br", .quality = 0 },
    { .value = "br;q=0.001", .coding = "br", .quality = 1 },
    { .value = "*", .coding = "br", .quality = 1000 },
    { .value = "*;q=0.3", .coding = "br", .quality = 300 },
    { .value = "br;q=0, *", .coding = "br", .quality = 0 },
    { .value = "*, br;q=0", .coding = "br", .quality = 0 },
    { .value = "gzip", .coding = "br", .quality = 0 },
    { .value = "", .coding = "br", .quality = 0 },
    { .value = ", , ,", .coding = "br", .quality = 0 },
    { .value = "xbr, brx, b", .coding = "br", .quality = 0 },
    { .value = "br;q=2", .coding = "br", .quality = 0 },
    { .value = "br;q=1.001", .coding = "br", .quality = 0 },
    { .value = "br;q=0.1234", .coding = "br", .quality = 0 },
    { .value = "br;q=-1", .coding = "br", .quality = 0 },
    { .value = "br;q=.5", .coding = "br", .quality = 0 },
    { .value = "br;q=0,5", .coding = "br", .quality = 0 },
    { .value = "br;q=", .coding = "br", .quality = 0 },
    { .value = "br;", .coding = "br", .quality = 0 },
    { .value = "br;x=1", .coding = "br", .quality = 0 },
    { .value = "br;q=11", .coding = "br", .quality = 0 },
    { .value = "gzip", .coding = "identity", .quality = 1 },
    { .value = "", .coding = "identity", .quality = 1 },
    { .value = "identity;q=0.5", .coding = "identity", .quality = 500 },
    { .value = "*;q=0", .coding = "identity", .quality = 0 },
    { .value = "identity;q=0", .coding = "identity", .quality = 0 },
};

static void test_encodings(void)
{
    for (size_t i = 0; i < COUNT(encodings); i++)
        is_int(
            http1_encoding_quality(slice_str(encodings[i].value), slice_str(encodings[i].coding)),
            encodings[i].quality, "%s in '%s'", encodings[i].coding, encodings[i].value);
    is_int(http1_encoding_quality((struct slice){ .p = NULL }, S("br")), 0, "no header");
}

int main(void)
{
    test_ranges();
    test_etags();
    test_encodings();
    return done();
}
