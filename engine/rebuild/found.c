#include "rebuild/found.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/absorb.h"

static const char PROTECTED[] = "protected", UNPROTECTED[] = "unprotected";
static const char DIES[] = "deleted on termination", SURVIVES[] = "kept on termination";

static void write_volume(struct rebuild_volume *v)
{
	char value[CLOUD_NAME_SIZE];

	snprintf(value, sizeof(value), "%.32s %s", v->device, v->delete_on_termination ? DIES : SURVIVES);
	text_copy(v->found, sizeof(v->found), value);
}

void found_write(struct rebuild *r)
{
	const struct world *w = &r->world;

	text_copy(r->found, sizeof(r->found), r->was_protected ? PROTECTED : UNPROTECTED);
	for (size_t i = 0; i < w->address_count; i++)
		text_append(r->found, sizeof(r->found), " %s", w->addresses[i].allocation_id);
	for (size_t i = 0; i < r->volume_count; i++)
		write_volume(&r->volumes[i]);
}

static void read_volume(struct rebuild_volume *v, const struct volume *seen)
{
	const char *space = strchr(seen->found, ' ');

	if (!space)
		return;
	snprintf(v->device, sizeof(v->device), "%.*s", (int)(space - seen->found), seen->found);
	v->delete_on_termination = !strcmp(space + 1, DIES);
}

void found_read(struct rebuild *r)
{
	const char *found = r->world.blue.found;

	/* Without the tag nothing has been protected yet: it is as it is. */
	r->was_protected =
		found[0] ? !text_starts_with(found, UNPROTECTED) : r->blueprint.termination_protected;
	for (size_t i = 0; i < r->volume_count; i++)
		read_volume(&r->volumes[i], world_find_volume(&r->world, r->volumes[i].id));
	found_write(r);
}

bool found_follow_addresses(struct rebuild *r)
{
	const char *word = r->world.blue.found;
	char id[CLOUD_ID_SIZE];

	if (!word[0])
		return false;
	while ((word = strchr(word, ' '))) {
		word++;
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(word, " "), word);
		world_follow_address(&r->world, id);
	}
	return true;
}
