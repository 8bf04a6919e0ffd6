/* A packet is `<type>[<n>-][<nsp>,][<id>][<json>]`. Its head is cut off part by part; what may
 * stand behind it is a row of `rules`. The JSON is read once, element by element, and in packets
 * with attachments a second time for the placeholders. */
#include "proto/sio.h"

#include "base/json_read.h"
#include "base/panic.h"
#include "base/utf8.h"

#define MAX_ACK_ID ((1ull << 53) - 1) /* the last whole number that every client can hold */

struct rule {
    struct slice starts; /* the JSON begins with one of these; without any there is none */
    bool is_list;        /* and it cannot be absent */
    bool has_name;       /* the list's first element is the event's name */
    bool is_binary;
};

static const struct rule rules[] = {
    [SIO_CONNECT] = { .starts = SLICE("{") },
    [SIO_DISCONNECT] = { .starts = SLICE("") },
    [SIO_EVENT] = { .starts = SLICE("["), .is_list = true, .has_name = true },
    [SIO_ACK] = { .starts = SLICE("["), .is_list = true },
    [SIO_CONNECT_ERROR] = { .starts = SLICE("{\"") },
    [SIO_BINARY_EVENT] = { .starts = SLICE("["),
        .is_list = true,
        .has_name = true,
        .is_binary = true },
    [SIO_BINARY_ACK] = { .starts = SLICE("["), .is_list = true, .is_binary = true },
};

/* What the original keeps for itself, and a name that no JavaScript object should meet. */
static const struct slice reserved_names[] = {
    SLICE("connect"),
    SLICE("connect_error"),
    SLICE("disconnect"),
    SLICE("disconnecting"),
    SLICE("newListener"),
    SLICE("removeListener"),
    SLICE("__proto__"),
};

static struct slice cut_digits(struct slice *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->p[n] >= '0' && rest->p[n] <= '9')
        n++;
    struct slice digits = slice_take(*rest, n);
    *rest = slice_drop(*rest, n);
    return digits;
}

static int read_type(struct sio_packet *out, struct slice *rest)
{
    if (rest->len == 0 || rest->p[0] < '0' || rest->p[0] > '0' + SIO_BINARY_ACK)
        return ERR_PROTOCOL;
    out->type = (enum sio_type)(rest->p[0] - '0');
    *rest = slice_drop(*rest, 1);
    return 0;
}

static int read_attachments(struct sio_packet *out, struct slice *rest)
{
    uint64_t n;
    out->n_attachments = 0;
    if (!rules[out->type].is_binary)
        return 0;
    struct slice digits = cut_digits(rest);
    if (digits.len == 0 || rest->len == 0 || rest->p[0] != '-')
        return ERR_PROTOCOL;
    if (slice_u64(&n, digits) != 0 || n > SIO_MAX_ATTACHMENTS)
        return ERR_TOO_MANY;
    if (n == 0)
        return ERR_PROTOCOL;
    out->n_attachments = (unsigned)n;
    *rest = slice_drop(*rest, 1);
    return 0;
}

static int read_nsp(struct sio_packet *out, struct slice *rest)
{
    out->nsp = S("/");
    if (rest->len == 0 || rest->p[0] != '/')
        return 0;
    ptrdiff_t comma = slice_find(*rest, ',');
    size_t len = comma < 0 ? rest->len : (size_t)comma;
    out->nsp = slice_take(*rest, len);
    *rest = slice_drop(*rest, len + 1);
    return utf8_is_valid(out->nsp) ? 0 : ERR_BAD_UTF8;
}

static int read_ack_id(struct sio_packet *out, struct slice *rest)
{
    struct slice digits = cut_digits(rest);
    out->ack_id = SIO_NO_ACK;
    if (digits.len == 0)
        return 0;
    return slice_u64(&out->ack_id, digits) == 0 && out->ack_id <= MAX_ACK_ID ? 0 : ERR_PROTOCOL;
}

static int read_head(struct sio_packet *out, struct slice *rest)
{
    int err = read_type(out, rest);
    if (!err)
        err = read_attachments(out, rest);
    if (!err)
        err = read_nsp(out, rest);
    return err ? err : read_ack_id(out, rest);
}

static bool is_reserved(struct slice name)
{
    for (size_t i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++) {
        if (slice_eq(name, reserved_names[i]))
            return true;
    }
    return false;
}

static int read_name(struct slice *name, struct json *j, struct arena *a)
{
    struct json_value v;
    switch (json_next(&v, j)) {
    case JSON_ERROR:
        return json_err(j);
    case JSON_NUMBER:
        *name = v.raw;
        return 0;
    case JSON_STRING:
        break;
    default:
        return ERR_PROTOCOL;
    }
    int err = json_text(name, a, &v);
    return !err && is_reserved(*name) ? ERR_PROTOCOL : err;
}

