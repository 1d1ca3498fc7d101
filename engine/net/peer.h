/* peer.h: a numeric address and a port, as the kernel wants them and as people read them. */
#ifndef NET_PEER_H
#define NET_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

enum { PEER_TEXT_SIZE = INET6_ADDRSTRLEN + 9 };

struct peer {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t len;
	char text[PEER_TEXT_SIZE]; /* 10.0.0.5:22, [2001:db8::5]:22 */
};

/* Fails with ERROR_USAGE if address is not numeric or port is out of range. */
bool peer_parse(const char *address, int port, struct peer *ret, struct error *err) MUST_USE;

/* Records why connecting failed: TIMEOUT or REMOTE by errnum, nothing happened. Always returns false. */
bool peer_unreachable(const struct peer *p, int errnum, struct error *err);
#endif
