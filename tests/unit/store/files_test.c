/* Files in a store: what is put is found in every way, quotas hold, also within one transaction,
 * and a room that is forgotten dooms its files. */
#include "look.h"

/* ---- asking ---- */

static struct store_file file(const char *id, const char *room, const char *user, uint64_t bytes)
{
    return (struct store_file){
        .id = slice_str(id),
        .room_id = slice_str(room),
        .user_id = slice_str(user),
        .name = S("n.txt"),
        .type = S("text/plain"),
        .bytes = bytes,
        .is_complete = true,
        .created_at_ms = 1000,
    };
}

static void put(struct look *l, char label, enum store_put how, const struct store_file *f,
    const struct store_quota *quota)
{
    l->rig.store->ops->put_file(l->rig.store, how, f, quota, rig_on_done, rig_ask(&l->rig, label));
}

static void add(struct look *l, char label, const struct store_file *f)
{
    put(l, label, STORE_ADD, f, NULL);
}

static void drop(struct look *l, char label, const char *id)
{
    l->rig.store->ops->drop_file(l->rig.store, slice_str(id), rig_on_done, rig_ask(&l->rig, label));
}

/* "id@room:user=bytes", with `!` doomed, `~` incomplete. */
static void on_files(void *arg, int err, const struct store_files *page)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < page->n; i++) {
        const struct store_file *f = &page->at[i];
        rig_say(a->rig, "%s%.*s@%.*s:%.*s=%ju%s%s", i > 0 ? "," : "", RIG_TEXT(f->id),
            RIG_TEXT(f->room_id), RIG_TEXT(f->user_id), (uintmax_t)f->bytes,
            f->is_doomed ? "!" : "", f->is_complete ? "" : "~");
    }
    rig_say(a->rig, ">%s ", page->has_more ? "+" : "");
    rig_said_it(a);
}

static void ask(struct look *l, char label, const struct store_file_query *q)
{
    l->rig.store->ops->files(l->rig.store, q, on_files, rig_ask(&l->rig, label));
    rig_wait_for_readers(&l->rig);
}

static void find(struct look *l, char label, const char *id)
{
    struct store_file_query q = { .which = FILES_BY_ID, .key = slice_str(id) };
    ask(l, label, &q);
}

static void find_all(struct look *l, char label, enum store_file_which which, const char *key)
{
    struct store_file_query q = {
        .which = which, .key = slice_str(key), .before_ms = INT64_MAX, .limit = 200
    };
    ask(l, label, &q);
}

static int64_t total(struct look *l)
{
    return look_at(l, SQL_COPY_TOTALS, "");
}

/* ---- files ---- */

static const struct store_file whole = {
    .id = SLICE("f1"),
    .room_id = SLICE("room"),
    .user_id = SLICE("ann"),
    .name = SLICE("Größe'.png"),
    .type = SLICE("image/png"),
    .use = FILE_BOARD,
    .bytes = 1ull << 40,
    .is_remote = true,
    .created_at_ms = 1712345678901,
};

static void on_whole(void *arg, int err, const struct store_files *page)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    rig_said_it(a);
    if (!is_int(err, 0, "it is found") || !is_int(page->n, 1, "once"))
        return;
    const struct store_file *f = &page->at[0];
    is_slice(f->id, "f1", "id");
    is_slice(f->room_id, "room", "room");
    is_slice(f->user_id, "ann", "owner");
    is_slice(f->name, "Größe'.png", "name");
    is_slice(f->type, "image/png", "type");
    is_int(f->use, FILE_BOARD, "what for");
    is_int(f->bytes, 1ull << 40, "size");
    ok(!f->is_complete && f->is_remote && !f->is_doomed, "how it stands");
    is_int(f->created_at_ms, 1712345678901, "since when");
}

static void find_whole(struct look *l, char label)
{
    struct store_file_query q = { .which = FILES_BY_ID, .key = S("f1") };
    l->rig.store->ops->files(l->rig.store, &q, on_whole, rig_ask(&l->rig, label));
    rig_wait_for_readers(&l->rig);
}

static void test_whole(struct look *l)
{
    struct store_file before = file("f1", "", "bob", 7);
    before.use = FILE_AVATAR;
    add(l, 'a', &whole);
    find_whole(l, 'b');
    drop(l, 'c', "f1");
    add(l, 'd', &before);
    put(l, 'e', STORE_CHANGE, &whole, NULL);
    is_str(rig_turn(&l->rig), "a:ok c:ok d:ok e:ok ", "it is put, and made of another");
    find_whole(l, 'f');
    rig_turn(&l->rig);
    is_int(total(l), 1ll << 40, "the total goes along");
}

