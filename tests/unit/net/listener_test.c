/* Listening on IPv4, IPv6 and unix sockets, on what is shared, stale, taken or inherited; and
 * what happens when descriptors run out. */
#include "net/listener.h"

#include "fault.h"
#include "rig.h"

#include <netinet/tcp.h>
#include <sys/stat.h>

#define REST_US 200000

struct guests {
    struct test_clock clock;
    struct loop *loop;
    unsigned n;
    int last; /* the newest guest's descriptor, -1: none */
    struct addr peer;
    struct listener *to_close; /* by the first guest */
};

static void on_guest(void *arg, int fd, const struct addr *peer)
{
    struct guests *g = arg;
    if (g->last >= 0)
        close(g->last);
    g->n++;
    g->last = fd;
    g->peer = *peer;
    if (g->to_close)
        listener_close(g->to_close);
    g->to_close = NULL;
}

static void guests_init(struct guests *g)
{
    *g = (struct guests){ .last = -1 };
    test_clock_init(&g->clock);
    if (loop_new(&g->loop, &g->clock.clock))
        abort();
}

static void guests_fini(struct guests *g)
{
    if (g->last >= 0)
        close(g->last);
    loop_free(g->loop);
}

static struct addr addr_of(const char *host, uint16_t port)
{
    struct addr a;
    if (addr_parse(&a, slice_str(host), port))
        abort();
    return a;
}

/* A client that is connected, or -1. */
static int visit(const struct addr *at)
{
    int fd = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, &at->any, at->len) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void turns(struct guests *g, unsigned n)
{
    while (n-- > 0)
        loop_turn(g->loop, false);
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    return getsockopt(fd, level, name, &value, &len) == 0 ? value : -1;
}

/* ---- TCP ---- */

static void check_guest(struct guests *g)
{
    is_int(g->n, 1, "a guest comes");
    ok(fcntl(g->last, F_GETFL) & O_NONBLOCK, "non-blocking");
    ok(fcntl(g->last, F_GETFD) & FD_CLOEXEC, "close-on-exec");
    is_int(option_of(g->last, IPPROTO_TCP, TCP_NODELAY), 1, "and without delay");
}

static void test_tcp(const char *host, const char *print)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of(host, 0);
    char text[ADDR_TEXT_BYTES];
    guests_init(&g);
    if (!is_int(listener_open(&s, g.loop, &any, on_guest, &g), 0, "listening on %s", host)) {
        guests_fini(&g);
        return;
    }
    struct addr at = listener_addr(s);
    ok(addr_port(&at) != 0, "the kernel chose port %u", addr_port(&at));
    addr_text(text, &at);
    ok(strncmp(text, print, strlen(print)) == 0, "it is told: %s", text);
    int client = visit(&at);
    turns(&g, 1);
    check_guest(&g);
    struct addr mine = { .len = sizeof mine.local };
    getsockname(client, &mine.any, &mine.len);
    struct ip told = addr_ip(&g.peer), want = addr_ip(&mine);
    is_mem(&told, &want, sizeof told, "its address is told");
    is_int(addr_port(&g.peer), addr_port(&mine), "and its port");
    for (int i = 0; i < 100; i++)
        close(visit(&at));
    turns(&g, 1);
    is_int(g.n, 65, "one turn takes so many");
    turns(&g, 1);
    is_int(g.n, 101, "the next the rest");
    listener_close(s);
    turns(&g, 1);
    is_int(visit(&at), -1, "closed, it is not there any more");
    close(client);
    guests_fini(&g);
}

static void test_shared(void)
{
    struct guests a, b;
    struct listener *first = NULL, *second = NULL;
    struct addr any = addr_of("127.0.0.1", 0);
    guests_init(&a);
    guests_init(&b);
    is_int(listener_open(&first, a.loop, &any, on_guest, &a), 0, "one listens");
    struct addr at = listener_addr(first);
    is_int(listener_open(&second, b.loop, &at, on_guest, &b), 0, "another at the same address");
    for (int i = 0; i < 64; i++)
        close(visit(&at));
    turns(&a, 2);
    turns(&b, 2);
    is_int(a.n + b.n, 64, "all guests come");
    ok(a.n > 0 && b.n > 0, "to both");
    listener_close(first);
    int client = visit(&at);
    turns(&b, 1);
    is_int(a.n + b.n, 65, "when one has gone, to the other");
    close(client);
    listener_close(second);
    guests_fini(&a);
    guests_fini(&b);
}

