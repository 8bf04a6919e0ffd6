/* A state for each part of the archive. Each state's function takes bytes, and either has an event
 * to tell, or goes on to another state, or needs more bytes. */
#include "proto/tar_head.h"

void tar_reader_init(struct tar_reader *r)
{
    *r = (struct tar_reader){ .state = TAR_AT_HEAD };
}

bool tar_is_complete(const struct tar_reader *r)
{
    return r->state == TAR_AT_REST;
}

static bool is_zero(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != '\0')
            return false;
    return true;
}

/* Up to `most` bytes. */
static struct slice take(struct slice *in, uint64_t most)
{
    struct slice part = slice_take(*in, most > in->len ? in->len : (size_t)most);
    *in = slice_drop(*in, part.len);
    return part;
}

static uint32_t take_into(char *to, struct slice *in, uint64_t most)
{
    struct slice part = take(in, most);
    if (part.len > 0)
        memcpy(to, part.p, part.len);
    return (uint32_t)part.len;
}

/* ---- fields ---- */

static int read_octal(uint64_t *out, const char *field, size_t len)
{
    size_t i = 0;
    uint64_t n = 0;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        n = n * 8 + (uint64_t)(field[i] - '0');
    size_t digits = i;
    while (i < len && (field[i] == '\0' || field[i] == ' '))
        i++;
    if (digits == 0 || digits == len || i < len)
        return ERR_BAD_VALUE;
    *out = n;
    return 0;
}

#define READ_OCTAL(out, field) read_octal((out), (field), sizeof(field))

static struct slice text_of(const char *field, size_t len)
{
    return slice_of(field, strnlen(field, len));
}

#define TEXT_OF(field) text_of((field), sizeof(field))

static enum tar_type type_of(char type)
{
    switch (type) {
    case TAR_TYPE_FILE:
    case '\0':
        return TAR_FILE;
    case '1':
    case '2':
        return TAR_LINK;
    case '5':
        return TAR_FOLDER;
    default:
        return TAR_OTHER;
    }
}

/* Never longer than the place for it: 155 + 1 + 100 bytes. */
static struct slice join_name(struct tar_reader *r, const struct tar_head *h)
{
    struct slice prefix = TEXT_OF(h->prefix);
    struct slice name = TEXT_OF(h->name);
    size_t len = prefix.len;
    memcpy(r->name, prefix.p, prefix.len);
    if (prefix.len > 0)
        r->name[len++] = '/';
    memcpy(r->name + len, name.p, name.len);
    return slice_of(r->name, len + name.len);
}

/* ---- extended heads ---- */

static int take_size(struct tar_reader *r, struct slice value)
{
    r->has_pax_size = true;
    return slice_u64(&r->pax_size, value);
}

static int take_path(struct tar_reader *r, struct slice value)
{
    r->pax_path = value;
    if (value.len == 0 || slice_find(value, '\0') >= 0)
        return ERR_BAD_VALUE;
    return value.len > TAR_NAME_MAX ? ERR_TOO_BIG : 0;
}

/* "27 path=a/long/name\n", the length of which was read. Keys without meaning here change nothing.
 */
static int take_record(struct tar_reader *r, struct slice record)
{
    struct slice key;
    struct slice value = slice_take(record, record.len - 1);
    if (!slice_ends(record, S("\n")) || slice_find(value, '=') < 0)
        return ERR_BAD_VALUE;
    if (!slice_cut(&key, &value, '='))
        return ERR_BAD_VALUE;
    if (slice_eq(key, S("path")))
        return take_path(r, value);
    if (slice_eq(key, S("size")))
        return take_size(r, value);
    return slice_starts(key, S("GNU.sparse")) ? ERR_NOT_IMPLEMENTED : 0;
}

static int take_records(struct tar_reader *r)
{
    struct slice rest = slice_of(r->pax, r->pax_len);
    int err = 0;
    while (rest.len > 0 && !err) {
        uint64_t len;
        ptrdiff_t digits = slice_find(rest, ' ');
        if (digits < 1 || slice_u64(&len, slice_take(rest, (size_t)digits)))
            return ERR_BAD_VALUE;
        if (len > rest.len || len < (uint64_t)digits + sizeof(" =\n") - 1)
            return ERR_BAD_VALUE;
        err = take_record(r, slice_drop(slice_take(rest, (size_t)len), (size_t)digits + 1));
        rest = slice_drop(rest, (size_t)len);
    }
    return err;
}

/* ---- states ---- */

static void begin_content(struct tar_reader *r, uint64_t bytes, enum tar_state state)
{
    r->left = bytes;
    r->padding = tar_padding(bytes);
    r->state = state;
}

static int begin_pax(struct tar_reader *r, uint64_t bytes)
{
    if (r->has_pax || bytes == 0)
        return ERR_BAD_VALUE;
    if (bytes > sizeof(r->pax))
        return ERR_TOO_BIG;
    r->has_pax = true;
    r->is_pax = true;
    r->pax_len = 0;
    begin_content(r, bytes, TAR_AT_PAX);
    return 0;
}

