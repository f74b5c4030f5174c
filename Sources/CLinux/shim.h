// epoll(7), eventfd(2) and accept4(2), which Swift's Glibc module does not have.
#ifndef RELOADER_CEPOLL_H
#define RELOADER_CEPOLL_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Not by _GNU_SOURCE, which also names the fields of types that this module and Glibc's share in another way.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

#endif
