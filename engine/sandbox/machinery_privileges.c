#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_root.h"

enum { LIST_LIMIT = 1024 };

static const struct {
	int bit;
	const char *name;
} NEEDED[] = {
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" }, /* namespaces, mounts, loop devices */
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" }, /* links and routes */
	{ CAP_MKNOD, "CAP_MKNOD" },         /* the guest's /dev */
	{ CAP_CHOWN, "CAP_CHOWN" }, { CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" }, { CAP_FOWNER, "CAP_FOWNER" },
	{ CAP_KILL, "CAP_KILL" }, { CAP_SETGID, "CAP_SETGID" }, /* the guest's sshd */
	{ CAP_SETUID, "CAP_SETUID" },
	{ CAP_SETPCAP, "CAP_SETPCAP" }, /* giving up what the guest must not have */
	{ CAP_SYS_CHROOT, "CAP_SYS_CHROOT" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE" }, /* /proc/PID/root of a guest */
};

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &head, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

static bool check_capabilities(struct error *err)
{
	uint64_t held = effective_capabilities();
	auto_text missing;

	text_init(&missing, LIST_LIMIT);
	for (size_t i = 0; i < ARRAY_SIZE(NEEDED); i++)
		if (!(held >> NEEDED[i].bit & 1))
			text_addf(&missing, "%s%s", missing.len ? ", " : "", NEEDED[i].name);
	if (!missing.len)
		return true;
	error_set(
		err, ERROR_LOCAL, "the sandbox needs privileges that this process lacks: %s", missing.bytes);
	return error_hint(err, "run it as root, for instance through sudo");
}

static bool check_loop_devices(struct error *err)
{
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		error_set_errno(err, ERROR_LOCAL, errno,
			"the sandbox needs loop devices: could not open /dev/loop-control");
		return error_hint(err, "load the kernel's module loop, or give the container its devices");
	}
	close(fd);
	return true;
}

bool privileges_check(struct error *err)
{
	return check_capabilities(err) && check_loop_devices(err);
}

/* In a forked child: its mounts go when it goes. */
static bool mount_overlay_in(const char *folder)
{
	return !unshare(CLONE_NEWNS) && namespace_mounts_private() && !chdir(folder) &&
	       !mount("overlay", "root", "overlay", 0, "lowerdir=root,upperdir=upper,workdir=work");
}

/* 0 or an errno. */
static int try_overlay_in(const char *folder)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(mount_overlay_in(folder) ? 0 : errno);
	if (child < 0)
		return errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

bool privileges_try_overlay(const struct state_folder *s, struct error *err)
{
	static const char TRIAL[] = "trial";
	auto_free char *folder = state_path(s, STATE_INSTANCES, TRIAL);
	int why;

	if (!state_make_instance(s, TRIAL, err))
		return false;
	why = try_overlay_in(folder);
	state_remove_instance(s, TRIAL);
	if (!why)
		return true;
	error_set_errno(
		err, ERROR_LOCAL, why, "the sandbox needs overlayfs: could not mount one in %s", s->path);
	return error_hint(
		err, "load the kernel's module overlay, and keep the state folder on ext4, XFS or tmpfs");
}
