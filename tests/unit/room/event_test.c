/* The table of events, the names that stand on the wire and in the log, and the list that verbs
 * fill. */
#include "room/event.h"

#include "fault.h"
#include "tap.h"

#include <string.h>

static const char *const names[EV_COUNT] = {
#define EVENT(id, durability, audience) [EV_##id] = #id,
#include "room/event.def"
#undef EVENT
};

static void test_table(void)
{
    int bad = 0;
    for (int t = 0; t < EV_COUNT; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        bad += strcmp(info->name, names[t]) != 0;
        bad += info->durability > DURABILITY_COMMIT || info->audience > AUDIENCE_NOBODY;
    }
    is_int(bad, 0, "every event has its name, a durability and an audience");
    is_str(event_info(EV_CHAT_EDITED)->name, "CHAT_EDITED", "a name");
    is_int(event_info(EV_TYPING)->durability, DURABILITY_NONE, "typing is not stored");
    is_int(event_info(EV_DREW)->durability, DURABILITY_LAZY, "a stroke is stored soon");
    is_int(event_info(EV_CHAT)->durability, DURABILITY_COMMIT, "a message is stored first");
    is_int(event_info(EV_VIOLATION)->audience, AUDIENCE_HOSTS, "a violation is for hosts");
    is_int(event_info(EV_CREATED)->audience, AUDIENCE_NOBODY, "the beginning is told to nobody");
}

static void test_names(void)
{
    static const struct {
        enum role role;
        const char *name;
    } roles[] = {
        { ROLE_OUTSIDER, "outsider" },
        { ROLE_WAITING, "waiting" },
        { ROLE_PARTICIPANT, "participant" },
        { ROLE_COHOST, "cohost" },
        { ROLE_HOST, "host" },
    };
    static const struct {
        enum report_kind kind;
        const char *name;
    } reports[] = {
        { REPORT_FULLSCREEN_EXIT, "FULLSCREEN_EXIT" },
        { REPORT_TAB_SWITCH, "TAB_SWITCH" },
        { REPORT_PASTE, "PASTE" },
        { REPORT_COPY, "COPY" },
        { REPORT_DISCONNECT, "DISCONNECT" },
        { REPORT_FULLSCREEN_ENTER, "FULLSCREEN_ENTER" },
        { REPORT_TAB_FOCUS, "TAB_FOCUS" },
    };
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        is_str(role_name(roles[i].role), roles[i].name, "role %s", roles[i].name);
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
        is_str(report_name(reports[i].kind), reports[i].name, "report %s", reports[i].name);
}

static void test_list(void)
{
    struct arena arena;
    struct events list;
    int bad = 0;
    arena_init(&arena, 1u << 20);
    events_init(&list, &arena);
    for (uint32_t i = 0; i < 1000; i++) {
        enum event_type type = (enum event_type)(i % EV_COUNT);
        struct event *e = events_add(&list, type);
        if (e == NULL || e != &list.at[i] || list.n != i + 1)
            break;
        bad += e->type != type || e->audience != event_info(type)->audience;
        bad += e->seq != 0 || e->actor.len != 0 || e->signal.data.p != NULL;
        e->seq = i + 1;
        e->signal.data = S("not zero");
    }
    is_int(list.n, 1000, "a list grows");
    for (uint32_t i = 0; i < list.n; i++)
        bad += list.at[i].seq != i + 1;
    is_int(bad, 0, "each event came zeroed, with its type's audience, and stayed");
    arena_fini(&arena);
}

static void test_limit(void)
{
    struct arena arena;
    struct events list;
    arena_init(&arena, 10000);
    events_init(&list, &arena);
    while (events_add(&list, EV_CHAT) != NULL && list.n < 1000)
        ;
    ok(list.n >= 8 && list.n < 1000, "the arena's maximum ends the list, at %u", list.n);
    uint32_t n = list.n;
    ok(events_add(&list, EV_CHAT) == NULL && list.n == n, "and it stays as it is");
    arena_fini(&arena);
}

static void fill(void *arg)
{
    struct arena arena;
    struct events list;
    uint32_t n = 0;
    arena_init(&arena, 1u << 20);
    events_init(&list, &arena);
    while (n < 100 && events_add(&list, EV_CHAT) != NULL)
        n++;
    *(bool *)arg = *(bool *)arg && list.n == n && (n == 100) == !fault_hit();
    arena_fini(&arena);
}

int main(void)
{
    bool fine = true;
    test_table();
    test_names();
    test_list();
    test_limit();
    fault_each(FAULT_ALLOC, fill, &fine);
    ok(fine, "without memory the list keeps what it has");
    return done();
}
