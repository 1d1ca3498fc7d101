#include "sandbox/loop_image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies [start, end), which holds data, to the same place. */
static bool copy_extent(int from, int to, off_t start, off_t end)
{
	off_t in = start, out = start;

	while (in < end) {
		ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - in), 0);

		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0) /* it shrank meanwhile: ours never do */
			break;
	}
	return true;
}

static bool copy_data(int from, int to)
{
	off_t at = 0;

	for (;;) {
		off_t start = lseek(from, at, SEEK_DATA);
		off_t end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);

		if (start < 0 && errno == ENXIO) /* only a hole is left */
			return true;
		if (start < 0 || end < 0 || !copy_extent(from, to, start, end))
			return false;
		at = end;
	}
}

static bool copy_contents(int from, int to)
{
	struct stat status;

	if (!ioctl(to, FICLONE, from))
		return true;
	return !fstat(from, &status) && !ftruncate(to, status.st_size) && copy_data(from, to);
}

static bool copy_to(int from, const char *path)
{
	int to = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done;
	int why;

	if (to < 0)
		return false;
	done = copy_contents(from, to);
	why = errno;
	close(to);
	if (!done)
		unlink(path);
	errno = why;
	return done;
}

bool image_copy(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && copy_to(fd, to);
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
	return done;
}

static bool create_empty(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 && !close(fd);
}

bool image_create(const char *path, int64_t size, const char *from, struct error *err)
{
	if (!(from ? image_copy(from, path) : create_empty(path)))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not create %s", path);
	if (!truncate(path, size))
		return true;
	error_set_errno(err, ERROR_LOCAL, errno, "could not give %s its size", path);
	unlink(path);
	return false;
}
