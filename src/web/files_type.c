/* The patterns are those of the MIME Sniffing standard (sections 6.1 and 6.2), and a content that
 * begins as none of them is not shown, whatever it was said to be. A Matroska file counts as WebM
 * only when it says so; of what has boxes (ISO BMFF) only MP4 does: others begin alike. */
#include "web/files_type.h"

#include <string.h>

static const char *const shown[] = { "image/png", "image/jpeg", "image/webp", "image/gif",
    "video/mp4", "video/webm", "application/ogg" };

static const struct {
    struct slice start;
    size_t also_at;
    struct slice also; /* behind it */
    const char *type;
} patterns[] = {
    { .start = SLICE("\x89PNG\r\n\x1a\n"), .type = "image/png" },
    { .start = SLICE("\xff\xd8\xff"), .type = "image/jpeg" },
    { .start = SLICE("GIF87a"), .type = "image/gif" },
    { .start = SLICE("GIF89a"), .type = "image/gif" },
    { .start = SLICE("RIFF"), .also_at = 8, .also = SLICE("WEBPVP"), .type = "image/webp" },
    { .start = SLICE("OggS\0"), .type = "application/ogg" },
};

/* ---- MP4 ---- */

static uint32_t number_at(struct slice s, size_t at)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_brand(struct slice head, size_t at)
{
    return slice_starts(slice_drop(head, at), S("mp4"));
}

/* The first box: its size, "ftyp", a brand, a version, further brands. */
static bool is_mp4(struct slice head)
{
    if (head.len < 16 || !slice_eq(slice_take(slice_drop(head, 4), 4), S("ftyp")))
        return false;
    uint32_t size = number_at(head, 0);
    if (size < 16 || size % 4 != 0)
        return false;
    if (is_brand(head, 8))
        return true;
    for (size_t at = 16; at + 4 <= size && at + 4 <= head.len; at += 4) {
        if (is_brand(head, at))
            return true;
    }
    return false;
}

/* ---- WebM ---- */

/* An EBML header that holds the DocType "webm": its id, the length 4, the text. */
static bool is_webm(struct slice head)
{
    static const struct slice doc_type = SLICE("\x42\x82\x84webm");
    if (!slice_starts(head, S("\x1a\x45\xdf\xa3")))
        return false;
    return memmem(head.p, head.len, doc_type.p, doc_type.len) != NULL;
}

/* ---- all of them ---- */

const char *files_sniff(struct slice head)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct slice rest = slice_drop(head, patterns[i].also_at);
        if (slice_starts(head, patterns[i].start) && slice_starts(rest, patterns[i].also))
            return patterns[i].type;
    }
    if (is_mp4(head))
        return "video/mp4";
    return is_webm(head) ? "video/webm" : NULL;
}

bool files_is_picture(const char *type)
{
    return type && strncmp(type, "image/", strlen("image/")) == 0;
}

bool files_is_shown(struct slice type)
{
    ptrdiff_t end = slice_find(type, ';');
    struct slice name = slice_trim(end < 0 ? type : slice_take(type, (size_t)end));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (slice_eq_nocase(name, slice_str(shown[i])))
            return true;
    }
    return slice_eq_nocase(name, S("audio/ogg")) || slice_eq_nocase(name, S("video/ogg")) ||
        slice_eq_nocase(name, S("audio/webm")) || slice_eq_nocase(name, S("audio/mp4"));
}
