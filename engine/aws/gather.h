/*
 * gather.h: questions of many rebuilds wait a moment for each other, so that Describe calls grow with time
 * and not with machines.
 *
 * The first question of a kind goes at once. Another one of that kind, by another rebuild, is held until
 * GATHER_USUAL_MS after it, and goes together with all that were asked meanwhile; if clients of one of them
 * are waiting, after GATHER_URGENT_MS. A rebuild that is alone is never held up.
 *
 * Calling order: gather_new(); gather_hold() for each question of a turn, then gather_ask_due(); gather_free(), after which the loop has to
 * run once more.
 */
#ifndef AWS_GATHER_H
#define AWS_GATHER_H

#include <stddef.h>
#include <uv.h>

#include "aws/urgency.h"
#include "base/clock.h"
#include "cloud/provider.h"

enum { GATHER_USUAL_MS = 1500, GATHER_URGENT_MS = 250 };

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

/* Asks what need not wait any longer; the rest is asked from the loop. */
void gather_ask_due(struct gather *g);
void gather_free(struct gather *g);
#endif
