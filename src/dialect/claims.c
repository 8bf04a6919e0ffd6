/* A ring of what was said, the newest in place of the oldest. Texts are not kept: two hashes under
 * a random key stand for them, so that a claim has a fixed size however long the message was. */
#include "dialect/claims.h"

#include "base/map.h"
#include "base/random.h"
#include "base/xalloc.h"

struct entry {
    uint64_t by_text;   /* room, author and text */
    uint64_t by_client; /* room, author and client id */
    bool has_client;
    int64_t at_ms;
    char id[CLAIMS_ID_BYTES + 1]; /* "": taken, or never used */
};

struct claims {
    struct map_key key;
    uint32_t next; /* where the next one goes: that is the oldest */
    struct entry at[CLAIMS_MAX];
};

struct claims *claims_new(void)
{
    struct claims *c = xalloc(sizeof(*c));
    c->key = (struct map_key){ .k0 = random_u64(), .k1 = random_u64() };
    return c;
}

void claims_free(struct claims *c)
{
    xfree(c);
}

static uint64_t hash(const struct claims *c, const struct claim *said, struct slice what)
{
    const uint64_t parts[] = { map_siphash(c->key, said->room_id),
        map_siphash(c->key, said->user_id), map_siphash(c->key, what) };
    return map_siphash(c->key, slice_of(parts, sizeof(parts)));
}

void claims_add(struct claims *c, const struct claim *said, struct slice message_id, int64_t now_ms)
{
    if (message_id.len == 0 || message_id.len > CLAIMS_ID_BYTES)
        return;
    struct entry *e = &c->at[c->next];
    c->next = (c->next + 1) % CLAIMS_MAX;
    *e = (struct entry){
        .by_text = hash(c, said, said->text),
        .by_client = hash(c, said, said->client_id),
        .has_client = said->client_id.len > 0,
        .at_ms = now_ms,
    };
    memcpy(e->id, message_id.p, message_id.len);
}

/* The wall clock may have been set back meanwhile. */
static bool is_fresh(const struct entry *e, int64_t now_ms)
{
    int64_t age = now_ms - e->at_ms;
    return e->id[0] != '\0' && age <= CLAIMS_MS && age >= -CLAIMS_MS;
}

/* With an id on both sides, the ids decide: the same words said twice are two messages. */
static bool is_it(const struct entry *e, const struct entry *wanted)
{
    if (e->has_client && wanted->has_client)
        return e->by_client == wanted->by_client;
    return e->by_text == wanted->by_text;
}

bool claims_take(char message_id[CLAIMS_ID_BYTES + 1], struct claims *c, const struct claim *said,
    int64_t now_ms)
{
    const struct entry wanted = {
        .by_text = hash(c, said, said->text),
        .by_client = hash(c, said, said->client_id),
        .has_client = said->client_id.len > 0,
    };
    for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
        struct entry *e = &c->at[(c->next + i) % CLAIMS_MAX];
        if (!is_fresh(e, now_ms) || !is_it(e, &wanted))
            continue;
        memcpy(message_id, e->id, sizeof(e->id));
        e->id[0] = '\0';
        return true;
    }
    return false;
}
