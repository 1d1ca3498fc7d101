/* preflight.c: everything that can be known before anything is changed. Reads and dry runs only. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/adopt.h"
#include "rebuild/course.h"
#include "rebuild/order.h"
#include "rebuild/preflight.h"
#include "rebuild/steps/addresses.h"

/* Asked without pause, one after the other as the answers come. */
static const struct pace AT_ONCE = { 0, 60 * 1000 }, ANEW = { 0, 2000 };
static const struct pace GUEST = { 0, 2000 };

/* A claim that failed, or of which nobody knows, is made again once everything was looked at anew. */
static struct pace pace_of(const struct looks *out)
{
	return out->run->failures ? ANEW : AT_ONCE;
}

static void look_for_volumes(struct rebuild *r, struct looks *out)
{
	if (preflight_wants_volume(r)) {
		const struct plan_pair *tag = &r->volumes[r->volumes_found].plan->volume.tag;

		if (tag->key)
			step_look_tag(out, QUERY_VOLUME_BY_TAG, r->world.blue.id,
				(struct tag){ tag->key, tag->value }, (struct pace){ 0, 0 });
	}
	for (size_t i = 0; i < r->volumes_found; i++)
		if (!world_find_volume(&r->world, r->volumes[i].id)->asked_ms)
			step_look(out, QUERY_VOLUME, r->volumes[i].id, pace_of(out));
}

static void look_for_image(struct rebuild *r, struct looks *out)
{
	const struct plan *p = r->plan;

	if (r->world.image.asked_ms)
		return;
	if (p->image.id)
		step_look(out, QUERY_IMAGE, p->image.id, pace_of(out));
	else
		step_look_tag(out, QUERY_NEWEST_IMAGE, p->image.newest_name,
			(struct tag){ p->image.newest_owner, p->image.newest_name }, pace_of(out));
}

static bool wants_console(const struct rebuild *r)
{
	return r->plan->ssh.host_key == PLAN_HOST_KEY_CONSOLE && !r->world.blue_keys.asked_ms;
}

static void probe_machine(const struct rebuild *r, const struct instance *i, bool green, struct looks *out)
{
	const struct host_keys *keys = green ? &r->world.green_keys : &r->world.blue_keys;

	if (!i->id[0])
		return;
	if (!r->addresses_seen)
		step_look(out, QUERY_ADDRESSES_OF, i->id, pace_of(out));
	if (i->state != INSTANCE_RUNNING)
		return;
	if (r->plan->ssh.host_key == PLAN_HOST_KEY_CONSOLE && !keys->asked_ms)
		step_look(out, QUERY_HOST_KEYS, i->id, pace_of(out));
	else
		step_look_guest(out, green, pace_of(out));
}

/* What an earlier process left: both machines, the volumes, the addresses, the snapshots. */
static void look_again(struct rebuild *r, struct looks *out)
{
	look_for_image(r, out);
	step_look(out, QUERY_OF_REBUILD, r->id, pace_of(out));
	step_look(out, QUERY_BLUEPRINT, r->world.blue.id, pace_of(out));
	if (r->adopted)
		step_look(out, QUERY_VOLUMES_OF_REBUILD, r->id, pace_of(out));
	look_for_volumes(r, out);
	if (r->addresses_seen)
		addresses_look(r, pace_of(out), out);
	for (size_t i = 0; i < r->volume_count && r->volumes[i].id[0]; i++) {
		step_look(out, QUERY_VOLUME, r->volumes[i].id, pace_of(out));
		step_look(out, QUERY_SNAPSHOTS, r->volumes[i].id, pace_of(out));
	}
	probe_machine(r, &r->world.blue, false, out);
	probe_machine(r, &r->world.green, true, out);
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	const char *blue = r->world.blue.id;

	if (r->resumed) {
		if (!adopt_is_settling(r, now))
			look_again(r, out);
		return;
	}
	look_for_image(r, out);
	if (!r->blueprint_seen && !r->blue_missing)
		step_look(out, QUERY_BLUEPRINT, blue, pace_of(out));
	if (!r->addresses_seen)
		step_look(out, QUERY_ADDRESSES_OF, blue, pace_of(out));
	if (wants_console(r))
		step_look(out, QUERY_HOST_KEYS, blue, pace_of(out));
	if ((r->blueprint_seen || r->blue_missing) && preflight_wants_successor(r))
		step_look(out, QUERY_REPLACED, r->successor.id[0] ? r->successor.id : blue, pace_of(out));
	if (r->world.blue.state != INSTANCE_RUNNING)
		return;
	look_for_volumes(r, out);
	if (r->volumes_found == r->volume_count && r->addresses_seen && !wants_console(r) &&
		!r->world.blue_guest.reachable)
		step_look_guest(out, false, GUEST);
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	enum error_kind kind;

	(void)now;
	if (!preflight_refusal(r, r->finding, sizeof(r->finding), &kind))
		return NULL;
	r->cause_kind = kind;
	course_details(r, r->trouble_blue.kind ? &r->trouble_blue : &r->trouble);
	return r->finding;
}

/* What the window will need; the earlier effects would be refused before they harm anything. */
static const enum effect_kind PERMISSIONS[] = {
	EFFECT_LAUNCH,
	EFFECT_DETACH_VOLUME,
	EFFECT_ATTACH_VOLUME,
	EFFECT_STOP_INSTANCE,
	EFFECT_TERMINATE_INSTANCE,
	EFFECT_ASSOCIATE_ADDRESS,
};

static bool is_wanted(const struct rebuild *r, enum effect_kind kind)
{
	return kind != EFFECT_ASSOCIATE_ADDRESS || r->world.address_count;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	if (!preflight_is_complete(r))
		return;
	if (r->resumed) {
		adopt_claim(r, now, out);
		return;
	}
	if (!r->launch.like)
		order_launch(r);
	for (size_t i = 0; i < ARRAY_SIZE(PERMISSIONS); i++) {
		struct effect *e = is_wanted(r, PERMISSIONS[i]) ? step_effect(out, PERMISSIONS[i], i) : NULL;

		if (!e)
			continue;
		e->dry_run = true;
		e->role = "green";
		e->launch = PERMISSIONS[i] == EFFECT_LAUNCH ? &r->launch : NULL;
		memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
		memcpy(e->volume_id, r->volumes[0].id, sizeof(e->volume_id));
		memcpy(e->device, r->volumes[0].device, sizeof(e->device));
		if (r->world.address_count)
			memcpy(e->allocation_id, r->world.addresses[0].allocation_id,
				sizeof(e->allocation_id));
	}
}

static bool proved(const struct rebuild *r, struct moment now)
{
	unsigned acked = step_run_seen(r, &step_preflight)->acked;

	if (!preflight_is_complete(r) || (r->resumed && !(adopt_is_done(r, now) && preflight_can_go_on(r))))
		return false;
	for (size_t i = 0; !r->resumed && i < ARRAY_SIZE(PERMISSIONS); i++)
		if (is_wanted(r, PERMISSIONS[i]) && !(acked & 1U << i))
			return false;
	return true;
}

const struct step step_preflight = {
	.name = "preflight",
	.summary = "Look at blue, its volumes, addresses and the image; ask whether all is permitted",
	.gives = FACT_KNOWN,
	.limit_s = 60,
	.typical_ms = 1500,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
};
