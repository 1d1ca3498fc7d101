#include "calendar.h"

#include <assert.h>

static bool before(const struct calendar_entry *a, const struct calendar_entry *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void swap(struct calendar_entry *a, struct calendar_entry *b)
{
	struct calendar_entry kept = *a;

	*a = *b;
	*b = kept;
}

void calendar_put(struct calendar *c, struct calendar_entry e)
{
	size_t i = c->count++;

	assert(c->count <= CALENDAR_MAX);
	e.number = c->next_number++;
	c->entries[i] = e;
	for (; i && before(&c->entries[i], &c->entries[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&c->entries[i], &c->entries[(i - 1) / 2]);
}

int64_t calendar_next_due(const struct calendar *c)
{
	return c->count ? c->entries[0].due_ms : INT64_MAX;
}

struct calendar_entry calendar_take(struct calendar *c)
{
	struct calendar_entry first = c->entries[0];

	c->entries[0] = c->entries[--c->count];
	for (size_t i = 0, child; (child = 2 * i + 1) < c->count; i = child) {
		if (child + 1 < c->count && before(&c->entries[child + 1], &c->entries[child]))
			child++;
		if (!before(&c->entries[child], &c->entries[i]))
			break;
		swap(&c->entries[i], &c->entries[child]);
	}
	return first;
}
