#include "breakage.h"

#include <inttypes.h>
#include <string.h>

#include "rollout/fleet.h"

enum { SEEDS_MAX = 3000 };

/* ---- what a rollout has made of the plan ---- */

static void one_more_may_fail(struct worker *w)
{
	w->rollout->may_fail++;
}

static void one_less_may_fail(struct worker *w)
{
	w->rollout->may_fail -= w->rollout->may_fail > 0;
}

static void one_more_of_a_group(struct worker *w)
{
	for (size_t i = 0; i < w->rollout->group_count; i++)
		w->rollout->groups[i].limit++;
}

static void any_may_not_serve(struct worker *w)
{
	w->rollout->may_not_serve = w->rollout->count;
}

static void no_window(struct worker *w)
{
	w->plan.rollout.window.from = NULL;
}

static void one_canary_less(struct worker *w)
{
	w->rollout->canary -= w->rollout->canary > 0;
}

/* ---- what it has counted ---- */

static size_t under_way_elsewhere(const struct story *s, const struct worker *w)
{
	size_t count = 0;

	for (size_t i = 0; i < s->rows.seat_count; i++)
		count += &s->rows.seats[i] != &s->rows.seats[w->seat] ? s->rows.seats[i].machines : 0;
	return count;
}

static void count_only_ones_own(const struct story *s, struct worker *w)
{
	struct plan_share share = s->plan.rollout.in_flight;
	size_t most = share.percent ? s->size * (size_t)share.amount / 100 : (size_t)share.amount;

	w->rollout->in_flight = (most ? most : 1) + under_way_elsewhere(s, w);
}

static void forget_lines(const struct story *s, struct worker *w)
{
	(void)s;
	for (size_t i = 0; i < w->rollout->group_count; i++) {
		heap_clear(&w->rollout->groups[i].line);
		heap_clear(&w->rollout->groups[i].line_down);
	}
}

static void open_gates(const struct story *s, struct worker *w)
{
	(void)s;
	w->rollout->promoted = SIZE_MAX;
}

static void expect_no_time(const struct story *s, struct worker *w)
{
	(void)s;
	w->rollout->forecast.count = 0;
	w->rollout->forecast.typical_ms = 0;
}

static void go_to_the_last_wave(const struct story *s, struct worker *w)
{
	(void)s;
	w->rollout->stage = w->rollout->stages.count - 1;
}

static void count_unchanged_as_canaries(const struct story *s, struct worker *w)
{
	size_t unchanged = w->rollout->counts[MACHINE_UNCHANGED];
	struct plan_share share = s->plan.rollout.canary;
	size_t canary = share.percent ? (s->size * (size_t)share.amount + 99) / 100 : (size_t)share.amount;

	w->rollout->canary = canary > unchanged ? canary - unchanged : 0;
}

static void forget_what_is_known(const struct story *s, struct worker *w)
{
	(void)s;
	rollout_acknowledge(w->rollout, 0, 0);
}

static void ignore_a_pause(const struct story *s, struct worker *w)
{
	(void)s;
	rollout_hold(w->rollout, false);
}

static void ignore_an_end(const struct story *s, struct worker *w)
{
	(void)s;
	rollout_stop(w->rollout, false);
}

static void parked_ones_serve(const struct story *s, struct worker *w)
{
	for (size_t i = 0; i < s->group_count && i < w->rollout->group_count; i++)
		w->rollout->groups[i].away = 0;
	for (size_t i = 0; i < s->size; i++) {
		const struct machine *m = &w->rollout->machines[i];

		if (m->group != ROLLOUT_NO_GROUP && machine_is_away(m) && m->row.state != MACHINE_PARKED)
			w->rollout->groups[m->group].away++;
	}
}

static void wait_for_those_set_aside(const struct story *s, struct worker *w)
{
	(void)s;
	if (w->rollout->counts[MACHINE_SET_ASIDE])
		w->rollout->in_flight = 0;
}

static void try_again_at_once(const struct story *s, struct machine_row *row)
{
	if (row->state == MACHINE_SET_ASIDE)
		row->due_ms = story_wall_ms(s) + s->plan.rollout.pause_ms;
}

static void try_for_ever(const struct story *s, struct machine_row *row)
{
	if (row->state == MACHINE_UNREACHABLE)
		row->state = MACHINE_SET_ASIDE;
	row->due_ms = story_wall_ms(s) + s->plan.rollout.pause_ms;
}

static void all_is_well(const struct story *s, struct machine_row *row)
{
	(void)s;
	if (row->state == MACHINE_ROLLED_BACK)
		row->state = MACHINE_REBUILT;
}

