/* Rooms: who gets a broadcast. */
#include "fault.h"
#include "talk.h"

#define PEERS 4

struct hall {
    struct talk talk;
    struct peer peers[PEERS]; /* a and b in room x, b and c in room y, d in none */
};

static void join(struct peer *p, const char *room)
{
    is_int(sio_join(p->socket, slice_str(room)), 0, "joins %s", room);
}

static void hall_open(struct hall *h)
{
    talk_open(&h->talk, 0);
    for (unsigned i = 0; i < PEERS; i++)
        peer_enter(&h->peers[i], &h->talk);
    join(&h->peers[0], "x");
    join(&h->peers[1], "x");
    join(&h->peers[1], "y");
    join(&h->peers[2], "y");
}

static void hall_close(struct hall *h)
{
    talk_close(&h->talk);
    for (unsigned i = 0; i < PEERS; i++)
        peer_close(&h->peers[i]);
}

/* "abcd" stand for the peers' ids, other letters for rooms. */
static size_t names(struct slice *out, struct hall *h, const char *letters)
{
    size_t n = 0;
    for (; letters[n]; n++) {
        bool is_peer = letters[n] >= 'a' && letters[n] < 'a' + PEERS;
        out[n] = is_peer ? sio_id(h->peers[letters[n] - 'a'].socket) : slice_of(letters + n, 1);
    }
    return n;
}

static void send_to(struct hall *h, const char *to, const char *except, bool is_volatile)
{
    struct slice rooms[8];
    struct slice others[8];
    struct sio_namespace *n = talk_nsp(&h->talk);
    const struct sio_audience audience = {
        .rooms = rooms,
        .n_rooms = names(rooms, h, to),
        .except = others,
        .n_except = names(others, h, except),
        .is_volatile = is_volatile,
    };
    struct sio_message *m = sio_event_new(n, S("e"), S("1"), !is_volatile);
    sio_broadcast(n, &audience, m);
    sio_message_unref(m);
}

/* Who got it, a letter for each time. */
static void is_told(struct hall *h, const char *want, const char *what)
{
    char told[64] = "";
    for (unsigned i = 0; i < PEERS; i++) {
        size_t len = h->peers[i].fake.got.len;
        for (size_t k = 0; k < len / strlen("|42[\"e\",1]"); k++)
            snprintf(told + strlen(told), sizeof told - strlen(told), "%c", (int)('a' + i));
        buf_reset(&h->peers[i].fake.got);
    }
    is_str(told, want, "%s", what);
}

static void test_audiences(void)
{
    static const struct {
        const char *to;
        const char *except;
        const char *told;
    } rows[] = {
        { "", "", "abcd" },
        { "x", "", "ab" },
        { "y", "", "bc" },
        { "xy", "", "abc" },
        { "yx", "", "abc" },
        { "xx", "", "ab" },
        { "z", "", "" },
        { "zx", "", "ab" },
        { "d", "", "d" },
        { "dx", "", "abd" },
        { "ax", "", "ab" },
        { "x", "y", "a" },
        { "xy", "b", "ac" },
        { "xy", "xy", "" },
        { "x", "x", "" },
        { "x", "z", "ab" },
        { "a", "a", "" },
        { "", "x", "cd" },
        { "", "xy", "d" },
        { "", "d", "abc" },
        { "", "abcd", "" },
        { "dxy", "ad", "bc" },
    };
    struct hall h;
    hall_open(&h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char what[64];
        snprintf(what, sizeof what, "to '%s' except '%s'", rows[i].to, rows[i].except);
        send_to(&h, rows[i].to, rows[i].except, false);
        is_told(&h, rows[i].told, what);
    }
    hall_close(&h);
}

static void test_volatile(void)
{
    struct hall h;
    hall_open(&h);
    h.peers[0].fake.is_blocked = true;
    h.peers[2].fake.is_blocked = true;
    send_to(&h, "xy", "", true);
    is_told(&h, "b", "only to whom it can leave at once");
    send_to(&h, "xy", "", false);
    is_told(&h, "abc", "unless it must not be missed");
    h.peers[0].fake.is_blocked = false;
    send_to(&h, "", "", true);
    is_told(&h, "abd", "and again");
    hall_close(&h);
}

