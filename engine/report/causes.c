#include "report/causes.h"

#include <stdlib.h>
#include <string.h>

#include "report/reason.h"

enum { REASON_MAX_BYTES = 4096 };

/* A machine, and its reason without what is only about itself. */
struct entry {
	const char *kind;
	const struct standing_machine *machine;
};

static bool has_cause(enum machine_state s)
{
	return tally_kind(s) == TALLY_FAILED || s == MACHINE_SET_ASIDE;
}

static const char *kind_of(const struct standing_machine *m, struct arena *a)
{
	auto_text kind = { 0 };

	text_init(&kind, REASON_MAX_BYTES);
	reason_strip(m->row.cause, &kind);
	return arena_copy(a, kind.bytes);
}

static size_t collect(const struct standing *s, struct arena *a, struct entry *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		if (has_cause(s->machines[i].state))
			ret[count++] = (struct entry){ kind_of(&s->machines[i], a), &s->machines[i] };
	return count;
}

static int compare_kind(const struct entry *x, const struct entry *y)
{
	int state = (int)x->machine->state - (int)y->machine->state;

	return state ? state : strcmp(x->kind, y->kind);
}

static int by_kind(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int kind = compare_kind(x, y);

	return kind ? kind : (x->machine > y->machine) - (x->machine < y->machine);
}

/* The reason as it was given, if it was the same for all. */
static const char *reason_of(const struct entry *entries, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(entries[i].machine->row.cause, entries[0].machine->row.cause) != 0)
			return entries[0].kind;
	return entries[0].machine->row.cause;
}

static struct cause cause_of(const struct entry *entries, size_t count, struct arena *a)
{
	struct cause c = { .state = entries[0].machine->state,
		.reason = reason_of(entries, count),
		.machines = arena_array(a, count, sizeof(*c.machines)),
		.count = count };

	for (size_t i = 0; i < count; i++)
		c.machines[i] = entries[i].machine;
	return c;
}

static int by_count(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->machines[0] > y->machines[0]) - (x->machines[0] < y->machines[0]);
}

void causes_find(const struct standing *s, struct arena *a, struct causes *ret)
{
	struct entry *entries = arena_array(a, s->count, sizeof(*entries));
	size_t all = collect(s, a, entries);

	*ret = (struct causes){ .list = arena_array(a, all, sizeof(*ret->list)) };
	qsort(entries, all, sizeof(*entries), by_kind);
	for (size_t i = 0, next; i < all; i = next) {
		for (next = i + 1; next < all && !compare_kind(&entries[i], &entries[next]);)
			next++;
		ret->list[ret->count++] = cause_of(&entries[i], next - i, a);
	}
	qsort(ret->list, ret->count, sizeof(*ret->list), by_count);
}
