/* Chat and files: who may say, change and delete what, who is told, which texts pass, and what is
 * forgotten. */
#include "fault.h"
#include "room/room.h"
#include "stage.h"

static int chat(struct stage *s, const char *user, struct room_chat a)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_chat(&s->log, s->room, &d, &a));
}

static int say(struct stage *s, const char *user, const char *text)
{
    return chat(s, user, (struct room_chat){ .text = slice_str(text) });
}

static int edit(struct stage *s, const char *user, const char *id, const char *text)
{
    struct deed d = stage_deed(s, user);
    struct slice to = slice_str(text);
    return stage_did(s, room_chat_edit(&s->log, s->room, &d, slice_str(id), to));
}

static int erase(struct stage *s, const char *user, const char *id)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_chat_delete(&s->log, s->room, &d, slice_str(id)));
}

/* The id that the latest deed brought. */
static const char *latest(struct stage *s)
{
    char id[32];
    snprintf(id, sizeof(id), "id%u", s->ids);
    return stage_text(s, id).p;
}

static const struct message *message_at(const struct stage *s, unsigned n)
{
    const struct link *l = s->room->messages.next;
    while (n-- > 0 && l != &s->room->messages)
        l = l->next;
    return l == &s->room->messages ? NULL : CONTAINER_OF(l, const struct message, link);
}

static void test_chat(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct room_chat a = { .text = S("Hello\n\t\xf0\x9f\x98\x80"),
        .attachments = S("[{\"url\":\"/a\"}]"),
        .reply_to = S("earlier"),
        .kind = MESSAGE_EMOJI };
    is_int(chat(&s, "ann", a), 0, "ann says something");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_CHAT, "it is told");
    is_int(e->audience, AUDIENCE_ALL, "to all");
    is_slice(e->actor, "ann", "by her");
    is_slice(e->seat, "ann", "from her seat");
    is_slice(e->chat.name, "Ann", "under her name");
    is_slice(e->chat.text, "Hello\n\t\xf0\x9f\x98\x80", "as she said it");
    is_slice(e->chat.attachments, "[{\"url\":\"/a\"}]", "with what she attached");
    is_slice(e->chat.reply_to, "earlier", "as an answer");
    is_int(e->chat.kind, MESSAGE_EMOJI, "of its kind");
    is_int(e->at_ms, s.now_ms, "at that time");
    is_slice(e->chat.id, latest(&s), "with the deed's id");
    const struct message *m = message_at(&s, 0);
    is_str(m->user_id, "ann", "it is kept as hers");
    is_str(m->to, "", "and public");
    is_int(s.room->n_messages, 1, "once");
    stage_fini(&s, "chat");
}

static void test_texts(void)
{
    static const struct {
        const char *name;
        struct room_chat chat;
        int err;
    } rows[] = {
        { "no text", { .text = SLICE("") }, ERR_BAD_FIELD },
        { "a control character", { .text = SLICE("a\rb") }, ERR_BAD_FIELD },
        { "NUL", { .text = SLICE("a\0b") }, ERR_BAD_FIELD },
        { "invalid UTF-8", { .text = SLICE("a\xff") }, ERR_BAD_FIELD },
        { "a reply to no id", { .text = SLICE("a"), .reply_to = SLICE("\n") }, ERR_BAD_FIELD },
        { "attachments: none", { .text = SLICE("a"), .attachments = SLICE("[]") }, 0 },
        { "an object", { .text = SLICE("a"), .attachments = SLICE("{}") }, ERR_BAD_FIELD },
        { "half an array", { .text = SLICE("a"), .attachments = SLICE("[1") }, ERR_BAD_JSON },
        { "two arrays", { .text = SLICE("a"), .attachments = SLICE("[][]") }, ERR_BAD_JSON },
        { "an unknown kind", { .text = SLICE("a"), .kind = MESSAGE_SYSTEM + 1 }, ERR_BAD_FIELD },
        { "the system's kind", { .text = SLICE("a"), .kind = MESSAGE_SYSTEM }, ERR_FORBIDDEN },
        { "to nobody known", { .text = SLICE("a"), .to = SLICE("zoe") }, ERR_NOT_FOUND },
    };
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_int(chat(&s, "ann", rows[i].chat), rows[i].err, "%s", rows[i].name);
    is_int(s.room->n_messages, 1, "one of them was said");
    stage_fini(&s, "texts");
}

