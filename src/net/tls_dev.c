/* Three parts: the names and addresses by which this machine may be called; the certificate over
 * them, and whether an old one still does; files that are there whole or not at all. The key is
 * written before the certificate: after a crash in between the two do not belong together, which
 * is noticed at the next start. */
#include "net/tls_dev.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/random.h"
#include "net/addr.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHY_BYTES     160
#define HOST_BYTES    256
#define MAX_ADDRESSES 128 /* of interfaces; a machine with more has other ways to a certificate */
#define MAX_PEM_BYTES (64u * 1024)
#define SERIAL_BYTES  16
#define SUFFIX_CHARS  16
#define DAY_S         (24 * 60 * 60)

static int complain(char why[WHY_BYTES], const char *what, const char *detail)
{
    snprintf(why, WHY_BYTES, "%s: %.100s", what, detail);
    ERR_clear_error();
    return ERR_IO;
}

/* ---- names ---- */

static int same_name(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
    return GENERAL_NAME_cmp((GENERAL_NAME *)(uintptr_t)a, (GENERAL_NAME *)(uintptr_t)b) == 0;
}

static bool has_name(const GENERAL_NAMES *names, const GENERAL_NAME *name)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        if (same_name(sk_GENERAL_NAME_value(names, i), name))
            return true;
    }
    return false;
}

/* *takes* `value`, an ASN.1 string of what `type` wants. */
static void add_name(GENERAL_NAMES *names, int type, ASN1_STRING *value)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    if (!name || !value) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return;
    }
    GENERAL_NAME_set0_value(name, type, value);
    if (has_name(names, name) || !sk_GENERAL_NAME_push(names, name))
        GENERAL_NAME_free(name);
}

static void add_host(GENERAL_NAMES *names, const char *host)
{
    ASN1_IA5STRING *value = ASN1_IA5STRING_new();
    if (value && ASN1_STRING_set(value, host, -1) != 1) {
        ASN1_STRING_free(value);
        value = NULL;
    }
    add_name(names, GEN_DNS, value);
}

static void add_address(GENERAL_NAMES *names, const char *text)
{
    add_name(names, GEN_IPADD, a2i_IPADDRESS(text));
}

/* A machine may be called anything; a certificate's names are letters, digits, '-' and '.'. */
static bool is_host(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
    return n > 0 && n < HOST_BYTES - sizeof ".local" && name[n] == '\0' && name[0] != '.';
}

static void add_own_name(GENERAL_NAMES *names)
{
    char host[HOST_BYTES] = "";
    char local[HOST_BYTES];
    if (gethostname(host, sizeof host - 1) || !is_host(host))
        return;
    add_host(names, host);
    snprintf(local, sizeof local, "%.*s.local", (int)strcspn(host, "."), host);
    add_host(names, local);
}

static void add_interfaces(GENERAL_NAMES *names)
{
    struct ifaddrs *all;
    if (getifaddrs(&all))
        return;
    int most = sk_GENERAL_NAME_num(names) + MAX_ADDRESSES;
    for (struct ifaddrs *i = all; i && sk_GENERAL_NAME_num(names) < most; i = i->ifa_next) {
        struct addr a = { .len = 0 };
        char text[ADDR_TEXT_BYTES];
        int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
        if (family != AF_INET && family != AF_INET6)
            continue;
        memcpy(&a.any, i->ifa_addr, family == AF_INET ? sizeof a.v4 : sizeof a.v6);
        ip_text(text, addr_ip(&a));
        add_address(names, text);
    }
    freeifaddrs(all);
}

/* Returns owned, or NULL. */
static GENERAL_NAMES *present_names(void)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    if (!names)
        return NULL;
    add_host(names, "localhost");
    add_host(names, "*.localhost");
    add_own_name(names);
    add_address(names, "127.0.0.1");
    add_address(names, "::1");
    add_interfaces(names);
    return names;
}

/* ---- is the old one good? ---- */

static int no_passphrase(char *p, int max, int is_writing, void *arg)
{
    (void)p;
    (void)max;
    (void)is_writing;
    (void)arg;
    return -1;
}

/* Returns owned, or NULL when there is none or others may read it. */
static EVP_PKEY *read_key(const char *file)
{
    struct stat st;
    EVP_PKEY *key = NULL;
    FILE *f = fopen(file, "re");
    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        key = PEM_read_PrivateKey(f, NULL, no_passphrase, NULL);
    fclose(f);
    return key;
}

static X509 *read_cert(const char *file)
{
    FILE *f = fopen(file, "re");
    X509 *cert = f ? PEM_read_X509(f, NULL, no_passphrase, NULL) : NULL;
    if (f)
        fclose(f);
    return cert;
}

