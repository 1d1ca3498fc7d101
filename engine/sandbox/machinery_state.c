#include "sandbox/machinery_state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/loop_device.h"

enum {
	OPEN_FILES = 16,      /* of one walk through a tree */
	CLEAR_ATTEMPTS = 100, /* a killed predecessor's guests may be dying still: 2 s */
	CLEAR_PAUSE_US = 20 * 1000,
	STAT_SIZE = 1024,
	START_TIME_FIELD = 22, /* of /proc/PID/stat (proc(5)) */
};

static const char PID_FILE[] = "sandbox.pid";
static const char *const FOLDERS[] = {
	[STATE_INSTANCES] = "instances",
	[STATE_VOLUMES] = "volumes",
	[STATE_SNAPSHOTS] = "snapshots",
};
static const char *const INSTANCE_FOLDERS[] = { "upper", "work", "root" };

static char *join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* False with errno. Links are removed, not followed. */
static bool remove_tree(const char *path)
{
	for (int i = 0; i < CLEAR_ATTEMPTS; i++) {
		if (!nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) || errno == ENOENT)
			return true;
		if (errno != ENOTEMPTY && errno != EBUSY)
			return false;
		usleep(CLEAR_PAUSE_US);
	}
	return false;
}

static bool make_folder(const char *path, mode_t mode, struct error *err)
{
	if (mkdir(path, mode) && errno != EEXIST)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make %s", path);
	return true;
}

static bool clear(const char *path, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(FOLDERS); i++) {
		auto_free char *folder = join(path, FOLDERS[i]);

		loop_clear_folder(folder);
		if (!remove_tree(folder))
			return error_set_errno(err, ERROR_LOCAL, errno, "could not remove %s", folder);
	}
	return true;
}

static bool make_folders(const char *path, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(FOLDERS); i++) {
		auto_free char *folder = join(path, FOLDERS[i]);

		if (!make_folder(folder, 0700, err))
			return false;
	}
	return true;
}

/* When the process of this /proc folder was started, in clock ticks since boot; 0 if it is gone. */
static uint64_t start_time(int proc)
{
	int fd = openat(proc, "stat", O_RDONLY | O_CLOEXEC);
	char line[STAT_SIZE];
	ssize_t len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	char *at;

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return 0;
	line[len] = '\0';
	at = strrchr(line, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < START_TIME_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static int open_proc(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool sign(int lock, const char *file, struct error *err)
{
	int proc = open_proc(getpid());

	if (proc < 0 || ftruncate(lock, 0) ||
		dprintf(lock, "%d %" PRIu64 "\n", (int)getpid(), start_time(proc)) < 0)
		error_set_errno(err, ERROR_LOCAL, errno, "could not write %s", file);
	if (proc >= 0)
		close(proc);
	return err->kind == ERROR_NONE;
}

static bool take_lock(const char *path, int *ret, struct error *err)
{
	auto_free char *file = join(path, PID_FILE);
	int lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (lock < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not open %s", file);
	if (flock(lock, LOCK_EX | LOCK_NB)) {
		error_set(err, ERROR_CONFLICT, "another sandbox uses %s", path);
		error_hint(err, "give each sandbox a state folder of its own");
	} else if (sign(lock, file, err)) {
		*ret = lock;
		return true;
	}
	close(lock);
	return false;
}

bool state_open(const char *path, struct state_folder *ret, struct error *err)
{
	struct state_folder s = { .lock = -1 };

	if (!make_folder(path, 0755, err))
		return false;
	s.path = realpath(path, NULL);
	if (!s.path)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not resolve %s", path);
	if (strpbrk(s.path, ",:\\"))
		error_set(err, ERROR_LOCAL,
			"%s: a state folder's path may not contain comma, colon or backslash", s.path);
	else if (take_lock(s.path, &s.lock, err) && clear(s.path, err) && make_folders(s.path, err)) {
		*ret = s;
		return true;
	}
	if (s.lock >= 0)
		close(s.lock);
	free(s.path);
	return false;
}

void state_close(struct state_folder *s)
{
	auto_error ignored = ERROR_INIT; /* what stays is cleared by the next sandbox here */

	if (clear(s->path, &ignored) && ftruncate(s->lock, 0) < 0)
		error_release(&ignored);
	close(s->lock);
	free(s->path);
}

char *state_path(const struct state_folder *s, enum state_kind kind, const char *id)
{
	char *path;

	assert(!strchr(id, '/') && id[0] != '.');
	if (asprintf(&path, "%s/%s/%s", s->path, FOLDERS[kind], id) < 0)
		abort();
	return path;
}

bool state_make_instance(const struct state_folder *s, const char *id, struct error *err)
{
	auto_free char *folder = state_path(s, STATE_INSTANCES, id);

	if (!make_folder(folder, 0700, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(INSTANCE_FOLDERS); i++) {
		auto_free char *part = join(folder, INSTANCE_FOLDERS[i]);

		/* upper's mode becomes that of the guest's "/" */
		if (!make_folder(part, 0755, err))
			return false;
	}
	return true;
}

void state_remove_instance(const struct state_folder *s, const char *id)
{
	auto_free char *folder = state_path(s, STATE_INSTANCES, id);

	remove_tree(folder); /* what stays is cleared at the end */
}

static bool read_owner(const char *path, int *ret_pid, uint64_t *ret_started, struct error *err)
{
	auto_free char *name = join(path, PID_FILE);
	FILE *file = fopen(name, "re");
	int found = file ? fscanf(file, "%d %" SCNu64, ret_pid, ret_started) : 0;

	if (file)
		fclose(file);
	if (found != 2)
		return error_set(err, ERROR_MISSING, "no sandbox runs in %s", path);
	return true;
}

bool state_find_owner(const char *path, int *ret_proc, struct error *err)
{
	uint64_t started;
	int pid, proc;

	if (!read_owner(path, &pid, &started, err))
		return false;
	proc = open_proc(pid);
	if (proc >= 0 && start_time(proc) == started) {
		*ret_proc = proc;
		return true;
	}
	if (proc >= 0)
		close(proc);
	return error_set(err, ERROR_MISSING, "the sandbox of %s is gone", path);
}
