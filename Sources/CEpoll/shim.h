// epoll(7), eventfd(2) and accept4(2), which Swift's Glibc module does not have.
#ifndef RELOADER_CEPOLL_H
#define RELOADER_CEPOLL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// For <sys/socket.h> may have been read before without what _GNU_SOURCE adds.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

#endif
