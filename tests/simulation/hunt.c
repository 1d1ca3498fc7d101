#include "hunt.h"

#include <inttypes.h>
#include <string.h>

#include "mutants.h"

enum { SEEDS_MAX = 3000 };

static bool is_found(struct history *h, const struct mutant *m, uint64_t seed)
{
	h->mutant = m;
	return !history_play(h, seed) && (!m->rule || !strcmp(h->rule_name, m->rule));
}

/* The first seed with which the rule that is meant for it finds the mutant; 0: none does. */
static uint64_t find(struct history *h, const struct mutant *m)
{
	for (uint64_t seed = 1; seed <= SEEDS_MAX; seed++)
		if (is_found(h, m, seed))
			return seed;
	return 0;
}

static bool say(FILE *out, const struct history *h, const struct mutant *m, uint64_t seed)
{
	fprintf(out, "%-50s %-22s ", m->name, seed ? h->rule_name : m->rule ? m->rule : "any rule");
	if (seed)
		fprintf(out, "found by seed %" PRIu64 ": %s\n", seed, h->why);
	else
		fprintf(out, "NOT FOUND\n");
	return seed;
}

int hunt_mutants(struct history *h, FILE *out)
{
	int missed = 0;

	for (const struct mutant *m = mutants; m->name; m++)
		missed += !say(out, h, m, find(h, m));
	return missed;
}

static struct mutant mutant_of(enum fault_kind kind)
{
	struct mutant m = fault_mutants[kind];

	if (!m.faults)
		m.faults = MUTANT_FAULT(kind);
	if (m.name || !fault_rows[kind].excuses)
		return m;
	m.name = "explains no end";
	m.rule = "has-a-cause";
	m.no_cause = MUTANT_FAULT(kind);
	return m;
}

/* What is found with that fault must be sound without it: else it is not the fault that bites. */
static bool is_sound_without(struct history *h, struct mutant m, enum fault_kind kind, uint64_t seeds)
{
	m.faults = (m.faults & ~MUTANT_FAULT(kind)) | MUTANT_NO_FAULT;
	for (uint64_t seed = 1; seed <= seeds; seed++)
		if (is_found(h, &m, seed))
			return false;
	return true;
}

static bool hunt_fault(struct history *h, FILE *out, enum fault_kind kind)
{
	const struct mutant m = mutant_of(kind);
	uint64_t seed;

	if (!m.name)
		return true;
	seed = find(h, &m);
	fprintf(out, "%-20s ", fault_rows[kind].name);
	if (!say(out, h, &m, seed))
		return false;
	if (is_sound_without(h, m, kind, seed))
		return true;
	fprintf(out, "%-20s found WITHOUT it as well\n", fault_rows[kind].name);
	return false;
}

int hunt_faults(struct history *h, FILE *out)
{
	int missed = 0;

	for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
		missed += !hunt_fault(h, out, (enum fault_kind)kind);
	h->mutant = NULL;
	return missed;
}
