/* A doubly linked list through links inside the objects. The head is a link too, so that an object
 * can leave its list without knowing it. A link that is in no list points to itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *prev;
    struct link *next;
};

/* The object that `member`, a link inside it, belongs to. */
#define CONTAINER_OF(link_ptr, type, member) \
    ((type *)(void *)((char *)(link_ptr)-offsetof(type, member)))

/* The current link may leave the list, or be freed with its object, during the walk; the one behind
 * it may not. */
#define LIST_EACH(it, head)                                                   \
    for (struct link *it = (head)->next, *it##_next = it->next; it != (head); \
         it = it##_next, it##_next = it->next)

static inline void link_init(struct link *l)
{
    l->prev = l;
    l->next = l;
}

static inline bool link_is_in(const struct link *l)
{
    return l->next != l;
}

static inline bool list_is_empty(const struct link *head)
{
    return head->next == head;
}

static inline void list_push(struct link *head, struct link *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}

/* Leaving twice is fine. */
static inline void link_leave(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    link_init(l);
}

/* Removes and gives the first link, or NULL. */
static inline struct link *list_pop(struct link *head)
{
    struct link *l = head->next;
    if (l == head)
        return NULL;
    link_leave(l);
    return l;
}

/* Moves all of `from` behind the end of `head`; `from` is empty afterwards. */
static inline void list_splice(struct link *head, struct link *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = head->prev;
    head->prev->next = from->next;
    from->prev->next = head;
    head->prev = from->prev;
    link_init(from);
}
