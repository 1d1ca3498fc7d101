#include "run/audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/audit/case.h"

/* An audit under way. */
struct auditing {
	const struct inventory *in;
	const struct audit_options *options;
	struct arena *arena;
	struct findings *found;
	size_t room;
	const char **seen; /* rebuilds that were looked at */
	size_t seen_count;
};

static const char *const SEVERITIES[SEVERITY_COUNT] = {
	[SEVERITY_URGENT] = "urgent",
	[SEVERITY_WRONG] = "wrong",
	[SEVERITY_WASTE] = "waste",
	[SEVERITY_NOTE] = "note",
};

const char *severity_name(enum severity s)
{
	return SEVERITIES[s];
}

const char *finding_name(const struct finding *f, struct arena *a)
{
	return arena_printf(a, "%s:%s", f->row->name, f->object);
}

const struct finding *findings_find(const struct findings *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->items[i];
		size_t len = strlen(f->row->name);

		if (!strncmp(name, f->row->name, len) && name[len] == ':' &&
			!strcmp(name + len + 1, f->object))
			return f;
	}
	return NULL;
}

static void add(struct auditing *a, const struct finding *f)
{
	struct findings *found = a->found;

	found->items = arena_room(a->arena, found->items, &a->room, found->count + 1, sizeof(*found->items));
	found->items[found->count++] = *f;
}

/* Asks every rule that is about such a thing. */
static void judge(struct auditing *a, enum audit_about about, const char *object, struct audit_look *l)
{
	l->o = a->options;
	l->arena = a->arena;
	for (const struct finding_row *row = audit_rows(); row->name; row++) {
		struct finding f = { .row = row, .object = object, .rebuild = l->c->id };

		if (row->about == about && row->judge(l, &f))
			add(a, &f);
	}
}

static void judge_instances(struct auditing *a, const struct audit_case *c)
{
	for (size_t i = 0; i < a->in->instance_count; i++) {
		const struct instance *it = &a->in->instances[i];

		if (case_owns_instance(c, it))
			judge(a, ABOUT_INSTANCE, it->id, &(struct audit_look){ .c = c, .instance = it });
	}
}

static void judge_volumes(struct auditing *a, const struct audit_case *c)
{
	for (size_t i = 0; i < a->in->volume_count; i++) {
		const struct volume *it = &a->in->volumes[i];

		if (!strcmp(it->rebuild, c->id))
			judge(a, ABOUT_VOLUME, it->id, &(struct audit_look){ .c = c, .volume = it });
	}
}

static void judge_snapshots(struct auditing *a, const struct audit_case *c)
{
	for (size_t i = 0; i < a->in->snapshot_count; i++) {
		const struct snapshot *it = &a->in->snapshots[i];

		if (!strcmp(it->rebuild, c->id))
			judge(a, ABOUT_SNAPSHOT, it->id, &(struct audit_look){ .c = c, .snapshot = it });
	}
}

/* Addresses carry no tags: they belong to the rebuild by what they point to, or by the record. */
static void judge_addresses(struct auditing *a, const struct audit_case *c)
{
	for (size_t i = 0; i < a->in->address_count; i++) {
		const struct address *it = &a->in->addresses[i];

		if (case_owns_address(c, it))
			judge(a, ABOUT_ADDRESS, it->allocation_id,
				&(struct audit_look){ .c = c, .address = it });
	}
}

/* Once for each rebuild, whichever of its things names it first. What is driven is left alone. */
static void judge_rebuild(struct auditing *a, const char *id)
{
	struct audit_case c;

	if (!*id)
		return;
	for (size_t i = 0; i < a->seen_count; i++)
		if (!strcmp(a->seen[i], id))
			return;
	a->seen[a->seen_count++] = id;
	audit_case_fill(a->in, id, &c);
	if (c.fate == FATE_DRIVEN)
		return;
	judge(a, ABOUT_REBUILD, id, &(struct audit_look){ .c = &c });
	judge_instances(a, &c);
	judge_volumes(a, &c);
	judge_snapshots(a, &c);
	judge_addresses(a, &c);
}

/* The most urgent first; otherwise by rebuild and object, so that two runs show the same. */
static int compare(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int order = (int)a->row->severity - (int)b->row->severity;

	if (!order)
		order = strcmp(a->rebuild, b->rebuild);
	if (!order)
		order = strcmp(a->object, b->object);
	return order ? order : strcmp(a->row->name, b->row->name);
}

void audit(
	const struct inventory *in, const struct audit_options *o, struct arena *arena, struct findings *ret)
{
	struct auditing a = { .in = in, .options = o, .arena = arena, .found = ret };

	*ret = (struct findings){ .count = 0 };
	a.seen = arena_array(arena,
		in->rebuild_count + in->instance_count + in->volume_count + in->snapshot_count,
		sizeof(*a.seen));
	for (size_t i = 0; i < in->rebuild_count; i++)
		judge_rebuild(&a, in->rebuilds[i].record.id);
	for (size_t i = 0; i < in->instance_count; i++)
		judge_rebuild(&a, in->instances[i].rebuild);
	for (size_t i = 0; i < in->volume_count; i++)
		judge_rebuild(&a, in->volumes[i].rebuild);
	for (size_t i = 0; i < in->snapshot_count; i++)
		judge_rebuild(&a, in->snapshots[i].rebuild);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare);
}
