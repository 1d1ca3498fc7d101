/*
 * Snapshots: a child process copies the image. While a guest has the volume mounted, the child
 * freezes its filesystem for the time of the copy. It does so through a mount of its own, which
 * keeps the guest from nothing but writing: an unmount goes through, and the volume stays busy until
 * the copy is done, as on EC2. A frozen filesystem outlives even its last mount, so whichever way
 * the child ends, somebody thaws it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/loop_image.h"
#include "base/alloc.h"
#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_clone.h"

enum { FREEZE_TRIES = 100, FREEZE_PAUSE_US = 10 * 1000 };

/* One snapshot under way. */
struct copy {
	struct copy *next;
	struct machinery *machinery;
	char volume_id[RESOURCE_ID_SIZE];
	char *part, *finished; /* owned: the copy's name until it is whole, and then */
	char *mount_point;     /* owned: of the volume in its guest; NULL: it is not mounted */
	struct watch *child;   /* NULL: it failed before there was one */
	uv_timer_t answer;     /* then the answer comes from the loop all the same */
	struct error failure;
	machinery_done *done;
	void *ctx;
};

/* What the child works with, opened before it goes where the guest's paths count. */
struct copy_files {
	int image, part;
	int device; /* -1: the volume is not attached */
	int mounts; /* the guest's mount namespace; -1: the volume is not mounted */
};

static void free_copy(uv_handle_t *answer)
{
	struct copy *c = answer->data;

	free(c->part);
	free(c->finished);
	free(c->mount_point);
	error_release(&c->failure);
	free(c);
}

static void copy_forget(struct copy *c)
{
	struct copy **at = &c->machinery->copies;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	uv_close((uv_handle_t *)&c->answer, free_copy);
}

static struct copy *copy_new(struct machinery *m, const char *volume_id, const char *snapshot_id)
{
	struct copy *c = alloc_zeroed(1, sizeof(*c));

	*c = (struct copy){ .next = m->copies, .machinery = m, .failure = ERROR_INIT };
	c->finished = state_path(&m->state, STATE_SNAPSHOTS, snapshot_id);
	if (asprintf(&c->part, "%s.part", c->finished) < 0 || uv_timer_init(m->loop, &c->answer))
		abort();
	text_copy(c->volume_id, sizeof(c->volume_id), volume_id);
	c->answer.data = c;
	m->copies = c;
	return c;
}

/* Undoes the octal escapes of mountinfo (proc(5)) in place. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		unsigned code;

		if (*from == '\\' && sscanf(from + 1, "%3o", &code) == 1) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The mount point in this line of mountinfo, cut out of it, if it is one of `device`; else NULL. */
static char *mount_point_of(char *line, dev_t device)
{
	unsigned major_number, minor_number;
	int at;

	if (sscanf(line, "%*d %*d %u:%u %*s %n", &major_number, &minor_number, &at) != 2 ||
		makedev(major_number, minor_number) != device)
		return NULL;
	line[at + (int)strcspn(line + at, " ")] = '\0';
	unescape(line + at);
	return line + at;
}

/* Where the guest has mounted the device: a copy; NULL if it has not. */
static char *find_mount_point(const struct guest *g, dev_t device)
{
	auto_free char *line = NULL;
	char path[64], *found = NULL;
	size_t size = 0;
	FILE *mounts;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)watch_pid(g->init));
	mounts = fopen(path, "re");
	while (!found && mounts && getline(&line, &size, mounts) > 0)
		found = mount_point_of(line, device);
	if (mounts)
		fclose(mounts);
	return alloc_text(found);
}

static bool is_on(int folder, int device)
{
	struct stat of_folder, of_device;

	return !fstat(folder, &of_folder) && !fstat(device, &of_device) &&
	       of_folder.st_dev == of_device.st_rdev;
}

/*
 * In the child: gives a folder of the mounted filesystem, through a mount that only we have, or -1
 * if the volume is not mounted, or no longer. False with errno.
 */
static bool open_filesystem(const struct copy *c, const struct copy_files *f, int *ret)
{
	int tree, folder;

	*ret = -1;
	if (f->mounts < 0)
		return true;
	if (setns(f->mounts, CLONE_NEWNS))
		return false;
	tree = open_tree(AT_FDCWD, c->mount_point, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return errno == ENOENT;
	folder = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(tree);
	if (folder >= 0 && is_on(folder, f->device))
		*ret = folder;
	return folder >= 0;
}

/*
 * In the child. A filesystem that stays busy was frozen by the guest: then it is quiet, and thawing
 * it is the guest's business too. Anything else that fails would make a torn copy: false, with errno.
 */
static bool freeze(int filesystem, bool *ret_by_us)
{
	for (int i = 0; i < FREEZE_TRIES; i++) {
		*ret_by_us = !ioctl(filesystem, FIFREEZE, 0);
		if (*ret_by_us || errno != EBUSY)
			return *ret_by_us;
		usleep(FREEZE_PAUSE_US);
	}
	return true;
}

/*
 * The child; its exit code is 0 or an errno. In a session of its own and with its signals blocked,
 * so that what ends the sandbox does not end it between freezing and thawing.
 */
NORETURN static void run_child(const struct copy *c, const struct copy_files *f)
{
	int filesystem, why;
	bool frozen = false, done;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (!open_filesystem(c, f, &filesystem))
		_exit(errno);
	if (filesystem >= 0 && !freeze(filesystem, &frozen))
		_exit(errno);
	done = (f->device < 0 || !fsync(f->device)) && image_fill(f->part, f->image);
	why = errno;
	if (frozen)
		ioctl(filesystem, FITHAW, 0);
	_exit(done ? 0 : why);
}

/* A loop device or the lock would outlive the sandbox with the child, if it had them too. */
NORETURN static void enter_child(const struct copy *c, const struct copy_files *f)
{
	enum { IMAGE = STDERR_FILENO + 1, PART, DEVICE, MOUNTS, END };
	const int from[END] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, f->image, f->part, f->device,
		f->mounts };
	const struct copy_files kept = { .image = IMAGE,
		.part = PART,
		.device = f->device < 0 ? -1 : DEVICE,
		.mounts = f->mounts < 0 ? -1 : MOUNTS };

	if (!namespace_keep(from, END))
		_exit(errno);
	run_child(c, &kept);
}

