#include "net/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

bool peer_parse(const char *address, int port, struct peer *ret, struct error *err)
{
	struct peer p = { .len = 0 };

	if (port < 1 || port > 65535)
		return error_set(err, ERROR_USAGE, "%d is not a port", port);
	if (inet_pton(AF_INET, address, &p.address.v4.sin_addr) == 1) {
		p.address.v4.sin_family = AF_INET;
		p.address.v4.sin_port = htons((uint16_t)port);
		p.len = sizeof(p.address.v4);
		snprintf(p.text, sizeof(p.text), "%s:%d", address, port);
	} else if (inet_pton(AF_INET6, address, &p.address.v6.sin6_addr) == 1) {
		p.address.v6.sin6_family = AF_INET6;
		p.address.v6.sin6_port = htons((uint16_t)port);
		p.len = sizeof(p.address.v6);
		snprintf(p.text, sizeof(p.text), "[%s]:%d", address, port);
	} else {
		return error_set(err, ERROR_USAGE, "'%s' is not a numeric address", address);
	}
	*ret = p;
	return true;
}

bool peer_unreachable(const struct peer *p, int errnum, struct error *err)
{
	enum error_kind kind = errnum == ETIMEDOUT ? ERROR_TIMEOUT : ERROR_REMOTE;

	error_set_errno(err, kind, errnum, "could not connect to %s", p->text);
	if (errnum == ECONNREFUSED)
		error_hint(err, "nothing listens on that port (yet)");
	if (errnum == ETIMEDOUT || errnum == EHOSTUNREACH)
		error_hint(err, "check that the security group and the route let this machine in");
	return false;
}
