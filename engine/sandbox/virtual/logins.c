#include "sandbox/virtual/logins.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"
#include "sandbox/machinery_watch.h"
#include "sandbox/namespace_clone.h"

struct logins {
	uv_loop_t *loop;
	char *sshd, *folder; /* owned */
	char program[PATH_MAX];
	int port;
	struct login *under_way;
};

/* One connection's sshd. */
struct login {
	struct login *next, **link;
	struct watch *watch;
};

/* Nothing of the host's is asked or changed; `sshd` is the user that it drops to before the login. */
static const char USERS[] = "root:*:0:0::/:/bin/sh\n"
			    "%s:*:0:0::/:/bin/sh\n"
			    "sshd:*:65534:65534::/:/usr/sbin/nologin\n"
			    "nobody:*:65534:65534::/:/usr/sbin/nologin\n";

/* In this order. sshd takes the first value that it meets: these go before its defaults. */
static const char *const SETTINGS[] = {
	"UsePAM=no",
	"StrictModes=no",
	"PermitRootLogin=prohibit-password",
	"PasswordAuthentication=no",
	"KbdInteractiveAuthentication=no",
	"DisableForwarding=yes",
	"PermitTTY=no",
	"PermitUserRC=no",
	"PrintMotd=no",
	"PrintLastLog=no",
	"UseDNS=no",
	"LogLevel=ERROR",
};

enum { ARGUMENTS_MAX = 2 * ARRAY_SIZE(SETTINGS) + 16 };

static char *path_of(const struct logins *l, const char *name, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s/%s%s", l->folder, name, suffix) < 0)
		abort();
	return path;
}

char *logins_key_path(const struct logins *l, const char *instance_id)
{
	return path_of(l, instance_id, ".key");
}

static bool write_file(const char *path, const char *words, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool done = fd >= 0 && write(fd, words, strlen(words)) == (ssize_t)strlen(words);

	if (!done)
		error_set_errno(err, ERROR_LOCAL, errno, "could not write %s", path);
	if (fd >= 0)
		close(fd);
	return done;
}

bool logins_admit(const struct logins *l, const char *instance_id, const char *public_key, struct error *err)
{
	auto_free char *path = path_of(l, instance_id, ".pub");

	return write_file(path, public_key ? public_key : "", err);
}

void logins_forget(const struct logins *l, const char *instance_id)
{
	auto_free char *key = logins_key_path(l, instance_id);
	auto_free char *admitted = path_of(l, instance_id, ".pub");

	unlink(key);
	unlink(admitted);
}

/* sshd wants /run/sshd, which a machine without one lacks. */
static bool mount_own(const char *users, struct error *err)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount(users, "/etc/passwd", NULL, MS_BIND, NULL) ||
		mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") ||
		mkdir("/run/sshd", 0755))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make mounts for sshd");
	return true;
}

static bool prepare(struct logins *l, const char *user, struct error *err)
{
	auto_free char *users = path_of(l, "users", "");
	ssize_t len = readlink("/proc/self/exe", l->program, sizeof(l->program) - 1);
	auto_arena arena = ARENA_INIT;

	if (access(l->sshd, X_OK))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not find %s", l->sshd);
	if (len < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not find our own program");
	if (mkdir(l->folder, 0755) && errno != EEXIST)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make %s", l->folder);
	return write_file(users, arena_printf(&arena, USERS, user), err) && mount_own(users, err);
}

bool logins_open(uv_loop_t *loop, const struct logins_options *o, struct logins **ret, struct error *err)
{
	struct logins *l = alloc_zeroed(1, sizeof(*l));

	l->loop = loop;
	l->sshd = alloc_text(o->sshd);
	l->folder = alloc_text(o->folder);
	l->port = o->port;
	if (prepare(l, o->user, err)) {
		*ret = l;
		return true;
	}
	logins_close(l);
	return false;
}

/* The arguments of the machine's sshd, ended by NULL. */
static char **arguments(const struct logins *l, const char *instance_id, struct arena *arena)
{
	char **list = arena_array(arena, ARGUMENTS_MAX, sizeof(*list));
	size_t count = 0;

	list[count++] = arena_copy(arena, l->sshd);
	list[count++] = arena_copy(arena, "-i");
	list[count++] = arena_copy(arena, "-f/dev/null");
	list[count++] = arena_printf(arena, "-E%s/sshd.log", l->folder);
	list[count++] = arena_printf(arena, "-h%s/%s.key", l->folder, instance_id);
	list[count++] = arena_printf(arena, "-oAuthorizedKeysFile=%s/%s.pub", l->folder, instance_id);
	list[count++] = arena_printf(arena, "-oForceCommand=exec '%s' sandbox session --port %d %s",
		l->program, l->port, instance_id);
	for (size_t i = 0; i < ARRAY_SIZE(SETTINGS); i++)
		list[count++] = arena_printf(arena, "-o%s", SETTINGS[i]);
	return list;
}

/* In the child, which may not allocate. */
NORETURN static void become_sshd(char *const *argv, int fd)
{
	const int files[] = { fd, fd, -1 };
	sigset_t none;

	sigemptyset(&none);
	if (!prctl(PR_SET_PDEATHSIG, SIGKILL) && signal(SIGPIPE, SIG_DFL) != SIG_ERR &&
		!sigprocmask(SIG_SETMASK, &none, NULL) && namespace_keep(files, ARRAY_SIZE(files)) &&
		open("/dev/null", O_RDWR) == STDERR_FILENO)
		execv(argv[0], argv);
	_exit(EXIT_FAILURE);
}

static void forget(struct login *login)
{
	*login->link = login->next;
	if (login->next)
		login->next->link = login->link;
	free(login);
}

static void on_ended(void *ctx, int status)
{
	(void)status;
	forget(ctx);
}

void logins_begin(struct logins *l, const char *instance_id, int fd)
{
	auto_arena arena = ARENA_INIT;
	char **argv = arguments(l, instance_id, &arena);
	struct login *login;
	int pidfd;
	pid_t pid = namespace_fork_watched(&pidfd);

	if (pid == 0)
		become_sshd(argv, fd);
	close(fd);
	if (pid < 0)
		return;
	login = alloc_zeroed(1, sizeof(*login));
	login->next = l->under_way;
	login->link = &l->under_way;
	if (login->next)
		login->next->link = &login->next;
	l->under_way = login;
	login->watch = watch_new(l->loop, pid, pidfd, on_ended, login);
}

void logins_close(struct logins *l)
{
	if (!l)
		return;
	while (l->under_way) {
		watch_kill(l->under_way->watch);
		forget(l->under_way);
	}
	free(l->sshd);
	free(l->folder);
	free(l);
}
