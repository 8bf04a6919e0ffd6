/* The slots are one array. A search begins at the slot that the low bits of the hash name and goes
 * on, slot by slot, to the key or to a free slot. A removal moves the entries behind it up instead
 * of leaving a mark, so a table that lives long stays as fast as a new one. At most three quarters
 * are used; a table used to less than an eighth is halved. */
#include "base/map.h"

#include "base/panic.h"
#include "base/xalloc.h"

#define MIN_CAP 8u
#define MAX_CAP (1u << 31)

/* Free when `value` is NULL. The hash saves most comparisons of keys, and all hashing when the
 * table grows. */
struct map_slot {
    struct slice key;
    void *value;
    uint32_t hash;
};

static uint64_t load64(const char *p)
{
    uint64_t n;
    memcpy(&n, p, sizeof(n));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(n) : n;
}

static uint64_t rotate(uint64_t n, unsigned by)
{
    return n << by | n >> (64 - by);
}

/* Inlined, so that the state stays in registers: every message looks up half a dozen names. */
__attribute__((always_inline)) static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* The last word: what is left of the bytes, and the length modulo 256 in the top byte. */
static uint64_t last_word(const char *p, size_t len)
{
    unsigned rest = len & 7;
    uint64_t word = (uint64_t)len << 56;
    if (rest > 0 && len > 8)
        return word | load64(p + rest - 8) >> (64 - 8 * rest);
    for (unsigned i = 0; i < rest; i++)
        word |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return word;
}

__attribute__((always_inline)) static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t map_siphash(struct map_key key, struct slice s)
{
    uint64_t v[4] = {
        key.k0 ^ 0x736f6d6570736575,
        key.k1 ^ 0x646f72616e646f6d,
        key.k0 ^ 0x6c7967656e657261,
        key.k1 ^ 0x7465646279746573,
    };
    const char *p = s.p;
    for (size_t words = s.len / 8; words > 0; words--, p += 8)
        sip_word(v, load64(p));
    sip_word(v, last_word(p, s.len));
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *m, struct map_key key)
{
    *m = (struct map){ .key = key };
}

void map_fini(struct map *m)
{
    xfree(m->slots);
    map_init(m, m->key);
}

/* The slot of `key`, or the free one where its search ends. There always is a free one. */
static struct map_slot *seek(const struct map *m, struct slice key, uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        struct map_slot *slot = &m->slots[i & (m->cap - 1)];
        if (slot->value == NULL || (slot->hash == hash && slice_eq(slot->key, key)))
            return slot;
    }
}

void *map_find(const struct map *m, struct slice key)
{
    return m->n > 0 ? seek(m, key, (uint32_t)map_siphash(m->key, key))->value : NULL;
}

/* Moves every entry to the first free slot of its search in a table of `cap`. */
static void move_all(struct map_slot *to, uint32_t cap, const struct map *m)
{
    for (uint32_t i = 0; i < m->cap; i++) {
        const struct map_slot *slot = &m->slots[i];
        uint32_t at = slot->hash;
        if (slot->value == NULL)
            continue;
        while (to[at & (cap - 1)].value != NULL)
            at++;
        to[at & (cap - 1)] = *slot;
    }
}

static bool resize(struct map *m, uint32_t cap)
{
    struct map_slot *slots = xtry(NULL, cap * sizeof(*slots));
    if (slots == NULL)
        return false;
    memset(slots, 0, cap * sizeof(*slots));
    move_all(slots, cap, m);
    xfree(m->slots);
    m->slots = slots;
    m->cap = cap;
    return true;
}

/* Room for one more: at most three quarters are used, or probing gets long. */
static int make_room(struct map *m)
{
    if (m->n < m->cap / 4 * 3)
        return 0;
    if (m->cap == MAX_CAP || !resize(m, m->cap > 0 ? m->cap * 2 : MIN_CAP))
        return ERR_NO_MEMORY;
    return 0;
}

static void give(void **old, void *value)
{
    if (old != NULL)
        *old = value;
}

int map_put(struct map *m, struct slice key, void *value, void **old)
{
    uint32_t hash = (uint32_t)map_siphash(m->key, key);
    struct map_slot *slot = m->cap > 0 ? seek(m, key, hash) : NULL;
    ASSERT(value != NULL);
    give(old, slot != NULL ? slot->value : NULL);
    if (slot == NULL || slot->value == NULL) {
        int err = make_room(m);
        if (err)
            return err;
        slot = seek(m, key, hash);
        m->n++;
    }
    /* The new key also replaces: the old one usually lies in the old value. */
    *slot = (struct map_slot){ .key = key, .value = value, .hash = hash };
    return 0;
}

/* Frees a slot. Entries behind it that were pushed past it move up, so that no search meets a gap
 * and no mark of removal is needed. */
static void close_gap(struct map *m, struct map_slot *slot)
{
    uint32_t mask = m->cap - 1;
    uint32_t gap = (uint32_t)(slot - m->slots);
    for (uint32_t i = (gap + 1) & mask; m->slots[i].value != NULL; i = (i + 1) & mask) {
        uint32_t pushed = (i - m->slots[i].hash) & mask;
        if (pushed < ((i - gap) & mask))
            continue;
        m->slots[gap] = m->slots[i];
        gap = i;
    }
    m->slots[gap] = (struct map_slot){ 0 };
}

/* Without memory for a smaller table the large one stays. */
static void shrink(struct map *m)
{
    if (m->cap > MIN_CAP && m->n < m->cap / 8)
        (void)resize(m, m->cap / 2);
}

void *map_remove(struct map *m, struct slice key)
{
    if (m->n == 0)
        return NULL;
    struct map_slot *slot = seek(m, key, (uint32_t)map_siphash(m->key, key));
    void *value = slot->value;
    if (value == NULL)
        return NULL;
    close_gap(m, slot);
    m->n--;
    shrink(m);
    return value;
}

void *map_next(const struct map *m, uint32_t *at)
{
    while (*at < m->cap) {
        void *value = m->slots[(*at)++].value;
        if (value != NULL)
            return value;
    }
    return NULL;
}
