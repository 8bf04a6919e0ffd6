/* The certificate for the local network: what is in it, that browsers' checks accept it for every
 * name, when it stays and when it is made anew, and that its key is safe. */
#include "net/tls_dev.h"

#include "net/addr.h"
#include "net/tls.h"
#include "tap.h"

#include <ifaddrs.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S (24 * 60 * 60)

struct files {
    char folder[64];
    char cert[96];
    char key[96];
};

static X509 *read_cert(const struct files *f)
{
    FILE *in = fopen(f->cert, "re");
    X509 *cert = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
    if (in)
        fclose(in);
    return cert;
}

static EVP_PKEY *read_key(const struct files *f)
{
    FILE *in = fopen(f->key, "re");
    EVP_PKEY *key = in ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
    if (in)
        fclose(in);
    return key;
}

static void write_cert(const struct files *f, X509 *cert)
{
    FILE *out = fopen(f->cert, "we");
    if (!out || PEM_write_X509(out, cert) != 1 || fclose(out))
        abort();
}

static unsigned mode_of(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 ? st.st_mode & 07777 : 0;
}

static int make(const struct files *f)
{
    char why[160] = "";
    int err = tls_dev_make(f->cert, f->key, why);
    if (err)
        note("%s", why);
    return err;
}

/* ---- what is in it ---- */

static void check_interfaces(X509 *cert)
{
    struct ifaddrs *all = NULL;
    unsigned missing = 0;
    if (getifaddrs(&all))
        return;
    for (struct ifaddrs *i = all; i; i = i->ifa_next) {
        struct addr a = { .len = 0 };
        char text[ADDR_TEXT_BYTES];
        int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
        if (family != AF_INET && family != AF_INET6)
            continue;
        memcpy(&a.any, i->ifa_addr, family == AF_INET ? sizeof a.v4 : sizeof a.v6);
        ip_text(text, addr_ip(&a));
        missing += X509_check_ip_asc(cert, text, 0) != 1;
    }
    freeifaddrs(all);
    is_int(missing, 0, "every address of this machine is in it");
}

/* OpenSSL matches no wildcard just below the top: the name is looked for as it stands. */
static bool has_literally(X509 *cert, const char *want)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    bool has = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        has |= name->type == GEN_DNS &&
            slice_eq(slice_of(ASN1_STRING_get0_data(name->d.dNSName),
                         (size_t)ASN1_STRING_length(name->d.dNSName)),
                slice_str(want));
    }
    GENERAL_NAMES_free(names);
    return has;
}

static void check_names(X509 *cert)
{
    char host[200] = "", local[220];
    ok(X509_check_host(cert, "localhost", 0, 0, NULL) == 1, "localhost");
    ok(has_literally(cert, "*.localhost"), "*.localhost");
    ok(X509_check_host(cert, "example.org", 0, 0, NULL) == 0, "no other name");
    ok(X509_check_ip_asc(cert, "127.0.0.1", 0) == 1, "127.0.0.1");
    ok(X509_check_ip_asc(cert, "::1", 0) == 1, "::1");
    ok(X509_check_ip_asc(cert, "192.0.2.123", 0) == 0, "no other address");
    if (gethostname(host, sizeof host - 1) == 0 && *host) {
        snprintf(local, sizeof local, "%.*s.local", (int)strcspn(host, "."), host);
        ok(X509_check_host(cert, host, 0, 0, NULL) == 1, "the machine's name: %s", host);
        ok(X509_check_host(cert, local, 0, 0, NULL) == 1, "and %s", local);
    }
    check_interfaces(cert);
}

static void check_times(X509 *cert)
{
    int days = 0, seconds = 0;
    const ASN1_TIME *from = X509_get0_notBefore(cert), *to = X509_get0_notAfter(cert);
    ok(ASN1_TIME_diff(&days, &seconds, from, to) == 1 && days == 365 && seconds == 0, "one year");
    ok(ASN1_TIME_diff(&days, &seconds, from, NULL) == 1 && days == 1, "from yesterday");
}