static void test_leaving(void)
{
    struct hall h;
    hall_open(&h);
    sio_leave(h.peers[1].socket, S("x"));
    sio_leave(h.peers[1].socket, S("x"));
    sio_leave(h.peers[1].socket, S("never"));
    send_to(&h, "x", "", false);
    is_told(&h, "a", "who left is not told");
    send_to(&h, "y", "", false);
    is_told(&h, "bc", "but in the other room");
    sio_leave(h.peers[0].socket, S("x"));
    send_to(&h, "x", "", false);
    is_told(&h, "", "an empty room is nobody");
    join(&h.peers[3], "x");
    send_to(&h, "x", "", false);
    is_told(&h, "d", "and can be begun again");
    sio_leave(h.peers[3].socket, sio_id(h.peers[3].socket));
    send_to(&h, "d", "", false);
    is_told(&h, "d", "nobody leaves its own room");
    fake_say(&h.peers[2].fake, "41");
    send_to(&h, "y", "", false);
    is_told(&h, "b", "who disconnected has left");
    eio_carrier_lost(&h.peers[1].fake.carrier, EIO_TRANSPORT_ERROR);
    send_to(&h, "xy", "", false);
    is_told(&h, "d", "who is lost, too");
    hall_close(&h);
}

static void on_end(struct talk *t, struct sio_socket *s)
{
    (void)t;
    is_int(sio_join(s, S("x")), ERR_CLOSED, "who has gone joins nothing");
    sio_leave(s, S("x"));
    sio_emit(s, S("late"), S(""));
}

static void test_joining_too_late(void)
{
    struct hall h;
    hall_open(&h);
    h.talk.on_end = on_end;
    fake_say(&h.peers[0].fake, "41");
    rig_turn(&h.talk.rig);
    send_to(&h, "x", "", false);
    is_told(&h, "b", "only the living");
    hall_close(&h);
}

static void test_namespaces_are_apart(void)
{
    struct hall h;
    hall_open(&h);
    fake_say(&h.peers[0].fake, "40/other,");
    struct sio_socket *other = h.talk.newest;
    is_int(sio_join(other, S("y")), 0, "a room of that name in another namespace");
    buf_reset(&h.peers[0].fake.got);
    send_to(&h, "y", "", false);
    is_told(&h, "bc", "is another room");
    send_to(&h, "", "", false);
    is_told(&h, "abcd", "everybody is everybody there");
    hall_close(&h);
}

/* A name of any bytes and of no bytes. */
static void test_odd_names(void)
{
    struct hall h;
    struct slice zero = S("a\0b");
    struct sio_audience to = { .rooms = &zero, .n_rooms = 1 };
    hall_open(&h);
    struct sio_namespace *n = talk_nsp(&h.talk);
    struct sio_message *m = sio_event_new(n, S("e"), S("1"), false);
    is_int(sio_join(h.peers[0].socket, zero), 0, "a name with a NUL");
    is_int(sio_join(h.peers[1].socket, S("a")), 0, "and its beginning");
    is_int(sio_join(h.peers[2].socket, S("")), 0, "and none");
    sio_broadcast(n, &to, m);
    is_told(&h, "a", "are three rooms");
    zero = S("");
    sio_broadcast(n, &to, m);
    is_told(&h, "c", "in which one can be reached");
    sio_message_unref(m);
    hall_close(&h);
}

static void join_in_want(void *arg)
{
    struct hall *h = arg;
    struct slice room = S("want");
    const struct sio_audience to = { .rooms = &room, .n_rooms = 1 };
    unsigned wrong = 0;
    unsigned in = 0;
    for (unsigned i = 0; i < PEERS; i++) {
        int err = sio_join(h->peers[i].socket, room);
        wrong += err && err != ERR_NO_MEMORY;
        in += err == 0;
    }
    is_int(wrong, 0, "in, or out of memory");
    struct sio_namespace *n = talk_nsp(&h->talk);
    struct sio_message *m = sio_event_new(n, S("e"), S("1"), false);
    if (m)
        sio_broadcast(n, &to, m);
    unsigned told = 0;
    for (unsigned i = 0; i < PEERS; i++) {
        told += h->peers[i].fake.got.len > 0;
        buf_reset(&h->peers[i].fake.got);
        sio_leave(h->peers[i].socket, room);
    }
    if (m)
        is_int(told, in, "who is in is told");
    sio_message_unref(m);
}

static void test_without_memory(void)
{
    struct hall h;
    hall_open(&h);
    fault_each(FAULT_ALLOC, join_in_want, &h);
    hall_close(&h);
}

int main(void)
{
    rig_prepare();
    test_audiences();
    test_volatile();
    test_leaving();
    test_joining_too_late();
    test_namespaces_are_apart();
    test_odd_names();
    test_without_memory();
    return done();
}
