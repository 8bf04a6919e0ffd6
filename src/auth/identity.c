#include "auth/identity.h"

#include "base/field.h"
#include "room/text.h"

/* The characters are those of every id on the wire. */
static const struct field id_row = { .name = "id", .type = FIELD_ID, .max = ROOM_USER_ID_MAX };
static const struct field token_row = {
    .name = "jti", .type = FIELD_ID, .max = IDENTITY_TOKEN_MAX
};

bool identity_is_id(struct slice text)
{
    struct slice id;
    return field_store_text(&id, NULL, &id_row, text) == 0;
}

bool identity_is_token_id(struct slice text)
{
    struct slice id;
    return field_store_text(&id, NULL, &token_row, text) == 0;
}

bool identity_is_name(struct slice text)
{
    return text_check(text, 1, ROOM_NAME_MAX, TEXT_ONE_LINE) == 0;
}

bool identity_is_avatar(struct slice text)
{
    return text.len == 0 || text_check_url(text) == 0;
}

int identity_check(const struct identity *who)
{
    bool is_good = identity_is_id(who->user_id) && identity_is_name(who->name) &&
        identity_is_avatar(who->avatar_url) && !(who->is_guest && who->is_admin);
    return is_good ? 0 : ERR_BAD_VALUE;
}
