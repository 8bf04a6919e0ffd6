/* Each verb is one call of the server that has the accounts (web/admin_users), but for the list,
 * which is one for each page. Passwords stand in the body of a call and nowhere else, and are wiped
 * when it is over. */
#include "user_command.h"

#include "admin_client.h"
#include "base/fields.h"
#include "base/json_write.h"
#include "password_prompt.h"

#include <string.h>

#define PATH_USERS  "/admin/users"
#define BODY_BYTES  (64u << 10)
#define ARENA_BYTES (4u << 20)
#define TEXT_MAX    4096
#define ID_WIDTH    24
#define EMAIL_WIDTH 32

static void help(struct buf *out)
{
    buf_add_str(out,
        "Usage: stoa user create --email EMAIL --name NAME [--admin] [--password-stdin]\n"
        "       stoa user list [--json]\n"
        "       stoa user passwd EMAIL|ID [--password-stdin]\n"
        "       stoa user disable|enable EMAIL|ID\n"
        "       stoa user delete EMAIL|ID\n"
        "\n"
        "Accounts: people with a password here. Whether the server runs makes no difference; run\n"
        "it as the same user and with the same options, of which --data is the one that matters.\n"
        "A new password, disabling and deleting end all tokens of that person at once.\n"
        "\n"
        "  --email EMAIL      what one logs in with\n"
        "  --name NAME        what others see\n"
        "  --admin            may do in every room what its hosts may\n"
        "  --password-stdin   the password is the first line of standard input, as it also is\n"
        "                     where that is no terminal; else it is asked for\n"
        "  --json             for programs\n"
        "\n"
        "    stoa user create --email ada@example.org --name \"Ada Lovelace\" --admin\n");
}

/* ---- what the server says ---- */

struct user {
    struct slice id;
    struct slice email;
    struct slice name;
    bool is_admin;
    bool is_disabled;
};

#define USER_TEXT(field_name, member)                                               \
    {                                                                               \
        .name = (field_name), FIELD_MEMBER(struct user, member), .type = FIELD_STR, \
        .max = TEXT_MAX, .required = true                                           \
    }
#define USER_BOOL(field_name, member)                                               \
    {                                                                               \
        .name = (field_name), FIELD_MEMBER(struct user, member), .type = FIELD_BOOL \
    }

static const struct field user_list[] = {
    USER_TEXT("id", id),
    USER_TEXT("email", email),
    USER_TEXT("name", name),
    USER_BOOL("isAdmin", is_admin),
    USER_BOOL("isDisabled", is_disabled),
};
static const struct fields user_fields = FIELDS(user_list);

struct page {
    struct slice users; /* JSON */
    struct slice next_cursor;
};

static const struct field page_list[] = {
    { .name = "users",
        FIELD_MEMBER(struct page, users),
        .type = FIELD_ARRAY_RAW,
        .max = ARENA_BYTES,
        .required = true },
    { .name = "nextCursor",
        FIELD_MEMBER(struct page, next_cursor),
        .type = FIELD_STR,
        .max = TEXT_MAX },
};
static const struct fields page_fields = FIELDS(page_list);

/* ---- create ---- */

static void wipe(struct buf *b)
{
    if (b->p != NULL)
        explicit_bzero(b->p, b->cap);
    buf_fini(b);
}

static int post(struct operation *op, const char *path, struct buf *body)
{
    struct user answer;
    struct slice text;
    struct field_error error;
    struct arena a;
    struct admin_client *c = admin_client_new(&op->options, &op->report);
    arena_init(&a, ARENA_BYTES);
    if (op->words.email != NULL)
        admin_client_may_begin(c);
    int err = buf_err(body);
    if (!err)
        err = admin_client_ask(&text, c, path, body);
    if (!err)
        err = fields_decode(&answer, &error, &a, &user_fields, text);
    if (!err && op->words.email != NULL) { /* of a new one */
        buf_add_slice(&op->out, answer.id);
        buf_add_char(&op->out, '\n');
    }
    arena_fini(&a);
    admin_client_free(c);
    return err;
}

static int add_password(struct json_writer *w, struct operation *op)
{
    struct buf password;
    buf_init(&password, PASSWORD_LINE_BYTES);
    int err = password_prompt(&password, &op->report, op->words.is_password_stdin);
    if (!err)
        jw_field_str(w, "password", buf_slice(&password));
    wipe(&password);
    return err;
}

static int create(struct operation *op)
{
    struct buf body;
    struct json_writer w;
    if (op->words.email == NULL)
        return operation_misuse(op, "whose account? Write --email EMAIL.");
    if (op->words.name == NULL)
        return operation_misuse(op, "what is that person called? Write --name NAME.");
    buf_init(&body, BODY_BYTES);
    jw_init(&w, &body);
    jw_object(&w);
    jw_field_str(&w, "email", slice_str(op->words.email));
    jw_field_str(&w, "name", slice_str(op->words.name));
    jw_field_bool(&w, "isAdmin", op->words.is_admin);
    int err = add_password(&w, op);
    jw_end(&w);
    if (!err)
        err = post(op, PATH_USERS, &body);
    wipe(&body);
    return err;
}

/* ---- to one that there is ---- */

enum { NO_PASSWORD, WITH_PASSWORD };

