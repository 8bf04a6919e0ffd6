#include "room/text.h"

#include "base/utf8.h"

#define ID_MAX 64

/* At the beginning of `rest`, which is valid: a byte C2 is not the last. */
static bool is_control(struct slice rest)
{
    unsigned char c = (unsigned char)rest.p[0];
    if (c == 0xc2)
        return (unsigned char)rest.p[1] < 0xa0; /* U+0080 to U+009F */
    return c < 0x20 || c == 0x7f;
}

/* U+2028, U+2029: a new line all the same. U+202A to U+202E: what follows is shown in another
 * order. */
static bool is_disguise(struct slice rest)
{
    unsigned char last = rest.len < 3 ? 0 : (unsigned char)rest.p[2];
    return slice_starts(rest, S("\xe2\x80")) && last >= 0xa8 && last <= 0xae;
}

static bool may_stand(struct slice rest, enum text_lines lines)
{
    char c = rest.p[0];
    if (lines == TEXT_ANY)
        return c != '\0';
    if (lines == TEXT_ONE_LINE && is_disguise(rest))
        return false;
    return !is_control(rest) || (lines == TEXT_LINES && (c == '\n' || c == '\t'));
}

int text_check(struct slice s, size_t min, size_t max, enum text_lines lines)
{
    if (s.len < min || s.len / UTF8_MAX_BYTES > max || !utf8_is_valid(s))
        return ERR_BAD_FIELD;
    size_t n = utf8_count(s);
    if (n < min || n > max)
        return ERR_BAD_FIELD;
    for (size_t i = 0; i < s.len; i++) {
        if (!may_stand(slice_drop(s, i), lines))
            return ERR_BAD_FIELD;
    }
    return 0;
}

int text_check_id(struct slice s)
{
    return text_check(s, 1, ID_MAX, TEXT_ONE_LINE);
}

static bool has_scheme(struct slice s, struct slice scheme)
{
    return slice_starts(s, scheme) && s.len > scheme.len && s.p[scheme.len] != '/';
}

int text_check_url(struct slice s)
{
    bool is_path = slice_starts(s, S("/")) && !slice_starts(s, S("//"));
    if (!is_path && !has_scheme(s, S("https://")) && !has_scheme(s, S("http://")))
        return ERR_BAD_FIELD;
    for (size_t i = 0; i < s.len; i++) {
        if (strchr(" \\\"<>", s.p[i]) != NULL)
            return ERR_BAD_FIELD;
    }
    return text_check(s, 1, TEXT_URL_MAX, TEXT_ONE_LINE);
}
