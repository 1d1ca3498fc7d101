#include "sandbox/loop_device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"

enum { NODE_SIZE = 32, BACKING_LIMIT = 8192, ATTEMPTS = 64 };

static int open_device(int number, int flags)
{
	char node[NODE_SIZE];

	snprintf(node, sizeof(node), "/dev/loop%d", number);
	return open(node, O_RDWR | O_CLOEXEC | flags);
}

/* False with errno; EBUSY if somebody else took the device in between. */
static bool configure(int control, int image, const char *name, struct loop_device *ret)
{
	struct loop_config config = { .fd = (unsigned)image, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int number = ioctl(control, LOOP_CTL_GET_FREE);
	int device = number < 0 ? -1 : open_device(number, 0);

	if (device < 0)
		return false;
	text_copy((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), name);
	if (ioctl(device, LOOP_CONFIGURE, &config) < 0) {
		int why = errno;

		close(device);
		errno = why;
		return false;
	}
	*ret = (struct loop_device){ .fd = device, .number = number };
	return true;
}

static bool attach_image(int image, const char *path, struct loop_device *ret, struct error *err)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	bool done = false;

	if (control < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not open /dev/loop-control");
	for (int i = 0; !done && i < ATTEMPTS; i++) {
		done = configure(control, image, path, ret);
		if (!done && errno != EBUSY)
			break;
	}
	if (!done)
		error_set_errno(err, ERROR_LOCAL, errno, "could not put %s behind a loop device", path);
	close(control);
	return done;
}

bool loop_attach(const char *image, struct loop_device *ret, struct error *err)
{
	int fd = open(image, O_RDWR | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not open %s", image);
	done = attach_image(fd, image, ret, err);
	close(fd);
	return done;
}

bool loop_flush(const struct loop_device *l, struct error *err)
{
	if (fsync(l->fd) < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not flush /dev/loop%d", l->number);
	return true;
}

bool loop_claim(const struct loop_device *l, int *ret_claim, struct error *err)
{
	int claim = open_device(l->number, O_EXCL);

	if (claim < 0 && errno == EBUSY)
		return error_set(err, ERROR_CONFLICT, "/dev/loop%d is mounted", l->number);
	if (claim < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not open /dev/loop%d", l->number);
	*ret_claim = claim;
	return true;
}

/* The file behind loop device `number`, into ret; "" if there is none. */
static void read_backing(int number, struct text *ret)
{
	char path[64];
	auto_error none = ERROR_INIT;

	text_clear(ret);
	snprintf(path, sizeof(path), "/sys/block/loop%d/loop/backing_file", number);
	if (file_read(path, ret, &none) && ret->len && ret->bytes[ret->len - 1] == '\n')
		ret->bytes[--ret->len] = '\0';
}

bool loop_detach(struct loop_device *l, const char *image, struct error *err)
{
	auto_text backing;

	close(l->fd);
	l->fd = -1;
	text_init(&backing, BACKING_LIMIT);
	read_backing(l->number, &backing);
	if (strcmp(backing.bytes, image) != 0)
		return true;
	/* Auto-clear did not happen: our descriptor was not the last one. */
	l->fd = open_device(l->number, 0);
	if (l->fd < 0)
		return error_set_errno(
			err, ERROR_LOCAL, errno, "could not open /dev/loop%d again", l->number);
	return error_set(err, ERROR_CONFLICT, "/dev/loop%d is still open somewhere", l->number);
}

void loop_abandon(struct loop_device *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

void loop_clear_folder(const char *folder)
{
	DIR *devices = opendir("/sys/block");
	size_t len = strlen(folder);
	struct dirent *entry;
	auto_text backing;

	text_init(&backing, BACKING_LIMIT);
	while (devices && (entry = readdir(devices))) {
		int number, fd;

		if (sscanf(entry->d_name, "loop%d", &number) != 1)
			continue;
		read_backing(number, &backing);
		if (strncmp(backing.bytes, folder, len) != 0 || backing.bytes[len] != '/')
			continue;
		fd = open_device(number, 0);
		if (fd < 0)
			continue;
		ioctl(fd, LOOP_CLR_FD);
		close(fd);
	}
	if (devices)
		closedir(devices);
}
