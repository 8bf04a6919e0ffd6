/* Addresses of uploads: what was written is read, and nothing else is: no other method, file, size,
 * type, person or time, no other key, no other spelling. */
#include "auth/signed_url.h"

#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

#define NOW_MS 1700000000000
#define ID     "0123456789abcdef0123456789abcdef"

static struct signed_key key, other;

static const struct signed_upload what = {
    .method = SLICE("PUT"),
    .id = SLICE(ID),
    .bytes = 1000,
    .type = SLICE("text/plain; charset=utf-8"),
    .user_id = SLICE("u&1="),
    .expires_at_ms = NOW_MS + 600000,
};

static const char *write(const struct signed_key *k, const struct signed_upload *u)
{
    static char text[SIGNED_URL_MAX + 1];
    struct buf query;
    buf_init(&query, SIGNED_URL_MAX);
    int err = signed_url_write(&query, k, u);
    snprintf(text, sizeof text, "%.*s", err ? 0 : (int)query.len, err ? "" : query.p);
    buf_fini(&query);
    return text;
}

struct taken {
    int err;
    const char *why;
    struct signed_upload what;
    struct arena arena;
};

static int read_as(struct taken *t, const char *method, const char *id, const char *query,
    const struct signed_key *keys, int64_t now_ms)
{
    const struct signed_check check = {
        .method = slice_str(method),
        .id = slice_str(id),
        .query = slice_str(query),
        .now_ms = now_ms,
        .keys = keys,
        .n_keys = 1,
    };
    arena_init(&t->arena, 8192);
    t->err = signed_url_read(&t->what, &t->why, &t->arena, &check);
    return t->err;
}

static int judge(const char *query)
{
    struct taken t;
    int err = read_as(&t, "PUT", ID, query, &key, NOW_MS);
    arena_fini(&t.arena);
    return err;
}

static void test_round_trip(void)
{
    struct taken t;
    is_int(read_as(&t, "PUT", ID, write(&key, &what), &key, NOW_MS), 0, "what was written is read");
    is_int(t.what.bytes, 1000, "size");
    is_slice(t.what.type, "text/plain; charset=utf-8", "type");
    is_slice(t.what.user_id, "u&1=", "user");
    is_int(t.what.expires_at_ms, NOW_MS + 600000, "time");
    arena_fini(&t.arena);
    struct signed_upload empty = what;
    empty.bytes = 0;
    empty.user_id = S("");
    is_int(judge(write(&key, &empty)), 0, "nothing, of nobody");
    empty.bytes = SIGNED_URL_BYTES;
    is_int(judge(write(&key, &empty)), 0, "as much as there may be");
    empty.bytes++;
    is_str(write(&key, &empty), "", "and no more");
    empty.bytes = 0;
    empty.expires_at_ms = -1;
    is_str(write(&key, &empty), "", "nor before 1970");
}

static void test_time(void)
{
    struct taken t;
    const char *query = write(&key, &what);
    is_int(read_as(&t, "PUT", ID, query, &key, NOW_MS + 599999), 0, "until its last millisecond");
    arena_fini(&t.arena);
    is_int(read_as(&t, "PUT", ID, query, &key, NOW_MS + 600000), ERR_FORBIDDEN, "and no longer");
    ok(strstr(t.why, "expired") != NULL, "which is said");
    arena_fini(&t.arena);
}

static void test_bound_to(void)
{
    struct taken t;
    const char *query = write(&key, &what);
    is_int(read_as(&t, "PATCH", ID, query, &key, NOW_MS), ERR_FORBIDDEN, "another method");
    arena_fini(&t.arena);
    is_int(read_as(&t, "PUT", "1123456789abcdef0123456789abcdef", query, &key, NOW_MS),
        ERR_FORBIDDEN, "another file");
    arena_fini(&t.arena);
    is_int(read_as(&t, "PUT", ID, query, &other, NOW_MS), ERR_FORBIDDEN, "another server");
    arena_fini(&t.arena);
    is_int(read_as(&t, "PUT", ID, write(&other, &what), &key, NOW_MS), ERR_FORBIDDEN,
        "another server's");
    arena_fini(&t.arena);
    /* What stands between two parts does not wander. */
    is_int(read_as(&t, "PUT" ID, "", query, &key, NOW_MS), ERR_FORBIDDEN, "parts glued together");
    arena_fini(&t.arena);
}

/* The query with `from` replaced by `to`. */
static const char *changed(const char *from, const char *to)
{
    static char text[SIGNED_URL_MAX];
    const char *query = write(&key, &what);
    const char *at = strstr(query, from);
    if (!at)
        return "";
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - query), query, to, at + strlen(from));
    return text;
}

