#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sandbox/loop_image.h"
#include "base/alloc.h"
#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_clone.h"

static const int64_t GIB = 1 << 30;

struct disk *disk_find(const struct machinery *m, const char *id)
{
	struct disk *d = m->disks;

	while (d && strcmp(d->id, id) != 0)
		d = d->next;
	return d;
}

static void disk_new(struct machinery *m, const char *id, char *image)
{
	struct disk *d = alloc_zeroed(1, sizeof(*d));

	*d = (struct disk){ .next = m->disks, .image = image, .loop = LOOP_DEVICE_INIT };
	if (!text_copy(d->id, sizeof(d->id), id))
		abort();
	m->disks = d;
}

void disk_forget(struct machinery *m, struct disk *d)
{
	struct disk **at = &m->disks;

	loop_abandon(&d->loop);
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	free(d->image);
	free(d);
}

void disks_abandon(struct machinery *m, const struct guest *g)
{
	for (struct disk *d = m->disks; d; d = d->next)
		if (d->guest == g) {
			d->guest = NULL;
			loop_abandon(&d->loop);
		}
}

/* EC2's serial number of a volume: its id without the dash. */
static struct guest_disk seen_by_guest(const struct disk *d)
{
	struct guest_disk seen = { .index = d->index,
		.device = makedev(LOOP_MAJOR, (unsigned)d->loop.number) };
	size_t len = 0;

	for (const char *c = d->id; *c && len < sizeof(seen.serial) - 1; c++)
		if (*c != '-')
			seen.serial[len++] = *c;
	return seen;
}

struct guest_disk *disks_of(
	const struct machinery *m, const struct guest *g, struct arena *arena, size_t *ret_count)
{
	struct guest_disk *list;
	size_t count = 0;

	for (const struct disk *d = m->disks; d; d = d->next)
		count += d->guest == g;
	list = arena_array(arena, count, sizeof(*list));
	*ret_count = count;
	for (const struct disk *d = m->disks; d; d = d->next)
		if (d->guest == g)
			list[--count] = seen_by_guest(d);
	return list;
}

bool machinery_create_volume(
	struct machinery *m, const char *volume_id, int size_gib, const char *snapshot_id, struct error *err)
{
	auto_free char *image = state_path(&m->state, STATE_VOLUMES, volume_id);
	auto_free char *from = snapshot_id ? state_path(&m->state, STATE_SNAPSHOTS, snapshot_id) : NULL;

	if (disk_find(m, volume_id))
		return error_set(err, ERROR_CONFLICT, "could not create %s: it exists", volume_id);
	if (from && access(from, F_OK))
		return error_set(
			err, ERROR_MISSING, "could not create %s: there is no %s", volume_id, snapshot_id);
	if (!image_create(image, size_gib * GIB, from, err))
		return error_wrap(err, "could not create %s", volume_id);
	disk_new(m, volume_id, take(&image));
	return true;
}

static bool find_disk(const struct machinery *m, const char *id, struct disk **ret, struct error *err)
{
	*ret = disk_find(m, id);
	return *ret || error_set(err, ERROR_MISSING, "there is no %s", id);
}

bool machinery_delete_volume(struct machinery *m, const char *volume_id, struct error *err)
{
	struct disk *d;

	if (!find_disk(m, volume_id, &d, err))
		return false;
	if (d->guest)
		return error_set(err, ERROR_CONFLICT, "could not delete %s: it is attached to %s", d->id,
			d->guest->id);
	if (unlink(d->image))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not delete %s", d->image);
	disk_forget(m, d);
	return true;
}

static bool index_is_taken(const struct machinery *m, const struct guest *g, int index)
{
	const struct disk *d = m->disks;

	while (d && (d->guest != g || d->index != index))
		d = d->next;
	return d != NULL;
}

static int free_index(const struct machinery *m, const struct guest *g)
{
	int index = 1;

	while (index_is_taken(m, g, index))
		index++;
	return index;
}

typedef bool change_dev(int dev, const struct guest_disk *d);

/* Changes the /dev of the disk's guest, if that runs. False with errno. */
static bool change_in_guest(const struct disk *d, change_dev *change)
{
	struct guest_disk seen = seen_by_guest(d);
	int root, dev = -1, why;
	bool done;

	if (!d->guest->init)
		return true; /* its /dev is made when it boots, and went when it ended */
	root = guest_open_root(d->guest);
	if (root >= 0)
		dev = namespace_open_inside(root, "dev", O_PATH | O_DIRECTORY);
	done = dev >= 0 && change(dev, &seen);
	why = errno;
	if (dev >= 0)
		close(dev);
	if (root >= 0)
		close(root);
	errno = why;
	return done;
}

static bool attach(struct machinery *m, struct disk *d, struct guest *g, struct error *err)
{
	if (!loop_attach(d->image, &d->loop, err))
		return false;
	d->index = free_index(m, g);
	d->guest = g;
	if (change_in_guest(d, namespace_disk_add))
		return true;
	error_set_errno(err, ERROR_LOCAL, errno, "could not make its device appear");
	d->guest = NULL;
	loop_abandon(&d->loop);
	return false;
}

bool machinery_attach(struct machinery *m, const char *volume_id, const char *instance_id, struct error *err)
{
	struct guest *g = guest_find(m, instance_id);
	struct disk *d;

	if (!find_disk(m, volume_id, &d, err))
		return false;
	if (!g)
		return error_set(
			err, ERROR_MISSING, "could not attach %s: there is no %s", volume_id, instance_id);
	if (d->guest)
		return error_set(err, ERROR_CONFLICT, "could not attach %s: it is attached to %s", d->id,
			d->guest->id);
	return attach(m, d, g, err) || error_wrap(err, "could not attach %s to %s", volume_id, instance_id);
}

/* With the device claimed, so that nobody mounts it meanwhile. */
static bool withdraw(struct disk *d, struct error *err)
{
	if (!loop_flush(&d->loop, err))
		return false;
	if (!change_in_guest(d, namespace_disk_remove))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make its device disappear");
	return true;
}

static bool detach(struct disk *d, struct error *err)
{
	bool withdrawn;
	int claim;

	if (!loop_claim(&d->loop, &claim, err))
		return false;
	withdrawn = withdraw(d, err);
	close(claim);
	if (!withdrawn)
		return false;
	if (loop_detach(&d->loop, d->image, err)) {
		d->guest = NULL;
		return true;
	}
	/* A program in there has the bare device open: it is not away yet. */
	if (!change_in_guest(d, namespace_disk_add))
		error_wrap(err, "its device could not be put back");
	return false;
}

bool machinery_detach(struct machinery *m, const char *volume_id, struct error *err)
{
	struct disk *d;

	if (!find_disk(m, volume_id, &d, err))
		return false;
	if (!d->guest)
		return true;
	return detach(d, err) || error_wrap(err, "could not detach %s from %s", volume_id, d->guest->id);
}
