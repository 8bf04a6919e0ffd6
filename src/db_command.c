/* A move is a copy that the server makes; then the new database is opened here, to count what has
 * arrived. Which schema a database has is found out by looking into it: a server, even one that was
 * started for that, would bring it up to date first. */
#include "db_command.h"

#include "admin_client.h"
#include "base/json_write.h"
#include "store/inspect.h"
#include "store/migrate.h"
#include "store/open.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BODY_BYTES  (64u << 10)
#define TABLE_WIDTH 22
#define SQLITE_URL  "sqlite:"

static void help(struct buf *out)
{
    buf_add_str(out,
        "Usage: stoa db convert --to postgresql://USER@HOST/NAME [--option VALUE]...\n"
        "       stoa db convert --to sqlite:DIR [--option VALUE]...\n"
        "       stoa db version [--option VALUE]...\n"
        "\n"
        "`convert` copies everything that is stored, as it is at one moment, into another\n"
        "database, which must be empty, and says how many rows each table has there. What a\n"
        "running server stores after that moment is not in the copy, so stop it before a move.\n"
        "The contents of uploaded files stay where they are, in the data folder. Where a server\n"
        "runs, it is the server that connects.\n"
        "`version` says which schema the database has, and which one this program knows.\n"
        "\n"
        "Run it with the options of `stoa serve`: --data and --database-url say what is copied.\n"
        "\n"
        "  --to ADDRESS   a PostgreSQL database, or a data folder, in which stoa.db is made\n"
        "\n"
        "    stoa db convert --to postgresql://stoa@db.example.org/stoa\n");
}

static int complain_of(struct operation *op, const char *path)
{
    REPORT_SAY(report_error(&op->report), path, ": ", strerrordesc_np(errno), ".\n");
    return ERR_IO;
}

static int open_place(struct sql **out, struct operation *op, const struct copy_place *place)
{
    char why[SQL_WHY_BYTES];
    int err = inspect_open(out, place, why);
    if (err)
        REPORT_SAY(report_error(&op->report), why, "\n");
    return err;
}

/* ---- convert ---- */

struct target {
    struct copy_place place;
    const char *made; /* a folder that was not there before; NULL: none */
    char file[PATH_MAX + sizeof("/" STORE_FILE)];
};

static bool is_postgres(const char *to)
{
    return strncmp(to, "postgresql://", 13) == 0 || strncmp(to, "postgres://", 11) == 0;
}

/* The server may be in another folder than this process is. */
static int find_folder(struct target *t, struct operation *op, const char *folder)
{
    char whole[PATH_MAX];
    if (mkdir(folder, S_IRWXU) == 0)
        t->made = folder;
    else if (errno != EEXIST)
        return complain_of(op, folder);
    if (realpath(folder, whole) == NULL)
        return complain_of(op, folder);
    snprintf(t->file, sizeof(t->file), "%s/" STORE_FILE, whole);
    t->place.file = t->file;
    return 0;
}

static int find_target(struct target *t, struct operation *op)
{
    const char *to = op->words.to;
    if (to == NULL)
        return operation_misuse(op, "into which database? Write --to ADDRESS.");
    if (is_postgres(to)) {
        t->place.url = to;
        return 0;
    }
    if (strncmp(to, SQLITE_URL, strlen(SQLITE_URL)) != 0 || to[strlen(SQLITE_URL)] == '\0')
        return operation_misuse(
            op, "--to: an address begins with postgresql://, or is sqlite: and a folder.");
    return find_folder(t, op, to + strlen(SQLITE_URL));
}

static int copy(struct operation *op, const struct copy_place *to)
{
    struct slice ignored;
    struct buf body;
    struct json_writer w;
    struct admin_client *c = admin_client_new(&op->options, &op->report);
    buf_init(&body, BODY_BYTES);
    jw_init(&w, &body);
    jw_object(&w);
    if (to->url != NULL)
        jw_field_str(&w, "url", slice_str(to->url));
    else
        jw_field_str(&w, "file", slice_str(to->file));
    jw_end(&w);
    int err = buf_err(&body);
    if (!err)
        err = admin_client_ask(&ignored, c, "/admin/copy", &body);
    buf_fini(&body);
    admin_client_free(c);
    return err;
}

static void say_rows(struct buf *out, const char *table, uint64_t rows)
{
    buf_add_str(out, table);
    for (size_t len = strlen(table); len < TABLE_WIDTH; len++)
        buf_add_char(out, ' ');
    buf_add_u64(out, rows);
    buf_add_char(out, '\n');
}

static int count(struct operation *op, const struct copy_place *place)
{
    struct sql *db;
    int err = open_place(&db, op, place);
    if (err)
        return err;
    for (unsigned i = 0; i < inspect_tables_n && !err; i++) {
        uint64_t rows;
        err = inspect_count(&rows, db, slice_str(inspect_tables[i]));
        if (!err)
            say_rows(&op->out, inspect_tables[i], rows);
    }
    db->ops->close(db);
    return err;
}

static int convert(struct operation *op)
{
    struct target t = { .made = NULL };
    int err = find_target(&t, op);
    if (!err)
        err = copy(op, &t.place);
    if (err && t.made != NULL)
        rmdir(t.made);
    return err ? err : count(op, &t.place);
}

/* ---- version ---- */

static int say_version(struct operation *op, const struct copy_place *place)
{
    struct sql *db;
    unsigned schema = 0;
    int err = open_place(&db, op, place);
    if (err)
        return err;
    err = inspect_schema(&schema, db);
    if (err)
        REPORT_SAY(report_error(&op->report),
            "the database has no schema of Stoa: ", db->ops->why(db), "\n");
    db->ops->close(db);
    buf_add_str(&op->out, "The database has schema ");
    buf_add_u64(&op->out, schema);
    buf_add_str(&op->out, "; this Stoa knows schema ");
    buf_add_u64(&op->out, schema_migrations_n);
    buf_add_str(&op->out, ".\n");
    return err;
}

/* Without a server: one would bring the schema up to date. */
static int version(struct operation *op)
{
    char file[PATH_MAX];
    const char *url = op->options.database.url;
    struct copy_place place = { .file = file };
    if (is_postgres(url))
        place = (struct copy_place){ .url = url };
    int len = snprintf(file, sizeof(file), "%s/" STORE_FILE, op->options.data);
    if (len < 0 || (size_t)len >= sizeof(file))
        return ERR_TOO_BIG;
    if (place.file != NULL && access(file, F_OK) != 0)
        return complain_of(op, file);
    return say_version(op, &place);
}

static const struct command_word convert_words[] = {
    OPERATION_VALUE("--to", to),
    { .name = NULL },
};

static const struct command_word no_words[] = { { .name = NULL } };

static const struct operation_verb verbs[] = {
    { .name = "convert", .words = convert_words, .run = convert },
    { .name = "version", .words = no_words, .run = version },
};

const struct operation_command db_command = {
    .verbs = verbs,
    .n = sizeof(verbs) / sizeof(*verbs),
    .help = help,
};
