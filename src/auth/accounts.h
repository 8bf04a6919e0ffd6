/* Accounts: people with a password here. What they do with theirs, and what an operator does with
 * anybody's; neither HTTP nor tokens nor limits, which are those of web/rest_auth. Over the store
 * and over auth/password, so everything is answered later. What is done to one account is done in
 * order, one after the other. Used by web/rest_auth and by the server's operator. */
#pragma once

#include "auth/password.h"
#include "auth/revocations.h"

struct accounts;

struct accounts_settings {
    struct loop *loop; /* *borrows* all three */
    struct store *store;
    struct revocations *revocations;
    struct password_settings passwords;
};

/* Returns owned. */
struct accounts *accounts_new(const struct accounts_settings *settings);

/* What is under way is never answered. Waits for passwords that are being hashed, and turns the
 * loop once; then, before another turn, the store is closed: it must answer nobody who is gone. */
void accounts_free(struct accounts *a);

enum account_deed {
    ACCOUNT_CREATE,
    ACCOUNT_LOG_IN,
    ACCOUNT_SHOW,
    ACCOUNT_CHANGE,       /* what is given of name, avatar_url, is_admin */
    ACCOUNT_SET_PASSWORD, /* revokes all older tokens of that person, as do the next two */
    ACCOUNT_DISABLE,
    ACCOUNT_DELETE,
    ACCOUNT_ENABLE,
};

/* What is to be done. *Borrowed* for the call. */
struct account_ask {
    enum account_deed deed;
    bool is_operator;           /* needs no password, and may do it to a disabled account */
    struct slice user_id;       /* whose; not of CREATE and LOG_IN */
    struct slice email;         /* of CREATE and LOG_IN; or, for an operator, instead of user_id */
    struct slice password;      /* that proves it: of LOG_IN, SET_PASSWORD, DELETE */
    struct slice new_password;  /* of CREATE and SET_PASSWORD */
    struct slice name;          /* empty: as it was */
    const struct slice *avatar; /* NULL: as it was; "": none */
    const bool *is_admin;       /* NULL: as it was */
};

/* *Lent* for the call. */
struct account {
    struct store_user user; /* as it is now; of a deleted one as it was */
    int64_t as_of_ms;       /* a token made for it says that it was issued then */
};

/* `account` is NULL with an error: ERR_WRONG_LOGIN (nobody, or a wrong password, or disabled: one
 * is not told which), ERR_NOT_FOUND, ERR_EMAIL_TAKEN, ERR_BUSY (too many passwords are to be
 * hashed), ERR_NO_MEMORY, ERR_STORAGE_UNAVAILABLE. */
typedef void(account_done)(void *arg, int err, const struct account *account);

/* What is wrong with it, in a sentence for people; NULL: nothing. */
const char *accounts_fault(const struct account_ask *ask);

/* ERR_BAD_FIELD: see accounts_fault(); or one of the errors above. Then `done` is not called. */
int accounts_ask(
    struct accounts *a, const struct account_ask *ask, account_done *done, void *arg) MUST_CHECK;
