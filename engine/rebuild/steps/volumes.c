#include "rebuild/steps/volumes.h"

#include <string.h>

#include "rebuild/seen.h"

static void fill(struct effect *e, const struct rebuild *r, size_t i, bool green)
{
	memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
	memcpy(e->instance_id, seen_id(r, green), sizeof(e->instance_id));
	memcpy(e->device, r->volumes[i].device, sizeof(e->device));
}

static bool is_leaving(const struct volume *v)
{
	return v->attachment == ATTACHMENT_DETACHING || v->attachment == ATTACHMENT_BUSY;
}

bool volumes_are_leaving(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);

		if (v && is_leaving(v))
			return true;
	}
	return false;
}

void volumes_detach(struct rebuild *r, bool green, struct moment now, struct effects *out)
{
	if (!seen_quiet_lately(r, green, now))
		return; /* its guest is asked once more (volumes_look_at_holder) */
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);
		struct effect *e;

		if (!v || v->attachment == ATTACHMENT_NONE || is_leaving(v))
			continue;
		e = strcmp(v->instance_id, seen_id(r, green)) ? NULL
							      : step_effect(out, EFFECT_DETACH_VOLUME, i);
		if (e)
			fill(e, r, i, green);
	}
}

void volumes_attach(struct rebuild *r, bool green, struct effects *out)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);
		struct effect *e =
			v && v->state == VOLUME_AVAILABLE ? step_effect(out, EFFECT_ATTACH_VOLUME, i) : NULL;

		if (e)
			fill(e, r, i, green);
	}
}

void volumes_look_at_holder(struct rebuild *r, bool green, struct moment now, struct looks *out)
{
	if (!seen_quiet_lately(r, green, now))
		step_look_guest(out, green, (struct pace){ 0, 1000 });
}

void volumes_look(struct rebuild *r, struct pace pace, struct looks *out)
{
	for (size_t i = 0; i < r->volume_count; i++)
		step_look(out, QUERY_VOLUME, r->volumes[i].id, pace);
}