static void forget_pax(struct tar_reader *r)
{
    r->has_pax = false;
    r->has_pax_size = false;
    r->pax_path = S("");
}

static int begin_member(struct tar_event *out, struct tar_reader *r, const struct tar_head *h)
{
    uint64_t mode, modified_s;
    struct tar_member *m = &out->member;
    int err = READ_OCTAL(&m->bytes, h->size);
    if (!err)
        err = READ_OCTAL(&mode, h->mode);
    if (!err)
        err = READ_OCTAL(&modified_s, h->mtime);
    if (err)
        return err;
    if (h->type == TAR_TYPE_PAX)
        return begin_pax(r, m->bytes);
    m->type = type_of(h->type);
    m->mode = mode & 07777;
    m->modified_s = (int64_t)modified_s;
    m->bytes = r->has_pax_size ? r->pax_size : m->bytes;
    m->name = r->pax_path.len > 0 ? r->pax_path : join_name(r, h);
    if (m->name.len == 0 || (m->type != TAR_FILE && m->bytes > 0) || m->bytes > INT64_MAX)
        return ERR_BAD_VALUE;
    out->type = TAR_MEMBER;
    forget_pax(r);
    begin_content(r, m->bytes, TAR_AT_DATA);
    return 0;
}

static int read_zeros(struct tar_event *out, struct tar_reader *r)
{
    if (r->has_pax)
        return ERR_BAD_VALUE;
    if (++r->zeros < 2)
        return 0;
    r->state = TAR_AT_REST;
    out->type = TAR_END;
    return 0;
}

/* A head's sum is written as six digits, a NUL and a space, by everyone. */
static bool is_sum_right(const struct tar_head *h)
{
    uint64_t sum;
    return READ_OCTAL(&sum, h->sum) == 0 && memcmp(h->sum + 6, "\0 ", 2) == 0 && sum == tar_sum(h);
}

static int at_head(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    const struct tar_head *h = (const struct tar_head *)(const void *)r->block;
    r->have += take_into(r->block + r->have, in, sizeof(r->block) - r->have);
    if (r->have < sizeof(r->block))
        return ERR_AGAIN;
    r->have = 0;
    if (is_zero(r->block, sizeof(r->block)))
        return read_zeros(out, r);
    if (r->zeros > 0 || !is_sum_right(h))
        return ERR_BAD_VALUE;
    if (memcmp(h->magic, TAR_MAGIC, sizeof(h->magic)) != 0)
        return ERR_NOT_IMPLEMENTED;
    return begin_member(out, r, h);
}

static int at_pax(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    (void)out;
    uint32_t n = take_into(r->pax + r->pax_len, in, r->left);
    r->pax_len += n;
    r->left -= n;
    if (r->left > 0)
        return ERR_AGAIN;
    r->state = TAR_AT_PADDING;
    return take_records(r);
}

static int at_data(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    if (r->left == 0) {
        r->state = TAR_AT_PADDING;
        return 0;
    }
    if (in->len == 0)
        return ERR_AGAIN;
    out->type = TAR_DATA;
    out->data = take(in, r->left);
    r->left -= out->data.len;
    return 0;
}

static int at_padding(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    struct slice part = take(in, r->padding);
    r->padding -= (uint32_t)part.len;
    if (!is_zero(part.p, part.len))
        return ERR_BAD_VALUE;
    if (r->padding > 0)
        return ERR_AGAIN;
    out->type = r->is_pax ? TAR_NOTHING : TAR_MEMBER_END;
    r->is_pax = false;
    r->state = TAR_AT_HEAD;
    return 0;
}

static int at_rest(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    (void)out;
    (void)r;
    struct slice part = take(in, in->len);
    return is_zero(part.p, part.len) ? ERR_AGAIN : ERR_BAD_VALUE;
}

static int at_fault(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    (void)out;
    (void)in;
    return r->err;
}

typedef int(state_fn)(struct tar_event *out, struct tar_reader *r, struct slice *in);

static state_fn *const states[] = {
    [TAR_AT_HEAD] = at_head,
    [TAR_AT_PAX] = at_pax,
    [TAR_AT_DATA] = at_data,
    [TAR_AT_PADDING] = at_padding,
    [TAR_AT_REST] = at_rest,
    [TAR_AT_FAULT] = at_fault,
};

int tar_read(struct tar_event *out, struct tar_reader *r, struct slice *in)
{
    int err = 0;
    *out = (struct tar_event){ .type = TAR_NOTHING };
    while (!err && out->type == TAR_NOTHING)
        err = states[r->state](out, r, in);
    if (err && err != ERR_AGAIN) {
        r->err = err;
        r->state = TAR_AT_FAULT;
    }
    return err;
}
