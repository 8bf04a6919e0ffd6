/* Uploads that are cancelled, in whatever state they are: then nothing of them is left. */
#include "files_ask.h"

static void test_cancel(void)
{
    struct files_rig r;
    struct offered o[4];
    start_with_room(&r);
    for (unsigned i = 0; i < 4; i++)
        o[i] = offer(&r, NULL, i < 3 ? PARTS : HELLO);
    is_int(offer(&r, NULL, PARTS).status, 429, "four uploads are under way");
    is_int(patch(&r, &o[0], 0, "hel", 3), 204, "one of them has a part");
    is_int(count_drafts(&r), 3, "those in parts lie there");
    is_int(cancel(&r, o[0].path), 204, "it is cancelled");
    ok(rig_has(&r.web, "Tus-Resumable: 1.0.0\r\n") && ends_with(&r, "\r\n\r\n"), "as tus says it");
    is_int(count_drafts(&r), 2, "at once nothing is left of it");
    is_int(files_stats(r.lobby.files)->awaited, 3, "and it is not awaited");
    is_int(cancel(&r, o[0].path), 404, "nor known any more");
    is_int(look(&r, &o[0]), 404, "to anybody");
    is_int(patch(&r, &o[0], 0, "hel", 3), 404, "who goes on with it");
    is_int(offer(&r, NULL, PARTS).status, 200, "so there is place for another");
    is_int(cancel(&r, o[3].path), 204, "what would come whole is cancelled, too");
    is_int(put(&r, &o[3], "hello"), 404, "and does not come");
    is_int(patch(&r, &o[1], 0, "hello worl", 10), 204, "another one is complete");
    is_int(cancel(&r, o[1].path), 409, "and cannot be cancelled");
    is_int(get(&r, o[1].file, ""), 200, "it stays");
    char head[3000];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: a\r\nTus-Resumable: 0.2.2\r\n\r\n",
        "DELETE", o[2].path);
    is_int(ask(&r, head), 412, "not in another version");
    is_int(ask(&r, head_of("DELETE", o[2].path, "text/plain", 5)), 413, "nor with a body");
    is_int(look(&r, &o[2]), 200, "then it is there yet");
    o[2].path[strlen(o[2].path) - 1] ^= 1;
    is_int(cancel(&r, o[2].path), 403, "nor with another signature");
    o[2].path[strlen(o[2].path) - 1] ^= 1;
    test_clock_turn(&r.web.clock, 24 * 60 * MINUTE_US);
    is_int(cancel(&r, o[2].path), 403, "nor after its time");
    ok(rig_has(&r.web, "has expired"), "which is said");
    stop(&r);

    init(&r);
    r.settings.quota.user_bytes = 10;
    start(&r);
    make_room(&r, "{\"id\":\"x\",\"isPublic\":true}");
    o[0] = offer(&r, "u1", PARTS);
    is_int(offer(&r, "u1", PARTS).status, 507, "the quota is used up");
    is_int(cancel(&r, o[0].path), 204, "until that is cancelled");
    is_int(offer(&r, "u1", PARTS).status, 200, "then it is there again");
    is_int(files_stats(r.lobby.files)->awaited, 1, "and one is awaited");
    stop(&r);
}

/* The client is there yet, and is not heard. */
static int set_aside(struct files_rig *r)
{
    int peer = r->web.peer;
    r->web.peer = -1;
    return peer;
}

static int leave(int peer)
{
    char text[200] = "";
    uint64_t status = 0;
    ssize_t n = recv(peer, text, sizeof text - 1, 0);
    close(peer);
    if (n < 12 || slice_u64(&status, slice_of(text + strlen("HTTP/1.1 "), 3)))
        return 0;
    return (int)status;
}

/* Every other one does not say at once that there is no more to come. The answer is not heard. */
static void begin_to_cancel(struct files_rig *r, const struct offered *o, unsigned turns)
{
    char head[3000];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", "DELETE", o->path,
        turns % 2 == 0 ? "" : "Transfer-Encoding: chunked\r\n");
    rig_connect(&r->web);
    rig_say(&r->web, head);
    for (unsigned i = 0; i < turns; i++) {
        loop_turn(r->web.loop, false);
        sched_yield();
    }
}

static void test_under_way(void)
{
    struct files_rig r;
    start_with_room(&r);
    struct offered o = offer(&r, NULL, PARTS);
    patch(&r, &o, 0, "hel", 10);
    for (unsigned i = 0; i < PATIENCE && files_stats(r.lobby.files)->bytes_in < 3; i++)
        turn(&r);
    int first = set_aside(&r);
    is_int(cancel(&r, o.path), 204, "a part under way does not keep one from cancelling");
    is_int(leave(first), 409, "who brings it is told");
    ok(wait_for_drafts(&r, 0), "and nothing is left");
    stop(&r);
}

static void test_meanwhile(void)
{
    struct files_rig r;
    start_with_room(&r);
    for (unsigned turns = 1; turns < 20; turns++) {
        struct offered o = offer(&r, NULL, PARTS);
        begin_to_cancel(&r, &o, turns);
        int canceller = set_aside(&r);
        is_int(patch(&r, &o, 0, "hel", 3), 404, "what comes %u turns after is refused", turns);
        is_int(leave(canceller), 204, "who cancels is not");
        ok(wait_for_drafts(&r, 0), "and nothing is left");
    }
    stop(&r);
}

static void test_who_goes(void)
{
    struct files_rig r;
    start_with_room(&r);
    for (unsigned turns = 0; turns < 30; turns++) {
        struct offered o = offer(&r, NULL, PARTS);
        patch(&r, &o, 0, "hel", 10);
        int first = set_aside(&r);
        begin_to_cancel(&r, &o, turns);
        rig_hang_up(&r.web);
        close(first);
        for (unsigned i = 0; i < PATIENCE && files_stats(r.lobby.files)->awaited > 0; i++)
            turn(&r);
        is_int(
            files_stats(r.lobby.files)->awaited, 0, "who goes after %u turns has cancelled", turns);
        ok(wait_for_drafts(&r, 0), "all of it");
    }
    stop(&r);
}

static void test_server_goes(void)
{
    for (unsigned turns = 0; turns < 40; turns += 2) {
        struct files_rig r;
        start_with_room(&r);
        struct offered o = offer(&r, NULL, PARTS);
        is_int(o.status, 200, "an upload, and %u turns after it is cancelled the end", turns);
        begin_to_cancel(&r, &o, turns);
        stop(&r);
    }
}

int main(void)
{
    rig_prepare();
    test_cancel();
    test_under_way();
    test_meanwhile();
    test_who_goes();
    test_server_goes();
    return done();
}
