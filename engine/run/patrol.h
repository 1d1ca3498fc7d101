/*
 * patrol.h: looks after the machines of a rollout while it runs: which of them serve, as lists show it.
 *
 * A machine serves if its instance is there and runs. More is not looked at: one whose service has died, or whose
 * status checks fail, is `running` all the same.
 *
 * Calling order: patrol_new(); patrol_follow() for every machine; then patrol_question() whenever something is
 * decided, and patrol_hear() with each answer to it. What was seen last is told by patrol_sees().
 *
 * The questions are about all machines at once: a list by the plan's tags in pages of a thousand, or by ids, two
 * hundred at a time. Lists lag behind (EC2 is eventually consistent), and tags are taken off: what a list does not
 * show is asked for by its id a little later, and is gone only if that does not show it either. A look is followed by
 * a pause that is longer if it took long, so that looking never takes more than a fifth of the time.
 */
#ifndef RUN_PATROL_H
#define RUN_PATROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/provider.h"

enum { PATROL_PAUSE_MS = 20000, PATROL_AGAIN_MS = 5000 };

struct patrol;

struct patrol_options {
	const struct tag *tags; /* by which all are listed; borrowed. NULL: by their ids */
	size_t tag_count;
	size_t count;     /* of the machines */
	uint32_t subject; /* of its questions */
	int pace_percent; /* of its pauses */
};

struct patrol *patrol_new(const struct patrol_options *o);
void patrol_free(struct patrol *p);

/*
 * From now on this instance has the machine's place, and is taken to serve until something else is seen; what was
 * asked before is not about it. The id is borrowed.
 */
void patrol_follow(struct patrol *p, uint32_t machine, const char *id);
const char *patrol_followed(const struct patrol *p, uint32_t machine);

/* What is to be asked now; NULL: nothing yet, or the answer to the last one is awaited. Valid until that answer. */
const struct query *patrol_question(struct patrol *p, int64_t now_ms);

/* The answer to it; one that failed shows nothing. Times are monotonic. */
void patrol_hear(struct patrol *p, const struct answer *a, int64_t now_ms);

/* Whether all machines were looked for at least once. */
bool patrol_has_looked(const struct patrol *p);

/* How the machine's instance was seen last: INSTANCE_RUNNING at first, INSTANCE_UNSEEN if it is gone. */
enum instance_state patrol_sees(const struct patrol *p, uint32_t machine);

/* When it wants to ask something; INT64_MAX while an answer is awaited. */
int64_t patrol_wake_ms(const struct patrol *p);
#endif