static void check_form(X509 *cert, EVP_PKEY *key)
{
    char name[64] = "", group[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof name);
    is_str(name, "Stoa development", "its name");
    is_int(X509_get_version(cert), X509_VERSION_3, "of version 3");
    ok(EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1, "a key on a curve");
    is_str(group, "prime256v1", "P-256");
    is_int(X509_check_private_key(cert, key), 1, "which belongs to it");
    is_int(X509_verify(cert, key), 1, "and signed it");
    is_int(X509_check_ca(cert), 0, "it may not sign others");
    ok(X509_get_extended_key_usage(cert) == XKU_SSL_SERVER, "it is a server's, nothing else");
    is_int(X509_check_purpose(cert, X509_PURPOSE_SSL_SERVER, 0), 1, "fit for a server");
    is_int(ASN1_STRING_length(X509_get_serialNumber(cert)), 16, "with a serial number");
    check_times(cert);
}

/* As a browser that was told to trust it would look at it. */
static void check_trust(X509 *cert)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_STORE_add_cert(store, cert);
    X509_STORE_CTX_init(context, store, cert, NULL);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set1_host(param, "localhost", 0);
    is_int(X509_verify_cert(context), 1, "whoever trusts it is served: %s",
        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
}

static void test_make(const struct files *f)
{
    char why[160] = "";
    struct tls *t = NULL;
    is_int(make(f), 0, "made");
    is_int(mode_of(f->key), 0600, "nobody else may read the key");
    is_int(mode_of(f->cert), 0644, "all may read the certificate");
    X509 *cert = read_cert(f);
    EVP_PKEY *key = read_key(f);
    if (!ok(cert && key, "both can be read"))
        return;
    check_form(cert, key);
    check_names(cert);
    check_trust(cert);
    is_int(tls_new(&t, f->cert, f->key, why), 0, "the server takes it %s", why);
    tls_unref(t);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* ---- when it stays ---- */

static void forget(const struct files *f)
{
    unlink(f->cert);
}

static void forget_key(const struct files *f)
{
    unlink(f->key);
}

static void break_cert(const struct files *f)
{
    FILE *out = fopen(f->cert, "we");
    if (!out || fputs("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", out) < 0)
        abort();
    fclose(out);
}

static void open_key(const struct files *f)
{
    (void)chmod(f->key, 0640);
}

static void other_key(const struct files *f)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *out = fopen(f->key, "we");
    if (!out || PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1)
        abort();
    fclose(out);
    EVP_PKEY_free(key);
}