static void test_taken(void)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of("127.0.0.1", 0);
    guests_init(&g);
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(other, &any.any, any.len) || listen(other, 1) ||
        getsockname(other, &any.any, &any.len))
        abort();
    is_int(listener_open(&s, g.loop, &any, on_guest, &g), ERR_CONFLICT, "an address taken");
    struct addr foreign = addr_of("192.0.2.200", 0);
    is_int(listener_open(&s, g.loop, &foreign, on_guest, &g), ERR_IO, "one of another machine");
    close(other);
    guests_fini(&g);
}

static void test_is_taken(const char *host)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of(host, 0);
    guests_init(&g);
    ok(!listener_is_taken(&any), "port 0 is never taken");
    if (listener_open(&s, g.loop, &any, on_guest, &g))
        abort();
    struct addr at = listener_addr(s);
    ok(listener_is_taken(&at), "where somebody listens, a port is taken: %s", host);
    int client = visit(&at);
    turns(&g, 1);
    is_int(g.n, 1, "asking takes no guest away");
    listener_close(s);
    ok(!listener_is_taken(&at), "afterwards it is not, though a guest is still there");
    close(client);
    guests_fini(&g);
}

static void test_close_inside(void)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of("127.0.0.1", 0);
    guests_init(&g);
    if (listener_open(&s, g.loop, &any, on_guest, &g))
        abort();
    struct addr at = listener_addr(s);
    int clients[2] = { visit(&at), visit(&at) };
    g.to_close = s;
    turns(&g, 2);
    is_int(g.n, 1, "closed by its first guest, it takes no other");
    close(clients[0]);
    close(clients[1]);
    listener_close(NULL);
    guests_fini(&g);
}

/* ---- unix sockets ---- */

static void test_unix(const char *folder)
{
    struct guests g;
    struct listener *s = NULL, *second = NULL;
    struct addr at;
    struct stat st;
    char path[100], text[ADDR_TEXT_BYTES];
    snprintf(path, sizeof path, "%s/socket", folder);
    guests_init(&g);
    if (addr_local(&at, slice_str(path)))
        abort();
    is_int(listener_open(&s, g.loop, &at, on_guest, &g), 0, "a unix socket");
    struct addr told = listener_addr(s);
    addr_text(text, &told);
    ok(strcmp(text + 5, path) == 0, "at its path");
    int client = visit(&at);
    turns(&g, 1);
    is_int(g.n, 1, "a guest comes");
    struct ip none = { { 0 } }, ip = addr_ip(&g.peer);
    is_mem(&ip, &none, sizeof ip, "without an address");
    is_int(listener_open(&second, g.loop, &at, on_guest, &g), ERR_CONFLICT, "a living one stays");
    ok(lstat(path, &st) == 0, "with its file");
    listener_close(s);
    ok(lstat(path, &st) != 0, "which goes with it");
    close(client);

    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(bind(dead, &at.any, at.len) == 0 && listen(dead, 1) == 0, "a server that is killed");
    close(dead);
    ok(lstat(path, &st) == 0, "leaves its file");
    is_int(listener_open(&s, g.loop, &at, on_guest, &g), 0, "which is replaced");
    client = visit(&at);
    ok(client >= 0, "and answers");
    close(client);
    listener_close(s);
    guests_fini(&g);
}