/* By somebody who has no seat and, perhaps, no place. */
static int say_as(struct stage *s, const char *user, struct room_say a)
{
    struct deed d = stage_deed(s, user);
    d.seat = S("");
    return stage_did(s, room_say(&s->log, s->room, &d, &a));
}

static void test_say_from_outside(void)
{
    const struct room_say hi = { .name = S("Zoe"), .chat = { .text = S("hi") } };
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(say_as(&s, "zoe", hi), 0, "who is not in an open room says something");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_CHAT, "it is told");
    is_int(e->audience, AUDIENCE_ALL, "to all");
    is_slice(e->chat.name, "Zoe", "under the name that was given");
    is_slice(e->actor, "zoe", "as that user's");
    is_int(e->seat.len, 0, "from no seat");
    is_str(message_at(&s, 0)->name, "Zoe", "it is kept");
    is_int(s.room->n_members, 4, "and nobody came");
    is_int(say_as(&s, "ann", hi), 0, "a member says it, too");
    is_slice(stage_event(&s, 1)->chat.name, "Ann", "under its own name");
    stage_fini(&s, "say from outside");
}

static void test_say_refused(void)
{
    static const struct {
        const char *what;
        const char *user;
        struct room_say say;
        int err;
    } rows[] = {
        { "without a name", "zoe", { .chat = { .text = SLICE("a") } }, ERR_BAD_FIELD },
        { "with two lines of name", "zoe",
            { .name = SLICE("a\nb"), .chat = { .text = SLICE("a") } }, ERR_BAD_FIELD },
        { "without a text", "zoe", { .name = SLICE("Zoe") }, ERR_BAD_FIELD },
        { "as the system", "zoe",
            { .name = SLICE("Zoe"), .chat = { .text = SLICE("a"), .kind = MESSAGE_SYSTEM } },
            ERR_FORBIDDEN },
        { "by nobody", "", { .name = SLICE("Zoe"), .chat = { .text = SLICE("a") } },
            ERR_BAD_FIELD },
    };
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_int(say_as(&s, rows[i].user, rows[i].say), rows[i].err, "%s", rows[i].what);
    is_int(s.room->n_messages, 0, "nothing was said");
    stage_fini(&s, "say refused");
}

static void test_say_into_closed(void)
{
    const struct room_say hi = { .name = S("Zoe"), .chat = { .text = S("hi") } };
    struct stage s;
    struct deed host;
    stage_init(&s, MODE_STUDY);
    STAGE_SET(&s, is_locked, true);
    is_int(say_as(&s, "zoe", hi), ERR_NOT_IN_ROOM, "not into a locked room");
    is_int(say_as(&s, "ann", hi), 0, "but by a member");
    STAGE_SET(&s, is_locked, false);
    STAGE_SET(&s, approval, true);
    is_int(say_as(&s, "zoe", hi), ERR_NOT_IN_ROOM, "nor where hosts let people in");
    STAGE_SET(&s, approval, false);
    STAGE_SET(&s, mode, MODE_INTERVIEW);
    is_int(say_as(&s, "zoe", hi), ERR_NOT_IN_ROOM, "nor into an interview");
    STAGE_SET(&s, mode, MODE_STUDY);
    host = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &host, S("bob"), S(""))), 0, "bob is removed");
    is_int(say_as(&s, "bob", hi), ERR_KICKED, "and says nothing more");
    host = stage_deed(&s, "host");
    is_int(stage_did(&s, room_end(&s.log, s.room, &host, S(""))), 0, "the room ends");
    is_int(say_as(&s, "zoe", hi), ERR_ROOM_ENDED, "and is silent");
    stage_fini(&s, "say into closed");
}

static int say_many(struct stage *s, size_t n)
{
    char *text = stage_many('a', n);
    struct deed d = stage_deed(s, "ann");
    struct room_chat a = { .text = slice_of(text, n) };
    int err = stage_did(s, room_chat(&s->log, s->room, &d, &a));
    free(text);
    return err;
}

static int attach_many(struct stage *s, size_t n)
{
    char *json = stage_many(' ', n);
    struct deed d = stage_deed(s, "ann");
    struct room_chat a = { .text = S("a"), .attachments = slice_of(json, n) };
    json[0] = '[';
    json[n - 1] = ']';
    int err = stage_did(s, room_chat(&s->log, s->room, &d, &a));
    free(json);
    return err;
}

