/*
 * gather.h: questions of many rebuilds wait a moment for each other, so that Describe calls grow with time
 * and not with machines.
 *
 * The first question of a kind goes at once. Another one of that kind, by another rebuild, is held for a while
 * after it, and goes together with all that were asked meanwhile; for a shorter while if clients of one of them are
 * waiting (struct gather_pause). A rebuild that is alone is never held up.
 *
 * The more rebuilds are under way, the longer that is: machines of a large fleet begin no faster than they can be
 * launched (aws/buckets.h), so what one of them waits for the others is time that the fleet does not lose.
 *
 * Calling order: gather_new(); gather_hold() for each question of a turn, then gather_ask_due(); gather_free(), after
 * which the loop has to run once more.
 */
#ifndef AWS_GATHER_H
#define AWS_GATHER_H

#include <stddef.h>
#include <uv.h>

#include "aws/urgency.h"
#include "base/clock.h"
#include "cloud/provider.h"

/* How long questions of one kind wait for each other. */
struct gather_pause {
	int usual_ms, urgent_ms;
};

enum {
	GATHER_FEW =
		30, /* with so many rebuilds under way or fewer the pauses are shortest; then they grow */
	GATHER_MANY = 100, /* ... until there are so many: what launching as fast as EC2 allows leads to */
};

struct gather_pause gather_pause(enum query_kind kind, size_t rebuilds);

struct gather;

/* Asks them, which are all of one kind. They are borrowed during the call. */
typedef void gather_ask(void *ctx, const struct query *queries, size_t count);

struct gather_options {
	uv_loop_t *loop;
	const struct clock *clock;
	const struct urgency *urgency;
	int pace_percent; /* of the times above */
	gather_ask *ask;
	void *ctx;
};

struct gather *gather_new(const struct gather_options *o);

/* Copies it. It is not asked before gather_ask_due(), so that those of one turn go together. */
void gather_hold(struct gather *g, const struct query *q);

/* So many rebuilds are under way now. */
void gather_crowd(struct gather *g, size_t rebuilds);

/* Asks what need not wait any longer; the rest is asked from the loop. */
void gather_ask_due(struct gather *g);
void gather_free(struct gather *g);
#endif
