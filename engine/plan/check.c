#include "plan/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/window.h"

struct checking {
	const struct yaml_node *root;
	const struct plan *plan;
	struct diagnostics *diagnostics;
};

typedef void check(struct checking *c);

/* The first item of a list of the plan; NULL if there is none. */
static const struct yaml_node *items_of(const struct checking *c, const char *list)
{
	const struct yaml_node *n = yaml_find(c->root, list);

	return n && n->kind == YAML_SEQUENCE ? n->first : NULL;
}

static const struct yaml_node *scalar_of(const struct yaml_node *mapping, const char *key)
{
	const struct yaml_node *n = yaml_find(mapping, key);

	return n && n->kind == YAML_SCALAR ? n : NULL;
}

/* `.` and `..` would let two mounts be one without looking alike. */
static bool winds(const char *path)
{
	return strstr(path, "/./") || strstr(path, "/../") || text_ends_with(path, "/.") ||
	       text_ends_with(path, "/..");
}

static void mounts_are_direct(struct checking *c)
{
	for (const struct yaml_node *n = items_of(c, "data"); n; n = n->next) {
		const struct yaml_node *mount = scalar_of(n, "mount");

		if (mount && winds(mount->text))
			diagnostics_add(c->diagnostics, mount->line, mount->column,
				"`data[].mount`: a mount point has no `.` or `..` in it");
	}
}

static bool selectors_equal(const struct plan_volume_selector *a, const struct plan_volume_selector *b)
{
	if (a->tag.key && b->tag.key)
		return !strcmp(a->tag.key, b->tag.key) && !strcmp(a->tag.value, b->tag.value);
	if (a->device && b->device)
		return !strcmp(a->device, b->device);
	return a->id && b->id && !strcmp(a->id, b->id);
}

static void volumes_are_different(struct checking *c)
{
	const struct yaml_node *n = items_of(c, "data");

	for (size_t i = 0; n && i < c->plan->data_count; i++, n = n->next) {
		const struct yaml_node *volume = yaml_find(n, "volume");

		for (size_t j = 0; j < i; j++)
			if (selectors_equal(&c->plan->data[i].volume, &c->plan->data[j].volume))
				diagnostics_add(c->diagnostics, volume->line, volume->column,
					"`data[].volume`: item %zu of the list means this volume already",
					j + 1);
	}
}

static bool is_for_one_machine(const struct plan *p)
{
	return p->machines.instance_count == 1;
}

/* A volume belongs to one machine. */
static void volume_ids_fit_one_machine(struct checking *c)
{
	if (is_for_one_machine(c->plan))
		return;
	for (const struct yaml_node *n = items_of(c, "data"); n; n = n->next) {
		const struct yaml_node *id = scalar_of(yaml_find(n, "volume"), "id");

		if (id)
			diagnostics_add(c->diagnostics, id->line, id->column,
				"`data[].volume.id` fits one machine only: use `tag` or `device`");
	}
}

static void address_ids_fit_one_machine(struct checking *c)
{
	if (is_for_one_machine(c->plan))
		return;
	for (const struct yaml_node *n = items_of(c, "switch"); n; n = n->next) {
		const struct yaml_node *ids = yaml_find(n, "elastic_ip");

		if (ids && ids->kind == YAML_SEQUENCE)
			diagnostics_add(c->diagnostics, ids->line, ids->column,
				"`switch[].elastic_ip` by id fits one machine only: use `all`");
	}
}

static void addresses_stand_in_one_place(struct checking *c)
{
	const struct yaml_node *first = NULL;

	for (const struct yaml_node *n = items_of(c, "switch"); n; n = n->next) {
		const struct yaml_node *item = yaml_find(n, "elastic_ip");

		if (item && first)
			diagnostics_add(c->diagnostics, item->key->line, item->key->column,
				"`switch[].elastic_ip` stands in line %d already: list all addresses there",
				first->key->line);
		else if (item)
			first = item;
	}
}

/* aws: belongs to AWS; by changeover: we find again what we made (cloud/tags.h). */
static void tags_are_free_to_set(struct checking *c)
{
	static const char *const RESERVED[] = { "aws:", "changeover:" };

	for (size_t i = 0; i < c->plan->launch.tag_count; i++) {
		const char *name = c->plan->launch.tags[i].key;
		const struct yaml_node *n = yaml_find(yaml_find(yaml_find(c->root, "launch"), "tags"), name);

		for (size_t j = 0; j < ARRAY_SIZE(RESERVED); j++)
			if (text_starts_with(name, RESERVED[j]))
				diagnostics_add(c->diagnostics, n->key->line, n->key->column,
					"`launch.tags`: names that begin with `%s` are reserved",
					RESERVED[j]);
	}
}

static void there_is_a_way_to_log_in(struct checking *c)
{
	const struct yaml_node *ssh = yaml_find(c->root, "ssh"), *agent = scalar_of(ssh, "agent");

	if (agent && !strcmp(agent->text, "false") && !yaml_find(ssh, "key"))
		diagnostics_add(c->diagnostics, agent->line, agent->column,
			"`ssh` has no way to log in: give `key`, or say `agent: true`");
}

