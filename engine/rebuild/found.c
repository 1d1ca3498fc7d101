#include "rebuild/found.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char PROTECTED[] = "protected", UNPROTECTED[] = "unprotected";
static const char DIES[] = "deleted on termination", SURVIVES[] = "kept on termination";

void found_write(struct rebuild *r)
{
	text_copy(r->found, sizeof(r->found), r->was_protected ? PROTECTED : UNPROTECTED);
	for (size_t i = 0; i < r->volume_count; i++) {
		struct rebuild_volume *v = &r->volumes[i];
		char value[CLOUD_NAME_SIZE];

		snprintf(value, sizeof(value), "%.32s %s", v->device,
			v->delete_on_termination ? DIES : SURVIVES);
		text_copy(v->found, sizeof(v->found), value);
	}
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
	/* Without the tag nothing has been protected yet: it is as it is. */
	r->was_protected = r->world.blue.found[0] ? strcmp(r->world.blue.found, UNPROTECTED) != 0
						  : r->blueprint.termination_protected;
	for (size_t i = 0; i < r->volume_count; i++)
		read_volume(&r->volumes[i], world_find_volume(&r->world, r->volumes[i].id));
}
