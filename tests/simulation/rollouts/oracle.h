/*
 * oracle.h: who may begin, by counting all rows anew: what engine/rollout derives step by step, the plain way.
 *
 * Calling order: oracle_open() for each fleet; oracle_count() for a view of it; then the questions about that view.
 */
#ifndef ROLLOUTS_ORACLE_H
#define ROLLOUTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "story.h"

/* What somebody goes by who decides. */
struct view {
	const struct shared_row *rows;
	const struct orders *orders;
	int64_t seen_ms; /* virtual time: when it looked which machines serve */
	int64_t wall_ms;
};

/* Why a machine may not begin. */
enum bar {
	BAR_NONE,
	BAR_STATE, /* it does not wait */
	BAR_HALTED,
	BAR_HELD,
	BAR_GATE,
	BAR_IN_FLIGHT,
	BAR_CANARY, /* enough of them are under way */
	BAR_CLOSED, /* its window; or it could not end in it */
	BAR_WAVE,
	BAR_PAUSE, /* it could not be reached, and is not tried again yet */
	BAR_GROUP,
	BAR_COUNT
};

/* The rule that keeps a machine from beginning all the same. */
extern const char *const bar_rules[BAR_COUNT];

struct oracle;

struct oracle *oracle_new(void);
void oracle_free(struct oracle *o);

/* The story's plan, machines and groups are as they will be. */
void oracle_open(struct oracle *o, const struct story *s);

void oracle_count(struct oracle *o, const struct story *s, struct view v);

enum bar oracle_bar(const struct oracle *o, uint32_t machine);

/* A machine is tried again; it comes after those that were not. */
bool oracle_is_again(const struct oracle *o, uint32_t machine);

/* The first that may begin; the size of the fleet: none. */
uint32_t oracle_first(const struct oracle *o);

enum halt oracle_halt(const struct oracle *o);
bool oracle_is_shut(const struct oracle *o); /* by a gate */
bool oracle_fits_now(const struct oracle *o);
/* The next window begins then. */
bool oracle_opens_at(const struct oracle *o, int64_t wall_ms);

/* When the first of those that were set aside may be tried again, if its group lets it; INT64_MAX: none. */
int64_t oracle_again_ms(const struct oracle *o);

bool oracle_is_over(const struct oracle *o);

size_t oracle_under_way(const struct oracle *o);
size_t oracle_in_flight(const struct oracle *o); /* as many as may be */
size_t oracle_failures(const struct oracle *o, bool parked_too);
size_t oracle_not_serving(const struct oracle *o);

/* A group that has more members in our hands or parked than may be away; NO_GROUP: none. */
uint32_t oracle_crowded(const struct oracle *o);
#endif