static void test_lengths(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(say_many(&s, 1), 0, "one character");
    is_int(say_many(&s, ROOM_TEXT_MAX - 1), 0, "one less than may be");
    is_int(say_many(&s, ROOM_TEXT_MAX), 0, "as many as may be");
    is_int(say_many(&s, ROOM_TEXT_MAX + 1), ERR_BAD_FIELD, "one more");
    is_int(say_many(&s, 5u << 20), ERR_BAD_FIELD, "and millions");
    is_int(attach_many(&s, ROOM_ATTACHMENTS_MAX - 1), 0, "attachments: one byte less than may be");
    is_int(attach_many(&s, ROOM_ATTACHMENTS_MAX), 0, "as many as may be");
    is_int(attach_many(&s, ROOM_ATTACHMENTS_MAX + 1), ERR_TOO_BIG, "one more");
    stage_fini(&s, "lengths");
}

static void test_ids(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct deed d = stage_deed(&s, "ann");
    struct room_chat a = { .text = S("a") };
    is_int(stage_did(&s, room_chat(&s.log, s.room, &d, &a)), 0, "an id");
    uint32_t n = s.log.n;
    is_int(stage_did(&s, room_chat(&s.log, s.room, &d, &a)), 0, "the same again");
    is_int(s.log.n, n, "is nothing new");
    d.user_id = S("bob");
    is_int(stage_did(&s, room_chat(&s.log, s.room, &d, &a)), ERR_CONFLICT, "somebody else's");
    struct room_say say = { .name = S("Bob"), .chat = a };
    is_int(stage_did(&s, room_say(&s.log, s.room, &d, &say)), ERR_CONFLICT, "in whatever way");
    d.id = S("");
    is_int(stage_did(&s, room_chat(&s.log, s.room, &d, &a)), ERR_BAD_FIELD, "none");
    stage_fini(&s, "ids");
}

static void test_room_itself(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct room_chat a = { .text = S("Recording has begun."), .kind = MESSAGE_SYSTEM };
    is_int(chat(&s, "", a), 0, "the room itself speaks");
    is_slice(stage_event(&s, 0)->chat.name, "", "without a name");
    struct deed d = stage_deed(&s, "host");
    is_int(chat(&s, "zoe", a), ERR_NOT_IN_ROOM, "an outsider does not");
    is_int(stage_did(&s, room_end(&s.log, s.room, &d, S(""))), 0, "the room ends");
    is_int(chat(&s, "", a), ERR_ROOM_ENDED, "then it is silent");
    is_int(say(&s, "ann", "Hello?"), ERR_ROOM_ENDED, "and so is everybody");
    stage_fini(&s, "the room itself");
}

static void test_private(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(chat(&s, "ann", (struct room_chat){ .text = S("psst"), .to = S("bob") }), 0, "to bob");
    const char *id = latest(&s);
    const struct event *e = stage_event(&s, 0);
    is_int(e->audience, AUDIENCE_PAIR, "it is between two");
    is_slice(e->target, "bob", "ann and bob");
    is_str(message_at(&s, 0)->to, "bob", "it is kept so");
    is_int(edit(&s, "host", id, "x"), ERR_NOT_FOUND, "a host does not find it");
    is_int(erase(&s, "host", id), ERR_NOT_FOUND, "even to delete it");
    is_int(edit(&s, "bob", id, "x"), ERR_FORBIDDEN, "bob finds it, and may not edit it");
    is_int(erase(&s, "bob", id), ERR_FORBIDDEN, "nor delete it");
    is_int(edit(&s, "ann", id, "never mind"), 0, "ann edits it");
    e = stage_event(&s, 1);
    ok(e->audience == AUDIENCE_PAIR && slice_eq(e->target, S("bob")), "and bob is told");
    is_int(erase(&s, "ann", id), 0, "she deletes it");
    e = stage_event(&s, 2);
    ok(e->audience == AUDIENCE_PAIR && slice_eq(e->target, S("bob")), "and bob is told");
    stage_fini(&s, "private");
}

/* The one to whom it was said may delete as a host, and then its author is told. */
static void test_private_to_host(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    chat(&s, "ann", (struct room_chat){ .text = S("psst"), .to = S("host") });
    is_int(erase(&s, "host", "nothing"), ERR_NOT_FOUND, "what is not there is not found");
    is_int(erase(&s, "host", message_at(&s, 0)->id), 0, "a host who was told deletes it");
    const struct event *e = stage_event(&s, 1);
    is_int(e->audience, AUDIENCE_PAIR, "between two");
    is_slice(e->target, "ann", "the host, who did it, and ann");
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("bob"), S(""))), 0, "bob is kicked");
    is_int(chat(&s, "ann", (struct room_chat){ .text = S("psst"), .to = S("bob") }), ERR_NOT_FOUND,
        "and cannot be written to");
    stage_fini(&s, "private to a host");
}

