#include "room/terms.h"

#include "base/panic.h"

const char *role_name(enum role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_OUTSIDER] = "outsider",
        [ROLE_WAITING] = "waiting",
        [ROLE_PARTICIPANT] = "participant",
        [ROLE_COHOST] = "cohost",
        [ROLE_HOST] = "host",
    };
    ASSERT(role < ROLE_COUNT);
    return names[role];
}

const char *report_name(enum report_kind kind)
{
    static const char *const names[] = {
        [REPORT_FULLSCREEN_EXIT] = "FULLSCREEN_EXIT",
        [REPORT_TAB_SWITCH] = "TAB_SWITCH",
        [REPORT_PASTE] = "PASTE",
        [REPORT_COPY] = "COPY",
        [REPORT_DISCONNECT] = "DISCONNECT",
        [REPORT_FULLSCREEN_ENTER] = "FULLSCREEN_ENTER",
        [REPORT_TAB_FOCUS] = "TAB_FOCUS",
    };
    ASSERT(kind < sizeof(names) / sizeof(names[0]));
    return names[kind];
}
