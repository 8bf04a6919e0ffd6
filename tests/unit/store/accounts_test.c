/* Accounts and revoked tokens in a store: what is put is found, by id, by address and in pages;
 * what is taken or unknown is refused; what was committed without an answer is not done twice. */
#include "base/buf.h"
#include "look.h"

/* ---- asking ---- */

static struct store_user user(const char *id, const char *email)
{
    return (struct store_user){
        .id = slice_str(id),
        .email = slice_str(email),
        .name = S("Name"),
        .avatar_url = S("/a.png"),
        .password_hash = S("$argon2id$"),
        .created_at_ms = 1700000000000,
    };
}

static void put(struct look *l, char label, enum store_put how, const struct store_user *u)
{
    l->rig.store->ops->put_user(l->rig.store, how, u, rig_on_done, rig_ask(&l->rig, label));
}

static void put_new(struct look *l, char label, const char *id, const char *email)
{
    struct store_user u = user(id, email);
    put(l, label, STORE_ADD, &u);
}

static void on_users(void *arg, int err, const struct store_users *page)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < page->n; i++) {
        const struct store_user *u = &page->at[i];
        rig_say(a->rig, "%s%.*s=%.*s", i > 0 ? "," : "", RIG_TEXT(u->id), RIG_TEXT(u->email));
    }
    rig_say(a->rig, ">%s ", page->has_more ? "+" : "");
    rig_said_it(a);
}

static void find(struct look *l, char label, const struct store_user_query *q)
{
    l->rig.store->ops->users(l->rig.store, q, on_users, rig_ask(&l->rig, label));
    rig_wait_for_readers(&l->rig);
}

static void find_id(struct look *l, char label, const char *id)
{
    struct store_user_query q = { .id = slice_str(id) };
    find(l, label, &q);
}

static void find_email(struct look *l, char label, const char *email)
{
    struct store_user_query q = { .email = slice_str(email) };
    find(l, label, &q);
}

static void find_page(struct look *l, char label, const char *after, uint32_t limit)
{
    struct store_user_query q = { .after = slice_str(after), .limit = limit };
    find(l, label, &q);
}

static void drop(struct look *l, char label, const char *id)
{
    l->rig.store->ops->drop_user(l->rig.store, slice_str(id), rig_on_done, rig_ask(&l->rig, label));
}

static void take_back(
    struct look *l, char label, const char *subject, int64_t before, int64_t until)
{
    struct store_revocation r = {
        .subject = slice_str(subject), .before_ms = before, .until_ms = until
    };
    l->rig.store->ops->revoke(l->rig.store, &r, rig_on_done, rig_ask(&l->rig, label));
}

static void on_revocations(void *arg, int err, const struct store_revocations *all)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:<", a->label);
    for (uint32_t i = 0; i < all->n && i < 5; i++) {
        const struct store_revocation *r = &all->at[i];
        rig_say(a->rig, "%s%.*s@%jd-%jd", i > 0 ? "," : "", RIG_TEXT(r->subject),
            (intmax_t)r->before_ms, (intmax_t)r->until_ms);
    }
    rig_say(a->rig, ">%u ", all->n);
    rig_said_it(a);
}

static void revoked(struct look *l, char label, int64_t now_ms)
{
    l->rig.store->ops->revocations(l->rig.store, now_ms, on_revocations, rig_ask(&l->rig, label));
    rig_wait_for_readers(&l->rig);
}

/* ---- accounts ---- */

static void on_whole(void *arg, int err, const struct store_users *page)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!is_int(err, 0, "it is found") || !is_int(page->n, 1, "once"))
        return;
    const struct store_user *u = &page->at[0];
    is_slice(u->id, "u1", "id");
    is_slice(u->email, "ann@example.org", "address");
    is_slice(u->name, "Änn O'Neill; drop table users", "name");
    is_slice(u->avatar_url, "", "picture, empty");
    is_slice(u->password_hash, "$argon2id$v=19", "hash");
    ok(u->is_admin && !u->is_disabled, "what it may");
    is_int(u->created_at_ms, 1712345678901, "since when");
    rig_said_it(a);
}

