#include "web/files_name.h"

#include "base/url.h"
#include "base/utf8.h"
#include "room/room.h"
#include "room/text.h"

/* ---- what may be ---- */

bool files_is_name(struct slice name)
{
    bool is_path = slice_find(name, '/') >= 0 || slice_find(name, '\\') >= 0;
    bool is_dots = slice_eq(name, S(".")) || slice_eq(name, S(".."));
    return !is_path && !is_dots && text_check(name, 1, ROOM_FILE_NAME_MAX, TEXT_ONE_LINE) == 0;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_one_of(char c, const char *list)
{
    return c != '\0' && strchr(list, c) != NULL;
}

static bool is_token_char(char c)
{
    return is_letter_or_digit(c) || is_one_of(c, "!#$&^_.+-");
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_token_char(s.p[i]))
            return false;
    }
    return s.len > 0;
}

static bool is_printable(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < ' ' || s.p[i] > '~')
            return false;
    }
    return true;
}

bool files_is_type(struct slice type)
{
    struct slice rest = type;
    struct slice main_type, sub_type;
    bool has_both = slice_cut(&main_type, &rest, '/') && slice_cut(&sub_type, &rest, ';');
    bool is_trimmed = slice_trim(type).len == type.len;
    return has_both && type.len <= ROOM_FILE_TYPE_MAX && is_trimmed && is_token(main_type) &&
        is_token(slice_trim(sub_type)) && is_printable(type);
}

/* ---- addresses ---- */

static size_t encoded_len(char c)
{
    return is_letter_or_digit(c) || is_one_of(c, "-._~") ? 1 : 3; /* as url_encode() has it */
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void files_add_segment(struct buf *out, struct slice name)
{
    size_t at = name.len;
    size_t bytes = 0;
    size_t start = name.len;
    while (at > 0) {
        at--;
        bytes += encoded_len(name.p[at]);
        if (bytes > FILES_SEGMENT_MAX)
            break;
        if (!is_inside_character(name.p[at]))
            start = at;
    }
    struct slice end = slice_drop(name, start);
    bool is_dots = slice_eq(end, S(".")) || slice_eq(end, S(".."));
    url_encode(out, is_dots ? S("file") : end);
}

/* ---- headers ---- */

/* What every client reads alike within quotes: no `%`, that some decode. */
static bool is_safe(char c)
{
    return c >= ' ' && c <= '~' && !is_one_of(c, "\"\\%");
}

static bool add_plain(struct buf *out, struct slice name)
{
    bool is_all = true;
    for (size_t i = 0; i < name.len; i++) {
        bool is_this = is_safe(name.p[i]);
        is_all = is_all && is_this;
        if (is_this)
            buf_add_char(out, name.p[i]);
        else if (!is_inside_character(name.p[i]))
            buf_add_char(out, '_');
    }
    return is_all;
}

void files_add_disposition(struct buf *out, const char *kind, struct slice name)
{
    buf_add_str(out, kind);
    buf_add_str(out, "; filename=\"");
    bool is_all = add_plain(out, name);
    buf_add_char(out, '"');
    if (is_all)
        return;
    buf_add_str(out, "; filename*=UTF-8''");
    url_encode(out, name);
}
