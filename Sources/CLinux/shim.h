// epoll(7), eventfd(2), accept4(2) and mallopt(3), which Swift's Glibc module does not have.
#ifndef RELOADER_CLINUX_H
#define RELOADER_CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Not by _GNU_SOURCE, which also names the fields of types that this module and Glibc's share in another way.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

#endif
