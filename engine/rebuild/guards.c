#include "rebuild/guards.h"

#include <string.h>

#include "base/text.h"
#include "rebuild/claim.h"
#include "rebuild/seen.h"
#include "rebuild/steps/steps.h"

#define ON(kind) (1U << EFFECT_##kind)

static bool is_green(const struct rebuild *r, const char *instance_id)
{
	return r->world.green.id[0] && !strcmp(r->world.green.id, instance_id);
}

static bool is_blue(const struct rebuild *r, const char *instance_id)
{
	return !strcmp(r->world.blue.id, instance_id);
}

static bool proved(const struct rebuild *r, const struct step *s)
{
	return step_run_seen(r, s)->proved;
}

static bool is_plans_volume(const struct rebuild *r, const char *volume_id)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (!strcmp(r->volumes[i].id, volume_id))
			return true;
	return false;
}

static const char *only_our_machines(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	if (e->kind == EFFECT_TAG && !e->instance_id[0])
		return is_plans_volume(r, e->volume_id) ? NULL : "the volume is none of the plan's";
	if (is_green(r, e->instance_id) || is_blue(r, e->instance_id))
		return NULL;
	return "the instance is neither blue nor green of this rebuild";
}

static const char *mounted_on_one(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	if (!seen_quiet(r, !is_green(r, e->instance_id)))
		return "the volume is not proved unmounted on the other instance";
	return NULL;
}

static const char *detached_when_quiet(const struct rebuild *r, const struct effect *e, struct moment now)
{
	if (!seen_quiet_lately(r, is_green(r, e->instance_id), now))
		return "the volume is not proved unmounted on the instance that holds it";
	return NULL;
}

static const char *attached_when_free(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);

		if (!strcmp(r->volumes[i].id, e->volume_id) && v && v->state == VOLUME_AVAILABLE)
			return NULL;
	}
	return "the volume is not proved detached from the other instance";
}

static const char *blue_ends_last(const struct rebuild *r, const struct effect *e, struct moment now)
{
	if (!is_blue(r, e->instance_id))
		return NULL;
	if (r->course != COURSE_FORWARD || !proved(r, &step_confirm) || !proved(r, &step_bake))
		return "green is not confirmed and baked yet";
	if (!seen_none_attached(r, false))
		return "a data volume of the plan is still attached to blue";
	if (e->kind == EFFECT_TERMINATE_INSTANCE && now.wall_ms < r->confirmed_wall_ms + r->plan->keep_ms)
		return "blue is to be kept longer";
	return NULL;
}

static const char *green_holds_nothing(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	if (!is_green(r, e->instance_id))
		return NULL;
	if (r->course != COURSE_BACK)
		return "green is given up only when blue is put back";
	return seen_none_attached(r, true) ? NULL : "a data volume of the plan is attached to green";
}

static const char *recovery_point_first(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	return seen_recovery_point(r, e->volume_id) ? NULL : "the volume has no recovery point yet";
}

static const char *only_old_snapshots_of_ours(
	const struct rebuild *r, const struct effect *e, struct moment now)
{
	const struct snapshot *s = world_find_snapshot(&r->world, e->snapshot_id);

	(void)now;
	if (!s || !s->rebuild[0])
		return "the snapshot is not one that a rebuild made";
	if (!strcmp(s->rebuild, r->id))
		return "the snapshot belongs to this rebuild";
	return seen_recovery_point(r, s->volume_id) ? NULL : "no newer recovery point is known";
}

static const char *traffic_to_what_serves(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	if (r->course == COURSE_BACK && is_blue(r, e->instance_id))
		return NULL; /* the window is open, and blue is what there will be */
	if (is_green(r, e->instance_id) && seen_all_mounted(r, true) && proved(r, &step_ready))
		return NULL;
	return "the instance does not hold the data or has not passed its checks";
}

static const char *address_of_ours(const struct rebuild *r, const struct effect *e, struct moment now)
{
	const struct address *a = world_find_address(&r->world, e->allocation_id);

	(void)now;
	if (!a)
		return "the address is none of this rebuild's";
	return seen_is_foreign(r, a->instance_id) ? "somebody pointed the address to another instance" : NULL;
}

static const char *driven_by_us(const struct rebuild *r, const struct effect *e, struct moment now)
{
	if (claim_is_lost(r))
		return "the tags say that somebody else drives this rebuild";
	if (r->claimed_since_ms && effect_changes_something(e) &&
		now.mono_ms - claim_seen_ms(r) > CLAIM_FRESH_MS)
		return "nobody has looked lately whether somebody else drives this rebuild";
	return NULL;
}

static const char *started_on_its_data(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	return seen_all_mounted(r, is_green(r, e->instance_id)) ? NULL
								: "its data is not proved mounted there";
}

static const char *tagged_when_made(const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	return e->token[0] && !strcmp(e->rebuild, r->id) && e->role ? NULL : "it would not carry its tags";
}

static const char *outage_only_when_prepared(
	const struct rebuild *r, const struct effect *e, struct moment now)
{
	(void)now;
	if (!is_blue(r, e->instance_id) || (proved(r, &step_backup) && proved(r, &step_boot)))
		return NULL;
	return "green is not up or the backup is not taken";
}

const struct guard guards[] = {
	{ 1, "mounted-on-one", ON(MOUNT), mounted_on_one },
	{ 1, "attached-when-free", ON(ATTACH_VOLUME), attached_when_free },
	{ 2, "detached-when-quiet", ON(DETACH_VOLUME), detached_when_quiet },
	{ 3, "blue-ends-last", ON(STOP_INSTANCE) | ON(TERMINATE_INSTANCE), blue_ends_last },
	{ 4, "recovery-point-first", ON(DETACH_VOLUME), recovery_point_first },
	{ 4, "only-old-snapshots-of-ours", ON(DELETE_SNAPSHOT), only_old_snapshots_of_ours },
	{ 5, "traffic-to-what-serves", ON(ASSOCIATE_ADDRESS), traffic_to_what_serves },
	{ 5, "outage-only-when-prepared", ON(QUIESCE), outage_only_when_prepared },
	{ 5, "address-of-ours", ON(ASSOCIATE_ADDRESS), address_of_ours },
	{ 6, "started-on-its-data", ON(START_SERVICE), started_on_its_data },
	{ 7, "only-our-machines",
		ON(STOP_INSTANCE) | ON(START_INSTANCE) | ON(TERMINATE_INSTANCE) | ON(DETACH_VOLUME) |
			ON(ATTACH_VOLUME) | ON(PROTECT_INSTANCE) | ON(KEEP_VOLUME) | ON(TAG) | ON(QUIESCE) |
			ON(MOUNT) | ON(START_SERVICE) | ON(ASSOCIATE_ADDRESS),
		only_our_machines },
	{ 8, "tagged-when-made", ON(LAUNCH) | ON(CREATE_SNAPSHOT), tagged_when_made },
	{ 9, "driven-by-us", ~0U, driven_by_us },
	{ 10, "green-holds-nothing", ON(TERMINATE_INSTANCE), green_holds_nothing },
	{ 0, NULL, 0, NULL },
};

const struct guard *guards_refuse(
	const struct rebuild *r, const struct effect *e, struct moment now, const char **ret_reason)
{
	if (e->dry_run)
		return NULL; /* changes nothing */
	for (const struct guard *g = guards; g->name; g++) {
		const char *reason = g->kinds & 1U << e->kind ? g->refuses(r, e, now) : NULL;

		if (reason) {
			*ret_reason = reason;
			return g;
		}
	}
	return NULL;
}
