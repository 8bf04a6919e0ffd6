#include "base/list.h"

#include "tap.h"

#include <stdlib.h>
#include <string.h>

struct item {
    char name;
    struct link link;
};

static struct item *item_of(struct link *l)
{
    return CONTAINER_OF(l, struct item, link);
}

/* The names in order, forwards; and whether backwards gives the same. */
static bool is_list(struct link *head, const char *want)
{
    size_t n = 0, len = strlen(want);
    LIST_EACH(it, head) {
        if (n == len || item_of(it)->name != want[n++])
            return false;
    }
    for (struct link *l = head->prev; l != head; l = l->prev) {
        if (n == 0 || item_of(l)->name != want[--n])
            return false;
    }
    return n == 0;
}

static void fill(struct link *head, struct item *items, size_t n, char first)
{
    link_init(head);
    for (size_t i = 0; i < n; i++) {
        items[i].name = (char)(first + (char)i);
        link_init(&items[i].link);
        list_push(head, &items[i].link);
    }
}

static void test_push_leave(void)
{
    struct item items[3];
    struct link head;
    link_init(&head);
    ok(list_is_empty(&head) && list_pop(&head) == NULL, "an empty list");
    fill(&head, items, 3, 'a');
    ok(is_list(&head, "abc"), "in order of pushing");
    ok(!list_is_empty(&head) && link_is_in(&items[1].link), "and known to be in it");
    link_leave(&items[1].link);
    ok(is_list(&head, "ac") && !link_is_in(&items[1].link), "the middle one leaves");
    link_leave(&items[1].link);
    ok(is_list(&head, "ac"), "leaving twice is fine");
    list_push(&head, &items[1].link);
    ok(is_list(&head, "acb"), "and comes back");
    ok(item_of(list_pop(&head))->name == 'a' && is_list(&head, "cb"), "the first is popped");
    ok(!link_is_in(&items[0].link), "and is in no list then");
    link_leave(&items[2].link);
    link_leave(&items[1].link);
    ok(list_is_empty(&head), "until it is empty");
}

static void test_splice(void)
{
    struct item abc[3], xy[2];
    struct link head, from;
    fill(&head, abc, 3, 'a');
    link_init(&from);
    list_splice(&head, &from);
    ok(is_list(&head, "abc") && list_is_empty(&from), "splicing nothing");
    fill(&from, xy, 2, 'x');
    list_splice(&head, &from);
    ok(is_list(&head, "abcxy") && list_is_empty(&from), "all go behind the end");
    list_splice(&from, &head);
    ok(is_list(&from, "abcxy") && list_is_empty(&head), "into an empty list");
}

static void test_walk_freeing(void)
{
    struct link head;
    unsigned n = 0;
    link_init(&head);
    for (int i = 0; i < 5; i++) {
        struct item *it = calloc(1, sizeof(*it));
        list_push(&head, &it->link);
    }
    LIST_EACH(it, &head) {
        link_leave(it);
        free(item_of(it));
        n++;
    }
    is_int(n, 5, "each is freed during the walk");
    ok(list_is_empty(&head), "and none is left");
}

int main(void)
{
    test_push_leave();
    test_splice();
    test_walk_freeing();
    return done();
}
