#include "cloud/absorb.h"

#include <string.h>

#include "base/compiler.h"
#include "base/text.h"

static bool is(const char *id, const char *other)
{
	return id[0] && !strcmp(id, other);
}

static void absorb_instance(struct world *w, const struct instance *seen)
{
	struct instance *places[] = { &w->blue, &w->green };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (is(places[i]->id, seen->id) && seen->asked_ms >= places[i]->asked_ms)
			*places[i] = *seen;
}

static void absorb_status(struct world *w, const struct status *seen)
{
	if (is(w->green.id, seen->instance_id) && seen->asked_ms >= w->green_status.asked_ms)
		w->green_status = *seen;
}

static void absorb_host_keys(struct world *w, const struct host_keys *seen)
{
	if (is(w->blue.id, seen->instance_id) && seen->asked_ms >= w->blue_keys.asked_ms)
		w->blue_keys = *seen;
	if (is(w->green.id, seen->instance_id) && seen->asked_ms >= w->green_keys.asked_ms)
		w->green_keys = *seen;
}

/* Whoever cannot be reached says nothing of disks, nor does a command that starts a service. */
static bool says_nothing_of_disks(const struct guest *seen)
{
	return !seen->disk_count && (!seen->reachable || seen->service == SERVICE_STARTED);
}

/* The service's state and the measured times come only with the command that made them. */
static void merge_guest(struct guest *held, const struct guest *seen)
{
	struct guest before = *held;

	*held = *seen;
	if (seen->service == SERVICE_UNKNOWN)
		held->service = before.service;
	held->stop_ms = seen->stop_ms ? seen->stop_ms : before.stop_ms;
	held->unmount_ms = seen->unmount_ms ? seen->unmount_ms : before.unmount_ms;
	held->mount_ms = seen->mount_ms ? seen->mount_ms : before.mount_ms;
	held->start_ms = seen->start_ms ? seen->start_ms : before.start_ms;
	if (!says_nothing_of_disks(seen))
		return;
	memcpy(held->disks, before.disks, sizeof(held->disks));
	held->disk_count = before.disk_count;
}

static void absorb_guest(struct world *w, const struct guest *seen)
{
	if (is(w->blue.id, seen->instance_id) && seen->asked_ms >= w->blue_guest.asked_ms)
		merge_guest(&w->blue_guest, seen);
	if (is(w->green.id, seen->instance_id) && seen->asked_ms >= w->green_guest.asked_ms)
		merge_guest(&w->green_guest, seen);
}

static void absorb_verdict(struct world *w, const struct verdict *seen)
{
	struct verdict *place = NULL;

	if (seen->through_switch)
		place = &w->switch_verdict;
	else if (is(w->blue.id, seen->instance_id))
		place = &w->blue_verdict;
	else if (is(w->green.id, seen->instance_id))
		place = &w->green_verdict;
	if (place && seen->asked_ms >= place->asked_ms)
		*place = *seen;
}

/* The reply to attaching and detaching shows the attachment, not the volume: no zone, size or tags. */
static void merge_volume(struct volume *held, const struct volume *seen)
{
	struct volume before = *held;

	*held = *seen;
	if (seen->zone[0])
		return;
	memcpy(held->zone, before.zone, sizeof(held->zone));
	memcpy(held->found, before.found, sizeof(held->found));
	memcpy(held->rebuild, before.rebuild, sizeof(held->rebuild));
	memcpy(held->role, before.role, sizeof(held->role));
	memcpy(held->journal, before.journal, sizeof(held->journal));
	held->tags_asked_ms = before.tags_asked_ms;
	held->size_gib = before.size_gib;
}

static void absorb_volume(struct world *w, const struct volume *seen)
{
	for (size_t i = 0; i < w->volume_count; i++)
		if (is(w->volumes[i].id, seen->id) && seen->asked_ms >= w->volumes[i].asked_ms)
			merge_volume(&w->volumes[i], seen);
}

/* The oldest row makes room: what matters are the newest snapshots of each volume. */
static struct snapshot *snapshot_row(struct world *w, const char *id)
{
	struct snapshot *oldest = &w->snapshots[0];

	for (size_t i = 0; i < w->snapshot_count; i++) {
		if (is(w->snapshots[i].id, id))
			return &w->snapshots[i];
		if (w->snapshots[i].started_ms < oldest->started_ms)
			oldest = &w->snapshots[i];
	}
	if (w->snapshot_count < CLOUD_SNAPSHOTS_MAX)
		oldest = &w->snapshots[w->snapshot_count++];
	*oldest = (struct snapshot){ .asked_ms = 0 };
	return oldest;
}

static void absorb_snapshot(struct world *w, const struct snapshot *seen)
{
	struct snapshot *row;

	if (!seen->id[0])
		return;
	row = snapshot_row(w, seen->id);
	if (seen->asked_ms >= row->asked_ms)
		*row = *seen;
}

/* The reply to associating shows where the address points, not the address itself. */
static void merge_address(struct address *held, const struct address *seen)
{
	struct address before = *held;

	*held = *seen;
	if (!seen->public_ip[0])
		memcpy(held->public_ip, before.public_ip, sizeof(held->public_ip));
}

static void absorb_address(struct world *w, const struct address *seen)
{
	for (size_t i = 0; i < w->address_count; i++)
		if (is(w->addresses[i].allocation_id, seen->allocation_id) &&
			seen->asked_ms >= w->addresses[i].asked_ms)
			merge_address(&w->addresses[i], seen);
}

void world_absorb(struct world *w, const struct sighting *s)
{
	switch (s->kind) {
	case SIGHTING_INSTANCE:
		absorb_instance(w, &s->instance);
		break;
	case SIGHTING_BLUEPRINT: /* the rebuild keeps it */
	case SIGHTING_FLEET:     /* is about no rebuild */
		break;
	case SIGHTING_STATUS:
		absorb_status(w, &s->status);
		break;
	case SIGHTING_HOST_KEYS:
		absorb_host_keys(w, &s->host_keys);
		break;
	case SIGHTING_IMAGE:
		w->image = s->image;
		break;
	case SIGHTING_VOLUME:
		absorb_volume(w, &s->volume);
		break;
	case SIGHTING_SNAPSHOT:
		absorb_snapshot(w, &s->snapshot);
		break;
	case SIGHTING_ADDRESS:
		absorb_address(w, &s->address);
		break;
	case SIGHTING_GUEST:
		absorb_guest(w, &s->guest);
		break;
	case SIGHTING_VERDICT:
		absorb_verdict(w, &s->verdict);
		break;
	}
}

bool world_follow_volume(struct world *w, const char *volume_id)
{
	if (world_find_volume(w, volume_id))
		return true;
	if (w->volume_count == CLOUD_VOLUMES_MAX)
		return false;
	text_copy(w->volumes[w->volume_count++].id, CLOUD_ID_SIZE, volume_id);
	return true;
}

bool world_follow_address(struct world *w, const char *allocation_id)
{
	if (world_find_address(w, allocation_id))
		return true;
	if (w->address_count == CLOUD_ADDRESSES_MAX)
		return false;
	text_copy(w->addresses[w->address_count++].allocation_id, CLOUD_ID_SIZE, allocation_id);
	return true;
}