static void test_edit(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    chat(&s, "ann",
        (struct room_chat){ .text = S("one"), .attachments = S("[1]"), .reply_to = S("x") });
    const char *id = latest(&s);
    s.now_ms += 1000;
    is_int(edit(&s, "ann", id, "two"), 0, "the author edits");
    const struct event *e = stage_event(&s, 1);
    is_int(e->type, EV_CHAT_EDITED, "it is told");
    is_int(e->audience, AUDIENCE_ALL, "to all");
    is_slice(e->chat.text, "two", "with the new text");
    is_slice(e->chat.name, "Ann", "the name");
    is_slice(e->chat.attachments, "[1]", "the attachments");
    is_slice(e->chat.reply_to, "x", "and the answered one");
    is_str(message_at(&s, 0)->text, "two", "it is kept");
    is_int(message_at(&s, 0)->edited_at_ms, s.now_ms, "with its time");
    is_int(message_at(&s, 0)->at_ms, s.now_ms - 1000, "besides the old one");
    is_int(edit(&s, "host", id, "three"), ERR_FORBIDDEN, "a host may not put words into mouths");
    is_int(edit(&s, "ann", id, ""), ERR_BAD_FIELD, "not to nothing");
    is_int(edit(&s, "ann", "nothing", "x"), ERR_NOT_FOUND, "nor what is not there");
    is_int(edit(&s, "zoe", id, "x"), ERR_NOT_IN_ROOM, "nor by outsiders");
    is_str(message_at(&s, 0)->text, "two", "nothing of that changed it");
    stage_fini(&s, "edit");
}

static void test_delete(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    say(&s, "ann", "one");
    const char *first = latest(&s);
    say(&s, "ann", "two");
    const char *second = latest(&s);
    say(&s, "host", "three");
    const char *third = latest(&s);
    is_int(erase(&s, "bob", first), ERR_FORBIDDEN, "others may not delete");
    is_int(erase(&s, "ann", first), 0, "the author may");
    const struct event *e = stage_event(&s, 3);
    is_int(e->type, EV_CHAT_DELETED, "it is told");
    is_slice(e->chat.id, first, "which one");
    is_slice(e->chat.name, "Ann", "whose");
    is_slice(e->chat.text, "", "and not what");
    is_int(erase(&s, "ann", first), ERR_NOT_FOUND, "not twice");
    is_int(edit(&s, "ann", first, "x"), ERR_NOT_FOUND, "nor is it edited");
    is_int(erase(&s, "co", second), 0, "a cohost deletes anybody's");
    is_int(erase(&s, "co", third), 0, "even the host's");
    is_int(s.room->n_messages, 0, "nothing is left");
    stage_fini(&s, "delete");
}

static void test_forgetting(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    say(&s, "ann", "oldest");
    const char *oldest = message_at(&s, 0)->id;
    for (int i = 1; i < ROOM_KEEP_MESSAGES - 1; i++)
        say(&s, "ann", "a");
    is_int(s.room->n_messages, ROOM_KEEP_MESSAGES - 1, "one less than is kept");
    say(&s, "bob", "b");
    is_str(message_at(&s, 0)->text, "oldest", "the oldest is still there");
    is_int(edit(&s, "ann", oldest, "oldest!"), 0, "and can be edited");
    struct slice id = stage_text(&s, oldest);
    say(&s, "bob", "c");
    is_int(s.room->n_messages, ROOM_KEEP_MESSAGES, "as many as are kept");
    is_int(edit(&s, "ann", id.p, "x"), ERR_NOT_FOUND, "the oldest has dropped off");
    is_str(message_at(&s, 0)->text, "a", "the second is the first now");
    is_str(message_at(&s, ROOM_KEEP_MESSAGES - 1)->text, "c", "and the newest the last");
    stage_fini(&s, "forgetting");
}

static int share(struct stage *s, const char *user, struct room_file a)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_share(&s->log, s->room, &d, &a));
}

