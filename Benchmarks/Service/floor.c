// floor PORT SECRET: what one signed delivery over loopback costs at least. One epoll loop, one read a request, the
// HMAC-SHA256 of the body by OpenSSL, one write of a fixed answer. It takes a request only if it comes in one piece, and
// checks nothing but the signature.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char signature_field[] = "\r\nx-fivetran-signature-256: ";
static const char accepted[] =
    "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n{\"accepted\":true}";
static const char refused[] = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";

static EVP_MAC_CTX *keyed;

static void set_key(char *secret) {
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", "SHA256", 0), OSSL_PARAM_construct_end()};
    keyed = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    EVP_MAC_init(keyed, (unsigned char *)secret, strlen(secret), parameters);
}

static int verifies(const char *body, size_t size, const char *hex) {
    unsigned char mac[32];
    char text[64];
    size_t length;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(keyed);
    EVP_MAC_update(context, (const unsigned char *)body, size);
    EVP_MAC_final(context, mac, &length, sizeof mac);
    EVP_MAC_CTX_free(context);
    for (int i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[mac[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[mac[i] & 15];
    }
    return CRYPTO_memcmp(text, hex, sizeof text) == 0;
}

static void answer(int peer) {
    static char request[65536];
    ssize_t size = read(peer, request, sizeof request - 1);
    if (size <= 0) {
        close(peer);
        return;
    }
    request[size] = 0;
    const char *end = strstr(request, "\r\n\r\n"), *field = strcasestr(request, signature_field);
    int good = end && field && strlen(field) >= sizeof signature_field + 63 &&
               verifies(end + 4, request + size - (end + 4), field + sizeof signature_field - 1);
    ssize_t written = good ? write(peer, accepted, sizeof accepted - 1) : write(peer, refused, sizeof refused - 1);
    if (written < 0) close(peer);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: floor PORT SECRET\n");
        return 64;
    }
    set_key(arguments[2]);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 1024)) {
        perror("floor");
        return 1;
    }
    int poll = epoll_create1(0);
    struct epoll_event events[256], event = {EPOLLIN, {.fd = server}};
    epoll_ctl(poll, EPOLL_CTL_ADD, server, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd != server) {
                answer(events[i].data.fd);
                continue;
            }
            int peer = accept(server, NULL, NULL);
            setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            event = (struct epoll_event){EPOLLIN, {.fd = peer}};
            epoll_ctl(poll, EPOLL_CTL_ADD, peer, &event);
        }
    }
}
