/* Addresses as text and back, ranges, neighbourhoods. */
#include "net/addr.h"

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct {
    const char *text;
    uint16_t port;
    const char *want; /* NULL: refused */
} addresses[] = {
    { "127.0.0.1", 80, "127.0.0.1:80" },
    { "0.0.0.0", 65535, "0.0.0.0:65535" },
    { "255.255.255.255", 0, "255.255.255.255:0" },
    { "::1", 5050, "[::1]:5050" },
    { "[::1]", 5050, "[::1]:5050" },
    { "::", 1, "[::]:1" },
    { "2001:DB8:0:0:0:0:0:1", 1, "[2001:db8::1]:1" },
    { "::ffff:10.0.0.1", 1, "10.0.0.1:1" },
    { "", 1, NULL },
    { "[]", 1, NULL },
    { "[::1", 1, NULL },
    { "localhost", 1, NULL },
    { "127.0.0.1 ", 1, NULL },
    { " 127.0.0.1", 1, NULL },
    { "127.0.0", 1, NULL },
    { "127.0.0.256", 1, NULL },
    { "127.0.0.1:80", 1, NULL },
    { "01.02.03.04", 1, NULL },
    { "::1%lo", 1, NULL },
    { ":::", 1, NULL },
    { "1:2:3:4:5:6:7:8:9", 1, NULL },
    { "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", 1, NULL },
};

static void test_parse(void)
{
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct addr a;
        char text[ADDR_TEXT_BYTES] = "";
        int err = addr_parse(&a, slice_str(addresses[i].text), addresses[i].port);
        if (!addresses[i].want) {
            is_int(err, ERR_BAD_VALUE, "'%s' is no address", addresses[i].text);
            continue;
        }
        if (!err)
            addr_text(text, &a);
        is_str(text, addresses[i].want, "'%s' is one", addresses[i].text);
        is_int(addr_port(&a), addresses[i].port, "with its port");
    }
    struct ip ip;
    is_int(ip_parse(&ip, S("127.0.0.1\0.example")), ERR_BAD_VALUE, "nothing hides behind a NUL");
    is_int(ip_parse(&ip, slice_str(NULL)), ERR_BAD_VALUE, "nothing is no address");
}

static void test_ip(void)
{
    struct addr a;
    struct ip ip, same;
    char text[ADDR_TEXT_BYTES];
    ok(addr_parse(&a, S("192.0.2.7"), 1) == 0 && ip_parse(&ip, S("192.0.2.7")) == 0, "parsed");
    same = addr_ip(&a);
    is_mem(&same, &ip, sizeof ip, "an address without its port");
    ip_text(text, ip);
    is_str(text, "192.0.2.7", "IPv4 in print");
    ok(ip_parse(&same, S("::ffff:c000:207")) == 0, "the same in IPv6");
    is_mem(&same, &ip, sizeof ip, "is the same");
    ok(ip_parse(&ip, S("2001:db8::9")) == 0 && addr_parse(&a, S("2001:db8::9"), 9) == 0, "IPv6");
    same = addr_ip(&a);
    is_mem(&same, &ip, sizeof ip, "as well");
    ip_text(text, ip);
    is_str(text, "2001:db8::9", "in print without brackets");
}

static void test_local(void)
{
    struct addr a;
    struct ip none = { { 0 } };
    char text[ADDR_TEXT_BYTES];
    char path[200];
    memset(path, 'x', sizeof path);
    is_int(addr_local(&a, S("/run/stoa.sock")), 0, "a unix socket");
    addr_text(text, &a);
    is_str(text, "unix:/run/stoa.sock", "in print");
    is_int(addr_port(&a), 0, "without a port");
    struct ip ip = addr_ip(&a);
    is_mem(&ip, &none, sizeof ip, "without an address");
    is_int(addr_local(&a, slice_of(path, 107)), 0, "of the longest name");
    addr_text(text, &a);
    is_int(strlen(text), 5 + 107, "which is printed whole");
    is_int(addr_local(&a, slice_of(path, 108)), ERR_BAD_VALUE, "longer is too long");
    is_int(addr_local(&a, S("")), ERR_BAD_VALUE, "empty is none");
    is_int(addr_local_in(&a, S("/run/stoa"), 7, "admin.sock"), 0, "one in a folder");
    is_str(a.local.sun_path, "/run/stoa/admin.sock", "by its path");
    is_int(addr_local_in(&a, slice_of(path, 105), 7, "s"), 0, "the longest");
    is_int(strlen(a.local.sun_path), 107, "by its path, too");
    is_int(addr_local_in(&a, slice_of(path, 106), 7, "s"), 0, "a longer one");
    is_str(a.local.sun_path, "/proc/self/fd/7/s", "by its folder's descriptor");
    path[199] = '\0';
    is_int(addr_local_in(&a, S("/"), 7, path), ERR_BAD_VALUE, "too long a name is no address");
}

