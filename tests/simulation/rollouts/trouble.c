#include "trouble.h"

#include <inttypes.h>

#include "worker.h"

const char *const trouble_names[TROUBLE_COUNT] = {
	[TROUBLE_CRASH] = "worker killed",
	[TROUBLE_SLEEP] = "worker asleep for longer than its lease",
	[TROUBLE_CLOCK] = "clock jumps",
	[TROUBLE_LOSSES] = "changes and replies are lost",
	[TROUBLE_SLOW] = "changes arrive late",
};

void trouble_draw(struct story *s, int count, int flaps, int64_t within_ms)
{
	for (int i = 0; i < count; i++)
		story_plan(s, story_between(s, 0, within_ms),
			(struct story_entry){
				OCCUR_TROUBLE, (uint32_t)story_between(s, 0, TROUBLE_COUNT - 1), 0 });
	for (int i = 0; i < flaps; i++)
		story_plan(s, story_between(s, 0, within_ms),
			(struct story_entry){
				OCCUR_FLAP, (uint32_t)story_between(s, 0, (int64_t)s->size - 1), 0 });
}

/* One that is there; or NO_WORKER. */
static int draw_worker(struct story *s)
{
	size_t first = (size_t)story_between(s, 0, (int64_t)s->worker_count - 1);

	for (size_t i = 0; i < s->worker_count; i++) {
		int worker = (int)((first + i) % s->worker_count);

		if (worker_is_awake(s, worker))
			return worker;
	}
	return NO_WORKER;
}

static void jump(struct story *s)
{
	s->wall_ahead_ms += story_between(s, -2 * s->lease_ms, 3 * s->lease_ms);
	story_tell(s, "clock", "is %" PRId64 " s ahead now", s->wall_ahead_ms / 1000);
}

static void come_to(struct story *s, enum trouble_kind kind, int worker)
{
	switch (kind) {
	case TROUBLE_CRASH:
		worker_crash(s, worker);
		break;
	case TROUBLE_SLEEP:
		worker_sleep(s, worker, story_between(s, s->lease_ms / 2, s->lease_ms * 4));
		break;
	case TROUBLE_CLOCK:
		jump(s);
		break;
	case TROUBLE_LOSSES:
		s->lossy_until_ms = s->now_ms + story_between(s, s->lease_ms, s->lease_ms * 10);
		break;
	case TROUBLE_SLOW:
		s->slow_until_ms = s->now_ms + story_between(s, s->lease_ms, s->lease_ms * 10);
		break;
	case TROUBLE_COUNT:
		break;
	}
}

void trouble_come(struct story *s, enum trouble_kind kind)
{
	int worker = draw_worker(s);

	if (worker == NO_WORKER)
		return;
	s->tally.troubles[kind]++;
	story_tell(s, "trouble", "%s", trouble_names[kind]);
	come_to(s, kind, worker);
}