/* A path that is too long goes by the folder's descriptor, and its file, too. */
static void test_private(const char *folder)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr at;
    struct stat st;
    char path[400], name[121];
    mode_t mask = umask(0);
    guests_init(&g);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ok(mkdir(path, 0700) == 0, "a folder with a long name");
    int folder_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    is_int(addr_local_in(&at, slice_str(path), folder_fd, "s"), 0, "an address of a socket in it");
    is_int(listener_open_private(&s, g.loop, &at, on_guest, &g), 0, "a private socket");
    ok(fstatat(folder_fd, "s", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(st.st_mode), "is there");
    is_int(st.st_mode & 0777, 0600, "for its user alone");
    int client = visit(&at);
    turns(&g, 1);
    is_int(g.n, 1, "a guest comes");
    close(client);
    listener_close(s);
    ok(fstatat(folder_fd, "s", &st, AT_SYMLINK_NOFOLLOW) != 0, "it goes with its listener");
    close(folder_fd);
    ok(rmdir(path) == 0, "and nothing else is left");
    umask(mask);
    guests_fini(&g);
}

/* What stands in the way is not ours to remove; a server whose queue is full is alive. */
static void test_unix_taken(const char *folder)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr at;
    struct stat st;
    char path[100];
    int clients[3];
    snprintf(path, sizeof path, "%s/file", folder);
    guests_init(&g);
    if (addr_local(&at, slice_str(path)))
        abort();
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    is_int(listener_open(&s, g.loop, &at, on_guest, &g), ERR_CONFLICT, "a file in the way");
    ok(lstat(path, &st) == 0 && S_ISREG(st.st_mode), "stays");
    unlink(path);

    int busy = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(bind(busy, &at.any, at.len) == 0 && listen(busy, 0) == 0, "a server that does not accept");
    for (int i = 0; i < 3; i++) {
        clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(clients[i], &at.any, at.len);
    }
    is_int(listener_open(&s, g.loop, &at, on_guest, &g), ERR_CONFLICT, "is not waited for");
    ok(lstat(path, &st) == 0, "and keeps its file");
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    close(busy);
    unlink(path);
    snprintf(path, sizeof path, "%s/no/where", folder);
    if (addr_local(&at, slice_str(path)))
        abort();
    is_int(listener_open(&s, g.loop, &at, on_guest, &g), ERR_IO, "a folder that is not there");
    guests_fini(&g);
}

/* ---- inherited ---- */

static void test_adopt(void)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr at = addr_of("127.0.0.1", 0);
    guests_init(&g);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(bind(fd, &at.any, at.len) == 0 && listen(fd, 5) == 0, "a socket that someone else made");
    is_int(listener_adopt(&s, g.loop, fd, on_guest, &g), 0, "is adopted");
    at = listener_addr(s);
    int client = visit(&at);
    turns(&g, 2);
    check_guest(&g);
    close(client);
    listener_close(s);
    ok(fcntl(fd, F_GETFD) == -1, "and closed");

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    is_int(listener_adopt(&s, g.loop, fd, on_guest, &g), ERR_IO, "one that does not listen is not");
    ok(fcntl(fd, F_GETFD) == -1, "but closed");
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    is_int(listener_adopt(&s, g.loop, fd, on_guest, &g), ERR_IO, "nor what is no socket");
    guests_fini(&g);
}

/* ---- out of descriptors ---- */

static int next_descriptor(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void test_exhausted(void)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of("127.0.0.1", 0);
    struct rlimit limit, low;
    guests_init(&g);
    if (listener_open(&s, g.loop, &any, on_guest, &g))
        abort();
    struct addr at = listener_addr(s);
    int clients[2] = { visit(&at), visit(&at) };
    getrlimit(RLIMIT_NOFILE, &limit);
    low = (struct rlimit){ (rlim_t)next_descriptor(), limit.rlim_max };
    setrlimit(RLIMIT_NOFILE, &low);
    fault_off();
    turns(&g, 50);
    is_int(g.n, 0, "without descriptors nobody comes in");
    is_int(fault_calls(FAULT_ACCEPT), 1, "and it is tried once, not again and again");
    is_int(loop_stats(g.loop)->events, 1, "nor is the loop told again and again");
    test_clock_turn(&g.clock, REST_US - 1);
    turns(&g, 5);
    is_int(fault_calls(FAULT_ACCEPT), 1, "it rests");
    test_clock_turn(&g.clock, 1);
    turns(&g, 5);
    is_int(fault_calls(FAULT_ACCEPT), 2, "then tries once more");
    setrlimit(RLIMIT_NOFILE, &limit);
    test_clock_turn(&g.clock, REST_US);
    turns(&g, 2);
    is_int(g.n, 2, "when there are descriptors again, those who waited come");
    close(clients[0]);
    close(clients[1]);
    listener_close(s);
    guests_fini(&g);
}

