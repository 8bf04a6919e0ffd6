/*
 * The Sec-WebSocket-Extensions header: a list of offers, each a name with parameters (RFC 6455
 * 9.1), from which the first is taken that names permessage-deflate and whose parameters are all
 * known, valid and given once (RFC 7692 5.1, 7.1). The parser only ever moves forward. A header
 * that is no such list ends it: what stands before the mistake was judged, the rest is not read.
 */
#include "proto/deflate.h"

struct offer {
    struct deflate_params params;
    unsigned seen; /* bit i: row i of the parameter table */
    bool has_server_bits;
    bool has_client_bits; /* else the client's window cannot be limited */
    bool is_acceptable;
};

/* ---- words */

static void skip(struct slice *s, char also)
{
    while (s->len > 0 && (*s->p == ' ' || *s->p == '\t' || *s->p == also))
        *s = slice_drop(*s, 1);
}

/* Skips white space, then one `c` and more white space; false when there is no `c`. */
static bool take_char(struct slice *s, char c)
{
    skip(s, ' ');
    if (s->len == 0 || *s->p != c)
        return false;
    *s = slice_drop(*s, 1);
    skip(s, ' ');
    return true;
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
    switch (c) {
    case '!':
    case '#' ... '\'':
    case '*' ... '+':
    case '-' ... '.':
    case '0' ... '9':
    case 'A' ... 'Z':
    case '^' ... 'z':
    case '|':
    case '~':
        return true;
    default:
        return false;
    }
}

/* False when no token begins here. */
static bool take_token(struct slice *out, struct slice *s)
{
    size_t n = 0;
    while (n < s->len && is_token_char(s->p[n]))
        n++;
    *out = slice_take(*s, n);
    *s = slice_drop(*s, n);
    return n > 0;
}

/* What stands between quotes, backslashes included: no value of ours needs them. */
static bool take_quoted(struct slice *out, struct slice *s)
{
    size_t n = 1;
    while (n < s->len && s->p[n] != '"')
        n += s->p[n] == '\\' ? 2 : 1;
    if (n >= s->len)
        return false;
    *out = slice_of(s->p + 1, n - 1);
    *s = slice_drop(*s, n + 1);
    return true;
}

static bool take_value(struct slice *out, struct slice *s)
{
    return s->len > 0 && *s->p == '"' ? take_quoted(out, s) : take_token(out, s);
}

/* ---- parameters; a value is NULL when there is none, which an empty one is not */

/* RFC 7692 7.1.2: 8 to 15, no leading zero. */
static bool read_bits(uint8_t *out, struct slice value)
{
    uint64_t n;
    if (value.len == 0 || *value.p == '0' || slice_u64(&n, value) != 0 || n < 8 ||
        n > DEFLATE_MAX_BITS)
        return false;
    *out = (uint8_t)n;
    return true;
}

static bool take_server_no_takeover(struct offer *o, struct slice value)
{
    o->params.server_no_takeover = true;
    return value.p == NULL;
}

static bool take_client_no_takeover(struct offer *o, struct slice value)
{
    o->params.client_no_takeover = true;
    return value.p == NULL;
}

/* A server must not use more than it was offered, so 8 is beyond us. */
static bool take_server_bits(struct offer *o, struct slice value)
{
    o->has_server_bits = true;
    return read_bits(&o->params.server_bits, value) && o->params.server_bits >= DEFLATE_MIN_BITS;
}

static bool take_client_bits(struct offer *o, struct slice value)
{
    o->has_client_bits = true;
    return value.p == NULL || read_bits(&o->params.client_bits, value);
}

static const struct {
    struct slice name;
    bool (*take)(struct offer *o, struct slice value);
} parameters[] = {
    { .name = SLICE("server_no_context_takeover"), .take = take_server_no_takeover },
    { .name = SLICE("client_no_context_takeover"), .take = take_client_no_takeover },
    { .name = SLICE("server_max_window_bits"), .take = take_server_bits },
    { .name = SLICE("client_max_window_bits"), .take = take_client_bits },
};

static bool take_parameter(struct offer *o, struct slice name, struct slice value)
{
    for (unsigned i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
        if (!slice_eq(name, parameters[i].name))
            continue;
        bool is_first = !(o->seen & 1u << i);
        o->seen |= 1u << i;
        return parameters[i].take(o, value) && is_first;
    }
    return false;
}

/* ---- offers */

/* False when the list is at its end, or broken. */
static bool next_offer(struct offer *o, struct slice *rest)
{
    struct slice name;
    skip(rest, ',');
    if (!take_token(&name, rest))
        return false;
    *o = (struct offer){
        .params = { .server_bits = DEFLATE_MAX_BITS, .client_bits = DEFLATE_MAX_BITS },
        .is_acceptable = slice_eq(name, S("permessage-deflate")),
    };
    while (take_char(rest, ';')) {
        struct slice value = { .p = NULL };
        if (!take_token(&name, rest) || (take_char(rest, '=') && !take_value(&value, rest)))
            return false;
        o->is_acceptable = o->is_acceptable && take_parameter(o, name, value);
    }
    return rest->len == 0 || *rest->p == ',';
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static void apply_wishes(struct offer *o, const struct deflate_params *most)
{
    struct deflate_params *p = &o->params;
    p->server_bits = smaller(p->server_bits, most->server_bits);
    if (o->has_client_bits)
        p->client_bits = smaller(p->client_bits, most->client_bits);
    p->server_no_takeover = p->server_no_takeover || most->server_no_takeover;
    p->client_no_takeover = p->client_no_takeover || most->client_no_takeover;
}

static int write_answer(struct buf *answer, const struct offer *o)
{
    const struct deflate_params *p = &o->params;
    buf_add_str(answer, "permessage-deflate");
    if (p->server_no_takeover)
        buf_add_str(answer, "; server_no_context_takeover");
    if (p->client_no_takeover)
        buf_add_str(answer, "; client_no_context_takeover");
    if (o->has_server_bits || p->server_bits < DEFLATE_MAX_BITS) {
        buf_add_str(answer, "; server_max_window_bits=");
        buf_add_u64(answer, p->server_bits);
    }
    if (p->client_bits < DEFLATE_MAX_BITS) {
        buf_add_str(answer, "; client_max_window_bits=");
        buf_add_u64(answer, p->client_bits);
    }
    return buf_err(answer);
}

int deflate_negotiate_within(struct deflate_params *out, struct buf *answer,
    const struct deflate_params *most, struct slice offers)
{
    struct offer o;
    while (next_offer(&o, &offers)) {
        if (!o.is_acceptable)
            continue;
        apply_wishes(&o, most);
        *out = o.params;
        return write_answer(answer, &o);
    }
    return ERR_NOT_FOUND;
}

int deflate_negotiate(struct deflate_params *out, struct buf *answer, struct slice offers)
{
    static const struct deflate_params all = { .server_bits = DEFLATE_MAX_BITS,
        .client_bits = DEFLATE_MAX_BITS };
    return deflate_negotiate_within(out, answer, &all, offers);
}
