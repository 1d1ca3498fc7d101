#include "aws/gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { NOBODY = 0, ONE, MANY };

/* The questions of one kind that are held, and who asked last. */
struct held {
	struct query *list;
	size_t count, size;
	int askers;        /* of the last question that went: NOBODY, ONE, MANY */
	uint32_t asked_by; /* if it was one */
	int64_t asked_ms;
	bool urgent; /* one that is held is */
};

struct gather {
	struct gather_options o;
	uv_timer_t timer;
	size_t rebuilds; /* under way */
	struct held kinds[QUERY_KIND_COUNT];
};

static const struct gather_pause SHORTEST = { 1500, 200 }, LONGEST = { 5000, 200 };
/* What is asked of instances while clients wait is whose they are, four seconds before it must be known (claim.h). */
static const struct gather_pause LONGEST_OF_INSTANCES = { 5000, 1500 };

static int between(int few, int many, size_t rebuilds)
{
	if (rebuilds <= GATHER_FEW)
		return few;
	if (rebuilds >= GATHER_MANY)
		return many;
	return few + (many - few) * (int)(rebuilds - GATHER_FEW) / (GATHER_MANY - GATHER_FEW);
}

struct gather_pause gather_pause(enum query_kind kind, size_t rebuilds)
{
	const struct gather_pause *many = kind == QUERY_INSTANCE ? &LONGEST_OF_INSTANCES : &LONGEST;

	return (struct gather_pause){
		.usual_ms = between(SHORTEST.usual_ms, many->usual_ms, rebuilds),
		.urgent_ms = between(SHORTEST.urgent_ms, many->urgent_ms, rebuilds),
	};
}

void gather_crowd(struct gather *g, size_t rebuilds)
{
	g->rebuilds = rebuilds;
}

void gather_hold(struct gather *g, const struct query *q)
{
	struct held *h = &g->kinds[q->kind];

	h->list = alloc_room(h->list, &h->size, h->count + 1, sizeof(*h->list));
	h->list[h->count++] = *q;
	h->urgent = h->urgent || urgency_of(g->o.urgency, q->subject);
}

static int askers(const struct held *h)
{
	for (size_t i = 1; i < h->count; i++)
		if (h->list[i].subject != h->list[0].subject)
			return MANY;
	return h->count ? ONE : NOBODY;
}

/* It alone has asked that kind of question before, too. */
static bool is_alone(const struct held *h)
{
	return h->askers == ONE && askers(h) == ONE && h->asked_by == h->list[0].subject;
}

static int64_t due_ms(const struct gather *g, const struct held *h)
{
	struct gather_pause pause;

	if (!h->count)
		return INT64_MAX;
	if (h->askers == NOBODY || is_alone(h))
		return h->asked_ms;
	pause = gather_pause(h->list[0].kind, g->rebuilds);
	return h->asked_ms +
	       (int64_t)(h->urgent ? pause.urgent_ms : pause.usual_ms) * g->o.pace_percent / 100;
}

static void ask(struct gather *g, struct held *h, int64_t now)
{
	size_t count = h->count;

	h->askers = askers(h);
	h->asked_by = h->list[0].subject;
	h->asked_ms = now;
	h->count = 0;
	h->urgent = false;
	g->o.ask(g->o.ctx, h->list, count);
}

static void on_timer(uv_timer_t *timer);

void gather_ask_due(struct gather *g)
{
	int64_t now = clock_mono_ms(g->o.clock), first = INT64_MAX;

	for (int k = 0; k < QUERY_KIND_COUNT; k++) {
		struct held *h = &g->kinds[k];
		int64_t due = due_ms(g, h);

		if (h->count && due <= now)
			ask(g, h, now);
		else
			first = due < first ? due : first;
	}
	if (first == INT64_MAX)
		uv_timer_stop(&g->timer);
	else
		uv_timer_start(&g->timer, on_timer, (uint64_t)(first - now), 0);
}

static void on_timer(uv_timer_t *timer)
{
	gather_ask_due(timer->data);
}

struct gather *gather_new(const struct gather_options *o)
{
	struct gather *g = alloc_zeroed(1, sizeof(*g));

	g->o = *o;
	uv_timer_init(o->loop, &g->timer);
	g->timer.data = g;
	return g;
}

static void on_closed(uv_handle_t *timer)
{
	struct gather *g = timer->data;

	for (int k = 0; k < QUERY_KIND_COUNT; k++)
		free(g->kinds[k].list);
	free(g);
}

void gather_free(struct gather *g)
{
	if (!g)
		return;
	uv_timer_stop(&g->timer);
	uv_close((uv_handle_t *)&g->timer, on_closed);
}
