/* The cookie of creation keys holds pairs, `<room id>.<key>`, the newest first, with a `~` between
 * two; neither stands in an id or a key. Keys are made of the server's secret, so a pair is ours or
 * it is not: what else a client sends is dropped with the next cookie. */
#include "web/rest_access.h"

#include "web/cookie.h"

#define PAIR_BYTES   (ROOM_ID_MAX + 1 + HUB_KEY_BYTES)
#define COOKIE_BYTES (REST_CREATOR_KEYS * (PAIR_BYTES + 1) + 128)

/* ---- creation keys ---- */

/* The next pair "id.key" of the cookie's value; false: no more. */
static bool cut_pair(struct slice *id, struct slice *key, struct slice *rest)
{
    struct slice pair;
    if (!slice_cut(&pair, rest, '~'))
        return false;
    ptrdiff_t at = slice_find(pair, '.');
    *id = slice_take(pair, at < 0 ? 0 : (size_t)at);
    *key = slice_drop(pair, at < 0 ? pair.len : (size_t)at + 1);
    return true;
}

int rest_find_keys(struct rest *c)
{
    struct request *r = c->request;
    int err = arena_copy(&c->keys.shown, &r->arena, request_header(r, S("X-Creation-Key")));
    if (err)
        return err;
    return arena_copy(&c->keys.cookie, &r->arena, cookie_find(r, S(REST_CREATOR_COOKIE)));
}

static bool holds_key(const struct rest *c, struct slice room_id, int64_t created_at_ms)
{
    struct slice id, key, rest = c->keys.cookie;
    struct slice shown = c->keys.shown;
    if (shown.len > 0 && hub_is_creation_key(rest_hub(c), room_id, created_at_ms, shown))
        return true;
    while (cut_pair(&id, &key, &rest)) {
        if (slice_eq(id, room_id) && hub_is_creation_key(rest_hub(c), id, created_at_ms, key))
            return true;
    }
    return false;
}

/* The pairs of the former cookie, without what is not ours, as far as there is place. */
static void keep_pairs(struct buf *out, const struct rest *c, struct slice but)
{
    struct slice id, key, rest = c->keys.cookie;
    for (unsigned n = 1; n < REST_CREATOR_KEYS && cut_pair(&id, &key, &rest); n++) {
        bool is_ours = hub_is_room_id(id) && hub_is_creation_key(rest_hub(c), id, 0, key);
        if (!is_ours || slice_eq(id, but))
            continue;
        buf_add_char(out, '~');
        buf_add_slice(out, id);
        buf_add_char(out, '.');
        buf_add_slice(out, key);
    }
}

static void give_cookie(struct rest *c, struct slice room_id, const char *key)
{
    struct buf value;
    buf_init(&value, COOKIE_BYTES);
    buf_add_str(&value, REST_CREATOR_COOKIE "=");
    buf_add_slice(&value, room_id);
    buf_add_char(&value, '.');
    buf_add_str(&value, key);
    keep_pairs(&value, c, room_id);
    buf_add_str(&value, "; Path=/; HttpOnly; SameSite=Lax");
    if (c->request->is_secure)
        buf_add_str(&value, "; Secure");
    if (buf_err(&value) || arena_copy(&c->cookie, &c->request->arena, buf_slice(&value)))
        c->cookie = S("");
    buf_fini(&value);
}

void rest_give_key(struct rest *c, struct json_writer *w)
{
    char key[HUB_KEY_BYTES + 1];
    struct slice room_id = hub_room_id(c->room);
    const struct room *r = hub_view(c->room).room;
    if (r->owner_id[0] != '\0')
        return;
    hub_creation_key(key, rest_hub(c), room_id, r->created_at_ms);
    jw_field_str(w, "creationKey", slice_str(key));
    give_cookie(c, room_id, key);
}

/* ---- who may ---- */

struct slice rest_account(const struct rest *c)
{
    bool is_account = c->asker.is_known && !c->asker.who.is_guest;
    return is_account ? c->asker.who.user_id : S("");
}

static bool is_owner(const struct rest *c, struct slice owner_id)
{
    return owner_id.len > 0 && slice_eq(owner_id, rest_account(c));
}

static const struct member *member_of(const struct rest *c, const struct room *r)
{
    return r && c->asker.is_known ? room_member(r, c->asker.who.user_id) : NULL;
}

