#include "rebuild/preflight.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/absorb.h"
#include "cloud/tags.h"
#include "rebuild/adopt.h"
#include "rebuild/found.h"
#include "rebuild/seen.h"

/* The selector that is asked about now is the first one that has no volume yet. */
static void found_volume(struct rebuild *r, const char *volume_id)
{
	struct rebuild_volume *v = &r->volumes[r->volumes_found];

	text_copy(v->id, sizeof(v->id), volume_id);
	world_follow_volume(&r->world, volume_id);
	r->volumes_found++;
}

static void absorb_volume_by_tag(struct rebuild *r, const struct answer *a)
{
	const struct plan_volume_selector *selector = &r->volumes[r->volumes_found].plan->volume;

	if (a->sighting_count == 1) {
		found_volume(r, a->sightings[0].volume.id);
		world_absorb(&r->world, &a->sightings[0]);
		return;
	}
	snprintf(r->selector_trouble, sizeof(r->selector_trouble),
		"%zu volumes attached to %s carry the tag %s=%s: exactly one is needed", a->sighting_count,
		r->world.blue.id, selector->tag.key, selector->tag.value);
}

static bool is_wanted(const struct plan *p, const char *allocation_id)
{
	for (size_t i = 0; i < p->change.elastic_ip_count; i++)
		if (!strcmp(p->change.elastic_ips[i], allocation_id))
			return true;
	return p->change.elastic_ip_all;
}

static void absorb_addresses(struct rebuild *r, const struct answer *a)
{
	for (size_t i = 0; i < a->sighting_count; i++) {
		const struct sighting *s = &a->sightings[i];

		if (!is_wanted(r->plan, s->address.allocation_id))
			continue;
		world_follow_address(&r->world, s->address.allocation_id);
		world_absorb(&r->world, s);
	}
	if (!r->resumed) /* else both machines are asked about, unless blue's tag names them */
		r->addresses_seen = true;
}

/* Of the machines that carry the rebuild's tag: the one that it launched and that lives. */
static void absorb_green(struct rebuild *r, const struct answer *a)
{
	for (size_t i = 0; i < a->sighting_count && !r->world.green.id[0]; i++) {
		const struct instance *seen = &a->sightings[i].instance;

		if (strcmp(seen->role, ROLE_GREEN) != 0 || seen->state == INSTANCE_SHUTTING_DOWN ||
			seen->state == INSTANCE_TERMINATED)
			continue;
		text_copy(r->world.green.id, sizeof(r->world.green.id), seen->id);
		text_copy(r->launch_token, sizeof(r->launch_token), seen->client_token);
		world_absorb(&r->world, &a->sightings[i]);
	}
}

static bool is_at_its_end(const struct instance *i)
{
	return i->state == INSTANCE_SHUTTING_DOWN || i->state == INSTANCE_TERMINATED;
}

bool preflight_wants_successor(const struct rebuild *r)
{
	const struct instance *last = r->successor.id[0] ? &r->successor : &r->world.blue;

	return is_at_its_end(last) || (r->blue_missing && last == &r->world.blue);
}

/*
 * What took the place of the one that was asked about; it may have been replaced itself. Those that an
 * earlier rebuild launched and terminated when it put blue back are shown, too.
 */
static void absorb_successor(struct rebuild *r, const struct answer *a)
{
	for (size_t i = 0; i < a->sighting_count; i++)
		if (!i || is_at_its_end(&r->successor))
			r->successor = a->sightings[i].instance;
}

static void resolve_by_device(struct rebuild *r)
{
	while (r->volumes_found < r->volume_count) {
		const struct plan_volume_selector *s = &r->volumes[r->volumes_found].plan->volume;
		const struct device *d = s->device ? instance_find_device(&r->world.blue, s->device) : NULL;

		if (s->id)
			found_volume(r, s->id);
		else if (d)
			found_volume(r, d->volume_id);
		else
			return;
	}
}

/* What blue's own description says of its volumes, and what blue's guest says of their filesystems. */
static void note_volumes(struct rebuild *r)
{
	for (size_t i = 0; i < r->volumes_found; i++) {
		struct rebuild_volume *v = &r->volumes[i];
		const struct device *d = instance_find_volume(&r->world.blue, v->id);
		const struct guest_disk *disk = guest_find_disk(&r->world.blue_guest, v->id);

		if (d && !v->device[0]) {
			text_copy(v->device, sizeof(v->device), d->name);
			v->delete_on_termination = d->delete_on_termination;
		}
		if (disk && disk->mounted && !v->uuid[0])
			text_copy(v->uuid, sizeof(v->uuid), disk->uuid);
	}
}

bool preflight_wants_volume(const struct rebuild *r)
{
	return (!r->resumed || r->volumes_untagged) && r->volumes_found < r->volume_count;
}

