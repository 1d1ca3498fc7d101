#include "report.h"

#include <inttypes.h>

void report_broken(FILE *out, const struct history *h)
{
	fprintf(out, "seed %" PRIu64 ": rule %d %s: %s\n", h->seed, h->rule, h->rule_name, h->why);
}

static void line(FILE *out, const char *name, uint64_t count)
{
	fprintf(out, "  %-26s %10" PRIu64 "\n", name, count);
}

static void report_ends(FILE *out, const struct history_tally *t)
{
	fprintf(out, "ends:\n");
	for (int i = COURSE_DONE; i <= COURSE_TAKEN_OVER; i++)
		line(out, rebuild_course_name((enum rebuild_course)i), t->ends[i]);
}

static void report_commands(FILE *out, const struct history_tally *t)
{
	fprintf(out, "commands:\n");
	line(out, "apply", t->starts[COMMAND_APPLY]);
	line(out, "resume", t->starts[COMMAND_RESUME]);
	line(out, "rollback", t->starts[COMMAND_ROLLBACK]);
	line(out, "ended at once", t->refused_starts);
	line(out, "gone on by the journal", t->gone_on);
	line(out, "gone on by tags alone", t->adopted);
	line(out, "claimed from another one", t->claims);
	line(out, "turned back", t->turned_back);
	line(out, "rolled back when done", t->rolled_back_later);
}

static void report_faults(FILE *out, const struct history_tally *t)
{
	fprintf(out, "faults and people:\n");
	for (int i = 0; i < FAULT_KIND_COUNT; i++)
		line(out, fault_rows[i].name, t->faults[i]);
}

void report_tally(FILE *out, const struct history *h)
{
	const struct history_tally *t = &h->tally;

	report_commands(out, t);
	report_ends(out, t);
	report_faults(out, t);
	fprintf(out, "all in all:\n");
	line(out, "rebuilds", t->rebuilds);
	line(out, "events", t->events);
	line(out, "questions", t->questions);
	line(out, "effects", t->effects);
}
