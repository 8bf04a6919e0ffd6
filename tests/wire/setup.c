/* A hub with all languages, a store in memory, and a clock that is turned by hand. */
#include "stage_parts.h"
#include "store/memory.h"

#include <stdlib.h>

#define TURNS           24 /* more than any chain of answers has links */
#define TEXTS_MAX_BYTES (256u << 20)

static const struct {
    const char *name;
    unsigned limit;
    uint32_t per_s;
    uint32_t burst; /* times per_s */
} rates[LIMITS] = {
    { "rate.join", RATE_JOIN, 5, 4 },
    { "rate.control", RATE_CONTROL, 10, 2 },
    { "rate.presence", RATE_PRESENCE, 10, 2 },
    { "rate.signal", RATE_SIGNAL, 50, 4 },
    { "rate.chat", RATE_CHAT, 10, 2 },
    { "rate.board", RATE_BOARD, 60, 2 },
    { "rate.proctor", RATE_PROCTOR, 5, 4 },
    { "rate.code", RATE_CODE, 20, 2 },
    { "rate.create", LIMIT_CREATE, 5, 20 },
    { "rate.miss", LIMIT_MISS, 1, 60 },
    { "rate.misses", LIMIT_MISSES, 17, 60 },
};

static void set_rate(struct stage *s, size_t i, uint32_t per_s)
{
    s->settings.rates[rates[i].limit] = (struct limit_rate){ .per_s = per_s,
        .burst = per_s * rates[i].burst };
}

static bool set_auth(struct stage *s, struct slice value)
{
    static const struct slice modes[] = { [AUTH_OPEN] = SLICE("open"),
        [AUTH_OPTIONAL] = SLICE("optional"),
        [AUTH_REQUIRED] = SLICE("required") };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (slice_eq(value, modes[i])) {
            s->settings.auth_mode = (enum auth_mode)i;
            return true;
        }
    }
    return false;
}

static bool set_number(struct stage *s, struct slice name, uint64_t n)
{
    if (slice_eq(name, S("mesh"))) {
        s->settings.mesh_limit = (uint32_t)n;
        return true;
    }
    if (slice_eq(name, S("rooms"))) {
        s->settings.max_rooms = (uint32_t)n;
        return true;
    }
    for (size_t i = 0; i < LIMITS; i++) {
        if (slice_eq(name, slice_str(rates[i].name))) {
            set_rate(s, i, (uint32_t)n);
            return true;
        }
    }
    return false;
}

static bool set_ice(struct stage *s, struct slice name, struct slice value)
{
    struct hub_ice *ice = &s->settings.ice;
    struct slice kept = stage_keep(s, value);
    if (slice_eq(name, S("stun"))) {
        s->ice[0] = kept.p;
        ice->stun = &s->ice[0];
        ice->n_stun = 1;
    } else if (slice_eq(name, S("turn"))) {
        s->ice[1] = kept.p;
        ice->turn = &s->ice[1];
        ice->n_turn = 1;
    } else if (slice_eq(name, S("turn-secret"))) {
        ice->turn_secret = kept;
    } else {
        return false;
    }
    return true;
}

static bool set(struct stage *s, const struct setting *o)
{
    uint64_t ms = 0, n = 0;
    bool is_time = script_duration(&ms, o->value) == 0;
    if (slice_eq(o->name, S("grace")) && is_time)
        s->settings.grace_ms = (uint32_t)ms;
    else if (slice_eq(o->name, S("idle")) && is_time)
        s->settings.idle_ms = (uint32_t)ms;
    else if (slice_eq(o->name, S("auth")))
        return set_auth(s, o->value);
    else if (slice_u64(&n, o->value) == 0)
        return set_number(s, o->name, n);
    else
        return set_ice(s, o->name, o->value);
    return true;
}

static void set_all(struct stage *s)
{
    s->settings = (struct hub_settings){
        .auth_mode = AUTH_OPTIONAL,
        .max_rooms = 10000,
        .max_sessions = 10000,
        .idle_ms = 600000,
        .grace_ms = 120000,
        .mesh_limit = 4,
        .token_secret = S(STAGE_SECRET),
        .token_ttl_ms = STAGE_TOKEN_TTL_MS,
    };
    for (size_t i = 0; i < LIMITS; i++)
        set_rate(s, i, rates[i].per_s);
    for (const struct setting *o = s->script->settings; o != NULL; o = o->next) {
        if (!set(s, o))
            stage_fail(s, o->line, "there is no setting '%.*s', or it has another kind of value",
                TEXT(o->name));
    }
}

void stage_set_up(struct stage *s)
{
    const struct language *focus = &focus_language, *proctor = &proctor_language;
    arena_init(&s->arena, TEXTS_MAX_BYTES);
    s->names.arena = &s->arena;
    link_init(&s->clients);
    test_clock_init(&s->clock);
    if (loop_new(&s->loop, &s->clock.clock))
        abort();
    s->store = store_memory_new(s->loop);
    set_all(s);
    loopback_init(s->lines);
    places_alone(&s->places, s->loop);
    hubs_init(&s->hubs, &s->places);
    s->hub = hub_new(&s->hubs, 0, s->store, &s->settings);
    s->socket = dispatch_new(s->hub, registry_socket, REGISTRY_SOCKET);
    s->focus = dispatch_new(s->hub, &focus, 1);
    s->proctor = dispatch_new(s->hub, &proctor, 1);
}

void stage_settle(struct stage *s)
{
    for (int i = 0; i < TURNS; i++)
        loop_turn(s->loop, false);
}

void stage_tear_down(struct stage *s)
{
    LIST_EACH(l, &s->clients)
        client_hang_up(CONTAINER_OF(l, struct client, link));
    stage_settle(s);
    dispatch_free(s->socket);
    dispatch_free(s->focus);
    dispatch_free(s->proctor);
    hub_free(s->hub);
    s->store->ops->close(s->store);
    loop_free(s->loop);
    arena_fini(&s->arena);
}
