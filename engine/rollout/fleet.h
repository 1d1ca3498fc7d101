/* fleet.h: the inside of a rollout, shared by rollout.c, which keeps it, and decide.c, which goes by it. */
#ifndef ROLLOUT_FLEET_H
#define ROLLOUT_FLEET_H

#include "base/heap.h"
#include "plan/window.h"
#include "rollout/forecast.h"
#include "rollout/rollout.h"
#include "rollout/stages.h"

struct machine {
	struct machine_row row;
	uint32_t group, zone;
	uint32_t stage; /* the first that reaches it, the canary left out */
	bool down;      /* it was seen not to serve */
};

struct group {
	uint32_t members, limit;
	uint32_t away;    /* members that are under way, or do not serve */
	struct heap line; /* numbers of members that wait for one of them; nobody looks at them meanwhile */
	struct heap line_down; /* likewise, of those that do not serve: they wait for the others only */
};

struct rollout {
	const struct plan *plan;
	struct machine *machines;
	size_t count, size;
	struct group *groups;
	size_t group_count, group_size;
	/* Numbers of machines that wait, but for those that stand in a line. */
	struct heap ready;
	/* Of those that could not be reached; keys: when they are tried again, wall clock. */
	struct heap again;
	struct forecast forecast;

	struct stages stages;
	size_t stage;       /* the present one, as soon as it is asked for; never one too far */
	size_t *held_up_by; /* owned: machines of each stage, the canary left out, that are not settled */
	size_t unsettled;   /* all of these */

	size_t canary, in_flight, may_fail, may_not_serve; /* the plan's shares, in machines */
	size_t counts[MACHINE_STATE_COUNT];
	size_t not_serving;

	size_t promoted; /* gates */
	size_t known_failures, known_not_serving;
	bool stopped, held;
	/* The window as last asked for, and the one after it: time zones are slow. to_ms 0: not asked for. */
	struct window_span window, window_after;
	int64_t window_asked_ms; /* for which time; the answer is the same until the window ends */
};

/* It counts against its group: it is being rebuilt, or does not serve. */
bool machine_is_away(const struct machine *m);

/* It waits for its turn. */
bool machine_is_ready(const struct machine *m);

/* It could not be reached and is tried again: it comes after all others. */
bool machine_waits_again(const struct machine *m);

/* Queues of machines' numbers. */
void queue_put(struct heap *queue, int64_t key, uint32_t number);
uint32_t queue_take(struct heap *queue);

/* If the group of m may have one more member away, the first in its line that still waits is ready. */
void machine_let_group_go_on(struct rollout *ro, const struct machine *m);
#endif
