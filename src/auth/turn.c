#include "auth/turn.h"

#include "auth/mac.h"
#include "base/base64.h"

#include <stdio.h>

static bool is_sound(struct slice secret, struct slice user_id, int64_t now_ms)
{
    bool is_secret = secret.len > 0 && secret.len <= INT32_MAX;
    bool is_user = user_id.len > 0 && user_id.len <= TURN_USER_MAX;
    bool is_time = now_ms >= 0 && now_ms < INT64_MAX - TURN_LIFETIME_S * 1000ll;
    return is_secret && is_user && is_time;
}

int turn_mint(struct turn_pass *out, struct slice secret, struct slice user_id, int64_t now_ms)
{
    unsigned char mac[MAC_SHA1_BYTES];
    *out = (struct turn_pass){ .expires_at_ms = 0 };
    if (!is_sound(secret, user_id, now_ms))
        return ERR_BAD_VALUE;
    int64_t expires_at_s = now_ms / 1000 + TURN_LIFETIME_S;
    int n = snprintf(out->username, sizeof(out->username), "%lld:%.*s", (long long)expires_at_s,
        (int)user_id.len, user_id.p);
    int err = mac_sha1(mac, secret, slice_of(out->username, (size_t)n));
    if (err) {
        *out = (struct turn_pass){ .expires_at_ms = 0 };
        return err;
    }
    base64_encode(out->credential, slice_of(mac, sizeof(mac)), BASE64_STANDARD);
    out->expires_at_ms = expires_at_s * 1000;
    return 0;
}
