/* What a content is by how it begins, and nothing else: names and claims do not count. */
#include "web/files_type.h"

#include "tap.h"

#define HEAD(literal) .head = SLICE(literal)

static const struct {
    const char *what;
    struct slice head;
    const char *type;
} rows[] = {
    { "PNG", HEAD("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png" },
    { "PNG, cut", HEAD("\x89PNG\r\n\x1a"), NULL },
    { "PNG that went through a text mode", HEAD("\x89PNG\n\x1a\n\0\0\0\rIHDR"), NULL },
    { "JPEG", HEAD("\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg" },
    { "JPEG of a camera", HEAD("\xff\xd8\xff\xe1"), "image/jpeg" },
    { "half of it", HEAD("\xff\xd8"), NULL },
    { "GIF", HEAD("GIF89a\1\0\1\0"), "image/gif" },
    { "an older GIF", HEAD("GIF87a"), "image/gif" },
    { "no GIF", HEAD("GIF88a"), NULL },
    { "WebP", HEAD("RIFF\x24\0\0\0WEBPVP8 "), "image/webp" },
    { "a sound in RIFF", HEAD("RIFF\x24\0\0\0WAVEfmt "), NULL },
    { "MP4",
        HEAD("\0\0\0\x18"
             "ftypmp42\0\0\0\0isommp42"),
        "video/mp4" },
    { "MP4 by a further brand",
        HEAD("\0\0\0\x20"
             "ftypisom\0\0\2\0isomiso2avc1mp41"),
        "video/mp4" },
    { "a brand behind the box",
        HEAD("\0\0\0\x14"
             "ftypisom\0\0\2\0isommp41"),
        NULL },
    { "HEIC",
        HEAD("\0\0\0\x18"
             "ftypheic\0\0\0\0mif1heic"),
        NULL },
    { "a box of no size",
        HEAD("\0\0\0\0"
             "ftypmp42\0\0\0\0"),
        NULL },
    { "a box of an odd size",
        HEAD("\0\0\0\x19"
             "ftypmp42\0\0\0\0"),
        NULL },
    { "a large box, cut",
        HEAD("\xff\xff\xff\xf0"
             "ftypisom\0\0\0\0isom"),
        NULL },
    { "a short one",
        HEAD("\0\0\0\x18"
             "ftyp"),
        NULL },
    { "WebM", HEAD("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1\x42\x82\x84webm"),
        "video/webm" },
    { "Matroska", HEAD("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x88matroska"), NULL },
    { "Ogg", HEAD("OggS\0\2\0\0"), "application/ogg" },
    { "no Ogg", HEAD("OggSx"), NULL },
    { "HTML", HEAD("<!DOCTYPE html><script>"), NULL },
    { "SVG", HEAD("<svg xmlns=\"http://www.w3.org/2000/svg\">"), NULL },
    { "XML", HEAD("<?xml version=\"1.0\"?>"), NULL },
    { "PDF", HEAD("%PDF-1.7"), NULL },
    { "a program",
        HEAD("\x7f"
             "ELF"),
        NULL },
    { "an icon", HEAD("\0\0\1\0"), NULL },
    { "space before a GIF", HEAD(" GIF89a"), NULL },
    { "nothing", HEAD(""), NULL },
};

static const struct {
    const char *type;
    bool is_shown;
} shown[] = {
    { "image/png", true },
    { "IMAGE/JPEG", true },
    { "video/webm; codecs=\"vp8\"", true },
    { "audio/webm", true },
    { "video/mp4 ;x=y", true },
    { "image/svg+xml", false },
    { "image/svg+xml;image/png", false },
    { "text/html", false },
    { "application/pdf", false },
    { "image/pngx", false },
    { "", false },
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_str(files_sniff(rows[i].head), rows[i].type, "%s", rows[i].what);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        ok(files_is_shown(slice_str(shown[i].type)) == shown[i].is_shown, "'%s' is shown: %d",
            shown[i].type, shown[i].is_shown);
    ok(files_is_picture("image/png") && !files_is_picture("video/mp4") && !files_is_picture(NULL),
        "pictures are pictures");
    return done();
}
