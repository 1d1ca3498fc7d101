#include "plan/check.h"

#include <string.h>

#include "base/text.h"

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

/* A volume belongs to one machine. */
static void volume_ids_fit_one_machine(struct checking *c)
{
	if (c->plan->machines.instance_count <= 1)
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
	if (c->plan->machines.instance_count <= 1)
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
	};
	struct checking c = { .root = root, .plan = plan, .diagnostics = diagnostics };

	for (size_t i = 0; i < ARRAY_SIZE(CHECKS); i++)
		CHECKS[i](&c);
}
