/* What a handler must wait for: a shelf that answers when the test says so. What comes behind
 * waits, too; who goes meanwhile is not looked for; and where there is no shelf, that is said. */
#include "dialect/errand.h"

#include "base/log.h"
#include "fault.h"
#include "toy.h"

#define ASKED_MAX 8

/* ---- a shelf ---- */

static struct {
    struct shelf shelf;
    unsigned n; /* questions that were not answered */
    struct {
        shelf_done *done;
        void *arg;
        char what[100];
    } asked[ASKED_MAX];
} shelf;

static void note_question(
    const struct shelf_asker *asker, struct slice what, shelf_done *done, void *arg)
{
    if (shelf.n == ASKED_MAX)
        abort();
    shelf.asked[shelf.n].done = done;
    shelf.asked[shelf.n].arg = arg;
    snprintf(shelf.asked[shelf.n].what, sizeof shelf.asked[0].what, "%.*s %.*s %.*s",
        (int)asker->user_id.len, asker->user_id.p, (int)asker->room_id.len, asker->room_id.p,
        (int)what.len, what.p);
    shelf.n++;
}

static bool is_ours(const struct shelf *s, struct slice url)
{
    (void)s;
    return slice_starts(url, S("/files/"));
}

static void find(
    struct shelf *s, const struct shelf_asker *asker, struct slice url, shelf_done *done, void *arg)
{
    (void)s;
    note_question(asker, url, done, arg);
}

static void keep(struct shelf *s, const struct shelf_asker *asker, struct slice picture,
    shelf_done *done, void *arg)
{
    (void)s;
    note_question(asker, picture, done, arg);
}

static const struct shelf_ops shelf_ops = {
    .name = "test", .is_ours = is_ours, .find = find, .keep = keep
};

/* Answers the oldest question. */
static void answer(int err)
{
    struct shelf_file file = { .url = S("/files/1/a"), .name = S("a"), .type = S("b"), .bytes = 7 };
    if (shelf.n == 0)
        abort();
    shelf_done *tell = shelf.asked[0].done;
    void *arg = shelf.asked[0].arg;
    shelf.n--;
    memmove(shelf.asked, shelf.asked + 1, shelf.n * sizeof shelf.asked[0]);
    tell(arg, err, err ? NULL : &file);
}

/* ---- a language ---- */

static int say_file(struct ask *a, const struct shelf_file *file)
{
    struct json_writer *w = ask_say(a, "file");
    jw_field_str(w, "name", file ? file->name : S("none"));
    jw_field_u64(w, "bytes", file ? file->bytes : 0);
    ask_said(a);
    return 0;
}

static int in_find(struct ask *a)
{
    const struct toy_args *args = a->args;
    const struct shelf_file *file;
    int err = errand_find(&file, a, args->text);
    return err ? err : say_file(a, file);
}

static int in_keep(struct ask *a)
{
    const struct toy_args *args = a->args;
    const struct shelf_file *file;
    int err = errand_keep(&file, a, args->text);
    return err ? err : say_file(a, file);
}

#define FREE .is_free = true, .limit = RATE_PRESENCE, .room = ASK_NO_ROOM

static const struct row rows[] = {
    { .name = "find", TOY_ARGS, FREE, .handle = in_find },
    { .name = "keep", TOY_ARGS, FREE, .handle = in_keep },
    { .name = "find-here", TOY_ARGS, TOY_ROOM, .verb = VERB_CHAT, .handle = in_find },
    { .name = "say", TOY_ARGS, FREE, .handle = toy_in_echo },
};

static const struct language language = { .dialect = &toy_dialect, LANGUAGE_ROWS(rows) };

static void start(struct toy *t)
{
    const struct language *const languages[] = { &language, &toy_typed_language };
    memset(&shelf, 0, sizeof shelf);
    shelf.shelf.ops = &shelf_ops;
    toy_init(t);
    dispatch_free(t->dispatch);
    t->dispatch = dispatch_new(t->rig.hub, languages, 2);
    dispatch_set_shelf(t->dispatch, &shelf.shelf);
}

static struct toy_client alice, bob;

/* ---- tests ---- */

#define FILE_1   "{\"text\":\"/files/1/a\"}"
#define FOUND    "file {\"name\":\"a\",\"bytes\":7}\n"
#define NOT_OURS "file {\"name\":\"none\",\"bytes\":0}\n"