static const struct {
    const char *range; /* NULL: the one before */
    const char *ip;
    bool has;
} ranges[] = {
    { "10.0.0.0/8", "10.255.0.1", true },
    { NULL, "11.0.0.0", false },
    { NULL, "a00::", false },
    { "10.1.2.3/8", "10.9.9.9", true },
    { "172.16.0.0/12", "172.31.255.255", true },
    { NULL, "172.32.0.0", false },
    { NULL, "172.15.255.255", false },
    { "192.0.2.1", "192.0.2.1", true },
    { NULL, "192.0.2.2", false },
    { "192.0.2.1/32", "192.0.2.0", false },
    { "192.0.2.0/31", "192.0.2.1", true },
    { NULL, "192.0.2.2", false },
    { "0.0.0.0/0", "8.8.8.8", true },
    { NULL, "::1", false },
    { "::/0", "2001:db8::", true },
    { NULL, "8.8.8.8", true },
    { "fc00::/7", "fdff::1", true },
    { NULL, "fe00::", false },
    { "2001:db8::/33", "2001:db8:7fff::", true },
    { NULL, "2001:db8:8000::", false },
    { "[2001:db8::1]", "2001:db8::1", true },
    { "2001:db8::1/128", "2001:db8::", false },
    { "::ffff:10.0.0.0/8", "10.4.5.6", true },
};

static void test_ranges(void)
{
    struct ip_range r = { .bits = 0 };
    const char *name = "";
    for (size_t i = 0; i < COUNT(ranges); i++) {
        struct ip ip;
        name = ranges[i].range ? ranges[i].range : name;
        if (ranges[i].range)
            is_int(ip_range_parse(&r, slice_str(name)), 0, "a range: %s", name);
        ok(ip_parse(&ip, slice_str(ranges[i].ip)) == 0 && ip_range_has(&r, ip) == ranges[i].has,
            "%s is %s %s", ranges[i].ip, ranges[i].has ? "in" : "not in", name);
    }
    static const char *const bad[] = { "", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10/8",
        "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "::/99999999999999999999" };
    for (size_t i = 0; i < COUNT(bad); i++)
        is_int(ip_range_parse(&r, slice_str(bad[i])), ERR_BAD_VALUE, "'%s' is no range", bad[i]);
}

static void test_private(void)
{
    static const char *const yes[] = { "127.0.0.1", "127.255.0.1", "::1", "10.0.0.1", "172.16.0.1",
        "172.31.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "fd00::1", "::" };
    static const char *const no[] = { "8.8.8.8", "172.32.0.1", "192.169.0.1", "11.0.0.1", "::2",
        "2001:db8::1", "126.0.0.1", "fec0::1", "::127.0.0.1", "64:ff9b::a00:1", "100.64.0.1" };
    struct ip ip;
    for (size_t i = 0; i < COUNT(yes); i++)
        ok(ip_parse(&ip, slice_str(yes[i])) == 0 && ip_is_private(ip), "%s is private", yes[i]);
    for (size_t i = 0; i < COUNT(no); i++)
        ok(ip_parse(&ip, slice_str(no[i])) == 0 && !ip_is_private(ip), "%s is not", no[i]);
}

static void test_neighbourhood(void)
{
    static const char *const pairs[][2] = { { "192.0.2.7", "192.0.2.7" }, { "::1", "::" },
        { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" } };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct ip ip, want;
        if (ip_parse(&ip, slice_str(pairs[i][0])) || ip_parse(&want, slice_str(pairs[i][1])))
            continue;
        ip = ip_neighbourhood(ip);
        is_mem(&ip, &want, sizeof ip, "%s lives in %s", pairs[i][0], pairs[i][1]);
    }
}

int main(void)
{
    test_parse();
    test_ip();
    test_local();
    test_ranges();
    test_private();
    test_neighbourhood();
    return done();
}
