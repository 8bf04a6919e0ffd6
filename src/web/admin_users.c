/* What is asked is handed to auth/accounts as an operator's: who may open the admin socket proves
 * nothing else. Pages come from the store itself. */
#include "web/admin_users.h"

#include "auth/accounts.h"

#define WHO_MAX (STORE_EMAIL_MAX + 1)
#define EXAMPLE_USER                                                 \
    "{\"id\":\"u1\",\"email\":\"ada@example.org\",\"name\":\"Ada\"," \
    "\"isAdmin\":false,\"isDisabled\":false,"                        \
    "\"createdAt\":\"2026-01-02T03:04:05.678Z\"}"

static void put_user(struct json_writer *w, const struct store_user *u)
{
    jw_field_str(w, "id", u->id);
    jw_field_str(w, "email", u->email);
    jw_field_str(w, "name", u->name);
    jw_field_bool(w, "isAdmin", u->is_admin);
    jw_field_bool(w, "isDisabled", u->is_disabled);
    jw_field_time(w, "createdAt", u->created_at_ms);
}

/* ---- list ---- */

struct page {
    struct slice after;
    int64_t limit;
};

static const struct field page_list[] = {
    { .name = "after",
        FIELD_MEMBER(struct page, after),
        .type = FIELD_STR,
        .max = WHO_MAX,
        .help = "the nextCursor of the page before" },
    { .name = "limit",
        FIELD_MEMBER(struct page, limit),
        .type = FIELD_INT,
        .min = 1,
        .max = STORE_PAGE_MAX,
        .preset = "200",
        .help = "how many at most" },
};
static const struct fields page_fields = FIELDS(page_list);

static void put_page(struct json_writer *w, const struct store_users *page)
{
    jw_field_array(w, "users");
    for (uint32_t i = 0; i < page->n; i++) {
        jw_object(w);
        put_user(w, &page->at[i]);
        jw_end(w);
    }
    jw_end(w);
    if (page->has_more)
        jw_field_str(w, "nextCursor", page->at[page->n - 1].id);
    else
        jw_field_null(w, "nextCursor");
}

static void on_page(void *arg, int err, const struct store_users *page)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (!err)
        put_page(rest_object(c), page);
    rest_go_on(c, err);
}

static int list(struct rest *c)
{
    const struct page *a = c->args;
    struct store *store = hub_store(rest_hub(c));
    const struct store_user_query q = { .after = a->after, .limit = (uint32_t)a->limit };
    rest_wait_for_store(c);
    store->ops->users(store, &q, on_page, c);
    return 0;
}

const struct rest_row admin_users_list = {
    REST_ARGS(struct page, page_fields),
    .act = list,
    .gives_status = 200,
    .gives = "{\"users\":[" EXAMPLE_USER "],\"nextCursor\":null}",
};

/* ---- deeds ---- */

static void on_done(void *arg, int err, const struct account *account)
{
    struct rest *c = arg;
    if (!rest_is_back(c))
        return;
    if (!err)
        put_user(rest_object(c), &account->user);
    if (err == ERR_NOT_FOUND)
        c->why = S("There is no such account.");
    rest_go_on(c, err);
}

static int ask(struct rest *c, struct account_ask *what)
{
    what->is_operator = true;
    int err = accounts_ask(c->lobby->accounts, what, on_done, c);
    if (err == ERR_BAD_FIELD)
        c->why = slice_str(accounts_fault(what));
    if (!err)
        rest_wait_for_store(c);
    return err;
}

struct creation {
    struct slice email;
    struct slice name;
    struct slice password;
    bool is_admin;
};

/* What is asked of an e-mail, a name and a password is the accounts' to say. */
#define TEXT_MAX 4096

static const struct field creation_list[] = {
    { .name = "email",
        FIELD_MEMBER(struct creation, email),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true,
        .help = "what one logs in with" },
    { .name = "name",
        FIELD_MEMBER(struct creation, name),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true,
        .help = "what others see" },
    { .name = "password",
        FIELD_MEMBER(struct creation, password),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true,
        .help = "at first" },
    { .name = "isAdmin",
        FIELD_MEMBER(struct creation, is_admin),
        .type = FIELD_BOOL,
        .help = "may do in every room what its hosts may" },
};
static const struct fields creation_fields = FIELDS(creation_list);

static int create(struct rest *c)
{
    const struct creation *a = c->args;
    struct account_ask what = {
        .deed = ACCOUNT_CREATE,
        .email = a->email,
        .name = a->name,
        .new_password = a->password,
        .is_admin = &a->is_admin,
    };
    return ask(c, &what);
}

const struct rest_row admin_user_create = {
    REST_ARGS(struct creation, creation_fields),
    .act = create,
    .gives_status = 201,
    .gives = EXAMPLE_USER,
};

/* ---- to one that there is ---- */

struct one {
    struct slice user;
    struct slice password;
};

#define WHO_FIELD                                                                      \
    {                                                                                  \
        .name = "user", FIELD_MEMBER(struct one, user), .type = FIELD_STR, .min = 1,   \
        .max = TEXT_MAX, .required = true, .help = "an account's e-mail address or id" \
    }

static const struct field one_list[] = { WHO_FIELD };
static const struct fields one_fields = FIELDS(one_list);

static const struct field password_list[] = {
    WHO_FIELD,
    { .name = "password",
        FIELD_MEMBER(struct one, password),
        .type = FIELD_STR,
        .max = TEXT_MAX,
        .required = true,
        .help = "the new one" },
};
static const struct fields password_fields = FIELDS(password_list);

/* No id of an account has an @ in it. */
static int ask_of(struct rest *c, struct account_ask what)
{
    const struct one *a = c->args;
    if (slice_find(a->user, '@') >= 0)
        what.email = a->user;
    else
        what.user_id = a->user;
    return ask(c, &what);
}

static int set_password(struct rest *c)
{
    const struct one *a = c->args;
    return ask_of(
        c, (struct account_ask){ .deed = ACCOUNT_SET_PASSWORD, .new_password = a->password });
}

static int disable(struct rest *c)
{
    return ask_of(c, (struct account_ask){ .deed = ACCOUNT_DISABLE });
}

static int enable(struct rest *c)
{
    return ask_of(c, (struct account_ask){ .deed = ACCOUNT_ENABLE });
}

static int delete_one(struct rest *c)
{
    return ask_of(c, (struct account_ask){ .deed = ACCOUNT_DELETE });
}

const struct rest_row admin_user_password = {
    REST_ARGS(struct one, password_fields),
    .act = set_password,
    .gives_status = 200,
    .gives = EXAMPLE_USER,
};

const struct rest_row admin_user_disable = {
    REST_ARGS(struct one, one_fields),
    .act = disable,
    .gives_status = 200,
    .gives = EXAMPLE_USER,
};

const struct rest_row admin_user_enable = {
    REST_ARGS(struct one, one_fields),
    .act = enable,
    .gives_status = 200,
    .gives = EXAMPLE_USER,
};

const struct rest_row admin_user_delete = {
    REST_ARGS(struct one, one_fields),
    .act = delete_one,
    .gives_status = 200,
    .gives = EXAMPLE_USER,
};
