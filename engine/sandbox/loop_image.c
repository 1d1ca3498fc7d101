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

bool image_fill(int to, int from)
{
	struct stat status;

	if (!ioctl(to, FICLONE, from))
		return true;
	return !fstat(from, &status) && !ftruncate(to, status.st_size) && copy_data(from, to);
}

static bool fill_from(int to, const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), why;
	bool done = from >= 0 && image_fill(to, from);

	why = errno;
	if (from >= 0)
		close(from);
	errno = why;
	return done;
}

bool image_create(const char *path, int64_t size, const char *from, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not create %s", path);
	if ((from && !fill_from(fd, from)) || ftruncate(fd, size)) {
		error_set_errno(err, ERROR_LOCAL, errno, "could not fill %s", path);
		unlink(path);
	}
	close(fd);
	return err->kind == ERROR_NONE;
}
