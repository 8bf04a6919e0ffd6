/* Files from the offer to the end, with a store in memory, a folder and workers: who may, how much,
 * what becomes of uploads that break off, and of those that nobody wants any more. */
#include "files_ask.h"

/* ---- one file ---- */

static void test_round_trip(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered o = offer(&r, NULL, HELLO);
    is_int(o.status, 200, "anybody may upload to a room that is open");
    is_int(get(&r, o.file, ""), 404, "what is not there is not found");
    is_int(put(&r, &o, "hello"), 201, "it is uploaded");
    ok(strstr(r.web.heard, o.file) != NULL, "and said where it is");
    is_int(get(&r, o.file, ""), 200, "then it can be read");
    ok(ends_with(&r, "\r\n\r\nhello"), "as it was");
    ok(rig_has(&r.web, "Content-Type: application/octet-stream\r\n") &&
            rig_has(&r.web, "Content-Disposition: attachment; filename=\"a.txt\"\r\n") &&
            rig_has(&r.web, "X-Content-Type-Options: nosniff\r\n") &&
            rig_has(&r.web, "Content-Security-Policy: sandbox; default-src 'none'\r\n") &&
            rig_has(&r.web, "Cross-Origin-Resource-Policy: same-origin\r\n") &&
            rig_has(&r.web, "Cache-Control: private, max-age=31536000, immutable\r\n"),
        "and nothing can be made of it");
    is_int(get(&r, o.file, "Range: bytes=1-2\r\n"), 206, "in part");
    ok(ends_with(&r, "\r\n\r\nel") && rig_has(&r.web, "Content-Range: bytes 1-2/5\r\n"),
        "two bytes");
    is_int(get(&r, o.file, "Range: bytes=5-\r\n"), 416, "not behind its end");
    ok(rig_has(&r.web, "Content-Range: bytes */5\r\n"), "which is said");
    char tag[60];
    snprintf(tag, sizeof tag, "If-None-Match: \"%s\"\r\n", o.id);
    is_int(get(&r, o.file, tag), 304, "not to who has it");
    ok(ends_with(&r, "\r\n\r\n"), "nothing then");
    char head[700];
    snprintf(head, sizeof head, "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n", o.file);
    is_int(ask(&r, head), 200, "HEAD");
    ok(rig_has(&r.web, "Content-Length: 5\r\n") && ends_with(&r, "\r\n\r\n"), "says how much");
    is_int(put(&r, &o, "hallo"), 409, "a second time it is not taken");
    is_int(get(&r, o.file, ""), 200, "it stays");
    ok(ends_with(&r, "hello"), "as it was");
    o.file[strlen("/files/")] ^= 1;
    is_int(get(&r, o.file, ""), 404, "another id is not found");
    is_int(files_stats(r.lobby.files)->uploads, 1, "one upload is counted");
    is_int(files_stats(r.lobby.files)->awaited, 0, "and none is awaited");
    stop(&r);
}

static void test_empty(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered o = offer(
        &r, NULL, "{\"roomId\":\"x\",\"name\":\"e\",\"size\":0,\"type\":\"text/plain\"}");
    is_int(put(&r, &o, ""), 201, "nothing is uploaded");
    is_int(get(&r, o.file, ""), 200, "and read");
    ok(rig_has(&r.web, "Content-Length: 0\r\n") && ends_with(&r, "\r\n\r\n"), "as it is");
    is_int(get(&r, o.file, "Range: bytes=0-\r\n"), 416, "it has no parts");
    stop(&r);
}

static char big[BIG + 1];

static void test_big(void)
{
    char json[200];
    struct files_rig r;
    start_with_room(&r);
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)('a' + i * 7 % 26);
    snprintf(json, sizeof json,
        "{\"roomId\":\"x\",\"name\":\"b\",\"size\":%u,\"type\":\"text/plain\"}", BIG);
    struct offered o = offer(&r, NULL, json);
    rig_connect(&r.web);
    rig_say(&r.web, head_of("PUT", o.path, "text/plain", BIG));
    size_t sent = 0;
    for (unsigned i = 0; i < PATIENCE && sent < BIG; i++) {
        ssize_t n = sendto(r.web.peer, big + sent, BIG - sent, MSG_NOSIGNAL, NULL, 0);
        sent += n > 0 ? (size_t)n : 0;
        turn(&r);
    }
    is_int(hear(&r, false), 201, "many pieces");
    is_int(get(&r, o.file, ""), 200, "are read");
    ok(ends_with(&r, big), "as they were");
    char range[60];
    snprintf(range, sizeof range, "Range: bytes=300000-%u\r\n", BIG - 2);
    is_int(get(&r, o.file, range), 206, "a large part");
    big[BIG - 1] = '\0';
    ok(ends_with(&r, big + 300000), "is that part");
    rig_connect(&r.web);
    char request[700];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", o.file);
    rig_say(&r.web, request);
    for (unsigned i = 0; i < 20; i++)
        loop_turn(r.web.loop, false);
    rig_hang_up(&r.web);
    for (unsigned i = 0; i < PATIENCE && front_connections(r.web.front) > 0; i++)
        turn(&r);
    is_int(front_connections(r.web.front), 0, "who goes while reading is gone");
    stop(&r);
}

