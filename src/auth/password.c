#include "auth/password.h"

#include "base/base64.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* What any setting can ask for: a hash that asks for more is none of ours, and is not computed. */
#define MEMORY_MAX_KIB (1u << 20)
#define PASSES_MAX     100u
#define SALT_BYTES     16
#define DIGEST_BYTES   32
#define POLITE         10 /* how much loops come before workers: see nice(2) */

_Static_assert(STORE_HASH_MAX >= crypto_pwhash_STRBYTES, "a hash has place where it is kept");

struct passwords {
    struct loop *loop;
    struct workers *workers;
    size_t memory_bytes;
    unsigned long long passes;
    char nobodys[STORE_HASH_MAX]; /* a hash of no password */
};

/* ---- hashes ---- */

/* Without padding, as crypto_pwhash_str() has it. */
static void make_random(char out[2 * DIGEST_BYTES], size_t len)
{
    char bytes[DIGEST_BYTES];
    random_bytes(bytes, len);
    base64_encode(out, slice_of(bytes, len), BASE64_STANDARD);
    out[base64_encoded_len(len, BASE64_URL)] = '\0';
}

/* Of the settings' form and cost, with random numbers where salt and digest are. */
static void make_nobodys(struct passwords *p)
{
    char salt[2 * DIGEST_BYTES];
    char digest[2 * DIGEST_BYTES];
    make_random(salt, SALT_BYTES);
    make_random(digest, DIGEST_BYTES);
    int len = snprintf(p->nobodys, sizeof p->nobodys, "$argon2id$v=19$m=%zu,t=%llu,p=1$%s$%s",
        p->memory_bytes / 1024, p->passes, salt, digest);
    ASSERT(len > 0 && (size_t)len < sizeof p->nobodys);
}

/* The number behind `name` at the beginning of `*rest`, up to `end`, which is cut off with it. */
static bool cut_number(uint64_t *out, struct slice *rest, struct slice name, char end)
{
    ptrdiff_t at = slice_find(*rest, end);
    if (at < 0 || !slice_starts(*rest, name))
        return false;
    struct slice digits = slice_drop(slice_take(*rest, (size_t)at), name.len);
    *rest = slice_drop(*rest, (size_t)at + 1);
    return slice_u64(out, digits) == 0;
}

/* The library reads some other bytes as if they were of the alphabet. */
static bool is_spelled_well(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && !(c != '\0' && strchr("+/$,=", c)))
            return false;
    }
    return true;
}

static bool is_ours(const char *hash)
{
    struct slice rest = slice_str(hash), head = S("$argon2id$v=19$");
    uint64_t kib, passes, lanes;
    if (!slice_starts(rest, head) || !is_spelled_well(rest))
        return false;
    rest = slice_drop(rest, head.len);
    return cut_number(&kib, &rest, S("m="), ',') && cut_number(&passes, &rest, S("t="), ',') &&
        cut_number(&lanes, &rest, S("p="), '$') && kib <= MEMORY_MAX_KIB && passes <= PASSES_MAX &&
        lanes == 1;
}

static int hash(struct password_work *w)
{
    char made[crypto_pwhash_STRBYTES];
    const struct passwords *p = w->by;
    if (crypto_pwhash_str(made, w->text, w->len, p->passes, p->memory_bytes))
        return ERR_NO_MEMORY;
    memcpy(w->hash, made, sizeof made);
    return 0;
}

static int verify(struct password_work *w)
{
    const struct passwords *p = w->by;
    bool is_same = is_ours(w->hash) && crypto_pwhash_str_verify(w->hash, w->text, w->len) == 0;
    w->is_right = is_same && !w->is_pointless;
    if (!w->is_right || !crypto_pwhash_str_needs_rehash(w->hash, p->passes, p->memory_bytes))
        return 0;
    w->is_renewed = hash(w) == 0; /* else the old one stays */
    return 0;
}

/* ---- work ---- */

/* A worker gives way to the loops: a moment later for one is nothing, for all it is a stutter. */
static void on_worker(struct job *job)
{
    struct password_work *w = CONTAINER_OF(job, struct password_work, job);
    setpriority(PRIO_PROCESS, (id_t)gettid(), POLITE);
    w->err = w->is_verifying ? verify(w) : hash(w);
    sodium_memzero(w->text, sizeof w->text);
}

static void on_done(struct job *job)
{
    struct password_work *w = CONTAINER_OF(job, struct password_work, job);
    sodium_memzero(w->text, sizeof w->text);
    w->done(w);
}

static int run(struct password_work *w, struct passwords *p, struct slice text)
{
    ASSERT(text.len <= sizeof w->text && w->done);
    memcpy(w->text, text.p, text.len);
    w->len = text.len;
    w->by = p;
    w->is_right = w->is_renewed = false;
    w->err = ERR_DRAINING; /* unless a worker takes it */
    w->job = (struct job){ .work = on_worker, .done = on_done };
    int err = workers_run(p->workers, &w->job, p->loop);
    if (err)
        sodium_memzero(w->text, sizeof w->text);
    return err;
}

int password_check(struct slice text)
{
    bool is_good = text.len >= PASSWORD_MIN_BYTES && text.len <= PASSWORD_MAX_BYTES;
    return is_good && utf8_is_valid(text) ? 0 : ERR_BAD_VALUE;
}

int password_make(struct password_work *w, struct passwords *p, struct slice text)
{
    w->is_verifying = false;
    w->is_pointless = false;
    w->hash[0] = '\0';
    return run(w, p, text);
}

int password_verify(
    struct password_work *w, struct passwords *p, struct slice text, struct slice hash)
{
    w->is_verifying = true;
    w->is_pointless = hash.len == 0;
    if (w->is_pointless)
        hash = slice_str(p->nobodys);
    hash = slice_take(hash, sizeof w->hash - 1);
    memcpy(w->hash, hash.p, hash.len);
    memset(w->hash + hash.len, 0, sizeof w->hash - hash.len);
    return run(w, p, text);
}

/* ---- beginning and end ---- */

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

struct passwords *passwords_new(struct loop *loop, const struct password_settings *settings)
{
    struct passwords *p = xalloc(sizeof *p);
    ASSERT(sodium_init() >= 0);
    p->loop = loop;
    p->memory_bytes = settings->memory_bytes / 1024 * 1024;
    p->passes = settings->passes;
    p->workers = workers_new(settings->threads > 0 ? settings->threads : cores(), PASSWORD_WAITING);
    make_nobodys(p);
    return p;
}

void passwords_free(struct passwords *p)
{
    if (!p)
        return;
    workers_free(p->workers);
    loop_turn(p->loop, false);
    xfree(p);
}
