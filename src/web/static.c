/* The embedded files as HTTP serves them, and the addresses within the app, which are all one page:
 * the app looks at the address and shows what it means. A file has up to three forms (plain, gzip,
 * brotli), each with an ETag of its own; parts are cut from the plain one only. Nothing here
 * touches a disk. */
#include "web/static.h"

#include "web/assets.h"
#include "web/cors.h"
#include "web/front.h"
#include "web/part.h"
#include "web/route.h"

#define ETAG_BYTES   128
#define POLICY_BYTES 4096

struct form {
    struct slice bytes;
    const char *coding; /* NULL: as it is */
};

static const struct asset *find(struct slice path)
{
    size_t low = 0;
    size_t high = assets_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_cmp(path, assets[middle].path);
        if (order == 0)
            return &assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The form that the client likes best, and of equals the smallest. What takes no form at all gets
 * the file as it is. */
static struct form choose_form(const struct asset *a, const struct request *r)
{
    struct slice accepts = request_header(r, S("Accept-Encoding"));
    const struct form forms[] = {
        { .bytes = a->br, .coding = "br" },
        { .bytes = a->gzip, .coding = "gzip" },
    };
    struct form best = { .bytes = a->raw };
    if (!accepts.len)
        return best;
    unsigned liked = http1_encoding_quality(accepts, S("identity"));
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        unsigned quality = http1_encoding_quality(accepts, slice_str(forms[i].coding));
        bool is_better = quality > liked || (quality == liked && !best.coding && quality > 0);
        if (!forms[i].bytes.len || !is_better)
            continue;
        best = forms[i];
        liked = quality;
    }
    return best;
}

/* Each form has a tag of its own: `"hash"` becomes `"hash-br"`. */
static struct slice tag_of(struct buf *out, const struct asset *a, const struct form *form)
{
    if (!form->coding)
        return a->etag;
    buf_add_slice(out, slice_take(a->etag, a->etag.len - 1));
    buf_add_char(out, '-');
    buf_add_str(out, form->coding);
    buf_add_char(out, '"');
    return buf_slice(out);
}

static void write_heads(struct reply *reply, const struct asset *a, struct slice etag)
{
    reply_header(reply, "ETag", etag);
    reply_header(reply, "Cache-Control",
        a->immutable ? S("public, max-age=31536000, immutable") : S("no-cache"));
    if (a->br.len || a->gzip.len)
        reply_header(reply, "Vary", S("Accept-Encoding"));
}

/* What pages may do: nothing from elsewhere but files of people, where these are elsewhere, no
 * inline script, no frame around them. */
static const struct {
    const char *text;
    bool is_of_files;
} page_policy[] = {
    { .text = "default-src 'self'" },
    { .text = "script-src 'self'" },
    { .text = "style-src 'self'" },
    { .text = "font-src 'self'" },
    { .text = "manifest-src 'self'" },
    { .text = "worker-src 'self'" },
    { .text = "img-src 'self' data: blob:", .is_of_files = true },
    { .text = "media-src 'self' blob:", .is_of_files = true },
    { .text = "connect-src 'self'", .is_of_files = true },
    { .text = "object-src 'none'" },
    { .text = "base-uri 'none'" },
    { .text = "form-action 'self'" },
    { .text = "frame-ancestors 'self'" },
    { .text = "require-trusted-types-for 'script'" },
    { .text = "trusted-types 'none'" },
};

static void write_content_policy(struct reply *reply)
{
    struct buf text;
    struct slice origins = reply->request->front->settings->page_origins;
    buf_init(&text, POLICY_BYTES);
    for (size_t i = 0; i < sizeof page_policy / sizeof *page_policy; i++) {
        buf_add_str(&text, i > 0 ? "; " : "");
        buf_add_str(&text, page_policy[i].text);
        if (page_policy[i].is_of_files && origins.len > 0) {
            buf_add_char(&text, ' ');
            buf_add_slice(&text, origins);
        }
    }
    reply_header(reply, "Content-Security-Policy",
        buf_err(&text) ? S("default-src 'none'") : buf_slice(&text));
    buf_fini(&text);
}

static void write_page_policy(struct reply *reply)
{
    write_content_policy(reply);
    reply_header(reply, "Cross-Origin-Opener-Policy", S("same-origin"));
    reply_header(reply, "Permissions-Policy",
        S("camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "
          "geolocation=()"));
}

static void send_whole(
    struct request *r, const struct asset *a, const struct form *form, struct slice etag)
{
    struct reply reply;
    reply_begin(&reply, r, 200);
    reply_header(&reply, "Content-Type", a->type);
    write_heads(&reply, a, etag);
    if (form->coding)
        reply_header(&reply, "Content-Encoding", slice_str(form->coding));
    else
        reply_header(&reply, "Accept-Ranges", S("bytes"));
    if (slice_starts(a->type, S("text/html")))
        write_page_policy(&reply);
    reply_static_body(&reply, form->bytes);
}

/* The page that says so; the error's own words are for programs. It is not the file, so it has no
 * tag and no parts. */
