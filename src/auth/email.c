/* Narrower than RFC 5321: no quoted names, no addresses in brackets, no other alphabets, in which
 * two addresses may look alike. */
#include "auth/email.h"

#define LOCAL_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_local(struct slice s)
{
    struct slice part, rest = s;
    if (s.len == 0 || s.len > LOCAL_MAX || slice_ends(s, S(".")))
        return false;
    while (slice_cut(&part, &rest, '.')) {
        if (part.len == 0)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            char c = part.p[i];
            if (!is_letter_or_digit(c) && (c == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
                return false;
        }
    }
    return true;
}

static bool is_label(struct slice s)
{
    if (s.len == 0 || s.len > LABEL_MAX || s.p[0] == '-' || s.p[s.len - 1] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_letter_or_digit(s.p[i]) && s.p[i] != '-')
            return false;
    }
    return true;
}

static bool is_domain(struct slice s)
{
    struct slice label, rest = s;
    if (s.len == 0 || slice_ends(s, S(".")))
        return false;
    while (slice_cut(&label, &rest, '.')) {
        if (!is_label(label))
            return false;
    }
    return true;
}

int email_normalise(char out[STORE_EMAIL_MAX + 1], struct slice text)
{
    text = slice_trim(text);
    out[0] = '\0';
    if (text.len > STORE_EMAIL_MAX)
        return ERR_BAD_VALUE;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[text.len] = '\0';
    struct slice all = slice_of(out, text.len);
    ptrdiff_t at = slice_find(all, '@');
    if (at >= 0 && is_local(slice_take(all, (size_t)at)) &&
        is_domain(slice_drop(all, (size_t)at + 1)))
        return 0;
    out[0] = '\0';
    return ERR_BAD_VALUE;
}
