#include "run/inventory.h"

#include <string.h>

#include "base/text.h"
#include "cloud/provider.h"
#include "cloud/tags.h"
#include "run/asking.h"

/* One look under way. */
struct looking {
	struct inventory *in;
	struct arena *arena;
};

const struct instance *inventory_instance(const struct inventory *in, const char *id)
{
	for (size_t i = 0; i < in->instance_count; i++)
		if (!strcmp(in->instances[i].id, id))
			return &in->instances[i];
	return NULL;
}

const struct snapshot *inventory_snapshot(const struct inventory *in, const char *id)
{
	for (size_t i = 0; i < in->snapshot_count; i++)
		if (!strcmp(in->snapshots[i].id, id))
			return &in->snapshots[i];
	return NULL;
}

const struct known_rebuild *inventory_rebuild(const struct inventory *in, const char *id)
{
	for (size_t i = 0; i < in->rebuild_count; i++)
		if (!strcmp(in->rebuilds[i].record.id, id))
			return &in->rebuilds[i];
	return NULL;
}

bool inventory_is_alive(const struct instance *i)
{
	return i->state >= INSTANCE_PENDING && i->state <= INSTANCE_STOPPED;
}

bool inventory_was_unprotected(const struct instance *i)
{
	return text_starts_with(i->found, "unprotected");
}

bool inventory_is_shielded(const struct inventory *in, const char *instance_id)
{
	for (size_t i = 0; i < in->shielded_count; i++)
		if (!strcmp(in->shielded[i], instance_id))
			return true;
	return false;
}

static void add_instances(struct looking *l, const struct answer *answer)
{
	struct inventory *in = l->in;
	size_t room = in->instance_count;

	in->instances = arena_room(
		l->arena, in->instances, &room, room + answer->sighting_count, sizeof(*in->instances));
	for (size_t i = 0; i < answer->sighting_count; i++)
		in->instances[in->instance_count++] = answer->sightings[i].instance;
}

static void add_volumes(struct looking *l, const struct answer *answer)
{
	l->in->volumes = arena_array(l->arena, answer->sighting_count, sizeof(*l->in->volumes));
	for (size_t i = 0; i < answer->sighting_count; i++)
		l->in->volumes[l->in->volume_count++] = answer->sightings[i].volume;
}

static void add_snapshots(struct looking *l, const struct answer *answer)
{
	l->in->snapshots = arena_array(l->arena, answer->sighting_count, sizeof(*l->in->snapshots));
	for (size_t i = 0; i < answer->sighting_count; i++)
		l->in->snapshots[l->in->snapshot_count++] = answer->sightings[i].snapshot;
}

static void add_addresses(struct looking *l, const struct answer *answer)
{
	l->in->addresses = arena_array(l->arena, answer->sighting_count, sizeof(*l->in->addresses));
	for (size_t i = 0; i < answer->sighting_count; i++)
		l->in->addresses[l->in->address_count++] = answer->sightings[i].address;
}

static void add_shielded(struct looking *l, const struct answer *answer)
{
	for (size_t i = 0; i < answer->sighting_count; i++) {
		const struct sighting *s = &answer->sightings[i];

		if (s->kind == SIGHTING_BLUEPRINT && s->blueprint.termination_protected)
			l->in->shielded[l->in->shielded_count++] = arena_copy(l->arena, answer->id);
	}
}

/* What an answer to each kind of question adds; one question of a kind, but for single instances. */
static void (*const ADD[QUERY_KIND_COUNT])(struct looking *l, const struct answer *answer) = {
	[QUERY_TAGGED_INSTANCES] = add_instances,
	[QUERY_TAGGED_VOLUMES] = add_volumes,
	[QUERY_TAGGED_SNAPSHOTS] = add_snapshots,
	[QUERY_ALL_ADDRESSES] = add_addresses,
	[QUERY_INSTANCE] = add_instances,
	[QUERY_BLUEPRINT] = add_shielded,
};

static void show(void *self, const struct answer *answer)
{
	ADD[answer->query](self, answer);
}

static bool look_by_tag(struct asking *asking, struct looking *l, struct error *err)
{
	static const struct query QUERIES[] = {
		{ .kind = QUERY_TAGGED_INSTANCES, .id = TAG_REBUILD },
		{ .kind = QUERY_TAGGED_VOLUMES, .id = TAG_REBUILD },
		{ .kind = QUERY_TAGGED_SNAPSHOTS, .id = TAG_REBUILD },
		{ .kind = QUERY_ALL_ADDRESSES },
	};

	return asking_queries(asking, QUERIES, ARRAY_SIZE(QUERIES), (struct asking_view){ l, show }, err);
}