const struct member *rest_member(const struct rest *c)
{
    return member_of(c, hub_view(c->room).room);
}

enum rest_sight rest_sight(const struct rest *c, const struct study_room *r)
{
    const struct member *m = member_of(c, r->room);
    bool is_guarded = r->settings->approval || r->settings->is_locked;
    if (c->asker.who.is_admin || is_owner(c, r->owner_id))
        return REST_SEES_ALL;
    if (m && m->status == MEMBER_KICKED)
        return REST_SEES_DOOR;
    if (!is_guarded || (m && m->status == MEMBER_APPROVED))
        return REST_SEES_ALL;
    return r->owner_id.len == 0 && holds_key(c, r->id, r->created_at_ms) ? REST_SEES_ALL
                                                                         : REST_SEES_DOOR;
}

int rest_may_read(struct rest *c)
{
    struct study_room r = study_room_of(hub_view(c->room).room);
    const struct member *m = rest_member(c);
    if (rest_sight(c, &r) == REST_SEES_ALL)
        return 0;
    if (m && m->status == MEMBER_KICKED)
        return ERR_KICKED;
    return m && m->status == MEMBER_PENDING ? ERR_WAITING_APPROVAL : ERR_NOT_IN_ROOM;
}

int rest_may_write(struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    const struct member *m = rest_member(c);
    enum member_status status = m ? m->status : MEMBER_APPROVED;
    bool is_closed = r->settings.approval || r->settings.is_locked ||
        r->settings.mode == MODE_INTERVIEW;
    bool is_ruler = c->asker.who.is_admin || is_owner(c, slice_str(r->owner_id));
    if (r->status == ROOM_ENDED)
        return ERR_ROOM_ENDED;
    if (status == MEMBER_KICKED)
        return ERR_KICKED;
    if (is_ruler || !is_closed || (m && status == MEMBER_APPROVED))
        return 0;
    return status == MEMBER_PENDING ? ERR_WAITING_APPROVAL : ERR_NOT_IN_ROOM;
}

static bool is_ruled_by_key(const struct rest *c, const struct room *r)
{
    if (r->owner_id[0] != '\0')
        return false;
    bool is_anybodys = hub_settings(rest_hub(c))->auth_mode == AUTH_OPEN;
    return is_anybodys || holds_key(c, slice_str(r->id), r->created_at_ms);
}

int rest_rule(struct slice *as, struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    const struct identity *who = &c->asker.who;
    bool is_host = c->asker.is_known && room_role(r, who->user_id) == ROLE_HOST;
    *as = S("");
    if (who->is_admin || is_ruled_by_key(c, r))
        return 0;
    *as = who->user_id;
    if (is_host || is_owner(c, slice_str(r->owner_id)))
        return 0;
    c->why = r->owner_id[0] != '\0' ? S("Only the room's owner may do this.")
                                    : S("Only who has made the room may do this: show its key.");
    return ERR_FORBIDDEN;
}

/* That anybody may end what is nobody's does not make anybody a host of the others. */
int rest_may_oversee(struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    const struct identity *who = &c->asker.who;
    bool is_host = c->asker.is_known && room_role(r, who->user_id) >= ROLE_COHOST;
    bool has_key = r->owner_id[0] == '\0' && holds_key(c, slice_str(r->id), r->created_at_ms);
    if (is_host || has_key || who->is_admin || is_owner(c, slice_str(r->owner_id)))
        return 0;
    int err = rest_may_read(c);
    if (err)
        return err;
    c->why = S("Only the room's hosts may see this.");
    return ERR_FORBIDDEN;
}

/* ---- how it looks ---- */

void rest_put_room(struct json_writer *w, const struct rest *c, const struct study_room *r)
{
    if (rest_sight(c, r) == REST_SEES_DOOR) {
        study_door(w, r);
        return;
    }
    study_room(w, &c->settings, r);
    jw_field_u64(w, "participantCount", r->room ? room_connected(r->room) : 0);
}

struct study_room rest_stored_room(const struct store_room *s)
{
    return (struct study_room){
        .id = s->id,
        .title = s->title,
        .owner_id = s->owner_id,
        .settings = &s->settings,
        .status = store_room_status(s),
        .created_at_ms = s->created_at_ms,
    };
}