void preflight_absorb(struct rebuild *r, const struct answer *a)
{
	if (a->query == QUERY_BLUEPRINT)
		adopt_blue(r);
	if (a->query == QUERY_VOLUME_BY_TAG && preflight_wants_volume(r))
		absorb_volume_by_tag(r, a);
	if (a->query == QUERY_VOLUMES_OF_REBUILD)
		adopt_volumes(r, a);
	if (a->query == QUERY_ADDRESSES_OF)
		absorb_addresses(r, a);
	if (a->query == QUERY_OF_REBUILD)
		absorb_green(r, a);
	if (a->query == QUERY_REPLACED)
		absorb_successor(r, a);
	if (a->query == QUERY_BLUEPRINT && r->resumed)
		r->addresses_seen = found_follow_addresses(r);
	if (a->query == QUERY_BLUEPRINT && !r->resumed)
		r->was_protected = r->blueprint.termination_protected;
	if (r->world.blue.asked_ms && preflight_wants_volume(r))
		resolve_by_device(r);
	note_volumes(r);
}

/* A machine that cannot be reached says nothing: its steps find out what follows from that. */
static bool was_probed(const struct rebuild *r, const struct instance *i)
{
	return !i->id[0] || i->state != INSTANCE_RUNNING || seen_answered(r, QUERY_GUEST, i->id);
}

/* Blue's tags name the addresses; without them, those count that point to one of the two machines. */
static bool are_addresses_seen(const struct rebuild *r)
{
	const struct world *w = &r->world;

	for (size_t i = 0; r->addresses_seen && i < w->address_count; i++)
		if (!seen_answered(r, QUERY_ADDRESS, w->addresses[i].allocation_id))
			return false;
	if (r->addresses_seen)
		return true;
	return seen_answered(r, QUERY_ADDRESSES_OF, w->blue.id) &&
	       (!w->green.id[0] || seen_answered(r, QUERY_ADDRESSES_OF, w->green.id));
}

/* An earlier process changed the world: everything is looked at anew, nothing need be as at the beginning. */
static bool is_surveyed(const struct rebuild *r)
{
	const struct world *w = &r->world;

	if (!seen_answered(r, QUERY_BLUEPRINT, w->blue.id) || !seen_answered(r, QUERY_OF_REBUILD, r->id))
		return false;
	if (r->volumes_found < r->volume_count || !w->image.asked_ms || !are_addresses_seen(r))
		return false;
	for (size_t i = 0; i < r->volume_count; i++)
		if (!seen_answered(r, QUERY_VOLUME, r->volumes[i].id) ||
			!seen_answered(r, QUERY_SNAPSHOTS, r->volumes[i].id))
			return false;
	return was_probed(r, &w->blue) && was_probed(r, &w->green);
}

bool preflight_is_complete(const struct rebuild *r)
{
	const struct world *w = &r->world;

	if (r->resumed)
		return is_surveyed(r);
	if (!r->blueprint_seen || !w->image.asked_ms || !r->addresses_seen || !w->blue_guest.reachable)
		return false;
	assert(r->volumes_found == r->volume_count); /* before blue's guest is asked about them */
	for (size_t i = 0; i < r->volume_count; i++)
		if (!world_find_volume(w, r->volumes[i].id)->asked_ms)
			return false;
	return true;
}

static bool runs_image(const struct rebuild *r, const struct instance *i)
{
	return i->state == INSTANCE_RUNNING && !strcmp(r->world.image.id, i->image_id);
}

bool preflight_is_rebuilt(const struct rebuild *r)
{
	if (r->resumed || r->world.image.state != IMAGE_AVAILABLE)
		return false;
	return runs_image(r, &r->world.blue) || runs_image(r, &r->successor);
}

/* Collects reasons. */
struct reasons {
	char *text;
	size_t size;
	enum error_kind kind; /* of the first; ERROR_NONE: there is none */
};

