/* Addresses of the network: parsing, printing, and sets of them. */
#pragma once

#include "base/slice.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ADDR_TEXT_BYTES 128 /* of any address in print, with its NUL */

struct addr {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    };
    socklen_t len;
};

/* An address without a port, IPv4 as ::ffff:a.b.c.d; all zero for unix sockets. */
struct ip {
    uint8_t bytes[16];
};

/* The addresses that share the first `bits` bits. */
struct ip_range {
    struct ip ip;
    uint8_t bits; /* of 128 */
};

/* From "127.0.0.1", "::1" or "[::1]"; no names are looked up. ERR_BAD_VALUE. */
int addr_parse(struct addr *out, struct slice host, uint16_t port) MUST_CHECK;
int addr_local(struct addr *out, struct slice path) MUST_CHECK;

/* The unix socket of that name in a folder. Where its path is too long for an address it goes by
 * the descriptor of the open folder, and holds as long as that is open. ERR_BAD_VALUE. */
int addr_local_in(
    struct addr *out, struct slice folder, int folder_fd, const char *name) MUST_CHECK;

struct ip addr_ip(const struct addr *a);
uint16_t addr_port(const struct addr *a);
void addr_text(char out[ADDR_TEXT_BYTES], const struct addr *a); /* "[::1]:5050" */

int ip_parse(struct ip *out, struct slice text) MUST_CHECK;
void ip_text(char out[ADDR_TEXT_BYTES], struct ip ip);

/* "10.0.0.0/8", "fc00::/7", or one address. */
int ip_range_parse(struct ip_range *out, struct slice text) MUST_CHECK;
bool ip_range_has(const struct ip_range *r, struct ip ip);

/* Of the unix socket, of this machine, or of a network that is not the internet (RFC 1918, 4193,
 * link-local). */
bool ip_is_private(struct ip ip);

/* A browser's or server's neighbourhood for counting: one IPv4 address, or 64 bits of IPv6. */
struct ip ip_neighbourhood(struct ip ip);
