/* launch.c: RunInstances: everything is looked up and checked first, then made. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

/* A launch with every name resolved. */
struct resolved {
	const struct model_launch *launch;
	const struct model_image *image;
	const struct model_type *type;
	const struct model_key *key; /* or NULL */
	int zone;
	char scope[64];                                    /* of the client token */
	struct model_mapping mappings[MODEL_MAPPINGS_MAX]; /* the root's first */
	size_t mapping_count;
};

static bool check_counts(const struct model_launch *l, struct error *err)
{
	if (l->min_count < 1 || l->max_count < l->min_count)
		return model_refuse(err, "InvalidParameterValue",
			"Invalid value '%d' for 'minCount'. Must be at least 1 and at most maxCount.",
			l->min_count);
	if (l->max_count > MODEL_LAUNCH_MAX)
		return model_refuse(err, "InstanceLimitExceeded",
			"You have requested more instances (%d) than your current instance limit of %d "
			"allows",
			l->max_count, MODEL_LAUNCH_MAX);
	return true;
}

/* The token's scope is the zone if the request names one, else the region (EC2 API, idempotency). */
static bool resolve_zone(const struct model *m, struct resolved *r, struct error *err)
{
	const struct model_launch *l = r->launch;
	int named = 0;

	r->zone = 0;
	if (l->subnet_id && !model_find_subnet(l->subnet_id, &r->zone, err))
		return false;
	if (l->zone && !model_find_zone(m, l->zone, &named, err))
		return false;
	if (l->subnet_id && l->zone && named != r->zone)
		return model_refuse(err, "InvalidParameterValue",
			"The specified subnet '%s' is not in the availability zone '%s'", l->subnet_id,
			l->zone);
	if (l->zone)
		r->zone = named;
	snprintf(r->scope, sizeof(r->scope), "RunInstances/%s",
		l->zone || l->subnet_id ? model_zone_name(m, r->zone) : m->region);
	return true;
}

static bool resolve_machine(const struct model *m, struct resolved *r, struct error *err)
{
	const struct model_launch *l = r->launch;

	r->image = model_find_image(m, l->image_id, err);
	if (!r->image)
		return false;
	r->type = model_find_type(l->type, err);
	if (!r->type)
		return false;
	if (strcmp(r->type->architecture, r->image->architecture) != 0)
		return model_refuse(err, "InvalidParameterValue",
			"The architecture '%s' of the specified instance type does not match the "
			"architecture '%s' of the specified AMI. Specify an instance type and an AMI that "
			"have matching architectures, and try again.",
			r->type->architecture, r->image->architecture);
	r->key = l->key_name ? model_find_key(m, l->key_name, err) : NULL;
	return !l->key_name || r->key;
}

static struct model_mapping *find_mapping(struct resolved *r, const char *device)
{
	for (size_t i = 0; i < r->mapping_count; i++)
		if (!strcmp(r->mappings[i].device, device))
			return &r->mappings[i];
	return NULL;
}

static void remove_mapping(struct resolved *r, struct model_mapping *b)
{
	r->mapping_count--;
	memmove(b, b + 1, (size_t)(r->mappings + r->mapping_count - b) * sizeof(*b));
}

static bool merge_mapping(struct resolved *r, const struct model_mapping *from, struct error *err)
{
	struct model_mapping *to = find_mapping(r, from->device);

	if (from->suppressed && to == &r->mappings[0])
		return model_refuse(err, "InvalidBlockDeviceMapping",
			"The root device '%s' cannot be suppressed", from->device);
	if (from->suppressed && to)
		remove_mapping(r, to);
	else if (to && to == &r->mappings[0] && from->size_gib && from->size_gib < to->size_gib)
		return model_refuse(err, "InvalidBlockDeviceMapping",
			"Volume of size %dGB is smaller than snapshot of image '%s', expect size >= %dGB",
			from->size_gib, r->image->id, to->size_gib);
	else if (to)
		mapping_override(to, from);
	else if (!from->suppressed && r->mapping_count == MODEL_MAPPINGS_MAX)
		return model_refuse(err, "InvalidBlockDeviceMapping", "Too many block device mappings");
	else if (!from->suppressed)
		r->mappings[r->mapping_count++] = *from;
	return true;
}

/* A data volume needs a size, its own or its snapshot's. */
static bool complete_mapping(const struct model *m, struct model_mapping *b, struct error *err)
{
	const struct model_snapshot *from;

	if (b->snapshot_id[0])
		return mapping_use_snapshot(m, b, &from, err);
	if (b->size_gib)
		return true;
	return model_refuse(
		err, "MissingParameter", "The request must contain the parameter size or snapshotId");
}

