#include "hub/pass.h"

#include "auth/revocations.h"

int pass_judge(struct token *out, struct arena *arena, const struct hub *h, struct slice text)
{
    const struct hub_settings *settings = hub_settings(h);
    const struct token_key key = { .secret = settings->token_secret };
    int err = token_verify(out, arena, &key, text, loop_wall_ms(hub_loop(h)));
    if (err || !settings->revocations)
        return err;
    return revocations_judge(settings->revocations, out);
}
