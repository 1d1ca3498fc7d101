#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "sandbox/machinery.h"
#include "sandbox/machinery_state.h"

static bool enter_network(int proc, struct error *err)
{
	int network = openat(proc, "ns/net", O_RDONLY | O_CLOEXEC);
	bool entered = network >= 0 && !setns(network, CLONE_NEWNET);

	if (!entered) {
		error_set_errno(err, ERROR_LOCAL, errno, "could not enter the sandbox's network");
		if (err->kind != ERROR_NONE && (errno == EPERM || errno == EACCES))
			error_hint(err, "run it as root, for instance through sudo");
	}
	if (network >= 0)
		close(network);
	return entered;
}

bool machinery_enter(const char *state_dir, const char *const *argv, struct error *err)
{
	bool entered;
	int proc;

	if (!state_find_owner(state_dir, &proc, err))
		return false;
	entered = enter_network(proc, err);
	close(proc);
	if (!entered)
		return false;
	execvp(argv[0], (char *const *)argv);
	return error_set_errno(
		err, errno == ENOENT ? ERROR_MISSING : ERROR_LOCAL, errno, "could not run %s", argv[0]);
}
