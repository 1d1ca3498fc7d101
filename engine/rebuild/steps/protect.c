/* protect.c: make sure that blue's end, whoever causes it, does not take the data along. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "cloud/tags.h"

enum { PART_INSTANCE, PART_TAGS, PART_VOLUMES = 8 };

static bool is_tagged(const struct rebuild *r)
{
	return !strcmp(r->world.blue.rebuild, r->id);
}

static bool is_kept(const struct rebuild *r, size_t i)
{
	const struct device *d = instance_find_volume(&r->world.blue, r->volumes[i].id);

	return d && !d->delete_on_termination;
}

/* Termination protection shows only in an attribute of its own: our own call's success must do. */
static bool is_protected(const struct rebuild *r)
{
	return r->blueprint.termination_protected || step_run_seen(r, &step_protect)->acked & 1U << PART_INSTANCE;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_kept(r, i))
			return false;
	return is_protected(r) && is_tagged(r);
}

static void keep_volume(struct rebuild *r, size_t i, bool on, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_KEEP_VOLUME, PART_VOLUMES + i);

	if (!e)
		return;
	e->on = on;
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
	memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
	memcpy(e->device, r->volumes[i].device, sizeof(e->device));
}

static void protect_instance(struct rebuild *r, bool on, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_PROTECT_INSTANCE, PART_INSTANCE);

	if (!e)
		return;
	e->on = on;
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	struct effect *e;

	(void)now;
	if (!is_protected(r))
		protect_instance(r, true, out);
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_kept(r, i))
			keep_volume(r, i, true, out);
	e = is_tagged(r) ? NULL : step_effect(out, EFFECT_TAG, PART_TAGS);
	if (!e)
		return;
	e->role = "blue";
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
	memcpy(e->volume_id, r->volumes[0].id, sizeof(e->volume_id));
}

/* One look shows it all, once everything was said. */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->acked && !r->flight_count)
		step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 1000 });
}

static bool undone(const struct rebuild *r, struct moment now)
{
	unsigned acked = step_run_seen(r, &step_protect)->acked;

	(void)now;
	if (!r->blueprint.termination_protected && !(acked & 1U << PART_INSTANCE))
		return false;
	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].delete_on_termination && !(acked & 1U << (PART_VOLUMES + i)))
			return false;
	return true;
}

/* Back to how it was found; the tags stay, they say what happened. */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	if (!r->blueprint.termination_protected)
		protect_instance(r, false, out);
	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].delete_on_termination)
			keep_volume(r, i, false, out);
}

static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)r;
	(void)now;
	(void)out;
}

const struct step step_protect = {
	.name = "protect",
	.summary = "Protect blue and its data volumes from being deleted",
	.needs = FACT_KNOWN,
	.gives = FACT_PROTECTED,
	.limit_s = 120,
	.typical_ms = 500,
	.proved = proved,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