static void send_missing(struct request *r, const struct asset *page)
{
    struct reply reply;
    struct form form = choose_form(page, r);
    reply_begin(&reply, r, 404);
    reply_header(&reply, "Content-Type", page->type);
    reply_header(&reply, "Cache-Control", S("no-cache"));
    reply_header(&reply, "Vary", S("Accept, Accept-Encoding"));
    if (form.coding)
        reply_header(&reply, "Content-Encoding", slice_str(form.coding));
    write_page_policy(&reply);
    reply_static_body(&reply, form.bytes);
}

static void send_unchanged(struct request *r, const struct asset *a, struct slice etag)
{
    struct reply reply;
    reply_begin(&reply, r, 304);
    write_heads(&reply, a, etag);
    reply_no_body(&reply);
}

static void send_range(struct request *r, const struct asset *a, const struct part *p)
{
    struct reply reply;
    reply_begin(&reply, r, 206);
    part_put_range(&reply, p);
    reply_header(&reply, "Content-Type", a->type);
    write_heads(&reply, a, a->etag);
    reply_static_body(&reply, slice_of(a->raw.p + p->first, p->len));
}

/* Parts are cut from the plain form alone, which is what somebody gets who asks for one. */
static void send_asset(struct request *r, const struct asset *a)
{
    struct buf tag;
    buf_init(&tag, ETAG_BYTES);
    bool wants_range = r->head.method == HTTP1_GET && request_header(r, S("Range")).p;
    struct form form = choose_form(a, r);
    if (wants_range)
        form = (struct form){ .bytes = a->raw };
    struct slice etag = tag_of(&tag, a, &form);
    struct part p = part_wanted(r, etag, form.bytes.len);
    if (p.kind == PART_UNCHANGED)
        send_unchanged(r, a, etag);
    else if (p.kind == PART_RANGE)
        send_range(r, a, &p);
    else if (p.kind == PART_NOWHERE)
        part_refuse(r, &p);
    else
        send_whole(r, a, &form, etag);
    buf_fini(&tag);
}

static void refuse_method(struct request *r)
{
    struct reply reply;
    reply_error_begin(&reply, r, ERR_METHOD_NOT_ALLOWED);
    reply_header(&reply, "Allow", S("GET, HEAD, OPTIONS"));
    reply_error_body(&reply, ERR_METHOD_NOT_ALLOWED, S("This is a file: it can be read."));
}

/* ---- pages ---- */

static const struct slice start_page = SLICE("/index.html");

/* Every address within the app; its own table is in app/src/. */
static const struct slice pages[] = {
    SLICE("/room/{id}"),
    SLICE("/room.html"),
    SLICE("/r/{code}"),
    SLICE("/login"),
    SLICE("/signup"),
    SLICE("/account"),
    SLICE("/dashboard"),
    SLICE("/sessions"),
    SLICE("/sessions/{id}"),
    SLICE("/new"),
};

/* Where programs ask, a browser too is told in their words. */
static const struct slice program_folders[] = {
    SLICE("/api"),
    SLICE("/rooms"),
    SLICE("/sfu"),
    SLICE("/files"),
    SLICE("/admin"),
    SLICE("/socket.io"),
    SLICE("/ws"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_page(struct slice path)
{
    if (slice_ends(path, S("/")))
        return false; /* the same page must not have two addresses */
    for (size_t i = 0; i < COUNT(pages); i++) {
        if (route_fits(pages[i], path))
            return true;
    }
    return false;
}

static bool is_for_programs(struct slice path)
{
    for (size_t i = 0; i < COUNT(program_folders); i++) {
        struct slice rest = slice_drop(path, program_folders[i].len);
        if (slice_starts(path, program_folders[i]) && (rest.len == 0 || rest.p[0] == '/'))
            return true;
    }
    return false;
}

/* As a browser does that goes somewhere, and what it fetches for a page does not. */
static bool wants_page(const struct request *r)
{
    struct slice type, list = request_header(r, S("Accept"));
    while (slice_cut(&type, &list, ',')) {
        ptrdiff_t end = slice_find(type, ';');
        type = slice_trim(slice_take(type, end < 0 ? type.len : (size_t)end));
        if (slice_eq_nocase(type, S("text/html")))
            return !is_for_programs(r->path);
    }
    return false;
}

/* The start page has a name of its own. */
static const struct asset *asset_at(struct slice path)
{
    return find(slice_eq(path, S("/")) ? start_page : path);
}

bool static_has(struct slice path)
{
    return asset_at(path) != NULL;
}

void static_serve(struct request *r)
{
    bool reads = r->head.method == HTTP1_GET || r->head.method == HTTP1_HEAD;
    const struct asset *page = find(start_page);
    const struct asset *a = is_page(r->path) ? page : asset_at(r->path);
    if (!a && page && reads && wants_page(r))
        send_missing(r, page);
    else if (!a)
        reply_error(r, ERR_NOT_FOUND);
    else if (r->head.method == HTTP1_OPTIONS)
        cors_preflight(r, S("GET, HEAD, OPTIONS"));
    else if (!reads)
        refuse_method(r);
    else
        send_asset(r, a);
}