static void PRINTF(3, 4) add(struct reasons *out, enum error_kind kind, const char *fmt, ...)
{
	char reason[REBUILD_CAUSE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	text_append(out->text, out->size, "%s%s", out->kind ? "; " : "", reason);
	if (!out->kind)
		out->kind = kind;
}

static void check_blue(const struct rebuild *r, struct reasons *out)
{
	const struct instance *blue = &r->world.blue;

	if (!blue->asked_ms && !r->blue_missing)
		return;
	if (r->successor.id[0])
		add(out, ERROR_CONFLICT,
			"instance %s was replaced by %s (rebuild %s): name that one in the plan", blue->id,
			r->successor.id, r->successor.rebuild);
	else if (r->blue_missing)
		add(out, ERROR_MISSING, "instance %s does not exist in this account and region", blue->id);
	else if (blue->state != INSTANCE_RUNNING)
		add(out, ERROR_CONFLICT,
			"instance %s is %s: start it first, a rebuild begins with a running machine",
			blue->id, instance_state_name(blue->state));
}

static void check_image(const struct rebuild *r, struct reasons *out)
{
	const struct image *image = &r->world.image;
	const char *blue = r->blueprint.architecture;

	if (image->state == IMAGE_UNSEEN && r->plan->image.id)
		add(out, ERROR_MISSING, "image %s does not exist or is not shared with this account",
			r->plan->image.id);
	else if (image->state == IMAGE_UNSEEN)
		add(out, ERROR_MISSING, "no image of owner %s is named like %s", r->plan->image.newest_owner,
			r->plan->image.newest_name);
	else if (image->state != IMAGE_AVAILABLE)
		add(out, ERROR_CONFLICT, "image %s is not available", image->id);
	else if (blue && strcmp(blue, image->architecture) != 0 && !r->plan->launch.instance_type)
		add(out, ERROR_CONFLICT, "image %s is for %s, but %s is a %s machine", image->id,
			image->architecture, r->world.blue.id, blue);
}

static void check_volume(const struct rebuild *r, size_t i, struct reasons *out)
{
	const struct instance *blue = &r->world.blue;
	const char *id = r->volumes[i].id;
	const struct volume *v = world_find_volume(&r->world, id);

	if (!v->asked_ms)
		return;
	if (v->state == VOLUME_UNSEEN)
		add(out, ERROR_MISSING, "volume %s does not exist", id);
	else if (strcmp(v->zone, blue->zone) != 0)
		add(out, ERROR_CONFLICT, "volume %s is in zone %s, but %s is in %s", id, v->zone, blue->id,
			blue->zone);
	else if (v->attachment_count > 1)
		add(out, ERROR_CONFLICT, "volume %s is attached to %zu instances: only one may hold it", id,
			v->attachment_count);
	else if (v->attachment == ATTACHMENT_NONE || strcmp(v->instance_id, blue->id) != 0)
		add(out, ERROR_CONFLICT, "volume %s is not attached to %s", id, blue->id);
	else if (!strcmp(v->device, blue->root_device))
		add(out, ERROR_CONFLICT, "volume %s is the root volume of %s: green brings its own", id,
			blue->id);
}

static void check_volumes(const struct rebuild *r, struct reasons *out)
{
	if (r->world.blue.state != INSTANCE_RUNNING)
		return;
	for (size_t i = r->volumes_found; i < r->volume_count; i++)
		if (r->volumes[i].plan->volume.device &&
			!instance_find_device(&r->world.blue, r->volumes[i].plan->volume.device))
			add(out, ERROR_MISSING, "%s has no volume at %s", r->world.blue.id,
				r->volumes[i].plan->volume.device);
	for (size_t i = 0; i < r->volumes_found; i++) {
		check_volume(r, i, out);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(r->volumes[i].id, r->volumes[j].id))
				add(out, ERROR_CONFLICT, "volume %s is named twice by the plan",
					r->volumes[i].id);
	}
}

static void check_mounts(const struct rebuild *r, struct reasons *out)
{
	const struct guest *g = &r->world.blue_guest;

	for (size_t i = 0; g->reachable && i < r->volumes_found; i++) {
		const struct guest_disk *d = guest_find_disk(g, r->volumes[i].id);
		const char *id = r->volumes[i].id, *mount = r->volumes[i].plan->mount;

		if (!instance_find_volume(&r->world.blue, id))
			continue; /* that is complained of elsewhere */
		if (!d || !d->present)
			add(out, ERROR_MISSING, "%s sees no disk of volume %s", r->world.blue.id, id);
		else if (!d->mounted)
			add(out, ERROR_CONFLICT, "volume %s is not mounted on %s: the plan says %s", id,
				r->world.blue.id, mount);
		else if (!d->mounted_right)
			add(out, ERROR_CONFLICT, "volume %s is not mounted at %s on %s, or not writable", id,
				mount, r->world.blue.id);
	}
}

static void check_addresses(const struct rebuild *r, struct reasons *out)
{
	if (!r->addresses_seen)
		return;
	if (r->plan->change.elastic_ip_all && !r->world.address_count)
		add(out, ERROR_MISSING, "%s has no Elastic IP to switch", r->world.blue.id);
	if (r->world.address_count > 1)
		add(out, ERROR_CONFLICT,
			"%s has %zu Elastic IPs to switch: EC2 points only one to an instance's own address",
			r->world.blue.id, r->world.address_count);
	for (size_t i = 0; i < r->plan->change.elastic_ip_count; i++)
		if (!world_find_address(&r->world, r->plan->change.elastic_ips[i]))
			add(out, ERROR_CONFLICT, "Elastic IP %s does not point to %s",
				r->plan->change.elastic_ips[i], r->world.blue.id);
}

