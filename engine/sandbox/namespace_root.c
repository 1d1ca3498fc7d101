#include "sandbox/namespace_root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PLAIN = MS_NOSUID | MS_NODEV | MS_NOEXEC };

/* In this order, in the new root. */
static const struct {
	const char *type, *target, *options;
	unsigned long flags;
} FILESYSTEMS[] = {
	{ .type = "proc", .target = "proc", .flags = PLAIN },
	{ .type = "sysfs", .target = "sys", .flags = PLAIN | MS_RDONLY },
	{ .type = "tmpfs", .target = "dev", .flags = MS_NOSUID | MS_NOEXEC, .options = "mode=755,size=1m" },
	{ .type = "tmpfs", .target = "run", .flags = MS_NOSUID | MS_NODEV, .options = "mode=755" },
};

/* Likewise, once /dev has its folders. gid 5 is Debian's group tty. */
static const char TERMINALS[] = "newinstance,gid=5,mode=620,ptmxmode=666";

static const struct {
	const char *path;
	unsigned major, minor;
} NODES[] = {
	{ "dev/null", 1, 3 },
	{ "dev/zero", 1, 5 },
	{ "dev/full", 1, 7 },
	{ "dev/random", 1, 8 },
	{ "dev/urandom", 1, 9 },
	{ "dev/tty", 5, 0 },
};

static const struct {
	const char *path, *target;
} LINKS[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
	{ "dev/ptmx", "pts/ptmx" },
	{ "dev/console", "/proc/1/fd/1" },
};

/* The parts of /proc that set the whole machine, not the guest alone. */
static const char *const READ_ONLY[] = {
	"proc/bus",
	"proc/fs",
	"proc/irq",
	"proc/sys",
	"proc/sysrq-trigger",
};

static const int DROPPED[] = {
	CAP_AUDIT_CONTROL,
	CAP_BLOCK_SUSPEND,
	CAP_LINUX_IMMUTABLE, /* what a guest made immutable, we could not remove */
	CAP_MAC_ADMIN,
	CAP_MAC_OVERRIDE,
	CAP_MKNOD,
	CAP_SYSLOG,
	CAP_SYS_BOOT,
	CAP_SYS_MODULE,
	CAP_SYS_RAWIO,
	CAP_SYS_TIME,
	CAP_WAKE_ALARM,
};

bool namespace_mounts_private(void)
{
	return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static bool mount_filesystems(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(FILESYSTEMS); i++)
		if (mount(FILESYSTEMS[i].type, FILESYSTEMS[i].target, FILESYSTEMS[i].type,
			    FILESYSTEMS[i].flags, FILESYSTEMS[i].options))
			return false;
	return true;
}

static bool fill_dev(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(NODES); i++)
		if (mknod(NODES[i].path, S_IFCHR | 0666, makedev(NODES[i].major, NODES[i].minor)))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(LINKS); i++)
		if (symlink(LINKS[i].target, LINKS[i].path))
			return false;
	return !mkdir("dev/pts", 0755) && !mkdir("dev/shm", 0755) &&
	       !mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, TERMINALS) &&
	       !mount("tmpfs", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static bool protect_proc(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(READ_ONLY); i++) {
		const char *path = READ_ONLY[i];

		if (mount(path, path, NULL, MS_BIND, NULL)) {
			if (errno == ENOENT) /* not in every kernel */
				continue;
			return false;
		}
		if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | PLAIN, NULL))
			return false;
	}
	return true;
}

bool namespace_root_mount(const char *folder, const char *overlay_options)
{
	mode_t mask = umask(0);
	bool done = !mount("overlay", folder, "overlay", 0, overlay_options) && !chdir(folder) &&
		    mount_filesystems() && fill_dev() && protect_proc();

	umask(mask);
	return done;
}

bool namespace_root_enter(void)
{
	/* The old root comes to lie on top of the new one, so "." detaches it (pivot_root(2), NOTES). */
	return !syscall(SYS_pivot_root, ".", ".") && !umount2(".", MNT_DETACH) && !chdir("/");
}

bool namespace_drop_capabilities(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(DROPPED); i++)
		if (prctl(PR_CAPBSET_DROP, DROPPED[i], 0, 0, 0) &&
			errno != EINVAL) /* EINVAL: an older kernel */
			return false;
	return true;
}