static bool resolve_mappings(const struct model *m, struct resolved *r, struct error *err)
{
	const struct model_launch *l = r->launch;

	memcpy(r->mappings, r->image->mappings, sizeof(r->mappings));
	r->mapping_count = r->image->mapping_count;
	for (size_t i = 0; i < l->mapping_count; i++)
		if (!merge_mapping(r, &l->mappings[i], err))
			return false;
	for (size_t i = 0; i < r->mapping_count; i++)
		if (!mapping_check_key(&r->mappings[i], err) ||
			(i > 0 && !complete_mapping(m, &r->mappings[i], err)))
			return false;
	return true;
}

static bool resolve(const struct model *m, struct resolved *r, struct error *err)
{
	const struct model_launch *l = r->launch;

	if (!check_counts(l, err))
		return false;
	for (size_t i = 0; i < l->group_count; i++)
		if (!model_check_group(l->group_ids[i], err))
			return false;
	if (!resolve_zone(m, r, err) || !resolve_machine(m, r, err) || !resolve_mappings(m, r, err))
		return false;
	if (m->private_pools[r->zone].free < (uint32_t)l->max_count)
		return model_refuse(err, "InsufficientFreeAddressesInSubnet",
			"There are not enough free addresses in subnet '%s' to satisfy the requested number "
			"of instances.",
			model_subnet_id(r->zone));
	return true;
}

static void make_volumes(struct model *m, struct model_instance *i, const struct resolved *r)
{
	for (size_t b = 0; b < r->mapping_count; b++) {
		struct model_volume *v = volume_new(m, r->zone, &r->mappings[b], b == 0);

		v->state = MODEL_VOLUME_AVAILABLE;
		attachment_begin(m, v, i, r->mappings[b].device);
		v->attachment.state = MODEL_ATTACHED;
		v->attachment.told = true;
		v->attachment.delete_on_termination = !r->mappings[b].keep;
		model_tags_copy(&v->tags, r->launch->volume_tags);
	}
}

static void copy_settings(struct model_instance *i, const struct model_launch *l)
{
	i->settings = l->settings;
	i->settings.placement_group = alloc_text(l->settings.placement_group);
	i->settings.profile_arn = alloc_text(l->settings.profile_arn);
	i->settings.user_data = alloc_text(l->settings.user_data);
	i->client_token = alloc_text(l->client_token);
}

static struct model_instance *make_instance(
	struct model *m, const struct resolved *r, const char *reservation_id)
{
	struct model_instance *i = alloc_zeroed(1, sizeof(*i));

	model_make_id(m, "i-", i->id);
	text_copy(i->reservation_id, sizeof(i->reservation_id), reservation_id);
	pool_take_private(m, r->zone, i->private_ip);
	i->zone = (uint8_t)r->zone;
	i->image = r->image;
	i->type = r->type;
	i->key = r->key;
	copy_settings(i, r->launch);
	model_tags_copy(&i->tags, r->launch->instance_tags);
	i->visible_ms = m->now_ms + model_draw(m, LATENCY_VISIBILITY);
	index_add(&m->instances, i->id, i);
	i->doomed = inside_fault(m, FAULT_AT_LAUNCH, i->id);
	lifecycle_launch(m, i);
	make_volumes(m, i, r);
	return i;
}

static void remember(struct model *m, const struct resolved *r, const struct model_reservation *made)
{
	struct token *t;

	if (!r->launch->client_token)
		return;
	t = token_add(m, r->scope, r->launch->client_token, made->count);
	t->fingerprint = r->launch->fingerprint;
	for (size_t i = 0; i < made->count; i++)
		text_copy(t->ids[i], sizeof(t->ids[i]), made->instances[i]->id);
}

static bool repeat(
	const struct model *m, const struct token *t, struct model_reservation *ret, struct error *err)
{
	bool alive = false;

	ret->count = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct model_instance *instance = index_find(&m->instances, t->ids[i]);

		if (!instance)
			continue;
		alive |= instance->state != MODEL_TERMINATED && instance->state != MODEL_SHUTTING_DOWN;
		text_copy(ret->id, sizeof(ret->id), instance->reservation_id);
		ret->instances[ret->count++] = instance;
	}
	if (!alive)
		return model_refuse(err, "IdempotentInstanceTerminated",
			"The instances launched with this client token have been terminated");
	return true;
}

bool model_run_instances(struct model *m, const struct model_launch *l, bool dry_run,
	struct model_reservation *ret, struct error *err)
{
	struct resolved r = { .launch = l };
	const struct token *t;

	if (!resolve_zone(m, &r, err))
		return false;
	t = token_find(m, r.scope, l->client_token);
	if (!token_check(t, l->fingerprint, err))
		return false;
	if (!t && !resolve(m, &r, err))
		return false;
	if (!model_commits(dry_run, err))
		return false;
	if (t)
		return repeat(m, t, ret, err);
	model_make_id(m, "r-", ret->id);
	for (ret->count = 0; ret->count < (size_t)l->max_count; ret->count++) {
		struct model_instance *i = make_instance(m, &r, ret->id);

		i->launch_index = (uint8_t)ret->count;
		ret->instances[ret->count] = i;
	}
	remember(m, &r, ret);
	return true;
}