static void test_answers(void)
{
    struct toy t;
    start(&t);
    toy_connect(&t, &alice, "alice");
    is_str(toy_say(&alice, "find", FILE_1), "", "who asks for a file waits");
    is_int(shelf.n, 1, "for the shelf");
    is_str(shelf.asked[0].what, "alice  /files/1/a", "which is told who asks, and for what");
    answer(0);
    is_str(alice.heard, FOUND, "and is answered");
    is_str(toy_say(&alice, "find", "{\"text\":\"https://x/a\"}"), NOT_OURS,
        "what is not here is not looked for");
    is_int(shelf.n, 0, "at all");
    toy_ask(&alice, "find", FILE_1, 7);
    answer(ERR_NOT_FOUND);
    ok(strstr(alice.heard, "NOT_FOUND") != NULL, "what is not found is refused: %s", alice.heard);
    toy_say(&alice, "find", FILE_1);
    answer(0);
    ok(strstr(alice.heard, FOUND) != NULL, "and asked for anew the next time");
    toy_say(&alice, "keep", "{\"text\":\"picture\"}");
    is_str(shelf.asked[0].what, "alice  picture", "a picture goes to the shelf");
    answer(0);
    ok(strstr(alice.heard, FOUND) != NULL, "and comes back as a file");
    toy_end(&alice);
    toy_fini(&t);
}

static void test_order(void)
{
    struct toy t;
    start(&t);
    toy_connect(&t, &alice, "alice");
    toy_connect(&t, &bob, "bob");
    toy_forget(&alice);
    toy_post(&alice, "find", FILE_1, TONGUE_NO_ACK);
    toy_post(&alice, "say", "{\"text\":\"1\"}", TONGUE_NO_ACK);
    toy_post(&alice, "keep", "{\"text\":\"picture\"}", TONGUE_NO_ACK);
    toy_post(&alice, "say", "{\"text\":\"2\"}", TONGUE_NO_ACK);
    rig_settle(&t.rig);
    is_str(alice.heard, "", "what comes behind waits, too");
    is_int(shelf.n, 1, "one question at a time");
    is_str(
        toy_say(&bob, "say", "{\"text\":\"3\"}"), "echo {\"text\":\"3\"}\n", "others do not wait");
    answer(0);
    rig_settle(&t.rig);
    is_str(alice.heard, FOUND "echo {\"text\":\"1\"}\n", "then it goes on");
    is_int(shelf.n, 1, "to the next question");
    answer(0);
    rig_settle(&t.rig);
    is_str(
        alice.heard, FOUND "echo {\"text\":\"1\"}\n" FOUND "echo {\"text\":\"2\"}\n", "in order");
    toy_end(&alice);
    toy_end(&bob);
    toy_fini(&t);
}

static void test_gone(void)
{
    struct toy t;
    start(&t);
    toy_connect(&t, &alice, "alice");
    toy_say(&alice, "find", FILE_1);
    toy_end(&alice);
    answer(0);
    is_int(shelf.n, 0, "who has gone is not looked for");
    toy_connect(&t, &alice, "alice");
    toy_say(&alice, "find", FILE_1);
    session_lose(alice.session);
    rig_settle(&t.rig);
    answer(0);
    is_str(alice.heard, "", "who is lost has not asked");
    toy_end(&alice);
    toy_connect(&t, &alice, "alice");
    toy_say(&alice, "find", FILE_1);
    toy_connect(&t, &bob, "bob");
    toy_say(&bob, "keep", FILE_1);
    toy_end(&alice);
    toy_end(&bob);
    toy_fini(&t);
    is_int(shelf.n, 2, "nor does the end wait for answers");
}

/* It waits for a room first, and then for the file. */
static void test_room_and_file(void)
{
    struct toy t;
    start(&t);
    toy_connect(&t, &alice, "alice");
    const char *heard = toy_say(&alice, "find-here", "{\"room\":\"none\",\"text\":\"/files/1/a\"}");
    ok(strstr(heard, "ROOM_NOT_FOUND") != NULL, "in no room nothing is looked for");
    is_int(shelf.n, 0, "and the shelf is not asked");
    toy_end(&alice);
    toy_fini(&t);
}

static void test_no_shelf(void)
{
    struct toy t;
    start(&t);
    dispatch_set_shelf(t.dispatch, NULL);
    toy_connect(&t, &alice, "alice");
    is_str(toy_say(&alice, "find", FILE_1), NOT_OURS, "without a shelf no file is here");
    ok(strstr(toy_say(&alice, "keep", FILE_1), "NOT_IMPLEMENTED") != NULL, "and none is kept");
    toy_end(&alice);
    toy_fini(&t);
}

static void run(void *arg)
{
    struct toy *t = arg;
    toy_say(&alice, "find", FILE_1);
    if (shelf.n > 0)
        answer(0);
    rig_settle(&t->rig);
    ok(shelf.n == 0 && alice.len > 0, "found, or refused: %s", alice.heard);
}

static void test_faults(void)
{
    struct toy t;
    start(&t);
    toy_connect(&t, &alice, "alice");
    fault_each(FAULT_ALLOC, run, &t);
    toy_end(&alice);
    toy_fini(&t);
}

int main(void)
{
    log_set_level(LOG_OFF);
    test_answers();
    test_order();
    test_gone();
    test_room_and_file();
    test_no_shelf();
    test_faults();
    return done();
}
