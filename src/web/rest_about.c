#include "web/rest_about.h"

#include "version.h"
#include "web/files.h"
#include "web/rest.h"

static struct slice mode_name(enum auth_mode mode)
{
    static const struct slice names[] = {
        [AUTH_OPEN] = SLICE("open"),
        [AUTH_OPTIONAL] = SLICE("optional"),
        [AUTH_REQUIRED] = SLICE("required"),
    };
    return names[mode];
}

static void put_url(struct json_writer *w, const char *name, struct slice url)
{
    if (url.len > 0)
        jw_field_str(w, name, url);
    else
        jw_field_null(w, name);
}

static int about(struct rest *c)
{
    const struct lobby *lobby = c->lobby;
    const struct hub_settings *s = hub_settings(rest_hub(c));
    const struct files *files = lobby->files;
    struct json_writer *w = rest_object(c);
    jw_field_str(w, "name", S("Stoa"));
    jw_field_str(w, "version", S(STOA_VERSION));
    jw_field_str(w, "authMode", mode_name(s->auth_mode));
    jw_field_bool(w, "signup", lobby->is_signup_open);
    jw_field_u64(w, "meshLimit", s->mesh_limit);
    jw_field_u64(w, "maxFileBytes", files ? files_max_bytes(files) : 0);
    jw_field_bool(w, "resumableUploads", files != NULL && files_is_resumable(files));
    put_url(w, "filesUrl", files ? files_own_url(files) : S(""));
    return 0;
}

const struct rest_row rest_about = {
    .is_a_door = true,
    .act = about,
    .gives_status = 200,
    .gives = "{\"name\":\"Stoa\",\"version\":\"1.0.0\",\"authMode\":\"optional\",\"signup\":true,"
             "\"meshLimit\":4,\"maxFileBytes\":104857600,\"resumableUploads\":true,"
             "\"filesUrl\":\"https://files.example.org\"}",
};
