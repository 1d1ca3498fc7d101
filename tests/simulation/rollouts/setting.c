#include "setting.h"

#include <stdlib.h>
#include <string.h>

enum {
	MACHINES_MOST = 60,
	MACHINES_SOMETIMES = 200, /* more rebuilds than a forecast goes by */
	MACHINES_MOST_WITH_WINDOW = 24,
	ZONES_MOST = 4,
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
};

static const struct plan_window WINDOWS[] = {
	{ .from = "22:00", .to = "04:00", .zone = "Europe/Amsterdam" },
	{ .from = "01:00", .to = "03:30", .zone = "Europe/Amsterdam" },
	{ .from = "01:30", .to = "02:30", .zone = "America/New_York" },
	{ .from = "00:30", .to = "02:30", .zone = "Australia/Lord_Howe" },
	{ .from = "09:00", .to = "17:00", .zone = "Asia/Kolkata" },
	{ .from = "23:00", .to = "23:45", .zone = "UTC" },
};

/* The last days before clocks change in those zones, and any other day. */
static const int64_t DAYS_S[] = {
	1774652400, /* 2026-03-28, Amsterdam */
	1792796400, /* 2026-10-24, Amsterdam */
	1772841600, /* 2026-03-07, New York */
	1793404800, /* 2026-10-31, New York */
	1775275200, /* 2026-04-04, Lord Howe */
	1790985600, /* 2026-10-03, Lord Howe */
	1780000000,
};

/* ---- the plan ---- */

static struct plan_share draw_share(struct story *s, int most, int percents)
{
	bool percent = story_chance(s, 50);

	return (struct plan_share){ (int)story_between(s, 1, percent ? percents : most), percent };
}

static void draw_waves(struct story *s)
{
	bool in_counts = story_chance(s, 40);
	int reach = 0;
	size_t count = (size_t)story_between(s, 1, STORY_WAVES_MAX - 1);

	for (size_t i = 0; i < count; i++) {
		reach += (int)story_between(s, 1, in_counts ? 12 : 30);
		s->waves[i] = (struct plan_share){ reach, !in_counts };
	}
	s->waves[count++] = (struct plan_share){ 100, true };
	s->plan.rollout.waves = s->waves;
	s->plan.rollout.wave_count = count;
}

static void draw_gates(struct story *s)
{
	static const char *const WAVES[] = { "wave 1", "wave 2", "wave 3" };
	size_t count = 0;

	if (s->plan.rollout.canary.amount && story_chance(s, 50))
		s->gates[count++] = (struct plan_gate){ .after = "canary" };
	for (size_t i = 0; i + 1 < s->plan.rollout.wave_count && count < STORY_GATES_MAX; i++)
		if (story_chance(s, 40))
			s->gates[count++] = (struct plan_gate){ .after = WAVES[i] };
	s->plan.rollout.gates = s->gates;
	s->plan.rollout.gate_count = count;
}

static void draw_window(struct story *s)
{
	struct plan_window *w = &s->plan.rollout.window;
	size_t days = story_chance(s, 50) ? (size_t)story_between(s, 2, 3) : 0;

	*w = WINDOWS[story_between(s, 0, (int64_t)ARRAY_SIZE(WINDOWS) - 1)];
	for (size_t i = 0; i < days; i++)
		s->days[i] = (int)story_between(s, PLAN_MONDAY, PLAN_SUNDAY);
	w->days = s->days;
	w->day_count = days;
}

static void draw_limits(struct story *s)
{
	s->plan.rollout.in_flight = draw_share(s, 8, 60);
	s->plan.rollout.per_group = draw_share(s, 2, 60);
	if (story_chance(s, 60))
		s->plan.rollout.failure_rate = draw_share(s, 6, 40);
	if (story_chance(s, 30))
		s->plan.rollout.failures = (int)story_between(s, 1, 5);
	if (story_chance(s, 40))
		s->plan.rollout.not_serving = draw_share(s, 4, 30);
	s->plan.rollout.tries = (int)story_between(s, 1, 5);
	s->plan.rollout.pause_ms = story_between(s, 1, 15) * MINUTE_MS;
	s->plan.rollout.zone_by_zone = story_chance(s, 30);
}

static void draw_plan(struct story *s)
{
	s->plan = (struct plan){ .name = "simulated" };
	draw_limits(s);
	if (story_chance(s, 50))
		s->plan.rollout.canary = draw_share(s, 3, 10);
	if (story_chance(s, 70))
		draw_waves(s);
	draw_gates(s);
	if (story_chance(s, 35))
		draw_window(s);
}

/* ---- the machines ---- */

static void make_room(struct story *s, size_t size)
{
	if (size > s->room) {
		s->bodies = realloc(s->bodies, size * sizeof(*s->bodies));
		if (!s->bodies)
			abort();
		s->room = size;
	}
	s->size = size;
}

static struct body new_body(uint32_t group, uint32_t zone)
{
	struct body b = { .group = group, .zone = zone, .driver = NO_WORKER };

	for (size_t i = 0; i < STORY_FLAPS; i++)
		b.flapped_ms[i] = -1;
	return b;
}

static void draw_machines(struct story *s)
{
	bool has_window = s->plan.rollout.window.from;
	int most = has_window ? MACHINES_MOST_WITH_WINDOW : MACHINES_MOST;
	size_t size = (size_t)story_between(s, 1, story_chance(s, 2) ? MACHINES_SOMETIMES : most);
	size_t zones = (size_t)story_between(s, 1, ZONES_MOST);
	int grouped = story_chance(s, 75) ? 90 : 0;

	make_room(s, size);
	s->group_count = (size_t)story_between(s, 1, 1 + (int64_t)size / 2);
	for (size_t i = 0; i < size; i++) {
		uint32_t group = (uint32_t)story_between(s, 0, (int64_t)s->group_count - 1);

		s->bodies[i] = new_body(story_chance(s, grouped) ? group : ROLLOUT_NO_GROUP,
			s->plan.rollout.zone_by_zone ? (uint32_t)(i * zones / size) : 0);
	}
}