static bool covers(const X509 *cert, const GENERAL_NAMES *names)
{
    GENERAL_NAMES *old = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    bool has_all = old != NULL;
    for (int i = 0; has_all && i < sk_GENERAL_NAME_num(names); i++)
        has_all = has_name(old, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(old);
    return has_all;
}

static bool is_alive(const X509 *cert)
{
    time_t now = time(NULL);
    time_t then = now + TLS_DEV_RENEW_DAYS * DAY_S;
    return X509_cmp_time(X509_get0_notBefore(cert), &now) < 0 &&
        X509_cmp_time(X509_get0_notAfter(cert), &then) > 0;
}

static bool is_usable(const char *cert_file, const char *key_file, const GENERAL_NAMES *names)
{
    X509 *cert = read_cert(cert_file);
    EVP_PKEY *key = read_key(key_file);
    bool fits = cert && key && X509_check_private_key(cert, key) == 1;
    bool is_good = fits && is_alive(cert) && covers(cert, names);
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_good;
}

/* ---- the new one ---- */

static bool set_serial(X509 *cert)
{
    uint8_t bytes[SERIAL_BYTES];
    random_bytes(bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always this long */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return is_set;
}

static bool set_subject(X509 *cert)
{
    static const unsigned char name[] = "Stoa development";
    X509_NAME *subject = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert, subject) == 1;
}

static bool set_time(X509 *cert)
{
    long end_s = (TLS_DEV_DAYS - 1L) * DAY_S;
    return X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), end_s);
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool is_added = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool add_extensions(X509 *cert, GENERAL_NAMES *names)
{
    return add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
        add_extension(cert, NID_ext_key_usage, "serverAuth") &&
        add_extension(cert, NID_subject_key_identifier, "hash") &&
        X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
}

/* Returns owned, or NULL. */
static X509 *sign(EVP_PKEY *key, GENERAL_NAMES *names)
{
    X509 *cert = X509_new();
    if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
        set_subject(cert) && set_time(cert) && X509_set_pubkey(cert, key) == 1 &&
        add_extensions(cert, names) && X509_sign(cert, key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

/* ---- files ---- */

static bool write_all(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t n = write(fd, s.p, s.len);
        if (n < 0 && errno != EINTR)
            return false;
        s = slice_drop(s, n > 0 ? (size_t)n : 0);
    }
    return true;
}

/* Whole or not at all, and never through a link or a file that somebody else put there. */
static int replace(const char *file, struct slice content, mode_t mode, char why[WHY_BYTES])
{
    char temp[PATH_MAX];
    char suffix[SUFFIX_CHARS + 1] = "";
    uint64_t number = random_u64();
    hex_encode(suffix, slice_of(&number, sizeof number));
    int n = snprintf(temp, sizeof temp, "%s.%s", file, suffix);
    if (n < 0 || (size_t)n >= sizeof temp)
        return complain(why, "the name is too long", file);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return complain(why, strerrordesc_np(errno), file);
    bool is_written = fchmod(fd, mode) == 0 && write_all(fd, content) && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (is_written && rename(temp, file) == 0)
        return 0;
    error = is_written ? errno : error;
    unlink(temp);
    return complain(why, strerrordesc_np(error), file);
}

static int write_pem(const char *file, BIO *pem, mode_t mode, char why[WHY_BYTES])
{
    char *p = NULL;
    long len = BIO_get_mem_data(pem, &p);
    if (len <= 0 || len > (long)MAX_PEM_BYTES)
        return complain(why, "the certificate would be too large", file);
    return replace(file, slice_of(p, (size_t)len), mode, why);
}

static int write_key(const char *file, EVP_PKEY *key, char why[WHY_BYTES])
{
    BIO *pem = BIO_new(BIO_s_secmem());
    int err = ERR_IO;
    if (pem && PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1)
        err = write_pem(file, pem, S_IRUSR | S_IWUSR, why);
    else
        err = complain(why, "the key cannot be written", file);
    BIO_free(pem);
    return err;
}

static int write_cert(const char *file, X509 *cert, char why[WHY_BYTES])
{
    BIO *pem = BIO_new(BIO_s_mem());
    int err = ERR_IO;
    if (pem && PEM_write_bio_X509(pem, cert) == 1)
        err = write_pem(file, pem, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, why);
    else
        err = complain(why, "the certificate cannot be written", file);
    BIO_free(pem);
    return err;
}

static int make(
    const char *cert_file, const char *key_file, GENERAL_NAMES *names, char why[WHY_BYTES])
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? sign(key, names) : NULL;
    int err = cert ? 0 : complain(why, "the certificate cannot be made", cert_file);
    if (!err)
        err = write_key(key_file, key, why);
    if (!err)
        err = write_cert(cert_file, cert, why);
    X509_free(cert);
    EVP_PKEY_free(key);
    return err;
}

int tls_dev_make(const char *cert_file, const char *key_file, char why[WHY_BYTES])
{
    GENERAL_NAMES *names = present_names();
    if (!names)
        return complain(why, "the certificate cannot be made", "no memory");
    int err = 0;
    if (!is_usable(cert_file, key_file, names))
        err = make(cert_file, key_file, names, why);
    GENERAL_NAMES_free(names);
    return err;
}
