#include "journal/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/trouble.h"

static bool unwritable(int errnum, const char *path, struct error *err)
{
	return trouble_set(path, errnum == ENOSPC ? TROUBLE_FULL : TROUBLE_CLOSED, strerror(errnum), err);
}

/* Makes the folders above path that are missing, for this user only. */
static bool make_folders(const char *path, struct error *err)
{
	auto_free char *folder = alloc_text(path);

	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return unwritable(errno, path, err);
		*slash = '/';
	}
	return true;
}

/* SQLite would make the file readable by all; its rollback journal takes the modes of the file. */
static bool make_private(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return unwritable(errno, path, err);
	close(fd);
	return true;
}

bool sqlite_file_make(const char *path, sqlite_file_fill *fill, struct error *err)
{
	auto_free char *beside = NULL;
	bool made;

	if (!make_folders(path, err))
		return false;
	if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
		return true;
	/* Made beside its place and then linked there. */
	if (asprintf(&beside, "%s.new-%d", path, (int)getpid()) < 0)
		abort();
	made = make_private(beside, err) && fill(beside, err);
	if (made && link(beside, path) < 0 && errno != EEXIST)
		made = unwritable(errno, path, err);
	unlink(beside);
	return made;
}

bool sqlite_file_check(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? trouble_set(path, TROUBLE_MISSING, NULL, err)
				       : trouble_set(path, TROUBLE_CLOSED, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return trouble_set(path, TROUBLE_NO_FILE, NULL, err);
	/* An empty file, or one of a single byte (unixFileSize() in SQLite's os_unix.c), is a new one to SQLite. */
	return st.st_size > 1 || trouble_set(path, TROUBLE_EMPTY, NULL, err);
}