static void answer(struct copy *c)
{
	machinery_done *done = c->done;
	void *ctx = c->ctx;
	auto_error failure = ERROR_INIT;

	if (c->failure.kind != ERROR_NONE)
		error_move(&failure, &c->failure);
	copy_forget(c);
	done(ctx, failure.kind == ERROR_NONE ? NULL : &failure);
}

static void on_answer(uv_timer_t *timer)
{
	answer(timer->data);
}

/* After a child that was killed. That it was not frozen, or is no longer mounted, is as well. */
static void thaw_for_child(const struct copy *c)
{
	const struct disk *d = disk_find(c->machinery, c->volume_id);
	int root, folder = -1;

	if (!c->mount_point || !d || !d->guest || !d->guest->init)
		return;
	root = guest_open_root(d->guest);
	if (root >= 0)
		folder = namespace_open_inside(root, c->mount_point, O_RDONLY | O_DIRECTORY);
	if (folder >= 0) {
		ioctl(folder, FITHAW, 0);
		close(folder);
	}
	if (root >= 0)
		close(root);
}

static void on_child_end(void *ctx, int status)
{
	struct copy *c = ctx;

	c->child = NULL;
	if (!WIFEXITED(status)) {
		thaw_for_child(c);
		error_set(&c->failure, ERROR_LOCAL, "could not copy %s: the copying process was killed",
			c->volume_id);
	} else if (WEXITSTATUS(status)) {
		error_set_errno(
			&c->failure, ERROR_LOCAL, WEXITSTATUS(status), "could not copy %s", c->volume_id);
	} else if (rename(c->part, c->finished)) {
		error_set_errno(&c->failure, ERROR_LOCAL, errno, "could not name %s", c->finished);
	}
	if (c->failure.kind != ERROR_NONE)
		unlink(c->part);
	answer(c);
}

static bool open_files(struct copy *c, const struct disk *d, struct copy_files *ret)
{
	char path[64];

	*ret = (struct copy_files){ .device = d->loop.fd, .mounts = -1 };
	ret->image = open(d->image, O_RDONLY | O_CLOEXEC);
	ret->part = open(c->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (ret->image < 0 || ret->part < 0)
		return false;
	if (!d->guest || !d->guest->init)
		return true;
	c->mount_point = find_mount_point(d->guest, makedev(LOOP_MAJOR, (unsigned)d->loop.number));
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)watch_pid(d->guest->init));
	if (c->mount_point)
		ret->mounts = open(path, O_RDONLY | O_CLOEXEC);
	return !c->mount_point || ret->mounts >= 0;
}

static void close_files(const struct copy_files *f)
{
	const int ours[] = { f->image, f->part, f->mounts }; /* device is the disk's */

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (ours[i] >= 0)
			close(ours[i]);
}

static bool start_child(struct copy *c, const struct copy_files *f)
{
	pid_t pid = fork();
	int pidfd;

	if (pid == 0)
		enter_child(c, f);
	if (pid < 0)
		return false;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		abort(); /* only without memory or descriptors */
	c->child = watch_new(c->machinery->loop, pid, pidfd, on_child_end, c);
	return true;
}

static bool start(struct copy *c, const struct disk *d)
{
	struct copy_files files;
	bool started;

	if (!d)
		return error_set(&c->failure, ERROR_MISSING, "there is no %s", c->volume_id);
	started = open_files(c, d, &files) && start_child(c, &files);
	if (!started)
		error_set_errno(&c->failure, ERROR_LOCAL, errno, "could not copy %s", d->id);
	close_files(&files);
	/* Nothing keeps a guest from mounting it and writing: the copy must be whole before we go on. */
	if (started && !c->mount_point)
		watch_wait(c->child);
	return started;
}

void machinery_snapshot(
	struct machinery *m, const char *volume_id, const char *snapshot_id, machinery_done *done, void *ctx)
{
	struct copy *c = copy_new(m, volume_id, snapshot_id);

	c->done = done;
	c->ctx = ctx;
	if (!start(c, disk_find(m, volume_id)))
		uv_timer_start(&c->answer, on_answer, 0, 0);
}

void copies_end(struct machinery *m)
{
	while (m->copies) {
		struct copy *c = m->copies;

		if (c->child) {
			watch_wait(c->child); /* it thaws what it froze */
			watch_kill(c->child);
		}
		copy_forget(c);
	}
}

bool machinery_delete_snapshot(struct machinery *m, const char *snapshot_id, struct error *err)
{
	auto_free char *path = state_path(&m->state, STATE_SNAPSHOTS, snapshot_id);

	if (unlink(path))
		return error_set_errno(err, errno == ENOENT ? ERROR_MISSING : ERROR_LOCAL, errno,
			"could not delete %s", snapshot_id);
	return true;
}
