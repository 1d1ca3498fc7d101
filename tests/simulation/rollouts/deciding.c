#include "deciding.h"

#include <time.h>

#include "breakage.h"

enum { TRIED = 10000 };

/* Of the processor: this machine may have much else to do. */
static int64_t now_ns(const struct story *s)
{
	struct timespec t;

	if (!s->measures)
		return 0;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void deciding_measure(struct story *s)
{
	int64_t from_ns, to_ns = 0;

	s->measures = true;
	from_ns = now_ns(s);
	for (int i = 0; i < TRIED; i++)
		to_ns = now_ns(s);
	s->clock_ns = (to_ns - from_ns) / TRIED;
}

static void add(struct story *s, int64_t from_ns)
{
	int64_t took_ns = now_ns(s) - from_ns - s->clock_ns;

	s->tally.decisions++;
	s->tally.deciding_ns += took_ns;
	if (took_ns > s->tally.longest_ns)
		s->tally.longest_ns = took_ns;
}

void deciding_set(struct story *s, struct worker *w, uint32_t machine, struct machine_row row)
{
	int64_t from_ns = now_ns(s);

	rollout_set(w->rollout, machine, row);
	add(s, from_ns);
}

void deciding_seen(struct story *s, struct worker *w, uint32_t machine, bool serves)
{
	int64_t from_ns = now_ns(s);

	rollout_seen(w->rollout, machine, serves);
	add(s, from_ns);
}

struct rollout_turn deciding_next(struct story *s, struct worker *w)
{
	struct rollout_turn t;
	int64_t from_ns;

	breakage_before(s, w);
	from_ns = now_ns(s);
	t = rollout_next(w->rollout, story_wall_ms(s));
	add(s, from_ns);
	return t;
}

bool deciding_lets_go(struct story *s, struct worker *w)
{
	bool goes;
	int64_t from_ns;

	breakage_before(s, w);
	from_ns = now_ns(s);
	goes = rollout_lets_go(w->rollout, story_wall_ms(s));
	add(s, from_ns);
	return goes || breakage_breaks(s, BREAKS_LETS_GO);
}
