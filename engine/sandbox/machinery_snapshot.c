/*
 * Snapshots: a child process copies the image. While a guest has the volume mounted, its filesystem
 * is frozen for the time of the copy, through a descriptor that the child shares with us: whichever
 * way the child ends, one of the two thaws it. (A frozen filesystem outlives even its last mount.)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/loop_image.h"
#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_clone.h"

/* One snapshot under way. */
struct copy {
	struct copy *next;
	struct machinery *machinery;
	char volume_id[RESOURCE_ID_SIZE];
	char *part, *finished; /* owned: the copy's name until it is whole, and then */
	int filesystem;        /* a folder of the mounted filesystem; -1: it is not mounted */
	struct watch *child;   /* NULL: it failed before there was one */
	uv_timer_t answer;     /* then the answer comes from the loop all the same */
	struct error failure;
	machinery_done *done;
	void *ctx;
};

static void free_copy(uv_handle_t *answer)
{
	struct copy *c = answer->data;

	free(c->part);
	free(c->finished);
	error_release(&c->failure);
	free(c);
}

static void copy_forget(struct copy *c)
{
	struct copy **at = &c->machinery->copies;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (c->filesystem >= 0)
		close(c->filesystem);
	uv_close((uv_handle_t *)&c->answer, free_copy);
}

static struct copy *copy_new(struct machinery *m, const char *volume_id, const char *snapshot_id)
{
	struct copy *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct copy){ .next = m->copies, .machinery = m, .filesystem = -1, .failure = ERROR_INIT };
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

/* The mount point of this line of mountinfo (which is spent), opened, if it is on `device`; else -1. */
static int open_if_on(int root, char *line, dev_t device)
{
	unsigned major_number, minor_number;
	struct stat status;
	int folder, at;
	char *point;

	if (sscanf(line, "%*d %*d %u:%u %*s %n", &major_number, &minor_number, &at) != 2 ||
	        makedev(major_number, minor_number) != device)
		return -1;
	point = line + at;
	point[strcspn(point, " ")] = '\0';
	unescape(point);
	folder = namespace_open_inside(root, point, O_RDONLY | O_DIRECTORY);
	if (folder < 0 || (!fstat(folder, &status) && status.st_dev == device))
		return folder;
	close(folder); /* something else is mounted over it */
	return -1;
}

/* A folder of the filesystem on `device` in the guest; -1 if it is not mounted there. */
static int open_mounted(const struct guest *g, dev_t device)
{
	auto_free char *line = NULL;
	int root = guest_open_root(g), found = -1;
	char path[64];
	size_t size = 0;
	FILE *mounts;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)watch_pid(g->init));
	mounts = fopen(path, "re");
	while (found < 0 && root >= 0 && mounts && getline(&line, &size, mounts) > 0)
		found = open_if_on(root, line, device);
	if (mounts)
		fclose(mounts);
	if (root >= 0)
		close(root);
	return found;
}

/* Closes all but the standard streams and these two, of which either may be -1. */
static void close_others(int a, int b)
{
	const int kept[] = { a < b ? a : b, a < b ? b : a };
	unsigned from = STDERR_FILENO + 1;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (kept[i] < (int)from)
			continue;
		if (kept[i] > (int)from)
			close_range(from, (unsigned)kept[i] - 1, 0);
		from = (unsigned)kept[i] + 1;
	}
	close_range(from, ~0U, 0);
}

/*
 * The child; its exit code is 0 or an errno. In a session of its own and with its signals blocked,
 * so that what ends the sandbox does not end it between freezing and thawing.
 */
NORETURN static void run_child(const struct copy *c, const char *image, int device)
{
	bool frozen, done;
	sigset_t all;
	int why;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	close_others(c->filesystem, device); /* a loop device or the lock would outlive the sandbox with us */
	frozen = c->filesystem >= 0 && !ioctl(c->filesystem, FIFREEZE, 0);
	done = (device < 0 || !fsync(device)) && image_copy(image, c->part);
	why = errno;
	if (frozen)
		ioctl(c->filesystem, FITHAW, 0);
	_exit(done ? 0 : why);
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

static void thaw_for_child(struct copy *c)
{
	if (c->filesystem >= 0)
		ioctl(c->filesystem, FITHAW, 0);
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

static bool start_child(struct copy *c, const struct disk *d)
{
	pid_t pid = fork();
	int pidfd;

	if (pid == 0)
		run_child(c, d->image, d->loop.fd);
	if (pid < 0)
		return error_set_errno(&c->failure, ERROR_LOCAL, errno, "could not copy %s", d->id);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		abort(); /* only without memory or descriptors */
	c->child = watch_new(c->machinery->loop, pid, pidfd, on_child_end, c);
	return true;
}

static bool start(struct copy *c, const struct disk *d)
{
	if (!d)
		return error_set(&c->failure, ERROR_MISSING, "there is no %s", c->volume_id);
	if (d->guest && d->guest->init)
		c->filesystem = open_mounted(d->guest, makedev(LOOP_MAJOR, (unsigned)d->loop.number));
	return start_child(c, d);
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

void copies_cancel(struct machinery *m)
{
	while (m->copies) {
		struct copy *c = m->copies;

		if (c->child)
			watch_kill(c->child);
		thaw_for_child(c);
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