/* Closed while it rests: nothing of it may wake up. */
static void test_close_resting(void)
{
    struct guests g;
    struct listener *s = NULL;
    struct addr any = addr_of("127.0.0.1", 0);
    guests_init(&g);
    if (listener_open(&s, g.loop, &any, on_guest, &g))
        abort();
    struct addr at = listener_addr(s);
    int client = visit(&at);
    fault_at(FAULT_ACCEPT, 1, ENFILE);
    turns(&g, 1);
    ok(fault_hit(), "the machine is out of descriptors");
    listener_close(s);
    test_clock_turn(&g.clock, REST_US);
    turns(&g, 2);
    is_int(g.n, 0, "a listener closed while it rests stays closed");
    fault_off();
    close(client);
    guests_fini(&g);
}

static void test_accept_errors(void)
{
    static const struct {
        int error;
        bool rests;
    } errors[] = { { EINTR, false }, { ECONNABORTED, false }, { ENOMEM, true }, { ENOBUFS, true },
        { EPERM, true } };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct guests g;
        struct listener *s = NULL;
        struct addr any = addr_of("127.0.0.1", 0);
        guests_init(&g);
        if (listener_open(&s, g.loop, &any, on_guest, &g))
            abort();
        struct addr at = listener_addr(s);
        int client = visit(&at);
        fault_at(FAULT_ACCEPT, 1, errors[i].error);
        turns(&g, 2);
        is_int(g.n, !errors[i].rests, "%s: %s", strerrorname_np(errors[i].error),
            errors[i].rests ? "it rests" : "the next is taken at once");
        fault_off();
        test_clock_turn(&g.clock, REST_US);
        turns(&g, 2);
        is_int(g.n, 1, "in the end the guest is in");
        close(client);
        listener_close(s);
        guests_fini(&g);
    }
}

static bool has_ipv6(void)
{
    struct addr at = addr_of("::1", 0);
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, &at.any, at.len) == 0;
    if (fd >= 0)
        close(fd);
    return has;
}

/* "::" takes IPv6 only, so that IPv4 can be listened to beside it. */
static void test_both(void)
{
    struct guests g;
    struct listener *six = NULL, *four = NULL;
    struct addr any6 = addr_of("::", 0);
    guests_init(&g);
    if (listener_open(&six, g.loop, &any6, on_guest, &g))
        abort();
    struct addr at = listener_addr(six);
    struct addr any4 = addr_of("0.0.0.0", addr_port(&at));
    struct addr to4 = addr_of("127.0.0.1", addr_port(&at)), to6 = addr_of("::1", addr_port(&at));
    is_int(visit(&to4), -1, "IPv6 alone");
    is_int(listener_open(&four, g.loop, &any4, on_guest, &g), 0, "IPv4 and IPv6 on one port");
    int clients[2] = { visit(&to4), visit(&to6) };
    turns(&g, 2);
    is_int(g.n, 2, "a guest of each");
    close(clients[0]);
    close(clients[1]);
    listener_close(four);
    listener_close(six);
    guests_fini(&g);
}

int main(void)
{
    const char *temp = getenv("TMPDIR");
    char folder[64];
    rig_prepare();
    snprintf(folder, sizeof folder, "%.32s/stoa-net-XXXXXX", temp ? temp : "/tmp");
    if (!mkdtemp(folder))
        abort();
    test_tcp("127.0.0.1", "127.0.0.1:");
    if (has_ipv6()) {
        test_tcp("::1", "[::1]:");
        test_both();
        test_is_taken("::1");
    } else {
        skip("no IPv6 here");
    }
    test_shared();
    test_taken();
    test_is_taken("127.0.0.1");
    test_close_inside();
    test_unix(folder);
    test_unix_taken(folder);
    test_private(folder);
    test_adopt();
    test_exhausted();
    test_close_resting();
    test_accept_errors();
    ok(rmdir(folder) == 0, "no file is left behind");
    return done();
}
