/* protect.c: make sure that blue's end, whoever causes it, does not take the data along. */
#include "rebuild/steps/steps.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "rebuild/found.h"
#include "rebuild/marks.h"
#include "rebuild/seen.h"

enum { PART_INSTANCE, PART_TAG_BLUE, PART_RELEASE, PART_TAG_VOLUMES = 8, PART_VOLUMES = 16 };

static bool is_acked(const struct rebuild *r, size_t part)
{
	return step_run_seen(r, &step_protect)->acked & 1U << part;
}

static bool is_tagged(const struct rebuild *r)
{
	return !strcmp(r->world.blue.rebuild, r->id);
}

static bool is_volume_seen_tagged(const struct rebuild *r, size_t i)
{
	return !strcmp(world_find_volume(&r->world, r->volumes[i].id)->rebuild, r->id);
}

static bool is_volume_tagged(const struct rebuild *r, size_t i)
{
	return is_acked(r, PART_TAG_VOLUMES + i) || is_volume_seen_tagged(r, i);
}

static bool are_volumes_tagged(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_volume_tagged(r, i))
			return false;
	return true;
}

/* A volume that blue does not hold any more cannot die with it. */
static bool is_kept(const struct rebuild *r, size_t i)
{
	const struct device *d = instance_find_volume(&r->world.blue, r->volumes[i].id);

	return d ? !d->delete_on_termination : r->resumed;
}

/* Termination protection shows only in an attribute of its own: our own call's success must do. */
static bool is_protected(const struct rebuild *r)
{
	return r->blueprint.termination_protected || is_acked(r, PART_INSTANCE);
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (seen_blue_gone(r))
		return r->resumed; /* nothing is left to protect */
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_kept(r, i) || !is_volume_seen_tagged(r, i))
			return false;
	return is_protected(r) && is_tagged(r);
}

/* Nothing was moved yet, and no green is to be made for a blue that is not there any more. */
static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	if (r->resumed || !seen_blue_gone(r))
		return NULL;
	snprintf(r->finding, sizeof(r->finding), "blue %s was terminated", r->world.blue.id);
	return r->finding;
}

static void keep_volume(struct rebuild *r, size_t i, const char *device, bool on, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_KEEP_VOLUME, PART_VOLUMES + i);

	if (!e)
		return;
	e->on = on;
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
	memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
	text_copy(e->device, sizeof(e->device), device);
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
	(void)now;
	if (!r->resumed)
		found_write(r);
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_volume_tagged(r, i))
			marks_volume(r, i, PART_TAG_VOLUMES + i, out);
	if (!are_volumes_tagged(r))
		return; /* a blue that carries the tag has volumes that carry it (adopt.h) */
	if (!is_tagged(r))
		marks_blue(r, ROLE_BLUE, PART_TAG_BLUE, out);
	if (!is_tagged(r) && !is_acked(r, PART_TAG_BLUE))
		return; /* how it was is written down before it is changed */
	if (!is_protected(r))
		protect_instance(r, true, out);
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_kept(r, i))
			keep_volume(r, i, r->volumes[i].device, true, out);
}

static bool is_all_said(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_kept(r, i) && !is_acked(r, PART_VOLUMES + i))
			return false;
	return are_volumes_tagged(r) && is_protected(r) && (is_tagged(r) || is_acked(r, PART_TAG_BLUE));
}

/*
 * One look shows it all, once everything was said; also whether another engine, which began at the same
 * moment, has written its tags over ours.
 */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	if (is_acked(r, PART_TAG_BLUE) && !r->claimed_since_ms)
		r->claimed_since_ms = now.mono_ms;
	if (!is_all_said(r))
		return;
	step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 1000 });
	for (size_t i = 0; i < r->volume_count; i++)
		if (!is_volume_seen_tagged(r, i))
			step_look(out, QUERY_VOLUME, r->volumes[i].id, (struct pace){ 0, 1000 });
}

static bool is_as_found(const struct rebuild *r)
{
	if (!is_acked(r, PART_INSTANCE))
		return false;
	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].delete_on_termination && !is_acked(r, PART_VOLUMES + i))
			return false;
	return true;
}

static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	return is_acked(r, PART_RELEASE);
}

/* EC2 may have attached it again under another name than asked for. */
static const char *device_now(const struct rebuild *r, size_t i)
{
	return world_find_volume(&r->world, r->volumes[i].id)->device;
}

/*
 * Back to how it was found; the tags stay and say what happened and, last of all, that it is over.
 * Protection that was there before us is given back, too: terminate may have taken it off.
 */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	protect_instance(r, r->was_protected, out);
	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].delete_on_termination)
			keep_volume(r, i, device_now(r, i), false, out);
	if (is_as_found(r))
		marks_blue(r, ROLE_RESTORED, PART_RELEASE, out);
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
	.hopeless = hopeless,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
