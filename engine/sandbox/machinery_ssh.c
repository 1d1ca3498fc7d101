/*
 * What faults do to a machine's sshd: the door in front of it, commands whose exit status is lost,
 * and other host keys. The sshd is the image's own in all of this.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_clone.h"

/* Where templates/sandbox/boot.sh has put the program that looks for it after each command. */
static const char LOSE_EXIT[] = "run/sandbox/lose-exit";
static const char SSH_FOLDER[] = "etc/ssh";

static const char *const HOST_KEYS[] = {
	"ssh_host_ed25519_key",
	"ssh_host_ed25519_key.pub",
	"ssh_host_ecdsa_key",
	"ssh_host_ecdsa_key.pub",
	"ssh_host_rsa_key",
	"ssh_host_rsa_key.pub",
};

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int open_socket(void *ctx)
{
	const struct guest *g = ctx;

	return guest_open_in_network(g, make_socket);
}

/* The command's number goes to where the machine's own sessions look for it. */
static bool order_loss(const struct guest *g, int64_t command)
{
	int root = guest_open_root(g), fd = -1;
	char number[32];
	int len = snprintf(number, sizeof(number), "%" PRId64 "\n", command);
	bool done;

	if (root >= 0)
		fd = namespace_open_inside(root, LOSE_EXIT, O_WRONLY | O_TRUNC | O_CLOEXEC);
	done = fd >= 0 && write(fd, number, (size_t)len) == len;
	if (fd >= 0)
		close(fd);
	if (root >= 0)
		close(root);
	return done;
}

static void ask(void *ctx, struct door_orders *ret)
{
	const struct guest *g = ctx;
	const struct machinery *m = g->machinery;

	m->ask_about_ssh(m->ask_ctx, g->id, ret);
	if (ret->lose_exit_of)
		/* A machine whose sshd answers has the file; one that is going down loses more than this. */
		(void)!order_loss(g, ret->lose_exit_of);
}

void machinery_watch_ssh(struct machinery *m, door_ask *ask_about_ssh, void *ctx)
{
	m->ask_about_ssh = ask_about_ssh;
	m->ask_ctx = ctx;
}

bool guest_open_door(struct guest *g, struct error *err)
{
	const struct door_options o = { .open_socket = open_socket, .ask = ask, .ctx = g };

	return !g->machinery->ask_about_ssh || door_open(g->machinery->loop, &o, &g->door, err);
}

/* The folder with the host keys: of a machine that runs, as it sees it; else as it left it. */
static int open_ssh_folder(const struct machinery *m, const struct guest *g)
{
	auto_free char *folder = state_path(&m->state, STATE_INSTANCES, g->id);
	char path[PATH_MAX];
	int root, ssh = -1;

	snprintf(path, sizeof(path), "%s/upper", folder);
	root = g->init ? guest_open_root(g) : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0) {
		ssh = namespace_open_inside(root, SSH_FOLDER, O_PATH | O_DIRECTORY);
		close(root);
	}
	return ssh;
}

bool machinery_change_host_keys(struct machinery *m, const char *instance_id, struct error *err)
{
	const struct guest *g = guest_find(m, instance_id);
	int ssh;

	if (!g)
		return error_set(err, ERROR_MISSING, "there is no %s", instance_id);
	ssh = open_ssh_folder(m, g);
	if (ssh < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not open %s's %s", g->id, SSH_FOLDER);
	for (size_t i = 0; i < ARRAY_SIZE(HOST_KEYS); i++)
		unlinkat(ssh, HOST_KEYS[i], 0);
	close(ssh);
	if (g->init)
		watch_signal(g->init, SIGHUP); /* it boots its services once more, keys first */
	return true;
}