/* ---- how it goes ---- */

static void draw_times(struct story *s)
{
	bool has_window = s->plan.rollout.window.from;
	size_t day = (size_t)story_between(s, 0, (int64_t)ARRAY_SIZE(DAYS_S) - 1);

	s->epoch_ms = (DAYS_S[day] + story_between(s, 0, 24 * 3600)) * SECOND_MS;
	s->look_ms = has_window ? 10 * MINUTE_MS : 20 * SECOND_MS;
	s->lease_ms = s->look_ms * 3;
	s->work_least_ms = has_window ? 4 * MINUTE_MS : 30 * SECOND_MS;
	s->work_most_ms = story_between(s, s->work_least_ms, 10 * s->work_least_ms);
	s->typical_ms = story_between(s, s->work_least_ms, s->work_most_ms);
}

static void draw_mood(struct story *s)
{
	static const int BAD[] = { 0, 2, 10, 40 };

	s->bad_percent = BAD[story_between(s, 0, (int64_t)ARRAY_SIZE(BAD) - 1)];
	s->unreached_percent = story_chance(s, 40) ? (int)story_between(s, 5, 50) : 0;
	s->unchanged_percent = story_chance(s, 30) ? (int)story_between(s, 5, 60) : 0;
	s->lock_percent = story_chance(s, 40) ? 60 : 0;
	s->pace = story_chance(s, 25) ? (size_t)story_between(s, 1, 4) : 0;
}

void setting_draw_fleet(struct story *s)
{
	draw_plan(s);
	draw_machines(s);
	draw_times(s);
	draw_mood(s);
	s->is_steady = false;
	s->sparse = 1;
}

/* ---- a large one ---- */

enum { LARGE_GROUP = 5, LARGE_ZONES = 3, LARGE_CHECKS = 40 };

static void draw_large_plan(struct story *s)
{
	static const struct plan_share WAVES[] = { { 1, true }, { 10, true }, { 50, true }, { 100, true } };

	s->plan = (struct plan){ .name = "large" };
	s->plan.rollout.canary = (struct plan_share){ 5, false };
	memcpy(s->waves, WAVES, sizeof(WAVES));
	s->plan.rollout.waves = s->waves;
	s->plan.rollout.wave_count = ARRAY_SIZE(WAVES);
	s->gates[0] = (struct plan_gate){ .after = "canary" };
	s->plan.rollout.gates = s->gates;
	s->plan.rollout.gate_count = 1;
	s->plan.rollout.in_flight = (struct plan_share){ 2, true };
	s->plan.rollout.per_group = (struct plan_share){ 1, false };
	s->plan.rollout.failure_rate = (struct plan_share){ 5, true };
	s->plan.rollout.not_serving = (struct plan_share){ 5, true };
	s->plan.rollout.zone_by_zone = true;
	s->plan.rollout.tries = 4;
	s->plan.rollout.pause_ms = MINUTE_MS;
	s->plan.rollout.window = WINDOWS[0];
}

void setting_draw_large(struct story *s, size_t machines)
{
	draw_large_plan(s);
	make_room(s, machines);
	s->group_count = (machines + LARGE_GROUP - 1) / LARGE_GROUP;
	for (size_t i = 0; i < machines; i++)
		s->bodies[i] = new_body((uint32_t)story_between(s, 0, (int64_t)s->group_count - 1),
			(uint32_t)(i * LARGE_ZONES / machines));
	s->epoch_ms = DAYS_S[0] * SECOND_MS;
	s->look_ms = 10 * SECOND_MS;
	s->lease_ms = MINUTE_MS;
	s->work_least_ms = 3 * MINUTE_MS;
	s->work_most_ms = 15 * MINUTE_MS;
	s->typical_ms = 8 * MINUTE_MS;
	s->bad_percent = s->unreached_percent = s->unchanged_percent = 1;
	s->lock_percent = 0;
	s->pace = 0;
	s->is_steady = true;
	s->sparse = (unsigned)(machines / LARGE_CHECKS) + 1;
}

/* ---- and back ---- */

/* Whoever had it under way is dead, or it parked: it may have been changed. */
static bool was_touched(enum machine_state s)
{
	return s == MACHINE_REBUILT || s == MACHINE_UNDER_WAY || s == MACHINE_PARKED;
}

/* What is planned of the machine that had this number is nothing to the one that has it now. */
static struct body body_back(const struct story *s, size_t before, size_t now)
{
	struct body b = new_body(s->bodies[before].group, 0);

	b.life = s->bodies[now].life + 1;
	return b;
}

bool setting_turn_round(struct story *s)
{
	size_t count = 0;
	struct body *back = calloc(s->size, sizeof(*back));

	if (!back)
		abort();
	for (size_t i = s->size; i-- > 0;)
		if (was_touched(s->rows.machines[i].row.state)) {
			back[count] = body_back(s, i, count);
			count++;
		}
	memcpy(s->bodies, back, count * sizeof(*back));
	free(back);
	s->size = count;
	s->flap_count = 0;
	s->plan.rollout.canary.amount = 0;
	s->plan.rollout.wave_count = s->plan.rollout.gate_count = 0;
	s->plan.rollout.window.from = NULL;
	s->plan.rollout.zone_by_zone = false;
	return count;
}
