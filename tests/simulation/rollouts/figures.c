#include "figures.h"

#include <inttypes.h>
#include <sys/resource.h>

#include "trouble.h"

void figures_broken(FILE *out, const struct story *s)
{
	fprintf(out, "rollout %" PRIu64 ": rule %s: %s\n", s->seed, s->rule_name, s->why);
}

static void line(FILE *out, const char *name, uint64_t count)
{
	fprintf(out, "  %-42s %12" PRIu64 "\n", name, count);
}

static const char *const PHASES[] = {
	[ROLLOUT_BEGIN] = "one more could begin",
	[ROLLOUT_FULL] = "full",
	[ROLLOUT_GATE] = "at a gate",
	[ROLLOUT_CLOSED] = "outside its window",
	[ROLLOUT_PAUSED] = "until one is tried again",
	[ROLLOUT_BLOCKED] = "blocked",
	[ROLLOUT_HALTED] = "halted",
	[ROLLOUT_HELD] = "paused",
	[ROLLOUT_OVER] = "over",
};

static const char *const HALTS[] = {
	[HALT_NONE] = "",
	[HALT_FAILURES] = "too many failures",
	[HALT_UNLIKELY] = "unlikely many failures",
	[HALT_NOT_SERVING] = "too many that do not serve",
	[HALT_WINDOW] = "no window is long enough",
	[HALT_OPERATOR] = "ended by operators",
};

static const char *const VERDICTS[] = {
	[CHANGE_TAKEN] = "changes taken",
	[CHANGE_MOVED] = "... refused: the rows have moved on",
	[CHANGE_FENCED] = "... refused: the seat is lost",
	[CHANGE_DRIVEN] = "... refused: somebody drives what is to go back",
};

static void report_rollouts(FILE *out, const struct story_tally *t)
{
	fprintf(out, "rollouts:\n");
	line(out, "histories", t->histories);
	for (int i = 0; i < ROLLOUT_STATE_COUNT; i++)
		if (rollout_state_is_final((enum rollout_state)i))
			line(out, rollout_state_name((enum rollout_state)i), t->states[i]);
	line(out, "put back after that", t->reverted);
	fprintf(out, "why nothing began, in turns:\n");
	for (int i = ROLLOUT_FULL; i <= ROLLOUT_OVER; i++)
		line(out, PHASES[i], t->phases[i]);
	for (int i = HALT_FAILURES; i <= HALT_OPERATOR; i++)
		line(out, HALTS[i], t->halts[i]);
}

static void report_machines(FILE *out, const struct story_tally *t)
{
	fprintf(out, "machines:\n");
	line(out, "all", t->machines);
	line(out, "begun", t->begun);
	line(out, "had to wait for a lock", t->locks);
	line(out, "withdrawn", t->ends[END_WITHDRAWN]);
	for (int i = 0; i < MACHINE_STATE_COUNT; i++)
		line(out, machine_state_name((enum machine_state)i), t->final[i]);
}

static void report_people(FILE *out, const struct story_tally *t)
{
	fprintf(out, "workers, people and troubles:\n");
	for (int i = CHANGE_TAKEN; i <= CHANGE_DRIVEN; i++)
		line(out, VERDICTS[i], t->verdicts[i]);
	line(out, "seats taken away from the dead", t->cleared);
	line(out, "machines adopted", t->adopted);
	line(out, "workers started later", t->restarts);
	for (int i = 0; i < TROUBLE_COUNT; i++)
		line(out, trouble_names[i], t->troubles[i]);
	line(out, "machines that stopped or began to serve", t->flaps);
	line(out, "gates promoted", t->promoted);
	line(out, "paused", t->held);
	line(out, "resumed", t->resumed);
	line(out, "machines tried again by that", t->retried);
	line(out, "aborted", t->aborted);
}

void figures_tally(FILE *out, const struct story_tally *t)
{
	report_rollouts(out, t);
	report_machines(out, t);
	report_people(out, t);
	fprintf(out, "all in all:\n");
	line(out, "events", t->events);
	line(out, "decisions", t->decisions);
}

/* ---- large ones ---- */

void figures_large_head(FILE *out)
{
	fprintf(out, "%10s %10s %12s %14s %14s %12s %9s %8s\n", "machines", "changes", "decisions",
		"us a decision", "us a change", "longest us", "virtual", "memory");
}

/* A change: a machine begins or ends. Each is decided by one worker, and told to all. */
void figures_large(FILE *out, const struct story *s, size_t machines)
{
	const struct story_tally *t = &s->tally;
	struct rusage used;
	uint64_t changes = t->begun;
	double all_us = (double)t->deciding_ns / 1000;

	for (size_t i = 0; i < ARRAY_SIZE(t->ends); i++)
		changes += t->ends[i];
	getrusage(RUSAGE_SELF, &used);
	fprintf(out, "%10zu %10" PRIu64 " %12" PRIu64 " %14.3f %14.3f %12.1f %7.1f h %4ld MiB\n", machines,
		changes, t->decisions, all_us / (double)t->decisions, all_us / (double)changes,
		(double)t->longest_ns / 1000, (double)s->now_ms / 3600e3, used.ru_maxrss / 1024);
}