/* The elements up to the list's end. */
static int read_args(struct slice *args, struct json *j)
{
    struct json_value v;
    *args = slice_of("", 0);
    for (;;) {
        switch (json_next_whole(&v, j)) {
        case JSON_ERROR:
            return json_err(j);
        case JSON_ARRAY_END:
            return 0;
        default:
            break;
        }
        struct slice arg = json_source(&v);
        if (args->len == 0)
            *args = arg;
        args->len = (size_t)(arg.p + arg.len - args->p);
    }
}

static int read_list(struct sio_packet *out, struct arena *a)
{
    struct json j;
    struct json_value v;
    int err = 0;
    json_init(&j, out->data, a);
    if (json_next(&v, &j) != JSON_ARRAY)
        return ERR_PROTOCOL;
    if (rules[out->type].has_name)
        err = read_name(&out->name, &j, a);
    if (!err)
        err = read_args(&out->args, &j);
    if (err)
        return err;
    return json_next(&v, &j) == JSON_END ? 0 : json_err(&j);
}

/* ---- placeholders
 *
 * A placeholder is an object of exactly two members, so nothing is open in it, and what is known of
 * the innermost object is all that has to be kept. */

enum member { MEMBER_OTHER, MEMBER_MARK, MEMBER_NUM };

struct scan {
    unsigned n_attachments;
    unsigned n_found;
    uint32_t found; /* bit k: attachment k has its placeholder */

    enum member member; /* whose value is the next token */
    bool is_flat;       /* nothing was opened so far in what is open */
    bool is_marked;     /* it is an object that says that it is a placeholder */
    unsigned n_members;
    int64_t num;
};

static enum member member_of(const struct json_value *key)
{
    if (json_is(key, S("_placeholder")))
        return MEMBER_MARK;
    return json_is(key, S("num")) ? MEMBER_NUM : MEMBER_OTHER;
}

static int take_placeholder(struct scan *s)
{
    if (s->n_members != 2 || s->num < 0 || s->num >= s->n_attachments || s->found >> s->num & 1)
        return ERR_PROTOCOL;
    s->found |= 1u << s->num;
    s->n_found++;
    return 0;
}

static int scan_open(struct scan *s)
{
    if (s->is_marked)
        return ERR_PROTOCOL;
    s->is_flat = true;
    s->n_members = 0;
    s->num = -1;
    return 0;
}

static int scan_close(struct scan *s)
{
    int err = s->is_marked ? take_placeholder(s) : 0;
    s->is_flat = s->is_marked = false;
    return err;
}

static int scan_token(struct scan *s, const struct json_value *v)
{
    enum member member = s->member;
    s->member = MEMBER_OTHER;
    switch (v->type) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return scan_open(s);
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        return scan_close(s);
    case JSON_KEY:
        s->member = member_of(v);
        s->n_members++;
        return 0;
    case JSON_TRUE:
        if (member == MEMBER_MARK)
            s->is_marked = true;
        return s->is_marked && !s->is_flat ? ERR_PROTOCOL : 0;
    case JSON_NUMBER:
        if (member == MEMBER_NUM && json_int(&s->num, v) != 0)
            s->num = -1;
        return 0;
    default:
        return 0;
    }
}

/* Of a list that was read before, so only the arena can fail. */
static int check_placeholders(const struct sio_packet *packet, struct arena *a)
{
    struct json j;
    struct json_value v;
    struct scan s = { .n_attachments = packet->n_attachments };
    json_init(&j, packet->data, a);
    while (json_next(&v, &j) > JSON_END) {
        int err = scan_token(&s, &v);
        if (err)
            return err;
    }
    int err = json_err(&j);
    if (err)
        return err;
    return s.n_found == s.n_attachments ? 0 : ERR_PROTOCOL;
}

int sio_read(struct sio_packet *out, struct arena *a, struct slice text)
{
    struct json_value whole;
    out->name = out->args = S("");
    int err = read_head(out, &text);
    if (err)
        return err;
    out->data = text;
    const struct rule *rule = &rules[out->type];
    if (text.len == 0)
        return rule->is_list ? ERR_PROTOCOL : 0;
    if (slice_find(rule->starts, text.p[0]) < 0)
        return ERR_PROTOCOL;
    if (!rule->is_list)
        return json_read_whole(&whole, text, a);
    err = read_list(out, a);
    return !err && rule->is_binary ? check_placeholders(out, a) : err;
}

void sio_write_head(
    struct buf *out, enum sio_type type, unsigned n_attachments, struct slice nsp, uint64_t ack_id)
{
    ASSERT(n_attachments <= SIO_MAX_ATTACHMENTS && rules[type].is_binary == (n_attachments > 0));
    buf_add_char(out, (char)('0' + type));
    if (n_attachments > 0) {
        buf_add_u64(out, n_attachments);
        buf_add_char(out, '-');
    }
    if (!slice_eq(nsp, S("/"))) {
        buf_add_slice(out, nsp);
        buf_add_char(out, ',');
    }
    if (ack_id != SIO_NO_ACK)
        buf_add_u64(out, ack_id);
}

void sio_write_placeholder(struct buf *out, unsigned num)
{
    buf_add_str(out, "{\"_placeholder\":true,\"num\":");
    buf_add_u64(out, num);
    buf_add_char(out, '}');
}
