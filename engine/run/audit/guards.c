/*
 * guards.c: what no rule of the audit can overrule. Each guard judges the remedy anew, by the inventory alone:
 * what it does not see proved, it forbids.
 */
#include <string.h>

#include "run/audit/case.h"

#define ON(kind) (1U << EFFECT_##kind)

/* All that an audit may ever do. Above all it neither detaches a volume, nor launches, nor talks to a guest. */
static const unsigned ALLOWED = ON(TERMINATE_INSTANCE) | ON(START_INSTANCE) | ON(DELETE_SNAPSHOT) |
				ON(PROTECT_INSTANCE) | ON(KEEP_VOLUME) | ON(TAG) | ON(ASSOCIATE_ADDRESS);

/* NULL if it may be. */
typedef const char *refuses(const struct audit_case *c, const struct effect *e);

static const char *only_what_is_allowed(const struct audit_case *c, const struct effect *e)
{
	(void)c;
	return ALLOWED & 1U << e->kind ? NULL : "an audit never does that";
}

static const char *only_rebuilds_that_are_over(const struct audit_case *c, const struct effect *e)
{
	/* Snapshots of a rebuild of which nothing else is known are judged by the newer ones. */
	if (case_is_over(c) || (e->kind == EFFECT_DELETE_SNAPSHOT && c->fate == FATE_UNKNOWN))
		return NULL;
	return c->fate == FATE_DRIVEN ? "somebody drives the rebuild" : "the rebuild is not known to be over";
}

static const char *only_its_own(const struct audit_case *c, const struct effect *e)
{
	const struct instance *i = inventory_instance(c->in, e->instance_id);

	return i && case_owns_instance(c, i) ? NULL : "the instance is neither blue nor green of the rebuild";
}

static bool has_other_volumes(const struct audit_case *c, const struct instance *i)
{
	for (size_t d = 0; d < i->device_count; d++)
		if (strcmp(i->devices[d].name, i->root_device) != 0)
			return true;
	return audit_holds_data(c->in, i);
}

static const char *only_idle_greens_end(const struct audit_case *c, const struct effect *e)
{
	const struct instance *i = inventory_instance(c->in, e->instance_id);

	if (!i || !case_is_green(c, i))
		return "it is not a green of the rebuild";
	if (has_other_volumes(c, i))
		return "it holds a volume besides its root";
	if (c->fate == FATE_DONE && (!c->holder || c->holder == i || !case_is_green(c, c->holder)))
		return "no other green serves";
	return audit_address_of(c->in, i->id) ? "an address points to it" : NULL;
}

static const char *only_blue_is_mended(const struct audit_case *c, const struct effect *e)
{
	if (!c->blue || strcmp(c->blue->id, e->instance_id) != 0)
		return "it is not the blue of the rebuild";
	return c->fate == FATE_BACK ? NULL : "the rebuild was not rolled back";
}

static const char *data_serves_in_one_place(const struct audit_case *c, const struct effect *e)
{
	if (c->holder && strcmp(c->holder->id, e->instance_id) != 0)
		return "the data is on another machine";
	return NULL;
}

static const char *traffic_to_the_data(const struct audit_case *c, const struct effect *e)
{
	if (!c->holder || strcmp(c->holder->id, e->instance_id) != 0)
		return "the machine does not hold the data";
	return c->holder->state == INSTANCE_RUNNING ? NULL : "the machine does not run";
}

static bool has_newer_point(const struct inventory *in, const struct snapshot *s)
{
	for (size_t i = 0; i < in->snapshot_count; i++)
		if (!strcmp(in->snapshots[i].volume_id, s->volume_id) &&
			in->snapshots[i].state == SNAPSHOT_COMPLETED &&
			in->snapshots[i].started_ms > s->started_ms)
			return true;
	return false;
}

static const char *a_recovery_point_stays(const struct audit_case *c, const struct effect *e)
{
	const struct snapshot *s = inventory_snapshot(c->in, e->snapshot_id);

	if (!s || strcmp(s->rebuild, c->id) != 0)
		return "the snapshot is not one that the rebuild made";
	if (s->state == SNAPSHOT_ERROR || has_newer_point(c->in, s))
		return NULL;
	return "there is no newer recovery point of its volume";
}

static const struct {
	unsigned kinds;
	refuses *refuses;
} GUARDS[] = {
	{ ~0U, only_what_is_allowed },
	{ ~0U, only_rebuilds_that_are_over },
	{ ~ON(DELETE_SNAPSHOT), only_its_own },
	{ ON(TERMINATE_INSTANCE), only_idle_greens_end },
	{ ON(PROTECT_INSTANCE) | ON(KEEP_VOLUME) | ON(TAG) | ON(START_INSTANCE), only_blue_is_mended },
	{ ON(START_INSTANCE) | ON(TAG), data_serves_in_one_place },
	{ ON(ASSOCIATE_ADDRESS), traffic_to_the_data },
	{ ON(DELETE_SNAPSHOT), a_recovery_point_stays },
};

static const char *refuses_effect(const struct audit_case *c, const struct effect *e)
{
	const char *reason = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(GUARDS) && !reason; i++)
		if (GUARDS[i].kinds & 1U << e->kind)
			reason = GUARDS[i].refuses(c, e);
	return reason;
}

const char *audit_refuses(const struct inventory *in, const struct finding *f)
{
	struct audit_case c;

	audit_case_fill(in, f->rebuild, &c);
	switch (f->remedy) {
	case REMEDY_NONE:
		return "there is no remedy but by hand";
	case REMEDY_EFFECT:
		return refuses_effect(&c, &f->effect);
	case REMEDY_CLOSE:
	case REMEDY_LEASE:
		break;
	}
	return c.fate == FATE_DRIVEN ? "somebody drives the rebuild" : NULL;
}