static bool add_rebuild(struct journal *j, struct looking *l, const struct record *r, struct error *err)
{
	struct known_rebuild *known = &l->in->rebuilds[l->in->rebuild_count];

	known->record = *r;
	l->in->rebuild_count++;
	return lease_look(j, r->id, l->in->now_ms, &known->lease, err);
}

/* Ids of rebuilds that a tag names and that are not known yet are looked up. */
static bool add_tagged(struct journal *j, struct looking *l, const char *id, struct error *err)
{
	struct record r;
	bool found;

	if (!id[0] || inventory_rebuild(l->in, id))
		return true;
	if (!record_find(j, id, l->arena, &r, &found, err))
		return false;
	return !found || add_rebuild(j, l, &r, err);
}

static bool add_all_tagged(struct journal *j, struct looking *l, struct error *err)
{
	const struct inventory *in = l->in;

	for (size_t i = 0; i < in->instance_count; i++)
		if (!add_tagged(j, l, in->instances[i].rebuild, err))
			return false;
	for (size_t i = 0; i < in->volume_count; i++)
		if (!add_tagged(j, l, in->volumes[i].rebuild, err))
			return false;
	for (size_t i = 0; i < in->snapshot_count; i++)
		if (!add_tagged(j, l, in->snapshots[i].rebuild, err))
			return false;
	return true;
}

static bool read_journal(struct journal *j, struct looking *l, struct error *err)
{
	struct inventory *in = l->in;
	struct record *list;
	size_t count;

	if (!record_list_open(j, l->arena, &list, &count, err))
		return false;
	in->rebuilds = arena_array(l->arena,
		count + in->instance_count + in->volume_count + in->snapshot_count, sizeof(*in->rebuilds));
	for (size_t i = 0; i < count; i++)
		if (!add_rebuild(j, l, &list[i], err))
			return false;
	in->has_journal = true;
	return add_all_tagged(j, l, err);
}

static void add_query(struct query *queries, size_t *count, enum query_kind kind, const char *id)
{
	struct query *q = &queries[(*count)++];

	*q = (struct query){ .kind = kind };
	text_copy(q->id, sizeof(q->id), id);
}

/* Machines of rebuilds that have not come to their end, even if their tags were taken off. */
static bool look_at_named(struct asking *asking, struct looking *l, struct error *err)
{
	struct inventory *in = l->in;
	struct query *queries = arena_array(l->arena, 2 * in->rebuild_count, sizeof(*queries));
	size_t count = 0;

	for (size_t i = 0; i < in->rebuild_count; i++) {
		const struct record *r = &in->rebuilds[i].record;
		const char *const ids[] = { r->blue, r->green };

		for (size_t k = 0; k < ARRAY_SIZE(ids) && !record_state_is_final(r->state); k++)
			if (*ids[k] && !inventory_instance(in, ids[k]))
				add_query(queries, &count, QUERY_INSTANCE, ids[k]);
	}
	return asking_queries(asking, queries, count, (struct asking_view){ l, show }, err);
}

/* Protection shows in an attribute of its own: asked for where a tag says how it was found. */
static bool look_at_protection(struct asking *asking, struct looking *l, struct error *err)
{
	struct inventory *in = l->in;
	struct query *queries = arena_array(l->arena, in->instance_count, sizeof(*queries));
	size_t count = 0;

	in->shielded = arena_array(l->arena, in->instance_count, sizeof(*in->shielded));
	for (size_t i = 0; i < in->instance_count; i++)
		if (inventory_is_alive(&in->instances[i]) && inventory_was_unprotected(&in->instances[i]))
			add_query(queries, &count, QUERY_BLUEPRINT, in->instances[i].id);
	return asking_queries(asking, queries, count, (struct asking_view){ l, show }, err);
}

bool inventory_look(
	const struct inventory_sources *from, struct arena *a, struct inventory *ret, struct error *err)
{
	struct looking l = { .in = ret, .arena = a };

	*ret = (struct inventory){ .now_ms = from->now_ms };
	return look_by_tag(from->asking, &l, err) &&
	       (!from->journal || read_journal(from->journal, &l, err)) &&
	       look_at_named(from->asking, &l, err) && look_at_protection(from->asking, &l, err);
}
