#include "sandbox/model/agenda.h"

#include "base/text.h"

void agenda_init(struct agenda *a)
{
	heap_init(&a->events, sizeof(struct agenda_event));
}

void agenda_put(struct agenda *a, int64_t due_ms, int kind, const char *id)
{
	struct agenda_event event = { .due_ms = due_ms, .kind = kind };

	text_copy(event.id, sizeof(event.id), id);
	heap_put(&a->events, due_ms, &event);
}

int64_t agenda_next_due(const struct agenda *a)
{
	return heap_next(&a->events);
}

bool agenda_take(struct agenda *a, int64_t now_ms, struct agenda_event *ret)
{
	if (!heap_first(&a->events) || heap_next(&a->events) > now_ms)
		return false;
	heap_take(&a->events, ret);
	return true;
}

void agenda_release(struct agenda *a)
{
	heap_release(&a->events);
}
