/* Addresses at a service, and one request to it: what is sent, what is made of the answer, and what
 * becomes of a service that is not there, or talks nonsense. */
#include "web/files_s3.h"

#include "tap.h"
#include "web/files_s3_call.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOW_MS 1369353600000

static struct files_s3 s3 = {
    .endpoint = SLICE("https://s3.example.org"),
    .bucket = SLICE("cats"),
    .key = { .access_key = SLICE("AK"), .secret_key = SLICE("SK"), .region = SLICE("eu") },
    .is_path_style = true,
};

static const struct store_file file = {
    .id = SLICE("0123456789abcdef0123456789abcdef"),
    .name = SLICE("a b.html"),
    .type = SLICE("text/html"),
    .bytes = 5,
};

static const char *text_of(const struct buf *b)
{
    static char text[8192];
    snprintf(text, sizeof text, "%.*s", (int)b->len, b->p);
    return text;
}

static void test_addresses(void)
{
    struct buf b;
    buf_init(&b, 8192);
    is_int(files_s3_add_put(&b, &s3, &file, 600, NOW_MS), 0, "to bring it");
    const char *url = text_of(&b);
    ok(strstr(url, "https://s3.example.org/cats/0123456789abcdef0123456789abcdef?") == url,
        "in the bucket's folder");
    ok(strstr(url, "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&") != NULL,
        "so many bytes of that type");
    buf_reset(&b);
    s3.is_path_style = false;
    is_int(files_s3_add_get(&b, &s3, &file, NOW_MS), 0, "to fetch it");
    url = text_of(&b);
    ok(strstr(url, "https://cats.s3.example.org/0123456789abcdef0123456789abcdef?") == url,
        "at the bucket's own host");
    ok(strstr(url, "response-content-disposition=attachment%3B%20filename%3D%22a%20b.html%22&") &&
            strstr(url, "response-content-type=application%2Foctet-stream&"),
        "as an attachment");
    buf_reset(&b);
    struct store_file picture = file;
    picture.type = S("image/png");
    is_int(files_s3_add_get(&b, &s3, &picture, NOW_MS), 0, "a picture");
    url = text_of(&b);
    ok(strstr(url, "=inline%3B") && strstr(url, "response-content-type=image%2Fpng&"), "is shown");
    s3.is_path_style = true;
    buf_fini(&b);
}

/* A service for one request. */
static struct {
    int listener;
    unsigned port;
    const char *answer; /* NULL: it hangs up */
    char heard[4096];
} service;

static void *serve(void *arg)
{
    (void)arg;
    int fd = accept(service.listener, NULL, NULL);
    size_t len = 0;
    while (len < sizeof service.heard - 1 && !strstr(service.heard, "\r\n\r\n")) {
        ssize_t n = recv(fd, service.heard + len, sizeof service.heard - 1 - len, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
        service.heard[len] = '\0';
    }
    if (service.answer)
        (void)!send(fd, service.answer, strlen(service.answer), MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void listen_here(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    service.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(service.listener, (struct sockaddr *)&at, sizeof at) || listen(service.listener, 4) ||
        getsockname(service.listener, (struct sockaddr *)&at, &len))
        abort();
    service.port = ntohs(at.sin_port);
}

static int with_answer(const char *answer, int (*call)(void))
{
    pthread_t thread;
    service.answer = answer;
    service.heard[0] = '\0';
    if (pthread_create(&thread, NULL, serve, NULL))
        abort();
    int err = call();
    pthread_join(thread, NULL);
    return err;
}

static int find(void)
{
    return files_s3_find(&s3, file.id, NOW_MS);
}

static int remove_it(void)
{
    return files_s3_remove(&s3, file.id, NOW_MS);
}

static void test_calls(void)
{
    static const struct {
        const char *answer;
        int found;
        int removed;
    } rows[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0 },
        { "HTTP/1.0 204 No Content\r\n\r\n", 0, 0 },
        { "HTTP/1.1 404 Not Found\r\n\r\n", ERR_NOT_FOUND, 0 },
        { "HTTP/1.1 403 Forbidden\r\n\r\n", ERR_IO, ERR_IO },
        { "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n", ERR_IO, ERR_IO },
        { "HTTP/1.1 500 No\r\n\r\n", ERR_IO, ERR_IO },
        { "HTTP/1.1 2x0 OK\r\n\r\n", ERR_IO, ERR_IO },
        { "HTTP/1.1 2", ERR_IO, ERR_IO },
        { "SSH-2.0-OpenSSH_9.2\r\n", ERR_IO, ERR_IO },
        { "", ERR_IO, ERR_IO },
        { NULL, ERR_IO, ERR_IO },
    };
    char endpoint[64];
    listen_here();
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", service.port);
    s3.endpoint = slice_str(endpoint);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        is_int(with_answer(rows[i].answer, find), rows[i].found, "found, by answer %zu", i);
        ok(strncmp(service.heard, "HEAD /cats/0123456789abcdef0123456789abcdef?X-Amz-", 50) == 0,
            "it was asked for");
        is_int(
            with_answer(rows[i].answer, remove_it), rows[i].removed, "removed, by answer %zu", i);
        ok(strncmp(service.heard, "DELETE /cats/", 13) == 0 &&
                strstr(service.heard, "\r\nConnection: close\r\n"),
            "once");
    }
    snprintf(endpoint, sizeof endpoint, "https://127.0.0.1:%u", service.port);
    s3.endpoint = slice_str(endpoint);
    is_int(with_answer("HTTP/1.1 200 OK\r\n\r\n", find), ERR_IO, "no TLS where there must be");
    close(service.listener);
    is_int(find(), ERR_IO, "nobody is there");
    s3.endpoint = S("http://localhost.invalid");
    is_int(find(), ERR_IO, "no such host");
    s3.endpoint = S("");
    is_int(remove_it(), 0, "where there is no service, nothing is there");
}

static void test_urls(void)
{
    static const char *const bad[] = { "", "ftp://a/b", "http://", "http:///a", "http://a", "//a/b",
        "http://a:/b", "http://a:999999999/b" };
    int status;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_int(files_s3_call(&status, S("GET"), slice_str(bad[i])), ERR_BAD_VALUE, "'%s'", bad[i]);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(60);
    test_addresses();
    test_calls();
    test_urls();
    return done();
}
