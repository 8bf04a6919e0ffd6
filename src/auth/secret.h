/* The secret by which tokens are signed where nobody has set one (the option jwt.secret): a file in
 * the data folder, readable by its owner alone. It is made at first use, by whoever is first: two
 * processes that start at once end up with the same one. Losing the file ends every token. Does
 * I/O, at start only. Used by the server and by `stoa token`. */
#pragma once

#include "base/arena.h"

#define SECRET_FILE      "secret"
#define SECRET_MIN_BYTES 32
#define SECRET_MAX_BYTES 4096
#define SECRET_WHY_BYTES 400

/* Gives the secret in the arena: the file's text without its newline. The data folder is made, with
 * mode 0700, if only it itself is missing. ERR_IO, and then `why` says what to do, for people;
 * ERR_NO_MEMORY, ERR_TOO_BIG: the arena. */
int secret_load(struct slice *out, struct arena *arena, const char *data_folder,
    char why[SECRET_WHY_BYTES]) MUST_CHECK;
