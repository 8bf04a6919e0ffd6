/* Rooms of a namespace: named sets of sockets. A room is there while it has members. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "sio/parts.h"

struct room {
    struct link members;
    struct slice name; /* the map's key, behind this struct */
};

struct membership {
    struct link in_room;
    struct link in_socket;
    struct room *room;
    struct sio_socket *socket;
};

static struct membership *find_membership(const struct sio_socket *s, struct slice name)
{
    LIST_EACH(link, &s->rooms) {
        struct membership *m = CONTAINER_OF(link, struct membership, in_socket);
        if (slice_eq(m->room->name, name))
            return m;
    }
    return NULL;
}

static int find_or_make_room(struct room **out, struct sio_namespace *n, struct slice name)
{
    void *old;
    *out = map_find(&n->rooms, name);
    if (*out)
        return 0;
    struct room *room = xtry(NULL, sizeof *room + name.len);
    if (!room)
        return ERR_NO_MEMORY;
    char *copy = (char *)(room + 1);
    memcpy(copy, name.p, name.len);
    room->name = slice_of(copy, name.len);
    link_init(&room->members);
    int err = map_put(&n->rooms, room->name, room, &old);
    if (err)
        xfree(room);
    else
        *out = room;
    return err;
}

int sio_join(struct sio_socket *s, struct slice name)
{
    struct room *room;
    if (!s->client)
        return ERR_CLOSED;
    if (find_membership(s, name))
        return 0;
    int err = find_or_make_room(&room, s->nsp, name);
    if (err)
        return err;
    struct membership *m = xalloc(sizeof *m);
    m->room = room;
    m->socket = s;
    list_push(&room->members, &m->in_room);
    list_push(&s->rooms, &m->in_socket);
    return 0;
}

static void end_membership(struct membership *m)
{
    struct room *room = m->room;
    struct sio_namespace *n = m->socket->nsp;
    link_leave(&m->in_room);
    link_leave(&m->in_socket);
    xfree(m);
    if (!list_is_empty(&room->members))
        return;
    map_remove(&n->rooms, room->name);
    xfree(room);
}

void sio_leave(struct sio_socket *s, struct slice name)
{
    struct membership *m = s->client ? find_membership(s, name) : NULL;
    if (m)
        end_membership(m);
}

void sio_leave_all(struct sio_socket *s)
{
    while (!list_is_empty(&s->rooms))
        end_membership(CONTAINER_OF(s->rooms.next, struct membership, in_socket));
}

/* ---- broadcasts: nothing is called back from inside them, so the lists stand still ---- */

static void reach(
    struct sio_socket *s, uint64_t mark, const struct sio_audience *to, struct sio_message *m)
{
    if (s->mark == mark)
        return; /* it has it, or is not meant */
    s->mark = mark;
    if (!m)
        return;
    if (to->is_volatile)
        sio_send_volatile(s, m);
    else
        sio_send(s, m);
}

/* Everybody in that room; without a message they are only marked. */
static void reach_room(struct sio_namespace *n, struct slice name, uint64_t mark,
    const struct sio_audience *to, struct sio_message *m)
{
    struct room *room = map_find(&n->rooms, name);
    if (room) {
        LIST_EACH(link, &room->members)
            reach(CONTAINER_OF(link, struct membership, in_room)->socket, mark, to, m);
    }
    /* An id is its socket's own room. */
    struct sio_socket *s = name.len == SIO_ID_BYTES ? map_find(&n->sockets, name) : NULL;
    if (s)
        reach(s, mark, to, m);
}

static void reach_all(
    struct sio_namespace *n, uint64_t mark, const struct sio_audience *to, struct sio_message *m)
{
    uint32_t at = 0;
    struct sio_socket *s;
    while ((s = map_next(&n->sockets, &at)))
        reach(s, mark, to, m);
}

void sio_broadcast(struct sio_namespace *n, const struct sio_audience *to, struct sio_message *m)
{
    uint64_t mark = ++n->server->marks;
    for (size_t i = 0; i < to->n_except; i++)
        reach_room(n, to->except[i], mark, to, NULL);
    for (size_t i = 0; i < to->n_rooms; i++)
        reach_room(n, to->rooms[i], mark, to, m);
    if (to->n_rooms == 0)
        reach_all(n, mark, to, m);
}
