#include "cloud/world.h"

#include <string.h>

#include "base/compiler.h"

static const char *const INSTANCE_STATES[] = {
	[INSTANCE_UNSEEN] = "unseen",
	[INSTANCE_PENDING] = "pending",
	[INSTANCE_RUNNING] = "running",
	[INSTANCE_STOPPING] = "stopping",
	[INSTANCE_STOPPED] = "stopped",
	[INSTANCE_SHUTTING_DOWN] = "shutting-down",
	[INSTANCE_TERMINATED] = "terminated",
};

static const char *const VOLUME_STATES[] = {
	[VOLUME_UNSEEN] = "unseen",
	[VOLUME_CREATING] = "creating",
	[VOLUME_AVAILABLE] = "available",
	[VOLUME_IN_USE] = "in-use",
	[VOLUME_DELETING] = "deleting",
	[VOLUME_ERROR] = "error",
};

static const char *const ATTACHMENT_STATES[] = {
	[ATTACHMENT_NONE] = "detached",
	[ATTACHMENT_ATTACHING] = "attaching",
	[ATTACHMENT_ATTACHED] = "attached",
	[ATTACHMENT_DETACHING] = "detaching",
	[ATTACHMENT_BUSY] = "busy",
};

static const char *const SNAPSHOT_STATES[] = {
	[SNAPSHOT_UNSEEN] = "unseen",
	[SNAPSHOT_PENDING] = "pending",
	[SNAPSHOT_COMPLETED] = "completed",
	[SNAPSHOT_ERROR] = "error",
};

/* The position of name, or 0: the first name of each list stands for "nothing known". */
static size_t parse(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 1; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return 0;
}

const struct volume *world_find_volume(const struct world *w, const char *id)
{
	for (size_t i = 0; i < w->volume_count; i++)
		if (!strcmp(w->volumes[i].id, id))
			return &w->volumes[i];
	return NULL;
}

const struct snapshot *world_find_snapshot(const struct world *w, const char *id)
{
	for (size_t i = 0; i < w->snapshot_count; i++)
		if (!strcmp(w->snapshots[i].id, id))
			return &w->snapshots[i];
	return NULL;
}

const struct address *world_find_address(const struct world *w, const char *allocation_id)
{
	for (size_t i = 0; i < w->address_count; i++)
		if (!strcmp(w->addresses[i].allocation_id, allocation_id))
			return &w->addresses[i];
	return NULL;
}

const struct guest_disk *guest_find_disk(const struct guest *g, const char *volume_id)
{
	for (size_t i = 0; i < g->disk_count; i++)
		if (!strcmp(g->disks[i].volume_id, volume_id))
			return &g->disks[i];
	return NULL;
}

const struct device *instance_find_volume(const struct instance *i, const char *volume_id)
{
	for (size_t d = 0; d < i->device_count; d++)
		if (!strcmp(i->devices[d].volume_id, volume_id))
			return &i->devices[d];
	return NULL;
}

const struct device *instance_find_device(const struct instance *i, const char *name)
{
	for (size_t d = 0; d < i->device_count; d++)
		if (!strcmp(i->devices[d].name, name))
			return &i->devices[d];
	return NULL;
}

const char *instance_state_name(enum instance_state s)
{
	return INSTANCE_STATES[s];
}

enum instance_state instance_state_parse(const char *name)
{
	return (enum instance_state)parse(INSTANCE_STATES, ARRAY_SIZE(INSTANCE_STATES), name);
}

const char *volume_state_name(enum volume_state s)
{
	return VOLUME_STATES[s];
}

enum volume_state volume_state_parse(const char *name)
{
	return (enum volume_state)parse(VOLUME_STATES, ARRAY_SIZE(VOLUME_STATES), name);
}

const char *attachment_state_name(enum attachment_state s)
{
	return ATTACHMENT_STATES[s];
}

enum attachment_state attachment_state_parse(const char *name)
{
	return (enum attachment_state)parse(ATTACHMENT_STATES, ARRAY_SIZE(ATTACHMENT_STATES), name);
}

const char *snapshot_state_name(enum snapshot_state s)
{
	return SNAPSHOT_STATES[s];
}

enum snapshot_state snapshot_state_parse(const char *name)
{
	return (enum snapshot_state)parse(SNAPSHOT_STATES, ARRAY_SIZE(SNAPSHOT_STATES), name);
}