/* Signs the certificate again after a change. */
static void change(const struct files *f, void (*fn)(X509 *cert))
{
    X509 *cert = read_cert(f);
    EVP_PKEY *key = read_key(f);
    fn(cert);
    if (X509_sign(cert, key, EVP_sha256()) <= 0)
        abort();
    write_cert(f, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void seven_days(X509 *cert)
{
    X509_gmtime_adj(X509_getm_notAfter(cert), 7 * DAY_S - 60);
}

static void eight_days(X509 *cert)
{
    X509_gmtime_adj(X509_getm_notAfter(cert), 8 * DAY_S);
}

static void tomorrow(X509 *cert)
{
    X509_gmtime_adj(X509_getm_notBefore(cert), DAY_S);
}

/* All names but the last. */
static void one_less(X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    GENERAL_NAME_free(sk_GENERAL_NAME_pop(names));
    X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
    GENERAL_NAMES_free(names);
}

static void one_more(X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, "old.example", 0);
    if (!sk_GENERAL_NAME_unshift(names, name))
        abort();
    X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
    GENERAL_NAMES_free(names);
}

static void no_names(X509 *cert)
{
    X509_EXTENSION_free(X509_delete_ext(cert, X509_get_ext_by_NID(cert, NID_subject_alt_name, -1)));
}

static const struct {
    const char *name;
    void (*files)(const struct files *f); /* what happens to the files */
    void (*cert)(X509 *cert);             /* or in the certificate */
    bool stays;
} cases[] = {
    { "nothing happened", NULL, NULL, true },
    { "it has eight days to go", NULL, eight_days, true },
    { "it has a name that is gone", NULL, one_more, true },
    { "it has less than seven days to go", NULL, seven_days, false },
    { "it is not valid yet", NULL, tomorrow, false },
    { "it lacks an address", NULL, one_less, false },
    { "it has no names", NULL, no_names, false },
    { "it is not there", forget, NULL, false },
    { "its key is not there", forget_key, NULL, false },
    { "it is broken", break_cert, NULL, false },
    { "its key is another's", other_key, NULL, false },
    { "others may read its key", open_key, NULL, false },
};

static void test_stays(const struct files *f)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (make(f))
            abort();
        X509 *before = read_cert(f);
        EVP_PKEY *key_before = read_key(f);
        if (cases[i].files)
            cases[i].files(f);
        if (cases[i].cert)
            change(f, cases[i].cert);
        is_int(make(f), 0, "%s", cases[i].name);
        X509 *cert = read_cert(f);
        EVP_PKEY *key = read_key(f);
        bool is_same = EVP_PKEY_eq(key, key_before) == 1 &&
            ASN1_INTEGER_cmp(X509_get_serialNumber(cert), X509_get_serialNumber(before)) == 0;
        ok(is_same == cases[i].stays, "%s", cases[i].stays ? "it stays" : "it is made anew");
        ok(mode_of(f->key) == 0600 && X509_check_private_key(cert, key) == 1, "and is good");
        EVP_PKEY_free(key);
        EVP_PKEY_free(key_before);
        X509_free(cert);
        X509_free(before);
    }
}

/* ---- files ---- */

static void test_files(const struct files *f)
{
    char why[160] = "", other[128];
    is_int(tls_dev_make("/nonexistent/cert.pem", f->key, why), ERR_IO, "no such folder");
    ok(strstr(why, "/nonexistent/cert.pem") != NULL, "%s", why);
    is_int(tls_dev_make(f->cert, "/nonexistent/key.pem", why), ERR_IO, "nor for the key");
    ok(strstr(why, "/nonexistent/key.pem") != NULL, "%s", why);

    snprintf(other, sizeof other, "%s/folder", f->folder);
    ok(mkdir(other, 0700) == 0, "a folder where the certificate should be");
    is_int(tls_dev_make(other, f->key, why), ERR_IO, "cannot be replaced: %s", why);
    rmdir(other);

    /* A link in the way is replaced, not written through. */
    snprintf(other, sizeof other, "%s/other", f->folder);
    unlink(f->key);
    ok(symlink(other, f->key) == 0, "a link where the key should be");
    is_int(make(f), 0, "made");
    struct stat st;
    ok(lstat(f->key, &st) == 0 && S_ISREG(st.st_mode), "the link is replaced");
    ok(lstat(other, &st) != 0, "and nothing written where it led");

    mode_t old = umask(0);
    unlink(f->key);
    is_int(make(f), 0, "made under an open umask");
    is_int(mode_of(f->key), 0600, "the key is closed");
    umask(0777);
    unlink(f->key);
    is_int(make(f), 0, "made under a closed one");
    is_int(mode_of(f->cert), 0644, "the certificate is open");
    umask(old);
}

int main(void)
{
    struct files f;
    const char *temp = getenv("TMPDIR");
    snprintf(f.folder, sizeof f.folder, "%.32s/stoa-dev-XXXXXX", temp ? temp : "/tmp");
    if (!mkdtemp(f.folder))
        abort();
    snprintf(f.cert, sizeof f.cert, "%s/cert.pem", f.folder);
    snprintf(f.key, sizeof f.key, "%s/key.pem", f.folder);
    test_make(&f);
    test_stays(&f);
    test_files(&f);
    unlink(f.cert);
    unlink(f.key);
    ok(rmdir(f.folder) == 0, "no other file is left behind");
    return done();
}
