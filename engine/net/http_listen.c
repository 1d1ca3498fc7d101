#include "net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 512 };

static int port_of(const struct peer *p)
{
	return ntohs(p->address.any.sa_family == AF_INET6 ? p->address.v6.sin6_port : p->address.v4.sin_port);
}

/* The address that the kernel gave, with its port. */
static bool read_back(int fd, const char *address, struct peer *ret, struct error *err)
{
	struct peer p = { .len = sizeof(p.address) };

	if (getsockname(fd, &p.address.any, &p.len))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not read a socket's address");
	return peer_parse(address, port_of(&p), ret, err);
}

static bool listen_on(int fd, const struct peer *p, struct error *err)
{
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, &p->address.any, p->len) && !listen(fd, BACKLOG))
		return true;
	error_set_errno(err, ERROR_LOCAL, errno, "could not listen on %s", p->text);
	return error_hint(err, "another program may hold the port; port 0 is any free one");
}

/* peer_parse() knows no port 0: nobody can be reached there. */
static bool parse(const char *address, int port, struct peer *ret, struct error *err)
{
	if (!peer_parse(address, port ? port : 1, ret, err))
		return false;
	if (!port && ret->address.any.sa_family == AF_INET6)
		ret->address.v6.sin6_port = 0;
	else if (!port)
		ret->address.v4.sin_port = 0;
	return true;
}

bool http_listen(const char *address, int port, int *ret_fd, struct peer *ret_address, struct error *err)
{
	struct peer p;
	int fd;

	if (!parse(address, port, &p, err))
		return false;
	fd = socket(p.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a socket");
	if (!listen_on(fd, &p, err) || !read_back(fd, address, ret_address, err)) {
		close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}