static void test_whole(struct look *l)
{
    struct store_user u = {
        .id = S("u1"),
        .email = S("ann@example.org"),
        .name = S("Änn O'Neill; drop table users"),
        .password_hash = S("$argon2id$v=19"),
        .is_admin = true,
        .created_at_ms = 1712345678901,
    };
    struct store_user before = user("u1", "before@x");
    struct store_user_query q = { .id = u.id };
    put(l, 'a', STORE_ADD, &u);
    l->rig.store->ops->users(l->rig.store, &q, on_whole, rig_ask(&l->rig, 'b'));
    rig_wait_for_readers(&l->rig);
    drop(l, 'c', "u1");
    before.is_disabled = true;
    put(l, 'd', STORE_ADD, &before);
    put(l, 'e', STORE_CHANGE, &u);
    is_str(rig_turn(&l->rig), "a:ok c:ok d:ok e:ok ", "it is put, and made of another");
    l->rig.store->ops->users(l->rig.store, &q, on_whole, rig_ask(&l->rig, 'f'));
    rig_turn(&l->rig);
}

static void test_found(struct look *l)
{
    put_new(l, 'a', "u1", "ann@x");
    put_new(l, 'b', "u2", "bob@x");
    find_id(l, 'c', "u2");
    find_email(l, 'd', "ann@x");
    find_id(l, 'e', "u");
    find_email(l, 'f', "ANN@x");
    is_str(rig_turn(&l->rig), "a:ok b:ok c:<u2=bob@x> d:<u1=ann@x> e:<> f:<> ",
        "each by its own, and nobody else");
}

static void test_taken(struct look *l)
{
    put_new(l, 'a', "u1", "ann@x");
    put_new(l, 'b', "u1", "other@x");
    put_new(l, 'c', "u2", "ann@x");
    put_new(l, 'd', "u3", "carl@x");
    find_page(l, 'e', "", 10);
    is_str(rig_turn(&l->rig), "a:ok b:CONFLICT c:CONFLICT d:ok e:<u1=ann@x,u3=carl@x> ",
        "an id or an address is taken, and the others are not hurt");
}

static void test_change(struct look *l)
{
    struct store_user u = user("u1", "ann@x");
    put_new(l, 'a', "u1", "ann@x");
    put_new(l, 'b', "u2", "bob@x");
    u.is_disabled = true;
    put(l, 'c', STORE_CHANGE, &u);
    u.email = S("new@x");
    put(l, 'd', STORE_CHANGE, &u);
    u.email = S("bob@x");
    put(l, 'e', STORE_CHANGE, &u);
    u.id = S("u9");
    put(l, 'f', STORE_CHANGE, &u);
    u.email = S("nobody@x");
    put(l, 'g', STORE_CHANGE, &u);
    put_new(l, 'h', "u9", "late@x");
    find_page(l, 'i', "", 10);
    is_str(rig_turn(&l->rig),
        "a:ok b:ok c:ok d:ok e:CONFLICT f:NOT_FOUND g:NOT_FOUND h:ok "
        "i:<u1=new@x,u2=bob@x,u9=late@x> ",
        "its own address may stay, another's is taken, nobody cannot be changed");
}

static void test_drop(struct look *l)
{
    put_new(l, 'a', "u1", "ann@x");
    put_new(l, 'b', "u2", "bob@x");
    drop(l, 'c', "u1");
    drop(l, 'd', "u1");
    drop(l, 'e', "");
    put_new(l, 'f', "u3", "ann@x");
    find_page(l, 'g', "", 10);
    is_str(rig_turn(&l->rig), "a:ok b:ok c:ok d:NOT_FOUND e:NOT_FOUND f:ok g:<u2=bob@x,u3=ann@x> ",
        "one goes, and its address is free");
}

static void test_pages(struct look *l)
{
    char id[8], email[16];
    for (int i = 0; i < 7; i++) {
        snprintf(id, sizeof(id), "u%d", (i * 3) % 7);
        snprintf(email, sizeof(email), "%d@x", i);
        put_new(l, 'a', id, email);
    }
    rig_turn(&l->rig);
    find_page(l, 'a', "", 3);
    find_page(l, 'b', "u2", 3);
    find_page(l, 'c', "u5", 3);
    find_page(l, 'd', "u3", 3);
    find_page(l, 'e', "u6", 200);
    is_str(rig_turn(&l->rig),
        "a:<u0=0@x,u1=5@x,u2=3@x>+ b:<u3=1@x,u4=6@x,u5=4@x>+ c:<u6=2@x> d:<u4=6@x,u5=4@x,u6=2@x> "
        "e:<> ",
        "in the order of their ids, and whether there are more");
}

