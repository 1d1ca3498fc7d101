#include "story.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "laws.h"
#include "nature.h"
#include "oracle.h"
#include "people.h"
#include "setting.h"
#include "telling.h"
#include "trouble.h"
#include "worker.h"

enum {
	EVENTS_MAX = 2 * 1000 * 1000,
	EVENTS_EACH = 500, /* of a machine of a large fleet, at most */
	TROUBLES_MOST = 6,
	WORKERS_FIRST_MOST = 4,
	HOUR_MS = 3600 * 1000,
};

int64_t story_wall_ms(const struct story *s)
{
	return s->epoch_ms + s->now_ms + s->wall_ahead_ms;
}

int64_t story_between(struct story *s, int64_t low, int64_t high)
{
	return random_between(&s->random, low, high);
}

bool story_chance(struct story *s, int percent)
{
	return story_between(s, 0, 99) < percent;
}

void story_plan(struct story *s, int64_t after_ms, struct story_entry e)
{
	heap_put(&s->calendar, s->now_ms + after_ms, &e);
}

void story_broken(struct story *s, const char *rule, const char *fmt, ...)
{
	va_list ap;

	if (s->rule_name)
		return;
	s->rule_name = rule;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	story_tell(s, "RULE BROKEN", "%s: %s", rule, s->why);
}

void story_tell(struct story *s, const char *who, const char *fmt, ...)
{
	va_list ap;

	if (!s->trace)
		return;
	fprintf(s->trace, "%10.3f  %-12s ", (double)s->now_ms / 1000, who);
	va_start(ap, fmt);
	vfprintf(s->trace, fmt, ap);
	va_end(ap);
	fputc('\n', s->trace);
}

static void take_place(struct story *s, struct story_entry e)
{
	switch (e.kind) {
	case OCCUR_TURN:
		worker_turn(s, e);
		break;
	case OCCUR_CHANGE:
		people_speak_first(s, &s->parcels[e.object].change);
		worker_change_arrives(s, e.object);
		break;
	case OCCUR_REPLY:
		worker_reply(s, e.object);
		break;
	case OCCUR_ARRIVAL:
		nature_arrive(s, e);
		break;
	case OCCUR_TROUBLE:
		trouble_come(s, (enum trouble_kind)e.object);
		break;
	case OCCUR_PEOPLE:
		people_look(s);
		break;
	case OCCUR_FLAP:
		nature_flap(s, e.object);
		break;
	}
}

static void run(struct story *s)
{
	uint64_t most = EVENTS_MAX + s->size * EVENTS_EACH, events = 0;

	while (!s->rule_name && !rollout_state_is_final(s->rows.state)) {
		struct story_entry e;

		s->now_ms = heap_next(&s->calendar);
		heap_take(&s->calendar, &e);
		take_place(s, e);
		laws_check(s);
		s->tally.events++;
		if (++events > most)
			story_broken(s, "comes-to-an-end", "no end after %" PRId64 " h", s->now_ms / HOUR_MS);
	}
}

/* ---- one after the other ---- */

static void forget_workers(struct story *s)
{
	for (size_t i = 0; i < s->worker_count; i++) {
		struct worker *w = &s->workers[i];

		rollout_free(w->rollout);
		free(w->arrived);
		*w = (struct worker){ .alive = false };
	}
	s->worker_count = 0;
}

static void clean(struct story *s)
{
	forget_workers(s);
	for (size_t i = 0; i < STORY_CHANGES_MAX; i++)
		s->parcels[i].used = false;
	rows_release(&s->rows);
	heap_clear(&s->calendar);
	s->flap_count = 0;
}

static void reset(struct story *s, uint64_t seed)
{
	s->seed = seed;
	s->random.state = seed;
	s->now_ms = s->wall_ahead_ms = s->lossy_until_ms = s->slow_until_ms = 0;
	s->resumes = 0;
	s->rule_name = NULL;
	s->tally.histories++;
}

/* From its first worker to its end. */
static void play(struct story *s, size_t workers)
{
	s->tally.machines += s->size;
	rows_open(&s->rows, s->size);
	oracle_open(s->oracle, s);
	telling_plan(s);
	for (size_t i = 0; i < workers; i++)
		worker_start(s);
	story_plan(s, s->look_ms, (struct story_entry){ OCCUR_PEOPLE, 0, 0 });
	run(s);
	if (!s->rule_name)
		laws_end(s);
	s->tally.states[s->rows.state]++;
}

static void draw_troubles(struct story *s)
{
	int64_t within_ms = s->plan.rollout.window.from ? 100 * HOUR_MS : HOUR_MS;

	trouble_draw(s, (int)story_between(s, 0, TROUBLES_MOST), (int)story_between(s, 0, 4), within_ms);
}

void story_turn_round(struct story *s)
{
	s->tally.states[ROLLOUT_IS_ABORTED]++;
	if (!setting_turn_round(s)) {
		s->rows.state = ROLLOUT_IS_REVERTED;
		return;
	}
	s->tally.reverted++;
	s->tally.machines += s->size;
	s->resumes = 0;
	rows_turn_round(&s->rows, s->size);
	oracle_open(s->oracle, s);
	telling_plan(s);
	draw_troubles(s);
}

bool story_play(struct story *s, uint64_t seed)
{
	size_t workers;

	reset(s, seed);
	setting_draw_fleet(s);
	workers = (size_t)story_between(s, 1, WORKERS_FIRST_MOST);
	draw_troubles(s);
	play(s, workers);
	clean(s);
	return !s->rule_name;
}

bool story_play_large(struct story *s, uint64_t seed, size_t machines)
{
	reset(s, seed);
	setting_draw_large(s, machines);
	trouble_draw(s, TROUBLES_MOST, (int)(machines / 500), HOUR_MS);
	play(s, WORKERS_FIRST_MOST);
	clean(s);
	return !s->rule_name;
}

struct story *story_new(void)
{
	struct story *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	heap_init(&s->calendar, sizeof(struct story_entry));
	s->oracle = oracle_new();
	return s;
}

void story_free(struct story *s)
{
	clean(s);
	for (size_t i = 0; i < STORY_CHANGES_MAX; i++)
		free(s->parcels[i].change.rows);
	heap_release(&s->calendar);
	oracle_free(s->oracle);
	free(s->bodies);
	free(s->flaps);
	free(s);
}