/* A question that the cloud answers with an error now will not be answered better later. */
static void check_answers(const struct rebuild *r, struct reasons *out)
{
	if (r->selector_trouble[0])
		add(out, ERROR_CONFLICT, "%s", r->selector_trouble);
	if (r->trouble_blue.kind == ERROR_DENIED || r->trouble_blue.kind == ERROR_LOCAL)
		add(out, r->trouble_blue.kind, "%s", r->trouble_blue.message);
	else if (r->trouble.kind && r->trouble.kind != r->trouble_blue.kind)
		add(out, r->trouble.kind, "%s", r->trouble.message);
}

/* No tag says which addresses there were, and none points here: clients would be left behind. */
static bool has_lost_addresses(const struct rebuild *r)
{
	bool wanted = r->plan->change.elastic_ip_all || r->plan->change.elastic_ip_count;

	return wanted && !r->world.address_count && !r->world.blue.found[0] && !r->resume_back &&
	       !r->resume_finished;
}

/* A blue that another rebuild has replaced says so (course.c). */
static bool is_nothing_left(const struct rebuild *r)
{
	return seen_blue_gone(r) && !r->world.green.id[0] && !r->resume_finished && !adopt_is_displaced(r);
}

bool preflight_can_go_on(const struct rebuild *r)
{
	return !has_lost_addresses(r) && !is_nothing_left(r);
}

/* The tags do not say which volumes they are, and the plan's selectors find none on blue. */
static bool has_lost_volumes(const struct rebuild *r)
{
	if (!r->adopted || !seen_answered(r, QUERY_VOLUMES_OF_REBUILD, r->id) ||
		!seen_answered(r, QUERY_BLUEPRINT, r->world.blue.id) || r->volumes_found == r->volume_count)
		return false;
	return !r->volumes_untagged || !r->volumes[r->volumes_found].plan->volume.tag.key ||
	       r->selector_trouble[0];
}

/* One of them carries its tag, and another one carries none, not even of a rebuild that began at the same moment. */
static bool has_strange_volume(const struct rebuild *r)
{
	bool ours = false, strange = false;

	for (size_t i = 0; r->volumes_untagged && i < r->volumes_found; i++) {
		const struct volume *v = world_find_volume(&r->world, r->volumes[i].id);

		ours = ours || !strcmp(v->rebuild, r->id);
		strange = strange || (v->tags_asked_ms && !v->rebuild[0]);
	}
	return ours && strange;
}

/* What is in the way of going on: the cloud does not answer, or there is nothing left to go on with. */
static bool check_resumed(const struct rebuild *r, struct reasons *out, enum error_kind *ret_kind)
{
	if (has_lost_volumes(r) || has_strange_volume(r))
		add(out, ERROR_CONFLICT,
			"not every volume of the plan carries the tags of rebuild %s: it is not the plan "
			"that it was begun with, or tags were removed",
			r->id);
	if (is_surveyed(r) && has_lost_addresses(r))
		add(out, ERROR_CONFLICT,
			"no Elastic IP points to blue %s or a green of it any more: somebody moved it",
			r->world.blue.id);
	if (is_surveyed(r) && is_nothing_left(r))
		add(out, ERROR_MISSING, "neither blue %s nor a green of rebuild %s is there any more",
			r->world.blue.id, r->id);
	if (r->trouble.kind && r->trouble.kind != r->trouble_blue.kind &&
		r->trouble.kind != r->trouble_green.kind)
		add(out, r->trouble.kind, "%s", r->trouble.message);
	*ret_kind = out->kind;
	return out->kind != ERROR_NONE;
}

/* And, if it is gone, whether something took its place. */
static bool is_blue_known(const struct rebuild *r)
{
	const char *last = r->successor.id[0] ? r->successor.id : r->world.blue.id;

	if (!r->blueprint_seen && !r->blue_missing)
		return seen_answered(r, QUERY_BLUEPRINT, r->world.blue.id);
	if (preflight_wants_successor(r) && !seen_answered(r, QUERY_REPLACED, last))
		return false;
	return !r->successor.id[0] || r->world.image.asked_ms;
}

bool preflight_refusal(const struct rebuild *r, char *ret, size_t size, enum error_kind *ret_kind)
{
	struct reasons out = { .text = ret, .size = size };

	ret[0] = '\0';
	if (r->resumed)
		return check_resumed(r, &out, ret_kind);
	if (!is_blue_known(r))
		return false; /* its tags may say that it is in the middle of a rebuild: then nothing need be right */
	check_answers(r, &out);
	check_blue(r, &out);
	if (r->world.image.asked_ms) { /* a machine that has the image already need not be as the plan says */
		check_image(r, &out);
		check_volumes(r, &out);
		check_mounts(r, &out);
		check_addresses(r, &out);
	}
	*ret_kind = out.kind;
	return out.kind != ERROR_NONE;
}