/* What no database takes in a text. */
static void test_unclean(struct look *l)
{
    struct store_user u = user("u1", "ann@x");
    struct store_user_query q = { .id = slice_of("u\xff", 2) };
    u.name = slice_of("a\0b\xff", 4);
    put(l, 'a', STORE_ADD, &u);
    find(l, 'b', &q);
    q = (struct store_user_query){ .email = slice_of("\0", 1) };
    find(l, 'c', &q);
    is_str(rig_turn(&l->rig), "a:ok b:<> c:<> ", "is replaced, or not found");
}

/* ---- revocations ---- */

static void test_revocations(struct look *l)
{
    revoked(l, 'a', 0);
    take_back(l, 'b', "user:u1", 100, 1000);
    take_back(l, 'c', "token:t1", 0, 500);
    revoked(l, 'd', 499);
    revoked(l, 'e', 500);
    is_str(rig_turn(&l->rig),
        "a:<>0 b:ok c:ok d:<token:t1@0-500,user:u1@100-1000>2 e:<user:u1@100-1000>1 ",
        "as long as they matter");
    take_back(l, 'a', "user:u1", 90, 2000);
    take_back(l, 'b', "user:u1", 200, 900);
    revoked(l, 'c', 500);
    is_str(rig_turn(&l->rig), "a:ok b:ok c:<user:u1@200-2000>1 ", "nothing is taken back");
}

static void test_many_revocations(struct look *l)
{
    char subject[16];
    for (int i = 0; i < 1500; i++) {
        snprintf(subject, sizeof(subject), "user:%04d", i);
        take_back(l, 'a', subject, i, 10000);
    }
    rig_turn(&l->rig);
    revoked(l, 'b', 1);
    is_str(rig_turn(&l->rig),
        "b:<user:0000@0-10000,user:0001@1-10000,user:0002@2-10000,user:0003@3-10000,"
        "user:0004@4-10000>1500 ",
        "however many there are");
}

/* ---- when it goes wrong ---- */

/* They are tried again, and find out that they were done. */
static void test_lost_commits(struct look *l)
{
    struct store_user u = user("u1", "new@x");
    if (l->place == NULL)
        return;
    put_new(l, 'a', "u1", "ann@x");
    put_new(l, 'b', "u2", "bob@x");
    rig_turn(&l->rig);
    l->writer.loses_commits = 3;
    put_new(l, 'a', "u3", "carl@x");
    put(l, 'b', STORE_CHANGE, &u);
    drop(l, 'c', "u2");
    put_new(l, 'd', "u1", "dora@x");
    drop(l, 'e', "u9");
    is_str(rig_turn(&l->rig), "a:ok b:ok c:ok d:CONFLICT e:NOT_FOUND ", "told as they went");
    ok(l->writer.lost_commits > 0, "a commit was lost");
    find_page(l, 'a', "", 10);
    is_str(rig_turn(&l->rig), "a:<u1=new@x,u3=carl@x> ", "and done once");
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
    snprintf(id, sizeof(id), "u%d", run->n++);
    snprintf(want, sizeof(want), "a:ok b:<%s=%s> c:ok e:ok ", id, id);
    put_new(l, 'a', id, id);
    find_id(l, 'b', id);
    take_back(l, 'c', id, 1, 2);
    drop(l, 'e', id);
    const char *said = rig_turn(&l->rig);
    if (!fault_hit() || strstr(said, "NO_MEMORY") == NULL)
        is_str(said, want, "without a fault that matters");
    revoked(l, 'd', 1);
    rig_turn(&l->rig);
}

int main(void)
{
    static look_test *const tests[] = {
        test_whole,
        test_found,
        test_taken,
        test_change,
        test_drop,
        test_pages,
        test_unclean,
        test_revocations,
        test_many_revocations,
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