static void test_found(struct look *l)
{
    struct store_file awaited = file("f3", "", "ann", 4), mine = file("f1", "r1", "ann", 1);
    struct store_file his = file("f2", "r1", "bob", 2), other = file("f4", "r2", "ann", 8);
    awaited.is_complete = false;
    add(l, 'a', &other);
    add(l, 'b', &awaited);
    add(l, 'c', &his);
    add(l, 'd', &mine);
    rig_turn(&l->rig);
    find(l, 'a', "f2");
    find(l, 'b', "f9");
    find_all(l, 'c', FILES_OF_ROOM, "r1");
    find_all(l, 'd', FILES_OF_USER, "ann");
    find_all(l, 'e', FILES_AWAITED, "");
    find_all(l, 'f', FILES_DOOMED, "");
    find_all(l, 'g', FILES_OF_ROOM, "");
    is_str(rig_turn(&l->rig),
        "a:<f2@r1:bob=2> b:<> c:<f1@r1:ann=1,f2@r1:bob=2> d:<f1@r1:ann=1,f3@:ann=4~,f4@r2:ann=8> "
        "e:<f3@:ann=4~> f:<> g:<> ",
        "in each way those that it is about");
}

static void test_awaited(struct look *l)
{
    struct store_file_query q = { .which = FILES_AWAITED, .before_ms = 1000, .limit = 10 };
    struct store_file f = file("f1", "", "ann", 4);
    f.is_complete = false;
    add(l, 'a', &f);
    rig_turn(&l->rig);
    ask(l, 'a', &q);
    q.before_ms = 1001;
    ask(l, 'b', &q);
    f.is_complete = true;
    put(l, 'c', STORE_CHANGE, &f, NULL);
    ask(l, 'd', &q);
    is_str(rig_turn(&l->rig), "a:<> b:<f1@:ann=4~> c:ok d:<> ",
        "those that were begun before, and have not come");
}

static void test_pages(struct look *l)
{
    static const enum store_file_which which[] = { FILES_OF_ROOM, FILES_OF_USER, FILES_AWAITED };
    char id[8];
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof(id), "f%d", i);
        struct store_file f = file(id, "r", "u", 1);
        f.is_complete = false;
        add(l, 'a', &f);
    }
    rig_turn(&l->rig);
    for (size_t i = 0; i < COUNT(which); i++) {
        struct store_file_query q = { .which = which[i], .before_ms = 2000, .limit = 2 };
        q.key = which[i] == FILES_OF_ROOM ? S("r") : S("u");
        ask(l, 'a', &q);
        q.after = S("f1");
        ask(l, 'b', &q);
        q.after = S("f2");
        ask(l, 'c', &q);
        is_str(rig_turn(&l->rig),
            "a:<f0@r:u=1~,f1@r:u=1~>+ b:<f2@r:u=1~,f3@r:u=1~>+ c:<f3@r:u=1~,f4@r:u=1~> ",
            "pages of %d", (int)which[i]);
    }
}

static void test_refused(struct look *l)
{
    struct store_file f = file("f1", "r", "ann", 5), unknown = file("f2", "r", "ann", 5);
    struct store_file huge = file("f3", "r", "ann", UINT64_MAX);
    add(l, 'a', &f);
    f.bytes = 6;
    add(l, 'b', &f);
    put(l, 'c', STORE_CHANGE, &unknown, NULL);
    drop(l, 'd', "f2");
    add(l, 'e', &huge);
    find_all(l, 'f', FILES_OF_USER, "ann");
    is_str(rig_turn(&l->rig), "a:ok b:CONFLICT c:NOT_FOUND d:NOT_FOUND e:QUOTA f:<f1@r:ann=5> ",
        "what is there already, and what is not");
    is_int(total(l), 5, "and nothing is counted");
}

/* ---- quotas ---- */

static void test_quotas(struct look *l)
{
    static const struct {
        const char *what;
        struct store_quota quota;
        const char *said; /* of 3 of the same, of another room, of another person */
    } rows[] = {
        { "none", { 0 }, "a:ok b:ok c:ok " },
        { "none that is met", { 10, 10, 13 }, "a:ok b:ok c:ok " },
        { "of the person", { .user_bytes = 9 }, "a:QUOTA b:QUOTA c:ok " },
        { "of the room", { .room_bytes = 9 }, "a:QUOTA b:ok c:QUOTA " },
        { "of all", { .all_bytes = 9 }, "a:QUOTA b:QUOTA c:QUOTA " },
        { "of all, for two", { .all_bytes = 11 }, "a:ok b:ok c:ok " },
    };
    struct store_file f = file("f1", "r1", "ann", 6), awaited = file("f2", "r1", "ann", 2);
    awaited.is_complete = false;
    add(l, 'a', &f);
    add(l, 'b', &awaited);
    rig_turn(&l->rig);
    struct store_file same = file("g", "r1", "ann", 2), elsewhere = file("g", "r2", "ann", 2);
    struct store_file another = file("g", "r1", "bob", 2);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char said[200];
        size_t len = 0;
        const struct store_file *const tried[] = { &same, &elsewhere, &another };
        for (size_t k = 0; k < COUNT(tried); k++) {
            put(l, (char)('a' + k), STORE_ADD, tried[k], &rows[i].quota);
            len += (size_t)snprintf(said + len, sizeof(said) - len, "%s", rig_turn(&l->rig));
            drop(l, '-', "g");
            rig_turn(&l->rig);
        }
        is_str(said, rows[i].said, "a quota: %s", rows[i].what);
    }
    is_int(total(l), 8, "what was dropped is not counted");
}

