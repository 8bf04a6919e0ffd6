/* What tests of files ask of the server over files_rig.h, as a client does: an address, a file
 * brought there whole or in parts, the file; and what then lies in the folder. */
#pragma once

#include "files_rig.h"

/* ---- asking ---- */

/* A worker may be slow, or its disk: when nothing comes for long, the turns of PATIENCE last for
 * 20 s and more. */
static inline void turn(struct files_rig *r)
{
    size_t had = r->web.len;
    loop_turn(r->web.loop, false);
    rig_read(&r->web);
    r->idle_turns = r->web.len == had ? r->idle_turns + 1 : 0;
    if (r->idle_turns > QUICK_TURNS && !r->is_brief)
        usleep(100);
    else
        sched_yield();
}

static inline size_t answer_bytes(const struct files_rig *r)
{
    struct slice heard = slice_of(r->web.heard, r->web.len);
    const char *end = memmem(heard.p, heard.len, "\r\n\r\n", 4);
    const char *length = memmem(heard.p, heard.len, "Content-Length: ", 16);
    if (!end)
        return SIZE_MAX;
    size_t head = (size_t)(end - heard.p) + 4;
    return head + (length && length < end ? strtoul(length + 16, NULL, 10) : 0);
}

/* Waits for one whole answer. */
static inline int hear(struct files_rig *r, bool is_head)
{
    for (unsigned i = 0; i < PATIENCE && !r->web.is_end; i++) {
        size_t bytes = answer_bytes(r);
        if (bytes <= r->web.len || (is_head && bytes != SIZE_MAX))
            break;
        turn(r);
    }
    r->web.heard[r->web.len] = '\0';
    return rig_status(&r->web);
}

static inline int ask(struct files_rig *r, const char *request)
{
    rig_connect(&r->web);
    r->idle_turns = 0;
    rig_say(&r->web, request);
    return hear(r, strncmp(request, "HEAD", 4) == 0);
}

/* Made once for each: it is not what a test makes fail. */
static inline const char *token_of(const char *user_id, bool is_guest)
{
    static struct {
        char user_id[20];
        char text[1000];
    } made[8];
    struct arena a;
    struct slice token;
    const struct token_key key = { .secret = S(SECRET) };
    const struct token_claims claims = {
        .who = { .user_id = slice_str(user_id), .name = slice_str(user_id), .is_guest = is_guest },
        .now_ms = 1,
        .ttl_ms = UINT64_C(4000000000000),
    };
    unsigned i = 0;
    while (i < 7 && made[i].user_id[0] && strcmp(made[i].user_id, user_id) != 0)
        i++;
    if (made[i].user_id[0])
        return made[i].text;
    arena_init(&a, TOKEN_ARENA_BYTES);
    if (token_mint(&token, &a, &key, &claims))
        abort();
    snprintf(made[i].text, sizeof made[i].text, "%.*s", (int)token.len, token.p);
    snprintf(made[i].user_id, sizeof made[i].user_id, "%s", user_id);
    arena_fini(&a);
    return made[i].text;
}

static inline int post(struct files_rig *r, const char *path, const char *user, const char *json)
{
    char request[3000];
    char bearer[1100] = "";
    if (user != NULL)
        snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n",
            token_of(user, strncmp(user, "g_", 2) == 0));
    snprintf(request, sizeof request,
        "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n%sContent-Length: "
        "%zu\r\n\r\n%s",
        path, bearer, strlen(json), json);
    return ask(r, request);
}

/* An offer, or what there is in its stead. */
struct offered {
    int status;
    char path[2000]; /* of the upload, with its query */
    char file[600];  /* the file's path */
    char id[FILES_ID_BYTES + 1];
};

static inline void cut(char *out, size_t max, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    const char *end = at ? strstr(at + strlen(from), to) : NULL;
    snprintf(out, max, "%.*s", end ? (int)(end - at - (ptrdiff_t)strlen(from)) : 0,
        end ? at + strlen(from) : "");
}