/* A misspelt placeholder would be asked for as it stands, and fail only when clients already wait. */
static void placeholders_are_known(struct checking *c)
{
	static const char ADDRESS[] = "{{address}}";

	for (const struct yaml_node *n = items_of(c, "ready"); n; n = n->next) {
		const struct yaml_node *url = scalar_of(yaml_find(n, "http"), "url");
		const char *at = url ? strstr(url->text, "{{") : NULL;

		while (at && text_starts_with(at, ADDRESS))
			at = strstr(at + strlen(ADDRESS), "{{");
		if (at)
			diagnostics_add(c->diagnostics, url->line, url->column,
				"`ready[].http.url`: the only placeholder is `%s`", ADDRESS);
	}
}

static const struct yaml_node *rollout_of(const struct checking *c, const char *key)
{
	return yaml_find(yaml_find(c->root, "rollout"), key);
}

/* Numbers and per cents can be compared only once the fleet is known (rollout/stages.c). */
static void waves_grow(struct checking *c)
{
	const struct yaml_node *list = rollout_of(c, "waves"), *n = list ? list->first : NULL;
	const struct plan_share *before = NULL;

	for (size_t i = 0; n && i < c->plan->rollout.wave_count; i++, n = n->next) {
		const struct plan_share *wave = &c->plan->rollout.waves[i];

		if (before && before->percent == wave->percent && before->amount >= wave->amount)
			diagnostics_add(c->diagnostics, n->line, n->column,
				"`rollout.waves[]`: each wave reaches farther than the one before it");
		else if (!n->next && wave->percent && wave->amount < 100)
			diagnostics_add(c->diagnostics, n->line, n->column,
				"`rollout.waves[]`: the last wave reaches all machines: 100%%");
		before = wave;
	}
}

/* 0: the canary; 1, 2...: a wave; as the shape of a stage has it. */
static size_t stage_number(const char *stage)
{
	return strcmp(stage, "canary") ? (size_t)strtoul(stage + strlen("wave "), NULL, 10) : 0;
}

/* Of those before the i-th gate the last that says where it stands; NULL if none does. */
static const char *stage_before(const struct plan *p, size_t i)
{
	while (i-- > 0)
		if (p->rollout.gates[i].after)
			return p->rollout.gates[i].after;
	return NULL;
}

static bool is_stage(const struct plan *p, size_t stage)
{
	return stage ? stage <= p->rollout.wave_count : p->rollout.canary.amount > 0;
}

static const char *trouble_with_gate(const struct plan *p, size_t i)
{
	size_t stage = stage_number(p->rollout.gates[i].after);
	const char *before = stage_before(p, i);

	if (!is_stage(p, stage))
		return "the rollout has no such stage";
	if (stage && stage == p->rollout.wave_count)
		return "nothing comes after the last wave";
	return before && stage_number(before) >= stage ? "gates stand in the order of the stages" : NULL;
}

static void gates_stand_between_stages(struct checking *c)
{
	const struct yaml_node *list = rollout_of(c, "gates"), *n = list ? list->first : NULL;

	for (size_t i = 0; n && i < c->plan->rollout.gate_count; i++, n = n->next) {
		const struct yaml_node *after = scalar_of(n, "after");
		const char *trouble = c->plan->rollout.gates[i].after ? trouble_with_gate(c->plan, i) : NULL;

		if (trouble && after)
			diagnostics_add(c->diagnostics, after->line, after->column,
				"`rollout.gates[].after`: %s", trouble);
	}
}

static void the_window_has_a_time_zone(struct checking *c)
{
	const struct yaml_node *zone = scalar_of(rollout_of(c, "window"), "zone");

	if (zone && c->plan->rollout.window.zone && !window_knows_zone(c->plan->rollout.window.zone))
		diagnostics_add(c->diagnostics, zone->line, zone->column,
			"`rollout.window.zone`: there is no time zone of that name on this machine");
}

static void groups_are_named(struct checking *c)
{
	const struct yaml_node *per_group = rollout_of(c, "per_group");

	if (per_group && !c->plan->machines.group_by)
		diagnostics_add(c->diagnostics, per_group->line, per_group->column,
			"`rollout.per_group` needs `machines.group_by`: it says which machines are a group");
}

void plan_check(const struct yaml_node *root, const struct plan *plan, struct diagnostics *diagnostics)
{
	static check *const CHECKS[] = {
		mounts_are_direct,
		volumes_are_different,
		volume_ids_fit_one_machine,
		address_ids_fit_one_machine,
		addresses_stand_in_one_place,
		tags_are_free_to_set,
		there_is_a_way_to_log_in,
		placeholders_are_known,
		waves_grow,
		gates_stand_between_stages,
		the_window_has_a_time_zone,
		groups_are_named,
	};
	struct checking c = { .root = root, .plan = plan, .diagnostics = diagnostics };

	for (size_t i = 0; i < ARRAY_SIZE(CHECKS); i++)
		CHECKS[i](&c);
}
