/*
 * patrol.h: looks after the machines of a rollout while it runs: which of them serve, as lists show it.
 *
 * A machine serves if its instance is there, runs, and does not fail EC2's status checks. More is not looked at: one
 * whose service has died serves all the same.
 *
 * Calling order: patrol_new(); patrol_follow() for every machine; then patrol_question() whenever something is
 * decided, and patrol_hear() with each answer to it. What was seen last is told by patrol_sees().
 *
 * The questions are about all machines at once: a list by the plan's tags in pages of a thousand, or by ids, two
 * hundred at a time, and three calls more for the checks (aws/roster.h). Lists lag behind (EC2 is eventually consistent),
 * and tags are taken off: what a list does not show is asked for by its id a little later, and is gone only if that does
 * not show it either. Checks that fail in one look only are in doubt, too: a rollout that halts for an answer from before
 * a restart needs a person to go on. That it serves again is believed at once. A look is followed by a pause that
 * is longer if it took long, so that looking never takes more than a fifth of the time.
 */
#ifndef RUN_PATROL_H
#define RUN_PATROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/provider.h"

enum { PATROL_PAUSE_MS = 20000, PATROL_AGAIN_MS = 5000 };

/* How a machine was seen. */
struct sight {
	enum instance_state state; /* INSTANCE_UNSEEN: it is gone */
	bool fails_checks;         /* it runs, and EC2's checks of the instance or of its host fail */
};

/* Of all machines, before something else is seen. */
#define SIGHT_SERVES ((struct sight){ .state = INSTANCE_RUNNING })

bool sight_serves(struct sight s);

/* "is stopped", "is gone", "fails its status checks"; into ret, which it returns. */
enum { SIGHT_WORDS_SIZE = 32 };
char *sight_words(struct sight s, char ret[SIGHT_WORDS_SIZE]);

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

/* Whether all machines were looked for at least once, those that were in doubt then twice. */
bool patrol_has_looked(const struct patrol *p);

/* How the machine was seen last, as far as that is believed; SIGHT_SERVES at first. */
struct sight patrol_sees(const struct patrol *p, uint32_t machine);

/* When it wants to ask something; INT64_MAX while an answer is awaited. */
int64_t patrol_wake_ms(const struct patrol *p);
#endif