static int change(struct operation *op, const char *path, int password)
{
    struct buf body;
    struct json_writer w;
    int err = 0;
    if (op->words.who == NULL)
        return operation_misuse(op, "whose account? Write its e-mail address or its id.");
    buf_init(&body, BODY_BYTES);
    jw_init(&w, &body);
    jw_object(&w);
    jw_field_str(&w, "user", slice_str(op->words.who));
    if (password == WITH_PASSWORD)
        err = add_password(&w, op);
    jw_end(&w);
    if (!err)
        err = post(op, path, &body);
    wipe(&body);
    return err;
}

static int set_password(struct operation *op)
{
    return change(op, PATH_USERS "/password", WITH_PASSWORD);
}

static int disable(struct operation *op)
{
    return change(op, PATH_USERS "/disable", NO_PASSWORD);
}

static int enable(struct operation *op)
{
    return change(op, PATH_USERS "/enable", NO_PASSWORD);
}

static int delete_one(struct operation *op)
{
    return change(op, PATH_USERS "/delete", NO_PASSWORD);
}

/* ---- list ---- */

struct list {
    struct operation *op;
    struct json_writer w; /* of --json */
    uint64_t n;
};

static void say_padded(struct buf *out, struct slice text, size_t width)
{
    buf_add_slice(out, text);
    for (size_t len = text.len; len < width; len++)
        buf_add_char(out, ' ');
    buf_add_char(out, ' ');
}

static void say_user(struct buf *out, const struct user *u)
{
    say_padded(out, u->id, ID_WIDTH);
    say_padded(out, u->email, EMAIL_WIDTH);
    buf_add_slice(out, u->name);
    REPORT_SAY(out, u->is_admin ? " (admin)" : "", u->is_disabled ? " (disabled)" : "", "\n");
}

static int put_user(struct list *l, struct arena *a, struct slice object)
{
    struct user u;
    struct field_error error;
    if (l->op->words.is_json) {
        jw_raw(&l->w, object);
        return 0;
    }
    int err = fields_decode(&u, &error, a, &user_fields, object);
    if (!err)
        say_user(&l->op->out, &u);
    return err;
}

static int put_users(struct list *l, struct arena *a, struct slice users)
{
    struct json j;
    struct json_value v;
    json_init(&j, users, a);
    (void)json_next(&v, &j);
    int err = 0;
    while (!err && json_next_whole(&v, &j) == JSON_OBJECT)
        err = put_user(l, a, v.raw);
    return err ? err : json_err(&j);
}

/* What comes behind `after`, which is then the last one's id; ERR_CLOSED: these were the last. */
static int put_page(struct list *l, struct admin_client *c, struct buf *after)
{
    struct page page;
    struct field_error error;
    struct arena a;
    struct slice text;
    arena_init(&a, ARENA_BYTES);
    int err = admin_client_ask(&text, c, after->p, NULL);
    if (!err)
        err = fields_decode(&page, &error, &a, &page_fields, text);
    if (!err)
        err = put_users(l, &a, page.users);
    if (!err && page.next_cursor.len == 0)
        err = ERR_CLOSED;
    if (!err) { /* nothing in an id is to be encoded */
        buf_reset(after);
        buf_add_str(after, PATH_USERS "?after=");
        buf_add_slice(after, page.next_cursor);
        buf_add_char(after, '\0');
        err = buf_err(after);
    }
    arena_fini(&a);
    return err;
}

static int list(struct operation *op)
{
    struct list l = { .op = op };
    struct buf path;
    struct admin_client *c = admin_client_new(&op->options, &op->report);
    int err = 0;
    buf_init(&path, BODY_BYTES);
    buf_add(&path, PATH_USERS, sizeof(PATH_USERS));
    jw_init(&l.w, &op->out);
    if (op->words.is_json)
        jw_array(&l.w);
    while (!err)
        err = put_page(&l, c, &path);
    if (op->words.is_json) {
        jw_end(&l.w);
        buf_add_char(&op->out, '\n');
    }
    buf_fini(&path);
    admin_client_free(c);
    return err == ERR_CLOSED ? 0 : err;
}

/* ---- the table ---- */

static const struct command_word create_words[] = {
    OPERATION_VALUE("--email", email),
    OPERATION_VALUE("--name", name),
    OPERATION_SWITCH("--admin", is_admin),
    OPERATION_SWITCH("--password-stdin", is_password_stdin),
    { .name = NULL },
};

static const struct command_word list_words[] = {
    OPERATION_SWITCH("--json", is_json),
    { .name = NULL },
};

static const struct command_word password_words[] = {
    OPERATION_PLACE("EMAIL|ID", who),
    OPERATION_SWITCH("--password-stdin", is_password_stdin),
    { .name = NULL },
};

static const struct command_word who_words[] = {
    OPERATION_PLACE("EMAIL|ID", who),
    { .name = NULL },
};

static const struct operation_verb verbs[] = {
    { .name = "create", .words = create_words, .run = create },
    { .name = "list", .words = list_words, .run = list },
    { .name = "passwd", .words = password_words, .run = set_password },
    { .name = "disable", .words = who_words, .run = disable },
    { .name = "enable", .words = who_words, .run = enable },
    { .name = "delete", .words = who_words, .run = delete_one },
};

const struct operation_command user_command = {
    .verbs = verbs,
    .n = sizeof(verbs) / sizeof(*verbs),
    .help = help,
};
