/* signed_url: the first line is a method, the second an id, the rest a query as it comes; or,
 * where the first byte is '=', the rest are parts that are signed here, so that what is behind the
 * MAC is reached. What is taken is what was signed, part for part, and signing it again gives the
 * same MAC: so no two lists of parts share one, and nothing is taken that this key did not sign. */
#include "auth/signed_url.h"

#include "base/url.h"
#include "fuzz.h"

#include <stdlib.h>

#define NOW_MS      1700000000000
#define ARENA_BYTES 65536u
#define QUERY_BYTES 65536u

static void must(bool condition)
{
    if (!condition)
        abort();
}

static struct signed_key key_of(const char *secret)
{
    struct signed_key key;
    must(signed_key_derive(&key, slice_str(secret)) == 0);
    return key;
}

static struct slice signature_of(struct arena *a, struct slice query)
{
    struct slice value = S("");
    must(url_query_find(&value, a, query, S("signature")) == 0);
    return value;
}

static int read_with(struct signed_upload *out, struct arena *a, const struct signed_key *key,
    const struct signed_upload *asked, struct slice query)
{
    const char *why = NULL;
    const struct signed_check check = {
        .method = asked->method,
        .id = asked->id,
        .query = query,
        .now_ms = NOW_MS,
        .keys = key,
        .n_keys = 1,
    };
    int err = signed_url_read(out, &why, a, &check);
    must(err == 0 || err == ERR_FORBIDDEN);
    must(why != NULL && why[0] != '\0');
    return err;
}

static bool is_same(const struct signed_upload *a, const struct signed_upload *b)
{
    return slice_eq(a->method, b->method) && slice_eq(a->id, b->id) && a->bytes == b->bytes &&
        slice_eq(a->type, b->type) && slice_eq(a->user_id, b->user_id) &&
        a->expires_at_ms / 1000 == b->expires_at_ms / 1000;
}

/* Whatever this key takes, it has signed. */
static void check_taken(struct arena *a, const struct signed_key *key,
    const struct signed_upload *what, struct slice query)
{
    struct buf again;
    buf_init(&again, QUERY_BYTES);
    must(what->expires_at_ms > NOW_MS && what->bytes <= SIGNED_URL_BYTES);
    must(signed_url_write(&again, key, what) == 0);
    must(slice_eq(signature_of(a, buf_slice(&again)), signature_of(a, query)));
    buf_fini(&again);
}

static void check_query(struct slice input)
{
    struct arena a;
    struct signed_upload what;
    struct signed_upload asked = { .bytes = 0 };
    struct signed_key key = key_of("a secret of thirty-two bytes, at least");
    struct slice query = input;
    (void)slice_cut(&asked.method, &query, '\n');
    (void)slice_cut(&asked.id, &query, '\n');
    arena_init(&a, ARENA_BYTES);
    if (read_with(&what, &a, &key, &asked, query) == 0)
        check_taken(&a, &key, &what, query);
    arena_fini(&a);
}

/* One byte somewhere is another one: then it is not taken, unless it means the same. */
static void check_changed(
    const struct signed_key *key, const struct signed_upload *asked, struct buf *query, size_t at)
{
    struct arena a;
    struct signed_upload what;
    if (query->len == 0)
        return;
    arena_init(&a, ARENA_BYTES);
    query->p[at % query->len] ^= 1;
    if (read_with(&what, &a, key, asked, buf_slice(query)) == 0)
        must(is_same(&what, asked));
    query->p[at % query->len] ^= 1;
    arena_fini(&a);
}

/* Lines: method, id, type, user, and what is left are numbers. */
static void check_parts(struct slice input)
{
    struct arena a;
    struct buf query;
    struct signed_upload what;
    struct signed_upload asked = { .bytes = input.len * 977, .expires_at_ms = NOW_MS + 1000 };
    struct signed_key key = key_of("a secret of thirty-two bytes, at least");
    struct signed_key other = key_of("b secret of thirty-two bytes, at least");
    (void)slice_cut(&asked.method, &input, '\n');
    (void)slice_cut(&asked.id, &input, '\n');
    (void)slice_cut(&asked.type, &input, '\n');
    (void)slice_cut(&asked.user_id, &input, '\n');
    arena_init(&a, ARENA_BYTES);
    buf_init(&query, QUERY_BYTES);
    int err = signed_url_write(&query, &key, &asked);
    must(err == 0 || err == ERR_TOO_BIG);
    if (!err && read_with(&what, &a, &key, &asked, buf_slice(&query)) == 0) {
        must(is_same(&what, &asked));
        must(read_with(&what, &a, &other, &asked, buf_slice(&query)) != 0);
        check_changed(&key, &asked, &query, input.len * 31);
    }
    buf_fini(&query);
    arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_of(data, size);
    if (slice_starts(input, S("=")))
        check_parts(slice_drop(input, 1));
    else
        check_query(input);
    return 0;
}
