#include "net/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

static const uint8_t v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static struct slice without_brackets(struct slice s)
{
    if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
        return slice_of(s.p + 1, s.len - 2);
    return s;
}

int ip_parse(struct ip *out, struct slice text)
{
    char z[INET6_ADDRSTRLEN];
    text = without_brackets(text);
    if (text.len >= sizeof z || text.len == 0 || slice_find(text, '\0') >= 0)
        return ERR_BAD_VALUE;
    memcpy(z, text.p, text.len);
    z[text.len] = '\0';
    if (inet_pton(AF_INET, z, out->bytes + 12) == 1) {
        memcpy(out->bytes, v4_prefix, sizeof v4_prefix);
        return 0;
    }
    return inet_pton(AF_INET6, z, out->bytes) == 1 ? 0 : ERR_BAD_VALUE;
}

static bool is_v4(struct ip ip)
{
    return memcmp(ip.bytes, v4_prefix, sizeof v4_prefix) == 0;
}

int addr_parse(struct addr *out, struct slice host, uint16_t port)
{
    struct ip ip;
    int err = ip_parse(&ip, host);
    if (err)
        return err;
    *out = (struct addr){ .len = sizeof out->v6 };
    if (is_v4(ip)) {
        out->len = sizeof out->v4;
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        memcpy(&out->v4.sin_addr, ip.bytes + 12, 4);
        return 0;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    memcpy(&out->v6.sin6_addr, ip.bytes, 16);
    return 0;
}

int addr_local(struct addr *out, struct slice path)
{
    *out = (struct addr){ .len = sizeof out->local };
    if (path.len == 0 || path.len >= sizeof out->local.sun_path)
        return ERR_BAD_VALUE;
    out->local.sun_family = AF_UNIX;
    memcpy(out->local.sun_path, path.p, path.len);
    return 0;
}

int addr_local_in(struct addr *out, struct slice folder, int folder_fd, const char *name)
{
    char path[sizeof out->local.sun_path];
    int len = snprintf(path, sizeof path, "%.*s/%s", (int)folder.len, folder.p, name);
    if (len < 0 || (size_t)len >= sizeof path)
        len = snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder_fd, name);
    bool fits = len >= 0 && (size_t)len < sizeof path;
    return fits ? addr_local(out, slice_of(path, (size_t)len)) : ERR_BAD_VALUE;
}

struct ip addr_ip(const struct addr *a)
{
    struct ip ip = { { 0 } };
    if (a->any.sa_family == AF_INET) {
        memcpy(ip.bytes, v4_prefix, sizeof v4_prefix);
        memcpy(ip.bytes + 12, &a->v4.sin_addr, 4);
    } else if (a->any.sa_family == AF_INET6) {
        memcpy(ip.bytes, &a->v6.sin6_addr, 16);
    }
    return ip;
}

uint16_t addr_port(const struct addr *a)
{
    if (a->any.sa_family == AF_INET)
        return ntohs(a->v4.sin_port);
    return a->any.sa_family == AF_INET6 ? ntohs(a->v6.sin6_port) : 0;
}

void addr_text(char out[ADDR_TEXT_BYTES], const struct addr *a)
{
    char ip[ADDR_TEXT_BYTES];
    if (a->any.sa_family == AF_UNIX) {
        snprintf(out, ADDR_TEXT_BYTES, "unix:%.107s", a->local.sun_path);
        return;
    }
    ip_text(ip, addr_ip(a));
    bool is_v6 = a->any.sa_family == AF_INET6;
    snprintf(
        out, ADDR_TEXT_BYTES, "%s%.64s%s:%u", is_v6 ? "[" : "", ip, is_v6 ? "]" : "", addr_port(a));
}

void ip_text(char out[ADDR_TEXT_BYTES], struct ip ip)
{
    if (is_v4(ip))
        inet_ntop(AF_INET, ip.bytes + 12, out, ADDR_TEXT_BYTES);
    else
        inet_ntop(AF_INET6, ip.bytes, out, ADDR_TEXT_BYTES);
}

int ip_range_parse(struct ip_range *out, struct slice text)
{
    struct slice host;
    struct slice rest = text;
    if (!slice_cut(&host, &rest, '/'))
        return ERR_BAD_VALUE;
    int err = ip_parse(&out->ip, host);
    if (err)
        return err;
    uint64_t bits = is_v4(out->ip) ? 32 : 128;
    if (host.len < text.len) {
        uint64_t given;
        err = slice_u64(&given, rest);
        if (err || given > bits)
            return ERR_BAD_VALUE;
        bits = given;
    }
    out->bits = (uint8_t)(is_v4(out->ip) ? bits + 96 : bits);
    return 0;
}

bool ip_range_has(const struct ip_range *r, struct ip ip)
{
    unsigned whole = r->bits / 8;
    unsigned rest = r->bits % 8;
    if (memcmp(r->ip.bytes, ip.bytes, whole) != 0)
        return false;
    return rest == 0 || ((r->ip.bytes[whole] ^ ip.bytes[whole]) >> (8 - rest)) == 0;
}

bool ip_is_private(struct ip ip)
{
    static const struct ip_range ranges[] = {
        { .ip = { { 0 } }, .bits = 128 },
        { .ip = { { [15] = 1 } }, .bits = 128 },
        { .ip = { { 0xfc } }, .bits = 7 },
        { .ip = { { 0xfe, 0x80 } }, .bits = 10 },
        { .ip = { { [10] = 0xff, 0xff, 127 } }, .bits = 96 + 8 },
        { .ip = { { [10] = 0xff, 0xff, 10 } }, .bits = 96 + 8 },
        { .ip = { { [10] = 0xff, 0xff, 172, 16 } }, .bits = 96 + 12 },
        { .ip = { { [10] = 0xff, 0xff, 192, 168 } }, .bits = 96 + 16 },
        { .ip = { { [10] = 0xff, 0xff, 169, 254 } }, .bits = 96 + 16 },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (ip_range_has(&ranges[i], ip))
            return true;
    }
    return false;
}

struct ip ip_neighbourhood(struct ip ip)
{
    if (!is_v4(ip))
        memset(ip.bytes + 8, 0, 8);
    return ip;
}
