#include "sandbox/virtual/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

void virtual_guests_init(struct virtual_guests *all)
{
	index_init(&all->guests);
	index_init(&all->disks);
	index_init(&all->snapshots);
}

static void release_index(struct index *x)
{
	void *item;

	for (uint64_t at = 0; (item = index_next(x, &at));)
		free(item);
	index_release(x);
}

void virtual_guests_release(struct virtual_guests *all)
{
	release_index(&all->guests);
	release_index(&all->disks);
	release_index(&all->snapshots);
}

struct virtual_guest *virtual_guests_find(const struct virtual_guests *all, const char *id)
{
	return index_find(&all->guests, id);
}

struct virtual_guest *virtual_guests_boot(struct virtual_guests *all, const char *id)
{
	struct virtual_guest *g = virtual_guests_find(all, id);

	if (!g) {
		g = alloc_zeroed(1, sizeof(*g));
		text_copy(g->id, sizeof(g->id), id);
		index_add(&all->guests, g->id, g);
	}
	g->runs = true;
	return g;
}

void virtual_guest_halt(struct virtual_guest *g)
{
	g->runs = g->serves = false;
	for (size_t i = 0; i < g->disk_count; i++)
		g->disks[i]->place[0] = '\0';
}

static void take_out(struct virtual_disk *d)
{
	struct virtual_guest *g = d->guest;
	size_t i = 0;

	while (g->disks[i] != d)
		i++;
	g->disks[i] = g->disks[--g->disk_count];
	d->guest = NULL;
	d->place[0] = '\0';
}

void virtual_guests_remove(struct virtual_guests *all, const char *id)
{
	struct virtual_guest *g = index_remove(&all->guests, id);

	while (g && g->disk_count)
		take_out(g->disks[0]);
	free(g);
}

static void add_disk(struct index *to, const char *id, const struct virtual_disk *like)
{
	struct virtual_disk *d = alloc_zeroed(1, sizeof(*d));

	text_copy(d->id, sizeof(d->id), id);
	if (like) {
		text_copy(d->uuid, sizeof(d->uuid), like->uuid);
		text_copy(d->sentinel, sizeof(d->sentinel), like->sentinel);
	}
	index_add(to, d->id, d);
}

bool virtual_disk_create(
	struct virtual_guests *all, const char *id, const char *snapshot_id, struct error *err)
{
	const struct virtual_disk *from = snapshot_id ? index_find(&all->snapshots, snapshot_id) : NULL;

	if (snapshot_id && !from)
		return error_set(err, ERROR_MISSING, "could not create %s: there is no %s", id, snapshot_id);
	add_disk(&all->disks, id, from);
	return true;
}

void virtual_disk_delete(struct virtual_guests *all, const char *id)
{
	struct virtual_disk *d = index_remove(&all->disks, id);

	if (d && d->guest)
		take_out(d);
	free(d);
}

void virtual_disk_snapshot(struct virtual_guests *all, const char *id, const char *snapshot_id)
{
	add_disk(&all->snapshots, snapshot_id, index_find(&all->disks, id));
}

void virtual_disk_forget_snapshot(struct virtual_guests *all, const char *snapshot_id)
{
	free(index_remove(&all->snapshots, snapshot_id));
}

bool virtual_disk_plug(struct virtual_guests *all, const char *id, const char *instance_id, struct error *err)
{
	struct virtual_disk *d = index_find(&all->disks, id);
	struct virtual_guest *g = virtual_guests_find(all, instance_id);

	if (!d || !g || g->disk_count == MODEL_VOLUMES_MAX)
		return error_set(err, ERROR_MISSING, "could not attach %s to %s", id, instance_id);
	if (d->guest)
		return error_set(
			err, ERROR_CONFLICT, "could not attach %s: it is attached to %s", id, d->guest->id);
	d->guest = g;
	g->disks[g->disk_count++] = d;
	return true;
}

bool virtual_disk_unplug(struct virtual_guests *all, const char *id, struct error *err)
{
	struct virtual_disk *d = index_find(&all->disks, id);

	if (!d || !d->guest)
		return true;
	if (d->place[0])
		return error_set(err, ERROR_CONFLICT, "%s is mounted at %s", id, d->place);
	take_out(d);
	return true;
}

struct virtual_disk *virtual_guest_disk(const struct virtual_guest *g, const char *id)
{
	for (size_t i = 0; i < g->disk_count; i++)
		if (!strcmp(g->disks[i]->id, id))
			return g->disks[i];
	return NULL;
}

struct virtual_disk *virtual_guest_mounted(const struct virtual_guest *g, const char *place)
{
	for (size_t i = 0; i < g->disk_count; i++)
		if (!strcmp(g->disks[i]->place, place))
			return g->disks[i];
	return NULL;
}

/* The volume's own digits: the same ones with the same --seed. */
bool virtual_guest_format(struct virtual_disk *d, struct error *err)
{
	const char *digits = d->id + strlen("vol-");

	if (d->place[0])
		return error_set(err, ERROR_CONFLICT, "%s is mounted at %s", d->id, d->place);
	snprintf(d->uuid, sizeof(d->uuid), "%.8s-%.4s-4%.3s-8000-000000000000", digits, digits + 8,
		digits + 12);
	d->sentinel[0] = '\0';
	return true;
}

bool virtual_guest_mount(
	struct virtual_guest *g, struct virtual_disk *d, const char *place, struct error *err)
{
	if (!d->uuid[0])
		return error_set(err, ERROR_UNSAFE, "wrong fs type, or no filesystem on %s", d->id);
	if (d->place[0] || virtual_guest_mounted(g, place))
		return error_set(
			err, ERROR_CONFLICT, "%s already mounted or mount point %s busy", d->id, place);
	if (strlen(place) >= sizeof(d->place) || place[0] != '/')
		return error_set(err, ERROR_LOCAL, "%s: mount point does not exist", place);
	text_copy(d->place, sizeof(d->place), place);
	return true;
}

bool virtual_guest_unmount(struct virtual_guest *g, const char *place, struct error *err)
{
	struct virtual_disk *d = virtual_guest_mounted(g, place);

	if (!d || !place[0])
		return error_set(err, ERROR_MISSING, "%s: not mounted", place);
	if (g->serves)
		return error_set(err, ERROR_CONFLICT, "%s: target is busy", place);
	d->place[0] = '\0';
	return true;
}

bool virtual_guest_start(struct virtual_guest *g, struct error *err)
{
	bool mounted = false;

	for (size_t i = 0; i < g->disk_count; i++)
		mounted |= g->disks[i]->place[0] != '\0';
	if (!mounted)
		return error_set(err, ERROR_CONFLICT, "no volume is mounted that its data could be on");
	g->serves = true;
	return true;
}

void virtual_guest_stop(struct virtual_guest *g)
{
	g->serves = false;
}
