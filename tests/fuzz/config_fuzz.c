/* Any bytes as a configuration file. It is read whole or refused with sentences that are fit for a
 * terminal; and with a comment in front of it, it means the same, one line further down. */
#include "base/panic.h"
#include "base/utf8.h"
#include "config_file.h"
#include "fuzz.h"
#include "options.h"

#include <string.h>

#define REMARK "# a remark\n"

struct outcome {
    struct options o;
    struct report report;
    int err;
};

static int read_input(struct slice *out, struct arena *a, const char *path, size_t max, void *arg)
{
    (void)path;
    const struct slice *text = arg;
    return text->len > max ? ERR_TOO_BIG : arena_copy(out, a, *text);
}

static void load(struct outcome *out, struct slice text)
{
    char flag[] = "--config=f";
    char *flags[] = { flag, NULL };
    char *env[] = { NULL };
    report_init(&out->report);
    out->err = options_load(&out->o, &out->report,
        &(struct options_input){
            .flags = flags, .env = env, .read = read_input, .read_arg = &text });
}

static void unload(struct outcome *out)
{
    options_fini(&out->o);
    report_fini(&out->report);
}

static void check_report(const struct outcome *out)
{
    struct slice said = buf_slice(&out->report.errors);
    ASSERT(out->err == 0 || out->err == ERR_BAD_CONFIG);
    ASSERT((out->err == 0) == (said.len == 0));
    ASSERT(utf8_is_valid(said));
    for (size_t i = 0; i < said.len; i++)
        ASSERT((unsigned char)said.p[i] >= ' ' || said.p[i] == '\n');
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    ASSERT(a->err == b->err);
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option_setting *s = &a->o.settings[i];
        const struct option_setting *t = &b->o.settings[i];
        ASSERT(s->from == t->from && strcmp(s->text, t->text) == 0);
        ASSERT(s->column == t->column && (s->line == 0 ? t->line == 0 : s->line + 1 == t->line));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome plain, remarked;
    struct buf text;
    if (size > CONFIG_MAX_FILE_BYTES - sizeof(REMARK))
        return 0;
    load(&plain, slice_of(data, size));
    check_report(&plain);
    buf_init(&text, CONFIG_MAX_FILE_BYTES);
    buf_add_str(&text, REMARK);
    buf_add(&text, data, size);
    load(&remarked, buf_slice(&text));
    check_same(&plain, &remarked);
    buf_fini(&text);
    unload(&plain);
    unload(&remarked);
    return 0;
}