static inline struct offered offer(struct files_rig *r, const char *user, const char *json)
{
    struct offered o = { .status = post(r, "/api/upload-url", user, json) };
    cut(o.path, sizeof o.path, r->web.heard, "\"uploadUrl\":\"http://a", "\"");
    cut(o.file, sizeof o.file, r->web.heard, "\"fileUrl\":\"http://a", "\"");
    cut(o.id, sizeof o.id, r->web.heard, "\"fileId\":\"", "\"");
    return o;
}

static inline const char *head_of(
    const char *method, const char *path, const char *type, size_t length)
{
    static char text[3000];
    snprintf(text, sizeof text,
        "%s %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", method,
        path, type, length);
    return text;
}

static inline int put(struct files_rig *r, const struct offered *o, const char *body)
{
    rig_connect(&r->web);
    rig_say(&r->web, head_of("PUT", o->path, "text/plain", strlen(body)));
    rig_say(&r->web, body);
    return hear(r, false);
}

static inline int get(struct files_rig *r, const char *path, const char *headers)
{
    char request[1000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, headers);
    return ask(r, request);
}

static inline bool ends_with(const struct files_rig *r, const char *text)
{
    return slice_ends(slice_of(r->web.heard, r->web.len), slice_str(text));
}

static inline void settle(struct files_rig *r)
{
    for (unsigned i = 0; i < 300; i++)
        turn(r);
}

/* Until there is no such file any more, or there is. */
static inline bool wait_for_content(struct files_rig *r, const char *id, bool is_wanted)
{
    char path[200];
    struct stat st;
    snprintf(path, sizeof path, "%s/files/%.2s/%s", r->folder, id, id);
    for (unsigned i = 0; i < PATIENCE; i++) {
        if ((stat(path, &st) == 0) == is_wanted)
            return true;
        turn(r);
    }
    return false;
}

static inline unsigned count_drafts(const struct files_rig *r)
{
    char path[200];
    unsigned n = 0;
    const struct dirent *e;
    snprintf(path, sizeof path, "%s/files/tmp", r->folder);
    DIR *dir = opendir(path);
    while (dir && (e = readdir(dir)))
        n += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

static inline bool wait_for_drafts(struct files_rig *r, unsigned n)
{
    for (unsigned i = 0; i < PATIENCE && count_drafts(r) != n; i++)
        turn(r);
    return count_drafts(r) == n;
}

#define HELLO "{\"roomId\":\"x\",\"name\":\"a.txt\",\"size\":5,\"type\":\"text/plain\"}"
#define PARTS \
    "{\"roomId\":\"x\",\"name\":\"a.txt\",\"size\":10,\"type\":\"text/plain\",\"resumable\":true}"

static inline void make_room(struct files_rig *r, const char *json)
{
    if (post(r, "/api/rooms", "owner", json) != 201)
        abort();
}

static inline void start_with_room(struct files_rig *r)
{
    init(r);
    start(r);
    make_room(r, "{\"id\":\"x\",\"isPublic\":true}");
}

/* ---- in parts ---- */

static inline int patch(
    struct files_rig *r, const struct offered *o, unsigned offset, const char *body, size_t length)
{
    char head[3000];
    snprintf(head, sizeof head,
        "PATCH %s HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nContent-Type: "
        "application/offset+octet-stream\r\nUpload-Offset: %u\r\nContent-Length: %zu\r\n\r\n",
        o->path, offset, length);
    rig_connect(&r->web);
    rig_say(&r->web, head);
    rig_say(&r->web, body);
    return strlen(body) < length ? 0 : hear(r, false);
}

static inline int look(struct files_rig *r, const struct offered *o)
{
    char head[3000];
    snprintf(
        head, sizeof head, "HEAD %s HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\n\r\n", o->path);
    return ask(r, head);
}

static inline int cancel(struct files_rig *r, const char *path)
{
    char head[3000];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\n\r\n",
        "DELETE", path);
    return ask(r, head);
}
