#include "run/muster.h"

#include <string.h>

#include "rollout/directory.h"
#include "rollout/numbering.h"
#include "rollout/rollout.h"
#include "rollout/selection.h"

bool muster_names_all(const struct plan *p)
{
	return p->machines.instance_count && !p->machines.group_by && !p->rollout.order_by &&
	       !p->rollout.zone_by_zone;
}

const struct tag *muster_tags(const struct plan *p, struct arena *a)
{
	struct tag *tags;

	if (p->machines.instance_count)
		return NULL;
	tags = arena_array(a, p->machines.tag_count, sizeof(*tags));
	for (size_t i = 0; i < p->machines.tag_count; i++)
		tags[i] = (struct tag){ p->machines.tags[i].key, p->machines.tags[i].value };
	return tags;
}

struct query muster_question(const struct plan *p, struct arena *a)
{
	struct selector *s = arena_array(a, 1, sizeof(*s));

	*s = (struct selector){
		.ids = p->machines.instances,
		.id_count = p->machines.instance_count,
		.tags = muster_tags(p, a),
		.tag_count = p->machines.tag_count,
		.group_by = p->machines.group_by,
		.order_by = p->rollout.order_by,
	};
	return (struct query){ .kind = QUERY_FLEET, .selector = s };
}

static void make_room(struct arena *a, size_t count, struct muster *ret)
{
	*ret = (struct muster){ arena_array(a, count, sizeof(*ret->machines)), count };
}

void muster_named(const struct plan *p, struct arena *a, struct muster *ret)
{
	make_room(a, p->machines.instance_count, ret);
	for (size_t i = 0; i < ret->count; i++)
		ret->machines[i] = (struct mustered){ .id = p->machines.instances[i],
			.group_name = "",
			.zone_name = "",
			.group = ROLLOUT_NO_GROUP };
}

/* A copy, or the other text if it is the same. */
static const char *copy_like(struct arena *a, const char *text, const char *other)
{
	return other && !strcmp(text, other) ? other : arena_copy(a, text);
}

static void look_at(struct muster *m, size_t number, const struct listed *shown, struct arena *a)
{
	/* most machines have the image of the one before them */
	const char *before = number ? m->machines[number - 1].seen.image_id : NULL;

	m->machines[number].seen = (struct appearance){ .id = copy_like(a, shown->id, m->machines[number].id),
		.image_id = copy_like(a, shown->image_id, before),
		.name = arena_copy(a, shown->name),
		.rebuild = *shown->rebuild ? arena_copy(a, shown->rebuild) : "",
		.state = shown->state,
		.is_first = !strcmp(shown->id, m->machines[number].id) };
}

bool muster_listed(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret,
	struct error *err)
{
	const struct sighting *seen = list->sightings;
	auto_arena scratch = ARENA_INIT;
	struct selection s;

	if (!selection_make(p, seen->fleet.machines, seen->fleet.count, &scratch, &s, err))
		return false;
	make_room(a, s.count, ret);
	for (size_t i = 0; i < s.count; i++) {
		const struct selected *m = &s.machines[i];

		ret->machines[i] = (struct mustered){
			.id = arena_copy(a, m->first->id),
			.group_name = p->machines.group_by ? arena_copy(a, m->machine->group) : "",
			.zone_name = p->rollout.zone_by_zone ? arena_copy(a, m->machine->zone) : "",
			.group = m->group,
			.zone = m->zone,
		};
		look_at(ret, i, m->machine, a);
	}
	return true;
}

void muster_found(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret)
{
	const struct sighting *seen = list->sightings;
	auto_arena scratch = ARENA_INIT;
	struct directory d = directory_make(seen->fleet.machines, seen->fleet.count, &scratch);

	muster_named(p, a, ret);
	for (size_t i = 0; i < ret->count; i++) {
		const struct listed *m = directory_find(&d, ret->machines[i].id);

		if (!m)
			continue;
		ret->machines[i].group_name = arena_copy(a, m->group);
		look_at(ret, i, m, a);
	}
}

static void number_groups(struct muster *m)
{
	auto_arena scratch = ARENA_INIT;
	const char **names = arena_array(&scratch, m->count, sizeof(*names));
	const uint32_t *numbers;

	for (size_t i = 0; i < m->count; i++)
		names[i] = m->machines[i].group_name;
	numbers = numbering_make(names, m->count, &scratch);
	for (size_t i = 0; i < m->count; i++)
		m->machines[i].group = numbers[i];
}

/* As they stand: the machines of a zone stand together. */
static void number_zones(struct muster *m)
{
	for (size_t i = 1; i < m->count; i++)
		m->machines[i].zone = m->machines[i - 1].zone +
				      (strcmp(m->machines[i].zone_name, m->machines[i - 1].zone_name) != 0);
}

void muster_recorded(const struct plan *p, const struct machine_record *rows, size_t count, struct arena *a,
	struct muster *ret)
{
	make_room(a, count, ret);
	for (size_t i = 0; i < count; i++)
		ret->machines[i] = (struct mustered){ .id = rows[i].machine,
			.group_name = rows[i].group,
			.zone_name = rows[i].zone,
			.group = ROLLOUT_NO_GROUP };
	if (p->machines.group_by)
		number_groups(ret);
	number_zones(ret);
}