/* Files without a room are in no room's quota. */
static void test_no_room(struct look *l)
{
    struct store_quota quota = { .room_bytes = 10 };
    struct store_file a = file("f1", "", "ann", 10), b = file("f2", "", "ann", 10);
    put(l, 'a', STORE_ADD, &a, &quota);
    put(l, 'b', STORE_ADD, &b, &quota);
    b.id = S("f3");
    b.bytes = 11;
    put(l, 'c', STORE_ADD, &b, &quota);
    is_str(rig_turn(&l->rig), "a:ok b:ok c:QUOTA ", "each alone");
}

/* All that is asked in one turn may be one transaction. */
static void test_together(struct look *l)
{
    struct store_quota quota = { .user_bytes = 10 };
    char id[8];
    for (int i = 0; i < 6; i++) {
        snprintf(id, sizeof(id), "f%d", i);
        struct store_file f = file(id, "r", "ann", i == 2 ? 1 : 4);
        put(l, (char)('a' + i), STORE_ADD, &f, &quota);
    }
    is_str(rig_turn(&l->rig), "a:ok b:ok c:ok d:QUOTA e:QUOTA f:QUOTA ", "no more than fit");
    is_int(total(l), 9, "and no more is counted");
}

static void test_changed_size(struct look *l)
{
    struct store_quota quota = { .user_bytes = 10, .room_bytes = 10, .all_bytes = 10 };
    struct store_file f = file("f1", "r", "ann", 10), g = file("f2", "r", "ann", 7);
    add(l, 'a', &f);
    put(l, 'b', STORE_ADD, &g, &quota);
    f.bytes = 3;
    put(l, 'c', STORE_CHANGE, &f, &quota);
    put(l, 'd', STORE_ADD, &g, &quota);
    f.bytes = 30;
    put(l, 'e', STORE_CHANGE, &f, &quota);
    is_str(rig_turn(&l->rig), "a:ok b:QUOTA c:ok d:ok e:ok ",
        "it counts as long as it is; a change is not asked for quotas");
    is_int(total(l), 37, "in the total, too");
}

/* ---- forgotten rooms ---- */

static void test_doomed(struct look *l)
{
    struct store_quota quota = { .user_bytes = 10, .room_bytes = 10 };
    struct rig_room room = rig_begin(&l->rig, "room", 1);
    struct store_file f = file("f1", "room", "ann", 9), g = file("f2", "other", "ann", 1);
    struct store_file next = file("f3", "room", "bob", 10), more = file("f4", "", "ann", 1);
    add(l, 'a', &f);
    add(l, 'b', &g);
    rig_forget(&l->rig, 'c', "room");
    find_all(l, 'd', FILES_DOOMED, "");
    find_all(l, 'e', FILES_OF_ROOM, "room");
    f.name = S("late");
    put(l, 'f', STORE_CHANGE, &f, NULL);
    put(l, 'g', STORE_ADD, &next, &quota);
    put(l, 'h', STORE_ADD, &more, &quota);
    drop(l, 'i', "f1");
    put(l, 'j', STORE_ADD, &more, &quota);
    find_all(l, 'k', FILES_DOOMED, "");
    is_str(rig_turn(&l->rig),
        "a:ok b:ok c:ok d:<f1@:ann=9!> e:<> f:NOT_FOUND g:ok h:QUOTA i:ok j:ok k:<> ",
        "they can only be dropped, count for their owner until then, and for no new room");
    is_int(total(l), 12, "the total is right");
    is_str(room.id, "room", "of the room that was");
}

/* ---- at random ---- */

#define N_FILES 12

struct model {
    struct store_file at[N_FILES]; /* without an id: not there */
    char ids[N_FILES][4];
    uint64_t seed;
};

static uint32_t pick(struct model *m, uint32_t n)
{
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->seed >> 33) % n;
}

static bool fits(const struct model *m, const struct store_file *f, const struct store_quota *q)
{
    uint64_t user = f->bytes, room = f->bytes, all = f->bytes;
    for (int i = 0; i < N_FILES; i++) {
        const struct store_file *o = &m->at[i];
        if (o->id.len == 0)
            continue;
        all += o->bytes;
        if (slice_eq(o->user_id, f->user_id))
            user += o->bytes;
        if (slice_eq(o->room_id, f->room_id))
            room += o->bytes;
    }
    return user <= q->user_bytes && room <= q->room_bytes && all <= q->all_bytes;
}

