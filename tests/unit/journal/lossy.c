#include "lossy.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct lossy {
	const char *server;
	int left; /* COMMITs until the one */
	enum lossy_loss loss;
};

static struct sockaddr_un address_in(const char *folder)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/.s.PGSQL.5432", folder);
	return a;
}

static int new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		abort();
	return fd;
}

/* Passes on what is there; false at the end, or when it was lost. */
static bool pass(struct lossy *l, int from, int to, bool is_request)
{
	char bytes[16384];
	ssize_t len = read(from, bytes, sizeof(bytes));
	bool is_the_one;

	if (len <= 0)
		return false;
	is_the_one = is_request && memmem(bytes, (size_t)len, "COMMIT", 6) &&
		     memmem(bytes, (size_t)len, "writer", 6) && --l->left == 0;
	if (is_the_one && l->loss == LOSE_REQUEST)
		return false;
	if (write(to, bytes, (size_t)len) != len)
		return false;
	if (!is_the_one)
		return true;
	/* The answer is there when the server has committed; nobody hears it. */
	poll(&(struct pollfd){ .fd = to, .events = POLLIN }, 1, -1);
	return false;
}

static void serve(struct lossy *l, int client)
{
	struct sockaddr_un a = address_in(l->server);
	int server = new_socket();
	struct pollfd both[] = { { .fd = client, .events = POLLIN }, { .fd = server, .events = POLLIN } };
	bool open = connect(server, (struct sockaddr *)&a, sizeof(a)) == 0;

	while (open && poll(both, 2, -1) > 0)
		open = both[0].revents ? pass(l, client, server, true) : pass(l, server, client, false);
	close(server);
	close(client);
}

pid_t lossy_start(const char *folder, const char *server, int number, enum lossy_loss loss)
{
	struct lossy l = { .server = server, .left = number, .loss = loss };
	struct sockaddr_un a = address_in(folder);
	int listener = new_socket();
	pid_t pid;

	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) || listen(listener, 4))
		abort();
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			serve(&l, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	}
	close(listener);
	return pid;
}

void lossy_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
