#include "rebuild/seen.h"

#include <stdio.h>
#include <string.h>

/* One lost packet is no reason to go back; this many rounds of checks in a row are. */
enum { BREACHES = 3 };

/* No machine boots and mounts its data in that time. */
enum { QUIET_MS = 10 * 1000 };

const char *seen_id(const struct rebuild *r, bool green)
{
	return green ? r->world.green.id : r->world.blue.id;
}

const struct volume *seen_volume(const struct rebuild *r, size_t i)
{
	const struct volume *v = world_find_volume(&r->world, r->volumes[i].id);

	return v && v->asked_ms && v->asked_ms >= r->volumes[i].touched_ms ? v : NULL;
}

static bool holds(const struct volume *v, const char *instance_id)
{
	return v->attachment != ATTACHMENT_NONE && instance_id[0] && !strcmp(v->instance_id, instance_id);
}

static bool is_given_to(const struct volume *v, const char *instance_id)
{
	return holds(v, instance_id) &&
	       (v->attachment == ATTACHMENT_ATTACHING || v->attachment == ATTACHMENT_ATTACHED);
}

bool seen_all_attached(const struct rebuild *r, bool green)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);

		if (!v || !is_given_to(v, seen_id(r, green)))
			return false;
	}
	return true;
}

bool seen_each_left(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);

		if (!v || (v->state != VOLUME_AVAILABLE && !is_given_to(v, r->world.green.id)))
			return false;
	}
	return true;
}

bool seen_elsewhere(const struct rebuild *r, size_t i, bool green)
{
	const struct volume *v = seen_volume(r, i);

	return v && !holds(v, seen_id(r, green));
}

bool seen_none_attached(const struct rebuild *r, bool green)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (!seen_elsewhere(r, i, green))
			return false;
	return true;
}

static const struct guest *guest_of(const struct rebuild *r, bool green)
{
	return green ? &r->world.green_guest : &r->world.blue_guest;
}

/* The report of a guest on which nothing was begun since; NULL if there is none. */
static const struct guest *fresh_guest(const struct rebuild *r, bool green)
{
	const struct guest *g = guest_of(r, green);
	int64_t touched = green ? r->touched_green_ms : r->touched_blue_ms;

	return g->asked_ms && g->asked_ms >= touched ? g : NULL;
}

bool seen_reachable(const struct rebuild *r, bool green)
{
	const struct guest *g = fresh_guest(r, green);

	return g && g->reachable;
}

bool seen_all_mounted(const struct rebuild *r, bool green)
{
	const struct guest *g = fresh_guest(r, green);

	for (size_t i = 0; g && i < r->volume_count; i++) {
		const struct guest_disk *d = guest_find_disk(g, r->volumes[i].id);

		if (!d || !d->mounted_right)
			return false;
	}
	return g != NULL;
}

bool seen_stopped(const struct instance *i)
{
	return i->state == INSTANCE_STOPPED || i->state == INSTANCE_TERMINATED;
}

bool seen_blue_gone(const struct rebuild *r)
{
	if (r->blue_missing)
		return seen_none_attached(r, false);
	return r->world.blue.state == INSTANCE_SHUTTING_DOWN || r->world.blue.state == INSTANCE_TERMINATED;
}

/* The volumes are off it, or it is stopped: then its guest need not be asked. */
static bool needs_no_report(const struct rebuild *r, bool green)
{
	return !seen_id(r, green)[0] || seen_stopped(green ? &r->world.green : &r->world.blue) ||
	       seen_none_attached(r, green);
}

bool seen_quiet(const struct rebuild *r, bool green)
{
	const struct guest *g = fresh_guest(r, green);

	if (needs_no_report(r, green))
		return true;
	for (size_t i = 0; g && i < r->volume_count; i++) {
		const struct guest_disk *d = guest_find_disk(g, r->volumes[i].id);

		if (!seen_elsewhere(r, i, green) && (!d || d->mounted))
			return false;
	}
	return g && g->reachable;
}

bool seen_quiet_lately(const struct rebuild *r, bool green, struct moment now)
{
	return needs_no_report(r, green) ||
	       (seen_quiet(r, green) && now.mono_ms < guest_of(r, green)->asked_ms + QUIET_MS);
}

bool seen_recovery_point(const struct rebuild *r, const char *volume_id)
{
	for (size_t i = 0; i < r->world.snapshot_count; i++) {
		const struct snapshot *s = &r->world.snapshots[i];

		if (!strcmp(s->volume_id, volume_id) && !strcmp(s->rebuild, r->id) &&
			s->state != SNAPSHOT_ERROR)
			return true;
	}
	return false;
}

bool seen_passed(const struct verdict *v, int64_t since_ms)
{
	return v->passed && v->asked_ms >= since_ms;
}

const struct verdict *seen_verdict(const struct rebuild *r)
{
	return r->world.address_count ? &r->world.switch_verdict : &r->world.green_verdict;
}

const char *seen_breach(struct rebuild *r)
{
	if (r->breaches < BREACHES)
		return NULL;
	snprintf(r->finding, sizeof(r->finding), "green no longer passes: %s", seen_verdict(r)->failing);
	return r->finding;
}

bool seen_is_foreign(const struct rebuild *r, const char *instance_id)
{
	return instance_id[0] && strcmp(instance_id, r->world.blue.id) != 0 &&
	       strcmp(instance_id, r->world.green.id) != 0;
}

const struct volume *seen_foreign_volume(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct volume *v = seen_volume(r, i);

		if (v && v->attachment != ATTACHMENT_NONE && seen_is_foreign(r, v->instance_id))
			return v;
	}
	return NULL;
}

const struct address *seen_foreign_address(const struct rebuild *r)
{
	for (size_t i = 0; i < r->world.address_count; i++) {
		const struct address *a = &r->world.addresses[i];

		if (a->asked_ms >= r->touched_addresses_ms && seen_is_foreign(r, a->instance_id))
			return a;
	}
	return NULL;
}

const char *seen_describe_foreign_address(struct rebuild *r)
{
	const struct address *a = seen_foreign_address(r);

	if (!a)
		return NULL;
	snprintf(r->finding, sizeof(r->finding),
		"somebody pointed Elastic IP %s to %s, which is neither blue nor green", a->public_ip,
		a->instance_id);
	return r->finding;
}

bool seen_answered(const struct rebuild *r, enum query_kind kind, const char *id)
{
	for (size_t i = 0; i < r->asked_count; i++)
		if (r->asked[i].kind == kind && !strcmp(r->asked[i].id, id))
			return r->asked[i].at_ms && !r->asked[i].under_way;
	return false;
}

bool seen_answered_since(const struct rebuild *r, enum query_kind kind, const char *id, int64_t since_ms)
{
	for (size_t i = 0; i < r->asked_count; i++)
		if (r->asked[i].kind == kind && !strcmp(r->asked[i].id, id))
			return r->asked[i].answered_ms >= since_ms;
	return false;
}

bool seen_addresses_on(const struct rebuild *r, bool green)
{
	for (size_t i = 0; i < r->world.address_count; i++) {
		const struct address *a = &r->world.addresses[i];

		if (a->asked_ms < r->touched_addresses_ms || strcmp(a->instance_id, seen_id(r, green)) != 0)
			return false;
	}
	return true;
}