/* Adds, changes or drops one of them; what must be said of it. */
static int step(struct model *m, struct look *l)
{
    static const struct store_quota quota = { 40, 50, 80 };
    static const char *const users[] = { "ann", "bob", "carl" };
    uint32_t i = pick(m, N_FILES), what = pick(m, 3);
    bool is_there = m->at[i].id.len > 0;
    struct store_file f = file(m->ids[i], pick(m, 2) ? "r1" : "r2", users[pick(m, 3)], pick(m, 20));
    if (what == 0) {
        drop(l, 'x', m->ids[i]);
        m->at[i].id.len = 0;
        return is_there ? 0 : ERR_NOT_FOUND;
    }
    put(l, 'x', what == 1 ? STORE_CHANGE : STORE_ADD, &f, &quota);
    bool is_done = what == 1 ? is_there : !is_there && fits(m, &f, &quota);
    if (is_done)
        m->at[i] = f;
    if (what == 1)
        return is_there ? 0 : ERR_NOT_FOUND;
    if (is_there)
        return ERR_CONFLICT;
    return is_done ? 0 : ERR_QUOTA;
}

static void test_at_random(struct look *l)
{
    struct model m = { .seed = 7 };
    int n_wrong = 0, n_quota = 0;
    uint64_t sum = 0;
    for (int i = 0; i < N_FILES; i++)
        snprintf(m.ids[i], sizeof(m.ids[i]), "f%d", i);
    for (int i = 0; i < (l->place == NULL ? 3000 : 300); i++) {
        char want[32];
        int err = step(&m, l);
        snprintf(want, sizeof(want), "x:%s ", err ? err_name(err) : "ok");
        const char *said = rig_turn(&l->rig);
        n_quota += err == ERR_QUOTA;
        n_wrong += strcmp(said, want) != 0;
    }
    for (int i = 0; i < N_FILES; i++)
        sum += m.at[i].id.len > 0 ? m.at[i].bytes : 0;
    is_int(n_wrong, 0, "each is told what it must be");
    ok(n_quota > 10, "quotas were met");
    is_int(total(l), (int64_t)sum, "the total is the sum");
}

/* ---- when it goes wrong ---- */

static void test_lost_commits(struct look *l)
{
    struct store_file f = file("f1", "r", "ann", 5), g = file("f2", "r", "ann", 7);
    struct store_file h = file("f3", "r", "ann", 90);
    struct store_quota quota = { .user_bytes = 20 };
    if (l->place == NULL)
        return;
    add(l, 'a', &f);
    rig_turn(&l->rig);
    l->writer.loses_commits = 3;
    put(l, 'a', STORE_ADD, &g, &quota);
    f.bytes = 6;
    put(l, 'b', STORE_CHANGE, &f, NULL);
    put(l, 'c', STORE_ADD, &h, &quota);
    drop(l, 'd', "f1");
    is_str(rig_turn(&l->rig), "a:ok b:ok c:QUOTA d:ok ", "told as they went");
    ok(l->writer.lost_commits > 0, "a commit was lost");
    find_all(l, 'a', FILES_OF_USER, "ann");
    is_str(rig_turn(&l->rig), "a:<f2@r:ann=7> ", "and done once");
    is_int(total(l), 7, "counted once");
}

struct run {
    struct look look;
    int n;
};

static void ask_everything(void *arg)
{
    struct run *run = arg;
    struct look *l = &run->look;
    char id[16], want[200];
    snprintf(id, sizeof(id), "f%d", run->n++);
    snprintf(want, sizeof(want), "a:ok b:<%s@r:ann=5> c:ok d:ok ", id);
    struct store_file f = file(id, "r", "ann", 5);
    add(l, 'a', &f);
    find(l, 'b', id);
    put(l, 'c', STORE_CHANGE, &f, NULL);
    drop(l, 'd', id);
    const char *said = rig_turn(&l->rig);
    if (!fault_hit() || strstr(said, "NO_MEMORY") == NULL)
        is_str(said, want, "without a fault that matters");
}

int main(void)
{
    static look_test *const tests[] = {
        test_whole,
        test_found,
        test_awaited,
        test_pages,
        test_refused,
        test_quotas,
        test_no_room,
        test_together,
        test_changed_size,
        test_doomed,
        test_at_random,
        test_lost_commits,
    };
    look_each(tests, COUNT(tests));
    struct run *run = calloc(1, sizeof(*run));
    look_begin(&run->look, NULL);
    fault_each(FAULT_ALLOC, ask_everything, run);
    look_end(&run->look);
    free(run);
    return done();
}
