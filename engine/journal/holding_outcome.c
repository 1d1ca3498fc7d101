#include "journal/holding_outcome.h"

#include <stdlib.h>
#include <string.h>

/* The others are about the lock itself. */
static const bool IS_OF_HOLDER[HOLDING_CHANGE_COUNT] = {
	[HOLDING_TAKEN] = true,
	[HOLDING_GIVEN_BACK] = true,
	[HOLDING_RELEASED] = true,
};

/* Same: 0. */
typedef int compare_changes(const struct holding_change *a, const struct holding_change *b);

static int compare_locks(const struct holding_change *a, const struct holding_change *b)
{
	return (a->lock.id > b->lock.id) - (a->lock.id < b->lock.id);
}

static int compare_holders(const struct holding_change *a, const struct holding_change *b)
{
	int order = compare_locks(a, b);

	return order ? order : strcmp(a->holder, b->holder);
}

/* Of the same thing, the earlier change stands before the later one in memory. */
static int in_order(const void *a, const void *b, void *compare)
{
	const struct holding_change *const *x = a, *const *y = b;
	int order = (*(compare_changes **)compare)(*x, *y);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Sorts the list, and leaves the last change of each thing. */
static void keep_last(struct holding_list *l, compare_changes *same)
{
	size_t kept = 0;

	qsort_r(l->items, l->count, sizeof(struct holding_change *), in_order, &same);
	for (size_t i = 0; i < l->count; i++)
		if (i + 1 == l->count || same(l->items[i], l->items[i + 1]) != 0)
			l->items[kept++] = l->items[i];
	l->count = kept;
}

static void add(struct holding_list *l, const struct holding_change *c)
{
	l->items[l->count++] = c;
}

static bool is_gone(const struct holding_outcome *o, const struct holding_change *c)
{
	size_t low = 0, high = o->gone.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_locks(o->gone.items[middle], c);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static struct holding_list new_list(struct arena *a, size_t room)
{
	return (struct holding_list){ .items = arena_array(a, room, sizeof(struct holding_change *)) };
}

/* No lock comes back under the id of one that went: a deletion is the last that is heard of it. */
static void sort_out_locks(struct holding_outcome *o)
{
	struct holding_list all = o->locks;

	keep_last(&all, compare_locks);
	o->locks.count = 0;
	for (size_t i = 0; i < all.count; i++)
		add(all.items[i]->kind == HOLDING_LOCK_DELETED ? &o->gone : &o->locks, all.items[i]);
}

struct holding_outcome holding_outcome(const struct holding_change *changes, size_t count, struct arena *a)
{
	struct holding_outcome o = { new_list(a, count), new_list(a, count), new_list(a, count),
		new_list(a, count) };

	for (size_t i = 0; i < count; i++)
		add(&o.locks, &changes[i]);
	sort_out_locks(&o);
	for (size_t i = 0; i < count; i++) {
		if (is_gone(&o, &changes[i]))
			continue;
		add(&o.events, &changes[i]);
		if (IS_OF_HOLDER[changes[i].kind])
			add(&o.holders, &changes[i]);
	}
	keep_last(&o.holders, compare_holders);
	return o;
}