/* ---- what is refused ---- */

static void test_wrong_uploads(void)
{
    struct files_rig r;
    char path[2100];
    start_with_room(&r);
    struct offered o = offer(&r, NULL, HELLO);
    static const struct {
        const char *what;
        const char *type;
        size_t length;
        int status;
    } rows[] = {
        { "another type", "text/html", 5, 415 },
        { "a type with more to it", "text/plain; charset=utf-8", 5, 415 },
        { "too few", "text/plain", 4, 400 },
        { "too many", "text/plain", 6, 413 },
        { "far too many", "text/plain", 999999999999, 413 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_int(ask(&r, head_of("PUT", o.path, rows[i].type, rows[i].length)), rows[i].status, "%s",
            rows[i].what);
    is_int(ask(&r, head_of("PATCH", o.path, "application/offset+octet-stream", 5)), 403,
        "another method");
    snprintf(path, sizeof path, "%s", o.path);
    char *digit = &path[strlen("/api/files/")];
    *digit = *digit == '0' ? '1' : '0';
    is_int(ask(&r, head_of("PUT", path, "text/plain", 5)), 403, "another file");
    snprintf(path, sizeof path, "%s", o.path);
    path[strlen(path) - 1] ^= 1;
    is_int(ask(&r, head_of("PUT", path, "text/plain", 5)), 403, "another signature");
    snprintf(path, sizeof path, "%s&", o.path);
    is_int(ask(&r, head_of("PUT", "/api/files/x", "text/plain", 5)), 404, "no file at all");
    is_int(ask(&r,
               "PUT /api/files/0123456789abcdef0123456789abcdef HTTP/1.1\r\nHost: a\r\n"
               "Content-Length: 0\r\n\r\n"),
        403, "no signature");
    snprintf(path, sizeof path,
        "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        o.path);
    is_int(ask(&r, path), 400, "without a length");
    is_int(put(&r, &o, "hello"), 201, "after all that it still works");
    struct offered late = offer(&r, NULL, HELLO);
    test_clock_turn(&r.web.clock, 10 * MINUTE_US);
    loop_turn(r.web.loop, false);
    is_int(put(&r, &late, "hello"), 403, "but not after ten minutes");
    stop(&r);
}

static void test_wrong_offers(void)
{
    static const struct {
        const char *what;
        const char *user;
        const char *json;
        int status;
    } rows[] = {
        { "no name", NULL, "{\"roomId\":\"x\",\"size\":5}", 400 },
        { "no size", NULL, "{\"roomId\":\"x\",\"name\":\"a\"}", 400 },
        { "less than nothing", NULL, "{\"roomId\":\"x\",\"name\":\"a\",\"size\":-1}", 400 },
        { "half a byte", NULL, "{\"roomId\":\"x\",\"name\":\"a\",\"size\":0.5}", 400 },
        { "the largest", NULL, "{\"roomId\":\"x\",\"name\":\"a\",\"size\":1048576}", 200 },
        { "too large", NULL, "{\"roomId\":\"x\",\"name\":\"a\",\"size\":1048577}", 413 },
        { "a path", NULL, "{\"roomId\":\"x\",\"name\":\"../a\",\"size\":5}", 400 },
        { "no type of that form", NULL,
            "{\"roomId\":\"x\",\"name\":\"a\",\"size\":5,\"type\":\"png\"}", 400 },
        { "no such use", NULL, "{\"roomId\":\"x\",\"name\":\"a\",\"size\":5,\"use\":\"x\"}", 400 },
        { "no such room", NULL, "{\"roomId\":\"nowhere\",\"name\":\"a\",\"size\":5}", 404 },
        { "no room", NULL, "{\"name\":\"a\",\"size\":5}", 401 },
        { "no room, as a guest", "g_1", "{\"name\":\"a\",\"size\":5}", 401 },
        { "no room, with an account", "u1", "{\"name\":\"a\",\"size\":5}", 200 },
        { "a board without a room", "u1",
            "{\"name\":\"a\",\"size\":5,\"use\":\"board\",\"type\":\"image/png\"}", 400 },
        { "a board", "u1",
            "{\"roomId\":\"x\",\"name\":\"a\",\"size\":5,\"use\":\"board\",\"type\":\"image/png\"}",
            200 },
        { "a board that is a text", "u1",
            "{\"roomId\":\"x\",\"name\":\"a\",\"size\":5,\"use\":\"board\",\"type\":\"text/csv\"}",
            400 },
        { "a picture of a guest", "g_1",
            "{\"name\":\"a\",\"size\":5,\"use\":\"avatar\",\"type\":\"image/png\"}", 401 },
        { "a picture of somebody", "u1",
            "{\"name\":\"a\",\"size\":5,\"use\":\"avatar\",\"type\":\"image/png\"}", 200 },
        { "a guarded room", "u1", "{\"roomId\":\"guarded\",\"name\":\"a\",\"size\":5}", 403 },
        { "by its owner", "owner", "{\"roomId\":\"guarded\",\"name\":\"a\",\"size\":5}", 200 },
        { "an interview", NULL, "{\"roomId\":\"exam\",\"name\":\"a\",\"size\":5}", 403 },
        { "an interview, its owner", "owner", "{\"roomId\":\"exam\",\"name\":\"a\",\"size\":5}",
            200 },
    };
    struct files_rig r;
    init(&r);
    r.settings.uploads = 100;
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    make_room(&r, "{\"id\":\"guarded\",\"approval\":true}");
    make_room(&r, "{\"id\":\"exam\",\"mode\":\"interview\"}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct offered o = offer(&r, rows[i].user, rows[i].json);
        if (!is_int(o.status, rows[i].status, "%s", rows[i].what))
            note("%s", r.web.heard);
    }
    stop(&r);
}

static void test_limits(void)
{
    struct files_rig r;
    struct offered o[5];
    init(&r);
    r.settings.quota =
        (struct store_quota){ .user_bytes = 100, .room_bytes = 250, .all_bytes = 320 };
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    make_room(&r, "{\"id\":\"y\",\"isPublic\":true}");
    is_int(offer(&r, "u1", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":99}").status, 200,
        "a person's quota: one byte less");
    is_int(offer(&r, "u1", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":2}").status, 507, "one more");
    is_int(offer(&r, "u1", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":1}").status, 200, "exactly");
    is_int(
        offer(&r, "u2", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":100}").status, 200, "another");
    is_int(offer(&r, "u3", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":51}").status, 507,
        "a room's quota: one byte too many");
    is_int(offer(&r, "u3", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":50}").status, 200, "exactly");
    is_int(offer(&r, "u4", "{\"roomId\":\"y\",\"name\":\"a\",\"size\":71}").status, 507,
        "the server's quota: one byte too many");
    is_int(offer(&r, "u4", "{\"roomId\":\"y\",\"name\":\"a\",\"size\":70}").status, 200, "exactly");
    test_clock_turn(&r.web.clock, 11 * MINUTE_US);
    settle(&r);
    is_int(offer(&r, "u1", "{\"roomId\":\"x\",\"name\":\"a\",\"size\":100}").status, 200,
        "what does not come takes no place for ever");
    stop(&r);

    start_with_room(&r);
    for (unsigned i = 0; i < 5; i++) {
        o[i] = offer(&r, NULL, HELLO);
        is_int(o[i].status, i < 4 ? 200 : 429, "upload %u under way", i + 1);
    }
    is_int(offer(&r, "g_1", HELLO).status, 200, "somebody else's do not count");
    is_int(put(&r, &o[0], "hello"), 201, "one ends");
    is_int(offer(&r, NULL, HELLO).status, 200, "so there is one more");
    is_int(offer(&r, NULL, HELLO).status, 429, "and not two");
    stop(&r);

    init(&r);
    r.settings.free_bytes = UINT64_MAX / 2;
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    is_int(offer(&r, NULL, HELLO).status, 507, "a disk that must stay free");
    is_int(files_stats(r.lobby.files)->awaited, 0, "nothing is awaited then");
    stop(&r);
}

/* ---- what breaks off ---- */

static void test_client_goes(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered o = offer(&r, NULL, HELLO);
    for (unsigned turns = 0; turns < 40; turns++) {
        rig_connect(&r.web);
        rig_say(&r.web, head_of("PUT", o.path, "text/plain", 5));
        rig_say(&r.web, "hell");
        for (unsigned i = 0; i < turns; i++)
            turn(&r);
        rig_hang_up(&r.web);
    }
    ok(wait_for_drafts(&r, 0), "an upload that breaks off leaves nothing");
    settle(&r);
    is_int(get(&r, o.file, ""), 404, "and nothing to see");
    is_int(put(&r, &o, "hello"), 201, "it can be tried again");
    stop(&r);
}

static void test_heir(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered o = offer(&r, NULL, HELLO);
    rig_connect(&r.web);
    rig_say(&r.web, head_of("PUT", o.path, "text/plain", 5));
    rig_say(&r.web, "hell");
    ok(wait_for_drafts(&r, 1), "an upload is under way");
    int first = r.web.peer;
    r.web.peer = -1;
    is_int(put(&r, &o, "hello"), 201, "it comes again by another connection");
    char text[200] = "";
    ssize_t n = recv(first, text, sizeof text - 1, 0);
    ok(n > 0 && strncmp(text, "HTTP/1.1 409", 12) == 0, "the first one is told");
    close(first);
    is_int(get(&r, o.file, ""), 200, "it is there");
    ok(ends_with(&r, "hello"), "as the second one brought it");
    ok(wait_for_drafts(&r, 0), "and nothing else is");
    stop(&r);
}

/* ---- parts ---- */

static void test_parts(void)
{
    struct files_rig r;
    char request[3000];
    start_with_room(&r);
    struct offered o = offer(&r, NULL, PARTS);
    ok(rig_has(&r.web, "\"method\":\"PATCH\""), "an upload in parts is offered");
    is_int(look(&r, &o), 200, "how much is there?");
    ok(rig_has(&r.web, "Upload-Offset: 0\r\n") && rig_has(&r.web, "Upload-Length: 10\r\n") &&
            rig_has(&r.web, "Tus-Resumable: 1.0.0\r\n") &&
            rig_has(&r.web, "Cache-Control: no-store\r\n"),
        "nothing");
    is_int(patch(&r, &o, 0, "hel", 3), 204, "a part");
    ok(rig_has(&r.web, "Upload-Offset: 3\r\n"), "three bytes are there");
    is_int(patch(&r, &o, 0, "hel", 3), 409, "not twice");
    is_int(patch(&r, &o, 4, "o", 1), 409, "not elsewhere");
    is_int(patch(&r, &o, 11, "", 0), 409, "not behind its end");
    is_int(patch(&r, &o, 3, "12345678", 8), 413, "not more than it has");
    is_int(patch(&r, &o, 3, "lo w", 4), 204, "another");
    is_int(get(&r, o.file, ""), 404, "it is not there yet");
    patch(&r, &o, 7, "or", 3);
    for (unsigned i = 0; i < PATIENCE && files_stats(r.lobby.files)->bytes_in < 9; i++)
        turn(&r);
    rig_hang_up(&r.web);
    is_int(look(&r, &o), 200, "a part breaks off");
    ok(rig_has(&r.web, "Upload-Offset: 9\r\n"), "what came of it is there");
    snprintf(request, sizeof request,
        "PATCH %s HTTP/1.1\r\nHost: a\r\nTus-Resumable: 0.2.2\r\n\r\n", o.path);
    is_int(ask(&r, request), 412, "another version is not spoken");
    ok(rig_has(&r.web, "Tus-Version: 1.0.0\r\n"), "which is said");
    snprintf(request, sizeof request,
        "PATCH %s HTTP/1.1\r\nHost: a\r\nUpload-Offset: 9\r\nContent-Length: 1\r\n\r\nl", o.path);
    is_int(ask(&r, request), 415, "parts have a type");
    snprintf(request, sizeof request,
        "PATCH %s HTTP/1.1\r\nHost: a\r\nUpload-Offset: 9\r\nContent-Type: "
        "application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nl\r\n0\r\n\r\n",
        o.path);
    is_int(ask(&r, request), 204, "the last one, in chunks");
    is_int(get(&r, o.file, ""), 200, "then it is there");
    ok(ends_with(&r, "hello worl"), "whole");
    is_int(look(&r, &o), 200, "who has not heard of it");
    ok(rig_has(&r.web, "Upload-Offset: 10\r\n"), "is told");
    is_int(patch(&r, &o, 10, "", 0), 204, "nothing more is taken");
    is_int(patch(&r, &o, 0, "hel", 3), 409, "nor all again");
    ok(wait_for_drafts(&r, 0), "no draft is left");
    stop(&r);
}

/* ---- another life ---- */

static void test_restart(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered parts = offer(&r, NULL, PARTS);
    struct offered whole = offer(&r, NULL, HELLO);
    is_int(patch(&r, &parts, 0, "hel", 3), 204, "a part");
    rig_hang_up(&r.web);
    settle(&r);
    close_files(&r);
    settle(&r); /* the store is not closed, and answers yet */
    files_free(r.lobby.files);
    open_files(&r);
    for (unsigned i = 0; i < PATIENCE && files_stats(r.lobby.files)->awaited < 2; i++) {
        test_clock_turn(&r.web.clock, 10000);
        turn(&r);
    }
    is_int(files_stats(r.lobby.files)->awaited, 2, "after a restart both are awaited again");
    is_int(look(&r, &parts), 200, "the one in parts goes on");
    ok(rig_has(&r.web, "Upload-Offset: 3\r\n"), "where it was");
    is_int(put(&r, &whole, "hello"), 201, "the other one, too");
    test_clock_turn(&r.web.clock, 11 * MINUTE_US);
    settle(&r);
    is_int(patch(&r, &parts, 3, "lo worl", 7), 204, "it has a day");
    is_int(get(&r, parts.file, ""), 200, "and is there");
    stop(&r);
}

static void place_stray(struct files_rig *r, const char *path, int64_t at_s)
{
    char full[200];
    const struct timespec times[2] = { { .tv_sec = at_s }, { .tv_sec = at_s } };
    snprintf(full, sizeof full, "%s/files/%.2s", r->folder, path);
    if (path[2] == '/')
        mkdir(full, 0700);
    snprintf(full, sizeof full, "%s/files/%s", r->folder, path);
    FILE *f = fopen(full, "w");
    if (!f || fclose(f) || utimensat(AT_FDCWD, full, times, 0))
        abort();
}

/* Time goes on, and the sweep with it. */
static void let_sweep(struct files_rig *r)
{
    for (unsigned i = 0; i < 3000; i++) {
        test_clock_turn(&r->web.clock, 50000);
        turn(r);
    }
}

static void test_sweep(void)
{
    static const char stray[] = "ab/abcdef0123456789abcdef0123456789";
    static const char young[] = "ac/accdef0123456789abcdef0123456789";
    static const char draft[] = "tmp/adcdef0123456789abcdef0123456789.part";
    struct files_rig r;
    start_with_room(&r);
    int64_t now_s = loop_wall_ms(r.web.loop) / 1000;
    struct offered kept = offer(&r, NULL, HELLO);
    is_int(put(&r, &kept, "hello"), 201, "a file");
    make_room(&r, "{\"id\":\"y\",\"isPublic\":true}");
    struct offered doomed = offer(
        &r, "owner", "{\"roomId\":\"y\",\"name\":\"d\",\"size\":5,\"type\":\"text/plain\"}");
    is_int(put(&r, &doomed, "hello"), 201, "another, in a room of its own");
    place_stray(&r, stray, now_s - 2 * 24 * 3600);
    place_stray(&r, young, now_s - 3600);
    place_stray(&r, draft, now_s - 2 * 24 * 3600);
    char request[1500];
    snprintf(request, sizeof request, "%s /api/rooms/y HTTP/1.1\r\nHost: a\r\n%s %s\r\n\r\n",
        "DELETE", "Authorization: Bearer", token_of("owner", false));
    is_int(ask(&r, request), 204, "the room is removed");
    settle(&r);
    is_int(get(&r, doomed.file, ""), 404, "its file is gone at once");
    ok(wait_for_content(&r, doomed.id, true), "though its content is there");
    test_clock_turn(&r.web.clock, 70 * MINUTE_US);
    let_sweep(&r);
    ok(wait_for_content(&r, doomed.id, false), "until it is swept");
    ok(wait_for_content(&r, stray + 3, false), "and so is a content that nobody knows");
    ok(wait_for_content(&r, young + 3, true), "unless it is young");
    ok(wait_for_drafts(&r, 0), "and so is a draft");
    is_int(get(&r, kept.file, ""), 200, "what is wanted stays");
    struct offered late = offer(&r, NULL, PARTS);
    test_clock_turn(&r.web.clock, 24 * 60 * MINUTE_US);
    settle(&r);
    ok(wait_for_drafts(&r, 0), "an upload in parts expires after a day");
    is_int(look(&r, &late), 403, "and cannot be gone on with");
    stop(&r);
}

/* ---- the shelf ---- */

static struct {
    unsigned n;
    int err;
    char url[600];
    uint64_t bytes;
} told;

static void on_told(void *arg, int err, const struct shelf_file *file)
{
    (void)arg;
    told.n++;
    told.err = err;
    told.bytes = file ? file->bytes : 0;
    snprintf(
        told.url, sizeof told.url, "%.*s", file ? (int)file->url.len : 0, file ? file->url.p : "");
}

static int find(struct files_rig *r, const char *user, const char *room, const char *url)
{
    struct shelf *s = files_shelf(r->lobby.files);
    struct shelf_asker asker = { .user_id = slice_str(user), .room_id = slice_str(room) };
    if (ip_parse(&asker.peer, S(RIG_CLIENT)))
        abort();
    told.n = 0;
    s->ops->find(s, &asker, slice_str(url), on_told, NULL);
    ok(told.n == 0, "never at once");
    for (unsigned i = 0; i < PATIENCE && told.n == 0; i++)
        turn(r);
    return told.err;
}

static int keep(struct files_rig *r, const char *picture)
{
    struct shelf *s = files_shelf(r->lobby.files);
    const struct shelf_asker asker = { .user_id = S("u1"), .room_id = S("x") };
    told.n = 0;
    s->ops->keep(s, &asker, slice_str(picture), on_told, NULL);
    for (unsigned i = 0; i < PATIENCE && told.n == 0; i++)
        turn(r);
    return told.err;
}

static void test_shelf(void)
{
    struct files_rig r;
    char url[700];
    start_with_room(&r);
    struct shelf *s = files_shelf(r.lobby.files);
    struct offered mine = offer(&r, "u1", HELLO);
    is_int(find(&r, "u1", "x", mine.file), ERR_NOT_FOUND, "what is not there yet is not found");
    is_int(put(&r, &mine, "hello"), 201, "it is uploaded");
    is_int(find(&r, "u1", "x", mine.file), 0, "then it is found");
    is_int(told.bytes, 5, "as it is");
    is_int(find(&r, "u2", "x", mine.file), ERR_NOT_FOUND, "by nobody else");
    is_int(find(&r, "u1", "y", mine.file), ERR_NOT_FOUND, "in no other room");
    snprintf(url, sizeof url, "https://any.example%s", mine.file);
    is_int(find(&r, "u1", "x", url), 0, "by whatever name this server has");
    struct offered guests = offer(&r, NULL, HELLO);
    is_int(put(&r, &guests, "hello"), 201, "a guest's without a token");
    is_int(find(&r, "g_any", "x", guests.file), 0, "is found from the same address");
    ok(!s->ops->is_ours(s, S("/files/x")) && !s->ops->is_ours(s, S("https://a/b")) &&
            !s->ops->is_ours(s, S("/files/0123456789abcdef0123456789abcdef")) &&
            s->ops->is_ours(s, S("/files/0123456789abcdef0123456789abcdef/a")),
        "other addresses are others'");
    is_int(keep(&r, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"), 0, "a picture");
    ok(strncmp(told.url, "/files/", 7) == 0 && strstr(told.url, "/board.png"), "is kept");
    is_int(get(&r, told.url, ""), 200, "and can be seen");
    ok(rig_has(&r.web, "Content-Type: image/png\r\n") &&
            rig_has(&r.web, "Content-Disposition: inline; filename=\"board.png\"\r\n"),
        "as one");
    is_int(keep(&r, "data:image/png;base64,AAAA"), ERR_BAD_FIELD, "what is none is not kept");
    is_int(keep(&r, "data:image/svg+xml;base64,PHN2Zz4="), ERR_BAD_FIELD, "nor what may run");
    is_int(keep(&r, "data:image/png;base64,iVBOR"), ERR_BAD_FIELD, "nor half of one");
    is_int(keep(&r, "data:image/png,abc"), ERR_BAD_FIELD, "nor in another form");
    is_int(keep(&r, "data:text/html;base64,iVBORw0KGgo="), ERR_BAD_FIELD, "nor under another name");
    is_int(keep(&r, "data:"), ERR_BAD_FIELD, "nor nothing");
    ok(wait_for_drafts(&r, 0), "and nothing is left of them");
    stop(&r);

    init(&r);
    r.settings.quota.user_bytes = 10;
    start(&r);
    is_int(keep(&r, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"), ERR_QUOTA,
        "nor beyond the quota");
    stop(&r);
}

/* ---- at a service ---- */

/* One that has every file it is asked for, on a thread of its own, and counts removals. */
static struct {
    int listener;
    unsigned port;
    _Atomic unsigned asked;
    _Atomic unsigned removed;
    _Atomic int status;
    pthread_t thread;
} service;

static void *serve_files(void *arg)
{
    (void)arg;
    for (;;) {
        char text[4096] = "";
        int fd = accept(service.listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        (void)!recv(fd, text, sizeof text - 1, 0);
        service.asked += strncmp(text, "HEAD ", 5) == 0;
        service.removed += strncmp(text, "DELETE ", 7) == 0;
        int n = snprintf(text, sizeof text, "HTTP/1.1 %d X\r\n\r\n", service.status);
        (void)!send(fd, text, (size_t)n, MSG_NOSIGNAL);
        close(fd);
    }
}

static void open_service(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    service.status = 404;
    service.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(service.listener, (struct sockaddr *)&at, sizeof at) || listen(service.listener, 9) ||
        getsockname(service.listener, (struct sockaddr *)&at, &len) ||
        pthread_create(&service.thread, NULL, serve_files, NULL))
        abort();
    service.port = ntohs(at.sin_port);
}

static void close_service(void)
{
    shutdown(service.listener, SHUT_RDWR);
    pthread_join(service.thread, NULL);
    close(service.listener);
}

static void wait_for_removals(struct files_rig *r, unsigned n)
{
    for (unsigned i = 0; i < 30000 && service.removed < n; i++) { /* a thread that needs its time */
        test_clock_turn(&r->web.clock, 10000);
        turn(r);
        usleep(1000);
    }
    is_int(service.removed, n, "removals at the service");
}

static void test_service(void)
{
    struct files_rig r;
    char endpoint[64];
    init(&r);
    open_service();
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", service.port);
    r.settings.s3 = (struct files_s3){ .endpoint = slice_str(endpoint),
        .bucket = S("b"),
        .key = { .access_key = S("k"), .secret_key = S("s"), .region = S("r") },
        .is_path_style = true };
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    let_sweep(&r); /* the first one looks for uploads of before */
    struct offered o = offer(&r, "owner", HELLO);
    ok(strstr(r.web.heard, endpoint) != NULL, "it is to be brought to the service");
    is_int(get(&r, o.file, ""), 404, "until the service has it, it is not there");
    is_int(service.asked, 1, "the service was asked");
    service.status = 200;
    is_int(get(&r, o.file, ""), 302, "then one is sent there");
    is_int(get(&r, o.file, ""), 302, "each time");
    is_int(service.asked, 2, "which the service is asked no more");
    is_int(find(&r, "owner", "x", o.file), 0, "it can be spoken of");
    struct offered never = offer(&r, "owner", HELLO);
    is_int(never.status, 200, "another one");
    test_clock_turn(&r.web.clock, 10 * MINUTE_US);
    wait_for_removals(&r, 1);
    is_int(get(&r, never.file, ""), 404, "does not come, and is removed");
    is_int(get(&r, o.file, ""), 302, "the first one stays");
    char request[1500];
    snprintf(request, sizeof request, "%s /api/rooms/x HTTP/1.1\r\nHost: a\r\n%s %s\r\n\r\n",
        "DELETE", "Authorization: Bearer", token_of("owner", false));
    is_int(ask(&r, request), 204, "its room is removed");
    is_int(get(&r, o.file, ""), 404, "and it with the room");
    service.status = 500;
    test_clock_turn(&r.web.clock, 61 * MINUTE_US);
    wait_for_removals(&r, 2);
    let_sweep(&r);
    service.status = 204;
    test_clock_turn(&r.web.clock, 61 * MINUTE_US);
    wait_for_removals(&r, 3);
    let_sweep(&r);
    test_clock_turn(&r.web.clock, 61 * MINUTE_US);
    let_sweep(&r);
    is_int(service.removed, 3, "what could not be removed is removed later, once");
    stop(&r);
    close_service();
}

/* ---- a host of their own ---- */

static int ask_host(struct files_rig *r, const char *host, const char *path)
{
    char request[1000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
    return ask(r, request);
}

static void test_host(void)
{
    struct files_rig r;
    char where[700];
    init(&r);
    r.settings.url = S("https://files.example");
    r.web.settings.files_host = S("files.example");
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    struct offered o = offer(&r, NULL, HELLO);
    ok(rig_has(&r.web, "\"fileUrl\":\"https://files.example/files/"), "they have an origin");
    is_int(put(&r, &o, "hello"), 201, "they are uploaded here");
    snprintf(where, sizeof where, "/files/%s/a.txt", o.id);
    is_int(ask_host(&r, "files.example", where), 200, "and read there");
    ok(rig_has(&r.web, "Cross-Origin-Resource-Policy: cross-origin\r\n"),
        "for this server's pages");
    is_int(ask_host(&r, "a", where), 308, "not here");
    ok(rig_has(&r.web, "Location: https://files.example/files/"), "where one is sent there");
    static const char *const others[] = { "/", "/index.html", "/api/rooms", "/health", "/files/x",
        "/docs", "/api/files/0123456789abcdef0123456789abcdef" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is_int(ask_host(&r, "files.example", others[i]), 404, "there is no %s there", others[i]);
    is_int(ask_host(&r, "a", "/health"), 200, "but here");
    stop(&r);
}

/* ---- the server ends, or has no memory ---- */

static void test_stops(void)
{
    for (unsigned turns = 0; turns < 60; turns += 3) {
        struct files_rig r;
        start_with_room(&r);
        struct offered o = offer(&r, NULL, HELLO);
        struct offered p = offer(&r, NULL, PARTS);
        is_int(put(&r, &o, "hello"), 201, "a file, and after %u turns the end", turns);
        int peers[3];
        for (unsigned i = 0; i < 3; i++) {
            rig_connect(&r.web);
            if (i == 0)
                rig_say(&r.web, head_of("PUT", p.path, "text/plain", 10));
            else if (i == 1)
                patch(&r, &p, 0, "hel", 10);
            else
                rig_say(&r.web,
                    "GET /files/0123456789abcdef0123456789abcdef/a HTTP/1.1\r\nHost: a\r\n\r\n");
            peers[i] = r.web.peer;
            r.web.peer = -1;
        }
        rig_connect(&r.web);
        rig_say(&r.web,
            "POST /api/upload-url HTTP/1.1\r\nHost: a\r\nContent-Type: "
            "application/json\r\nContent-Length: 71\r\n\r\n" HELLO);
        for (unsigned i = 0; i < turns; i++)
            loop_turn(r.web.loop, false);
        for (unsigned i = 0; i < turns; i++) { /* the sweep goes on with time */
            test_clock_turn(&r.web.clock, i % 3 == 0 ? 50000 : 0);
            loop_turn(r.web.loop, false);
            sched_yield();
        }
        stop(&r);
        for (unsigned i = 0; i < 3; i++)
            close(peers[i]);
    }
}

static void exchange(void *arg)
{
    struct files_rig *r = arg;
    struct offered o = offer(r, "u1", HELLO);
    if (o.status == 200 && put(r, &o, "hello") == 201)
        get(r, o.file, "Range: bytes=0-2\r\n");
    o = offer(r, "u1", PARTS);
    if (o.status == 200)
        patch(r, &o, 0, "hello worl", 10);
    o = offer(r, "u1", PARTS);
    if (o.status == 200)
        cancel(r, o.path);
    rig_hang_up(&r->web);
    settle(r);
}

static void test_faults(void)
{
    struct files_rig r;
    init(&r);
    r.settings.uploads = 1000000;
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    r.is_brief = true;
    fault_each(FAULT_ALLOC, exchange, &r);
    stop(&r);
}

int main(void)
{
    rig_prepare();
    test_round_trip();
    test_empty();
    test_big();
    test_wrong_uploads();
    test_wrong_offers();
    test_limits();
    test_client_goes();
    test_heir();
    test_parts();
    test_restart();
    test_sweep();
    test_shelf();
    test_service();
    test_host();
    test_stops();
    test_faults();
    return done();
}
