/* What a candidate's page reports and what a candidate writes. Hosts are told of it, the candidate
 * that code was submitted; when violations did that, too. */
#include "dialect/proctor/parts.h"

static bool has_submitted(const struct ask *a)
{
    for (uint32_t i = 0; i < a->done.n; i++) {
        if (a->done.events[i].type == EV_SUBMITTED)
            return true;
    }
    return false;
}

static int report(struct ask *a, enum report_kind kind)
{
    struct command c = { .verb = VERB_REPORT, .report = { .kind = kind } };
    int err = ask_do(a, &c);
    if (!err && has_submitted(a))
        proctor_say_submitted(&a->words, true);
    return err;
}

int proctor_in_fullscreen_exit(struct ask *a)
{
    return report(a, REPORT_FULLSCREEN_EXIT);
}

int proctor_in_fullscreen_enter(struct ask *a)
{
    return report(a, REPORT_FULLSCREEN_ENTER);
}

int proctor_in_tab_blur(struct ask *a)
{
    return report(a, REPORT_TAB_SWITCH);
}

int proctor_in_tab_focus(struct ask *a)
{
    return report(a, REPORT_TAB_FOCUS);
}

static int do_code(struct ask *a, enum verb verb)
{
    const struct proctor_code *args = a->args;
    struct command c = {
        .verb = verb,
        .code = { .code = args->code, .language = args->language },
    };
    return ask_do(a, &c);
}

int proctor_in_code(struct ask *a)
{
    return do_code(a, VERB_CODE);
}

int proctor_in_submit(struct ask *a)
{
    int err = do_code(a, VERB_SUBMIT);
    if (!err)
        proctor_say_submitted(&a->words, false);
    return err;
}
