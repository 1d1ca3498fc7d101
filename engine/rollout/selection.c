#include "rollout/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "rollout/directory.h"
#include "rollout/numbering.h"
#include "rollout/rollout.h"

enum { NAMED_MOST = 5, MESSAGE_MAX = 512 };

/* A machine on its way to its place in the order. */
struct seat {
	const struct listed *machine, *first;
	const char *zone; /* NULL: zones do not matter */
	size_t found_at;  /* in the list */
};

/* ---- who is meant ---- */

static bool is_role(const struct listed *m, const char *role)
{
	return !strcmp(m->role, role);
}

static bool is_gone(const struct listed *m)
{
	return m->state == INSTANCE_SHUTTING_DOWN || m->state == INSTANCE_TERMINATED;
}

/* Its blue has not given the place up to it, or has taken it back. */
static bool is_green_in_the_making(const struct listed *m, const struct directory *d)
{
	const struct listed *blue = is_role(m, ROLE_GREEN) ? directory_find(d, m->replaces) : NULL;

	return blue && !is_gone(blue) && !is_role(blue, ROLE_RETIRED) && !strcmp(blue->rebuild, m->rebuild);
}

static const struct listed *first_kept(const struct listed *m, const struct directory *d)
{
	const struct listed *blue;

	/* each step goes to another machine; tags that lead in a circle are no reason to go round in it */
	for (size_t n = 0; n < d->count; n++) {
		blue = m->replaces[0] ? directory_find(d, m->replaces) : NULL;
		if (!blue || is_gone(blue) || !is_role(blue, ROLE_RETIRED))
			break;
		m = blue;
	}
	return m;
}

static size_t seat_those_meant(
	const struct plan *plan, const struct listed *list, size_t count, struct arena *a, struct seat *ret)
{
	const struct directory d = directory_make(list, count, a);
	size_t seated = 0;

	for (size_t i = 0; i < count; i++) {
		const struct listed *m = &list[i];

		if (!is_gone(m) && !is_role(m, ROLE_RETIRED) && !is_green_in_the_making(m, &d))
			ret[seated++] = (struct seat){ m, first_kept(m, &d),
				plan->rollout.zone_by_zone ? m->zone : NULL, i };
	}
	return seated;
}

/* ---- in which order ---- */

static bool is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/* Numbers as numbers, before words; machines without the tag come last. */
static int compare_order(const char *a, const char *b)
{
	bool a_number = is_number(a), b_number = is_number(b);

	if (a_number && b_number) {
		a += strspn(a, "0");
		b += strspn(b, "0");
		return strlen(a) != strlen(b) ? (strlen(a) < strlen(b) ? -1 : 1) : strcmp(a, b);
	}
	if (a_number != b_number)
		return a_number ? -1 : 1;
	if (!*a != !*b)
		return *a ? -1 : 1;
	return strcmp(a, b);
}

static int by_order(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;
	int order = x->zone ? strcmp(x->zone, y->zone) : 0;

	if (!order)
		order = compare_order(x->machine->order, y->machine->order);
	if (order)
		return order;
	return x->found_at < y->found_at ? -1 : 1;
}

/* ---- groups and zones as numbers ---- */

static void number_groups(struct selection *s, struct arena *a)
{
	const char **names = arena_array(a, s->count, sizeof(*names));
	const uint32_t *numbers;

	for (size_t i = 0; i < s->count; i++)
		names[i] = s->machines[i].machine->group;
	numbers = numbering_make(names, s->count, a);
	for (size_t i = 0; i < s->count; i++)
		s->machines[i].group = numbers[i];
}

/* Machines of a zone stand together. */
static void number_zones(struct selection *s)
{
	for (size_t i = 1; i < s->count; i++)
		s->machines[i].zone =
			s->machines[i - 1].zone +
			(strcmp(s->machines[i].machine->zone, s->machines[i - 1].machine->zone) != 0);
}

/* ---- what is wrong with it ---- */

static bool refuse_none_of_those_named(const struct plan *plan, struct error *err)
{
	error_set(err, ERROR_MISSING, "none of the %zu machines that the plan names is there: %s%s",
		plan->machines.instance_count, plan->machines.instances[0],
		plan->machines.instance_count > 1 ? ", ..." : "");
	return error_hint(
		err, "if they were replaced, name those that have their places, or all by `machines.tags`");
}

static bool refuse_nothing(const struct plan *plan, struct error *err)
{
	auto_text tags = { 0 };

	if (plan->machines.instance_count)
		return refuse_none_of_those_named(plan, err);
	text_init(&tags, MESSAGE_MAX);
	for (size_t i = 0; i < plan->machines.tag_count; i++)
		text_addf(&tags, "%s%s=%s", i ? ", " : "", plan->machines.tags[i].key,
			plan->machines.tags[i].value);
	error_set(err, ERROR_MISSING, "no machine carries the tags %s", tags.bytes);
	return error_hint(err, "check `machines.tags` in the plan, and its account and region");
}

static bool check_groups(const struct plan *plan, const struct selection *s, struct error *err)
{
	size_t lacking = 0;
	auto_text names;

	text_init(&names, MESSAGE_MAX);
	for (size_t i = 0; i < s->count; i++) {
		if (*s->machines[i].machine->group)
			continue;
		if (lacking++ < NAMED_MOST)
			text_addf(&names, "%s%s", lacking > 1 ? ", " : "", s->machines[i].machine->id);
	}
	if (!lacking)
		return true;
	error_set(err, ERROR_PLAN, "%zu of %zu machines have no tag %s, by which the plan groups them: %s%s",
		lacking, s->count, plan->machines.group_by, names.bytes, lacking > NAMED_MOST ? ", ..." : "");
	return error_hint(err, "tag them, or leave them out of `machines`");
}

bool selection_make(const struct plan *plan, const struct listed *list, size_t count, struct arena *a,
	struct selection *ret, struct error *err)
{
	struct seat *seats = arena_array(a, count, sizeof(*seats));
	size_t seated = seat_those_meant(plan, list, count, a, seats);

	if (!seated)
		return refuse_nothing(plan, err);
	qsort(seats, seated, sizeof(*seats), by_order);
	*ret = (struct selection){ arena_array(a, seated, sizeof(*ret->machines)), seated };
	for (size_t i = 0; i < seated; i++)
		ret->machines[i] = (struct selected){ seats[i].machine, seats[i].first, ROLLOUT_NO_GROUP, 0 };
	if (plan->rollout.zone_by_zone)
		number_zones(ret);
	if (!plan->machines.group_by)
		return true;
	if (!check_groups(plan, ret, err))
		return false;
	number_groups(ret, a);
	return true;
}
