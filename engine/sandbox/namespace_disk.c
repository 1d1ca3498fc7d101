#include "sandbox/namespace_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/namespace_clone.h"

enum { NAME_SIZE = 80, GROUP_DISK = 6 }; /* Debian's group disk */

static const char BY_ID[] = "disk/by-id";
static const char *const LINK_ENDINGS[] = { "", "_1" };

static void format_node(char ret[NAME_SIZE], const struct guest_disk *d)
{
	snprintf(ret, NAME_SIZE, "nvme%dn1", d->index);
}

static void format_link(char ret[NAME_SIZE], const char *ending, const struct guest_disk *d)
{
	snprintf(ret, NAME_SIZE, "nvme-Amazon_Elastic_Block_Store_%s%s", d->serial, ending);
}

static bool make_folder(int dev, const char *path)
{
	return !mkdirat(dev, path, 0755) || errno == EEXIST;
}

/* An error on closing a folder tells nothing. */
static bool close_after(int folder, bool done)
{
	int why = errno;

	close(folder);
	errno = why;
	return done;
}

static bool add_links(int folder, const struct guest_disk *d)
{
	char target[NAME_SIZE], name[NAME_SIZE], node[NAME_SIZE];

	format_node(node, d);
	snprintf(target, sizeof(target), "../../%.*s", (int)sizeof(target) - 7, node);
	for (size_t i = 0; i < ARRAY_SIZE(LINK_ENDINGS); i++) {
		format_link(name, LINK_ENDINGS[i], d);
		if (symlinkat(target, folder, name) && errno != EEXIST)
			return false;
	}
	return true;
}

bool namespace_disk_add(int dev, const struct guest_disk *d)
{
	char node[NAME_SIZE];
	int folder;

	format_node(node, d);
	if (mknodat(dev, node, S_IFBLK | 0660, d->device) ||
		fchownat(dev, node, 0, GROUP_DISK, AT_SYMLINK_NOFOLLOW))
		return false;
	if (!make_folder(dev, "disk") || !make_folder(dev, BY_ID))
		return false;
	folder = namespace_open_inside(dev, BY_ID, O_PATH | O_DIRECTORY);
	return folder >= 0 && close_after(folder, add_links(folder, d));
}

static bool remove_name(int folder, const char *name)
{
	return !unlinkat(folder, name, 0) || errno == ENOENT;
}

static bool remove_links(int folder, const struct guest_disk *d)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(LINK_ENDINGS); i++) {
		format_link(name, LINK_ENDINGS[i], d);
		if (!remove_name(folder, name))
			return false;
	}
	return true;
}

bool namespace_disk_remove(int dev, const struct guest_disk *d)
{
	int folder = namespace_open_inside(dev, BY_ID, O_PATH | O_DIRECTORY);
	char node[NAME_SIZE];

	if (folder >= 0 && !close_after(folder, remove_links(folder, d)))
		return false;
	format_node(node, d);
	return remove_name(dev, node);
}
