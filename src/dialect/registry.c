#include "dialect/registry.h"

const struct language *const registry_all[REGISTRY_ALL] = {
    &study_language,
    &session_language,
    &focus_language,
    &proctor_language,
    &call_language,
};

const struct language *const registry_socket[REGISTRY_SOCKET] = {
    &study_language,
    &session_language,
    &call_language,
};

const char *const registry_namespaces[REGISTRY_NAMESPACES] = { "/", "/rooms" };
