#include "base/url.h"
#include "hub/hub.h"
#include "web/files_name.h"
#include "web/files_parts.h"
#include "web/front.h"

#define ORIGIN_BYTES 1024

static const struct slice path_start = SLICE("/files/");

struct slice files_origin(struct request *r)
{
    struct slice origin = r->front->settings->public_url;
    struct buf text;
    if (origin.len > 0 || r->head.host.len == 0)
        return origin;
    buf_init(&text, ORIGIN_BYTES);
    buf_add_str(&text, r->is_secure ? "https://" : "http://");
    buf_add_slice(&text, r->head.host);
    if (buf_err(&text) || arena_copy(&origin, &r->arena, buf_slice(&text)))
        origin = S("");
    buf_fini(&text);
    return origin;
}

void files_add_url(
    struct buf *out, const struct files *f, struct slice origin, const struct store_file *file)
{
    struct slice own = f->settings.url;
    buf_add_slice(out, own.len > 0 ? own : origin);
    buf_add_slice(out, path_start);
    buf_add_slice(out, file->id);
    buf_add_char(out, '/');
    files_add_segment(out, file->name);
}

/* ---- whose an address is ---- */

static bool is_from(struct slice url, struct slice origin)
{
    return origin.len > 0 && slice_eq_nocase(slice_take(url, origin.len), origin);
}

/* Behind "https://host". */
static struct slice behind_host(struct slice url)
{
    ptrdiff_t colon = slice_find(url, ':');
    struct slice rest = slice_drop(url, (size_t)colon + strlen("://"));
    ptrdiff_t slash = slice_find(rest, '/');
    return slash < 0 ? S("") : slice_drop(rest, (size_t)slash);
}

static bool is_whole(struct slice url)
{
    return slice_starts(url, S("http://")) || slice_starts(url, S("https://"));
}

/* Where it is not configured by which name this server is known, any may be its name. */
static struct slice path_of(const struct files *f, struct slice url)
{
    const struct files_settings *s = &f->settings;
    if (is_from(url, s->url))
        return slice_drop(url, s->url.len);
    if (is_from(url, s->public_url))
        return slice_drop(url, s->public_url.len);
    return is_whole(url) && s->public_url.len == 0 ? behind_host(url) : url;
}

struct slice files_id_of_url(const struct files *f, struct slice url)
{
    struct slice path = path_of(f, url);
    if (!slice_starts(path, path_start))
        return S("");
    struct slice rest = slice_drop(path, path_start.len);
    struct slice id = slice_take(rest, FILES_ID_BYTES);
    struct slice end = slice_drop(rest, FILES_ID_BYTES);
    return files_is_id(id) && slice_starts(end, S("/")) ? id : S("");
}

/* ---- who ---- */

void files_add_peer(struct buf *out, struct ip peer)
{
    char text[ADDR_TEXT_BYTES];
    ip_text(text, ip_neighbourhood(peer));
    buf_add_str(out, "ip/");
    buf_add_str(out, text);
}
