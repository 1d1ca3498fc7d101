#include "cloud/effect.h"

#include <stdio.h>
#include <string.h>

/* Placeholders of `words`: %i instance, %v volume, %s snapshot, %a allocation, %d device. */
struct effect_row {
	const char *name;
	bool guest;
	const char *words;
};

static const struct effect_row ROWS[EFFECT_KIND_COUNT] = {
	[EFFECT_NOTHING] = { "nothing", false, "" },
	[EFFECT_KEEP_VOLUME] = { "keep-volume", false, "%v on %i" },
	[EFFECT_PROTECT_INSTANCE] = { "protect-instance", false, "%i" },
	[EFFECT_TAG] = { "tag", false, "%i %v" },
	[EFFECT_CREATE_SNAPSHOT] = { "create-snapshot", false, "of %v" },
	[EFFECT_DELETE_SNAPSHOT] = { "delete-snapshot", false, "%s" },
	[EFFECT_LAUNCH] = { "launch", false, "" },
	[EFFECT_STOP_INSTANCE] = { "stop-instance", false, "%i" },
	[EFFECT_START_INSTANCE] = { "start-instance", false, "%i" },
	[EFFECT_TERMINATE_INSTANCE] = { "terminate-instance", false, "%i" },
	[EFFECT_DETACH_VOLUME] = { "detach-volume", false, "%v from %i" },
	[EFFECT_ATTACH_VOLUME] = { "attach-volume", false, "%v to %i as %d" },
	[EFFECT_ASSOCIATE_ADDRESS] = { "associate-address", false, "%a to %i" },
	[EFFECT_QUIESCE] = { "quiesce", true, "on %i" },
	[EFFECT_MOUNT] = { "mount", true, "on %i" },
	[EFFECT_START_SERVICE] = { "start-service", true, "on %i" },
	[EFFECT_CHECK] = { "check", true, "%i" },
};

const char *effect_kind_name(enum effect_kind kind)
{
	return ROWS[kind].name;
}

enum effect_kind effect_kind_parse(const char *name)
{
	for (int k = 0; k < EFFECT_KIND_COUNT; k++)
		if (!strcmp(ROWS[k].name, name))
			return (enum effect_kind)k;
	return EFFECT_NOTHING;
}

bool effect_is_guest(enum effect_kind kind)
{
	return ROWS[kind].guest;
}

bool effect_changes_something(const struct effect *e)
{
	return !e->dry_run && e->kind != EFFECT_CHECK;
}

static const char *placeholder(const struct effect *e, char letter)
{
	switch (letter) {
	case 'i':
		return e->instance_id;
	case 'v':
		return e->volume_id;
	case 's':
		return e->snapshot_id;
	case 'a':
		return e->allocation_id;
	default:
		return e->device;
	}
}

char *effect_describe(const struct effect *e, char *ret, size_t size)
{
	size_t used = (size_t)snprintf(ret, size, "%s", ROWS[e->kind].name);
	const char *w = ROWS[e->kind].words;

	if (*w && used + 1 < size)
		ret[used++] = ' ';
	for (; *w && used + 1 < size; w++) {
		if (*w != '%') {
			if (*w != ' ' || ret[used - 1] != ' ') /* an absent object leaves no gap */
				ret[used++] = *w;
			continue;
		}
		used += (size_t)snprintf(ret + used, size - used, "%s", placeholder(e, *++w));
	}
	if (used >= size)
		used = size - 1;
	while (used && ret[used - 1] == ' ')
		used--;
	ret[used] = '\0';
	return ret;
}