static const struct {
    const char *from;
    const char *to;
} changes[] = {
    { "size=1000", "size=1001" },
    { "size=1000", "size=01000" },
    { "size=1000", "size=+1000" },
    { "size=1000", "size=" },
    { "size=1000", "size=99999999999999999999" },
    { "size=1000", "size=1000&size=1000" },
    { "size=1000&", "" },
    { "size=1000", "Size=1000" },
    { "type=text", "type=Text" },
    { "type=text", "type=text%00" },
    { "type=text", "type=%ff" },
    { "type=text", "type=%" },
    { "user=u%261", "user=u%262" },
    { "user=u%261", "user=u&1" },
    { "expires=1700000600", "expires=1700000601" },
    { "expires=1700000600", "expires=9223372036854775807" },
    { "expires=1700000600", "expires=-1" },
    { "&key=", "&x=y&key=" },
    { "&key=", "&key=0" },
    { "&signature=", "&signature=0" },
    { "&signature=", "&signature=&signature=" },
    { "&signature=", "&signatur=" },
};

static void test_changes(void)
{
    unsigned taken = 0;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *query = changed(changes[i].from, changes[i].to);
        if (!ok(query[0] && judge(query) == ERR_FORBIDDEN, "%s becomes %s", changes[i].from,
                changes[i].to))
            note("%s", query);
    }
    is_int(judge(""), ERR_FORBIDDEN, "nothing at all");
    char query[SIGNED_URL_MAX + 1];
    snprintf(query, sizeof query, "%s", write(&key, &what));
    size_t len = strlen(query);
    for (size_t i = 0; i < len; i++) {
        char was = query[i];
        query[i] = was == '0' ? '1' : '0';
        taken += judge(query) == 0;
        query[i] = was;
    }
    is_int(taken, 0, "no byte of it can be another one");
    for (size_t i = 0; i < len; i++) {
        char was = query[i];
        query[i] = '\0';
        taken += judge(query) == 0;
        query[i] = was;
    }
    is_int(taken, 0, "nor be left out");
    is_int(judge(query), 0, "as it is, it is taken");
    char upper[SIGNED_URL_MAX + 1];
    snprintf(upper, sizeof upper, "%s", query);
    for (char *p = strstr(upper, "signature=") + 10; *p; p++)
        *p = *p >= 'a' && *p <= 'f' ? (char)(*p - 32) : *p;
    ok(strcmp(upper, query) == 0 || judge(upper) == ERR_FORBIDDEN, "a MAC has one spelling");
    static char longest[SIGNED_URL_MAX + 100];
    memset(longest, '&', sizeof longest - 1);
    memcpy(longest, query, len);
    is_int(judge(longest), ERR_FORBIDDEN, "longer than any");
}

/* Texts that hold what separates make no message of another list. */
static void test_no_glue(void)
{
    struct signed_upload a = what, b = what;
    a.type = S("text/plainu");
    a.user_id = S("1");
    b.type = S("text/plain");
    b.user_id = S("u1");
    const char *at = strstr(write(&key, &a), "signature=");
    char first[80];
    snprintf(first, sizeof first, "%s", at ? at : "");
    at = strstr(write(&key, &b), "signature=");
    ok(at && strcmp(at, first) != 0, "a letter does not change sides");
}

static void test_keys(void)
{
    struct signed_key keys[2] = { other, key };
    struct taken t;
    const struct signed_check check = { .method = S("PUT"),
        .id = S(ID),
        .query = slice_str(write(&key, &what)),
        .now_ms = NOW_MS,
        .keys = keys,
        .n_keys = 2 };
    arena_init(&t.arena, 8192);
    is_int(signed_url_read(&t.what, &t.why, &t.arena, &check), 0, "an older key still opens");
    arena_fini(&t.arena);
    is_int(strlen(key.id), SIGNED_URL_KEY_ID, "a key has a name");
    ok(strcmp(key.id, other.id) != 0, "of its own");
}

static void run(void *arg)
{
    struct taken t;
    struct buf query;
    (void)arg;
    buf_init(&query, SIGNED_URL_MAX);
    int err = signed_url_write(&query, &key, &what);
    buf_add_char(&query, '\0');
    if (!err && !query.err)
        err = read_as(&t, "PUT", ID, query.p, &key, NOW_MS);
    else
        arena_init(&t.arena, 0);
    if (!fault_hit() && err)
        ok(false, "taken");
    if (err == ERR_FORBIDDEN)
        ok(false, "a lack of memory is not a forgery");
    arena_fini(&t.arena);
    buf_fini(&query);
}

int main(void)
{
    is_int(signed_key_derive(&key, S("a secret of thirty-two bytes, at least")), 0, "a key");
    is_int(signed_key_derive(&other, S("b secret of thirty-two bytes, at least")), 0, "another");
    test_round_trip();
    test_time();
    test_bound_to();
    test_changes();
    test_no_glue();
    test_keys();
    fault_each(FAULT_ALLOC, run, NULL);
    return done();
}