const struct breakage breakages[] = {
	{ "counts only its own machines under way", "in-flight", .before = count_only_ones_own },
	{ "lets one more of a group be away", "per-group", .opened = one_more_of_a_group },
	{ "takes parked members of a group for present", "per-group", .before = parked_ones_serve },
	{ "forgets who waits for a group", "begins-something", .before = forget_lines },
	{ "lets one more fail", "nothing-after-a-halt", .opened = one_more_may_fail },
	{ "halts one failure too soon", "halts-as-agreed", .opened = one_less_may_fail },
	{ "does not care how many serve", "nothing-after-a-halt", .opened = any_may_not_serve },
	{ "halts for failures that are known", "halts-as-agreed", .before = forget_what_is_known },
	{ "goes on when it was paused", "nothing-while-held", .before = ignore_a_pause },
	{ "goes on when it was ended", "nothing-after-a-halt", .before = ignore_an_end },
	{ "passes shut gates", "gates", .before = open_gates },
	{ "does not wait for the wave before", "wave-after-wave", .before = go_to_the_last_wave },
	{ "takes an unchanged machine for a canary", NULL, .before = count_unchanged_as_canaries },
	{ "rebuilds one canary less", NULL, .opened = one_canary_less },
	{ "does not look at the window", "window", .opened = no_window },
	{ "does not care when the window ends", "window", .before = expect_no_time },
	{ "lets go who waited for a lock, although it has halted", "let-go", .breaks = BREAKS_LETS_GO },
	{ "is held up by those that were not reached", NULL, .before = wait_for_those_set_aside },
	{ "does not wait longer each time", "pauses", .ended = try_again_at_once },
	{ "never gives up who cannot be reached", NULL, .ended = try_for_ever },
	{ "takes a rollback for a success", "has-a-cause", .ended = all_is_well },
	{ "decides by rows that have moved on", NULL, .breaks = BREAKS_VERSION },
	{ "goes on without its seat", "one-driver", .breaks = BREAKS_FENCE },
	{ "takes over from one that lives", NULL, .breaks = BREAKS_SEATS | BREAKS_FENCE },
	{ "does not go on with what it took over", "comes-to-an-end", .breaks = BREAKS_GOING_ON },
	{ "takes a lost reply for a good one", NULL, .breaks = BREAKS_DOUBT },
	{ "puts back what others are putting back", "returns-once", .breaks = BREAKS_RETURN },
	{ "is done with what is to be put back", "reverted", .breaks = BREAKS_WISH },
	{ "ends what was to be put back a moment ago", "reverted", .breaks = BREAKS_WORDS },
	{ "puts back what was resumed a moment ago", "returns-wanted", .breaks = BREAKS_WORDS },
	{ "begins what was paused a moment ago", "nothing-while-held", .breaks = BREAKS_WORDS },
	{ "begins what was ended a moment ago", "nothing-after-a-halt", .breaks = BREAKS_WORDS },
	{ "puts back what others still drive", "returns-undriven", .breaks = BREAKS_RETURN },
	{ .name = NULL },
};

bool breakage_breaks(const struct story *s, unsigned what)
{
	return s->breakage && s->breakage->breaks & what;
}

unsigned breakage_rows(const struct story *s)
{
	return (breakage_breaks(s, BREAKS_VERSION) ? ROWS_NO_VERSION : 0) |
	       (breakage_breaks(s, BREAKS_FENCE) ? ROWS_NO_FENCE : 0) |
	       (breakage_breaks(s, BREAKS_RETURN) ? ROWS_ANY_RETURN : 0);
}

void breakage_opened(const struct story *s, struct worker *w)
{
	if (s->breakage && s->breakage->opened)
		s->breakage->opened(w);
}

void breakage_before(const struct story *s, struct worker *w)
{
	if (s->breakage && s->breakage->before)
		s->breakage->before(s, w);
}

void breakage_ended(const struct story *s, struct machine_row *row)
{
	if (s->breakage && s->breakage->ended)
		s->breakage->ended(s, row);
}

/* ---- the hunt ---- */

static bool is_found(struct story *s, uint64_t seed)
{
	const char *rule = s->breakage->rule;

	return !story_play(s, seed) && (!rule || !strcmp(s->rule_name, rule));
}

static bool hunt(struct story *s, FILE *out)
{
	const char *rule = s->breakage->rule;
	uint64_t seed = 1;

	while (seed <= SEEDS_MAX && !is_found(s, seed))
		seed++;
	fprintf(out, "%-58s %-22s ", s->breakage->name,
		seed <= SEEDS_MAX ? s->rule_name : (rule ? rule : "any rule"));
	if (seed > SEEDS_MAX)
		fprintf(out, "NOT FOUND\n");
	else
		fprintf(out, "found by seed %" PRIu64 ": %s\n", seed, s->why);
	return seed <= SEEDS_MAX;
}

int breakage_hunt(struct story *s, FILE *out)
{
	int missed = 0;

	for (s->breakage = breakages; s->breakage->name; s->breakage++)
		missed += !hunt(s, out);
	s->breakage = NULL;
	return missed;
}
