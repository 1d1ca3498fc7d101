#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

static bool read_all(int fd, const char *path, struct text *ret, struct error *err)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, ERROR_LOCAL, errno, "could not read %s", path);
		text_add_bytes(ret, chunk, (size_t)n);
		if (ret->cut)
			return error_set(err, ERROR_LOCAL, "could not read %s: it is larger than %zu bytes",
				path, ret->limit);
	}
	return true;
}

bool file_read(const char *path, struct text *ret, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return error_set_errno(
			err, errno == ENOENT ? ERROR_MISSING : ERROR_LOCAL, errno, "could not open %s", path);
	done = read_all(fd, path, ret, err);
	close(fd);
	return done;
}

static char *joined(const char *folder, size_t folder_len, const char *name)
{
	char *path;

	if (asprintf(&path, "%.*s/%s", (int)folder_len, folder, name) < 0)
		abort();
	return path;
}

char *file_expand_home(const char *path, const char *home)
{
	if (home && path[0] == '~' && path[1] == '/')
		return joined(home, strlen(home), path + 2);
	return alloc_text(path);
}

char *file_resolve(const char *beside, const char *path)
{
	const char *slash = strrchr(beside, '/');

	if (path[0] == '/' || !slash)
		return alloc_text(path);
	return joined(beside, (size_t)(slash - beside), path);
}
