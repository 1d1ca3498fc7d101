#include "sandbox/model/agenda.h"

#include <stdlib.h>

#include "base/text.h"

static bool before(const struct agenda_event *a, const struct agenda_event *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->number < b->number;
}

static void swap(struct agenda *a, size_t i, size_t j)
{
	struct agenda_event kept = a->events[i];

	a->events[i] = a->events[j];
	a->events[j] = kept;
}

static void rise(struct agenda *a, size_t i)
{
	while (i > 0 && before(&a->events[i], &a->events[(i - 1) / 2])) {
		swap(a, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void sink(struct agenda *a)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < a->count) {
		if (child + 1 < a->count && before(&a->events[child + 1], &a->events[child]))
			child++;
		if (!before(&a->events[child], &a->events[i]))
			return;
		swap(a, i, child);
		i = child;
	}
}

void agenda_put(struct agenda *a, int64_t due_ms, int kind, const char *id)
{
	struct agenda_event *event;

	if (a->count == a->size) {
		a->size = a->size ? a->size * 2 : 16;
		a->events = realloc(a->events, a->size * sizeof(*a->events));
		if (!a->events)
			abort();
	}
	event = &a->events[a->count];
	*event = (struct agenda_event){ .due_ms = due_ms, .number = a->next_number++, .kind = kind };
	text_copy(event->id, sizeof(event->id), id);
	rise(a, a->count++);
}

int64_t agenda_next_due(const struct agenda *a)
{
	return a->count ? a->events[0].due_ms : INT64_MAX;
}

bool agenda_take(struct agenda *a, int64_t now_ms, struct agenda_event *ret)
{
	if (agenda_next_due(a) > now_ms || !a->count)
		return false;
	*ret = a->events[0];
	a->events[0] = a->events[--a->count];
	sink(a);
	return true;
}

void agenda_release(struct agenda *a)
{
	free(a->events);
	*a = (struct agenda){ .events = NULL };
}