static void test_files(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct room_file a = {
        .file_name = S("notes.pdf"), .url = S("/files/x"), .type = S("application/pdf"), .bytes = 7
    };
    is_int(share(&s, "ann", a), 0, "ann shares a file");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_FILE, "it is told");
    is_slice(e->file.name, "Ann", "whose");
    is_slice(e->file.file_name, "notes.pdf", "its name");
    is_slice(e->file.url, "/files/x", "its address");
    is_slice(e->file.type, "application/pdf", "its type");
    is_int(e->file.bytes, 7, "its size");
    is_slice(e->file.id, latest(&s), "its id");
    is_int(share(&s, "zoe", a), ERR_NOT_IN_ROOM, "outsiders share nothing");
    stage_fini(&s, "files");
}

static void test_bad_files(void)
{
#define GOOD .file_name = SLICE("a"), .url = SLICE("/a")
    static const struct {
        const char *name;
        struct room_file file;
        int err;
    } rows[] = {
        { "the least there can be", { GOOD }, 0 },
        { "as large as may be", { GOOD, .bytes = ROOM_FILE_BYTES_MAX }, 0 },
        { "larger", { GOOD, .bytes = ROOM_FILE_BYTES_MAX + 1 }, ERR_BAD_FIELD },
        { "no name", { .url = SLICE("/a") }, ERR_BAD_FIELD },
        { "a path", { .file_name = SLICE("../a"), .url = SLICE("/a") }, ERR_BAD_FIELD },
        { "another", { .file_name = SLICE("..\\a"), .url = SLICE("/a") }, ERR_BAD_FIELD },
        { "two lines", { .file_name = SLICE("a\nb"), .url = SLICE("/a") }, ERR_BAD_FIELD },
        { "no address", { .file_name = SLICE("a") }, ERR_BAD_FIELD },
        { "script", { .file_name = SLICE("a"), .url = SLICE("javascript:x") }, ERR_BAD_FIELD },
        { "elsewhere", { .file_name = SLICE("a"), .url = SLICE("//b") }, ERR_BAD_FIELD },
        { "a type of two lines", { GOOD, .type = SLICE("a\nb") }, ERR_BAD_FIELD },
    };
#undef GOOD
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_int(share(&s, "ann", rows[i].file), rows[i].err, "%s", rows[i].name);
    char *name = stage_many('n', ROOM_FILE_NAME_MAX + 1);
    struct room_file a = { .file_name = slice_of(name, ROOM_FILE_NAME_MAX), .url = S("/a") };
    is_int(share(&s, "ann", a), 0, "a name as long as may be");
    a.file_name.len++;
    is_int(share(&s, "ann", a), ERR_BAD_FIELD, "and a longer one");
    free(name);
    stage_clear(&s);
    stage_fini(&s, "bad files");
}

static void test_forgotten_files(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (int i = 0; i <= ROOM_KEEP_FILES; i++)
        share(&s, "ann", (struct room_file){ .file_name = S("a"), .url = S("/a"), .bytes = i });
    is_int(s.room->n_files, ROOM_KEEP_FILES, "as many as are kept");
    is_int(CONTAINER_OF(s.room->files.next, struct shared_file, link)->bytes, 1,
        "the oldest has dropped off");
    stage_fini(&s, "forgotten files");
}

static int talk_a_while(struct stage *s)
{
    int err = chat(
        s, "ann", (struct room_chat){ .text = S("one"), .to = S("bob"), .attachments = S("[]") });
    if (!err)
        err = edit(s, "ann", message_at(s, 0)->id, "two");
    if (!err)
        err = erase(s, "ann", message_at(s, 0)->id);
    if (!err)
        err = share(s, "ann",
            (struct room_file){ .file_name = S("a"), .url = S("/a"), .type = S("text/plain") });
    return err;
}

static void talk_with_fault(void *arg)
{
    struct stage s;
    (void)arg;
    int err = stage_init(&s, MODE_STUDY);
    if (!err)
        err = talk_a_while(&s);
    if (fault_hit() && err != 0 && err != ERR_NO_MEMORY)
        ok(false, "a fault gives %s", err_name(err));
    stage_free(&s);
}

int main(void)
{
    test_chat();
    test_texts();
    test_say_from_outside();
    test_say_refused();
    test_say_into_closed();
    test_lengths();
    test_ids();
    test_room_itself();
    test_private();
    test_private_to_host();
    test_edit();
    test_delete();
    test_forgetting();
    test_files();
    test_bad_files();
    test_forgotten_files();
    fault_each(FAULT_ALLOC, talk_with_fault, NULL);
    return done();
}
