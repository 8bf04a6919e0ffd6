/* The shapes of examples, and that what is no JSON has none. */
#include "base/json_schema.h"

#include "base/json_read.h"
#include "tap.h"

#define TEXT "\"type\":[\"string\",\"null\"]"

static const struct shape_case {
    const char *name;
    const char *example;
    const char *any;
    const char *want;
} cases[] = {
    { "an object", "{\"a\":\"x\",\"n\":1.5,\"t\":true,\"f\":false}", NULL,
        "{\"type\":\"object\",\"properties\":{\"a\":{" TEXT "},"
        "\"n\":{\"type\":[\"number\",\"null\"]},\"t\":{\"type\":[\"boolean\",\"null\"]},"
        "\"f\":{\"type\":[\"boolean\",\"null\"]}}}" },
    { "an empty one", "{}", NULL, "{\"type\":\"object\",\"properties\":{}}" },
    { "null says nothing of a member", "{\"a\":null}", NULL,
        "{\"type\":\"object\",\"properties\":{\"a\":{}}}" },
    { "objects within", "{\"a\":{\"b\":{\"c\":\"x\"}},\"d\":\"y\"}", NULL,
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"object\",\"null\"],"
        "\"properties\":{\"b\":{\"type\":[\"object\",\"null\"],\"properties\":{\"c\":{" TEXT
        "}}}}},"
        "\"d\":{" TEXT "}}}" },
    { "a list is as its first", "[{\"a\":\"x\"},{\"b\":[1,2]},3]", NULL,
        "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"a\":{" TEXT "}}}}" },
    { "lists of lists, and what follows them", "{\"a\":[[\"x\",1],[]],\"b\":\"y\"}", NULL,
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"array\",\"null\"],\"items\":{"
        "\"type\":\"array\",\"items\":{\"type\":\"string\"}}},\"b\":{" TEXT "}}}" },
    { "an empty list", "{\"a\":[],\"b\":\"y\"}", NULL,
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"array\",\"null\"]},\"b\":{" TEXT
        "}}}" },
    { "what may be anything is, wherever it stands",
        "{\"data\":{\"x\":[1]},\"in\":[{\"sdp\":[{}],\"b\":\"y\"}],\"datas\":\"z\"}", "data, sdp",
        "{\"type\":\"object\",\"properties\":{\"data\":{},\"in\":{\"type\":[\"array\",\"null\"],"
        "\"items\":{\"type\":\"object\",\"properties\":{\"sdp\":{},\"b\":{" TEXT "}}}},"
        "\"datas\":{" TEXT "}}}" },
    { "text alone", "\"x\"", NULL, "{\"type\":\"string\"}" },
    { "null alone", "null", NULL, "{}" },
    { "no JSON", "nonsense", NULL, "{}" },
    { "nothing", "", NULL, "{}" },
};

static void test_shapes(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        struct json_writer w;
        buf_init(&out, 4096);
        jw_init(&w, &out);
        json_schema(&w, slice_str(cases[i].example), cases[i].any);
        ok(jw_is_done(&w), "%s: whole", cases[i].name);
        is_slice(buf_slice(&out), cases[i].want, "%s", cases[i].name);
        buf_fini(&out);
    }
}

/* Wherever a text is cut off, what comes out is JSON. */
static void test_cut(void)
{
    static const char text[] = "{\"a\":[{\"b\":[1,{\"c\":null}],\"d\":\"e\"}],\"f\":{}}";
    unsigned wrong = 0;
    for (size_t n = 0; n < sizeof text; n++) {
        struct buf out;
        struct json_writer w;
        struct json_value v;
        buf_init(&out, 4096);
        jw_init(&w, &out);
        json_schema(&w, slice_of(text, n), NULL);
        wrong += !jw_is_done(&w) || json_read_whole(&v, buf_slice(&out), NULL) != 0;
        buf_fini(&out);
    }
    is_int(wrong, 0, "cut anywhere, it is still a schema");
}

int main(void)
{
    test_shapes();
    test_cut();
    return done();
}
