#include "dialect/join_link.h"

#define PAGE "/room/"

void join_link_put(struct json_writer *w, const struct hub_settings *s, struct slice room_id)
{
    struct buf link;
    buf_init(&link, s->public_url.len + sizeof PAGE + room_id.len);
    buf_add_slice(&link, s->public_url);
    buf_add_str(&link, PAGE);
    buf_add_slice(&link, room_id);
    jw_field_str(w, "joinLink", buf_slice(&link));
    buf_fini(&link);
}
