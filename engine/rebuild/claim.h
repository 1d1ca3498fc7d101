/*
 * claim.h: who drives this rebuild, as the tags on blue and on its data volumes say. The journal's
 * lease keeps engines apart that share a journal; this keeps those apart that do not
 * (docs/decisions/0009).
 *
 * Whoever drives it looks at these tags shortly before everything that it does. Whoever takes it over
 * writes its own journal into them, waits until the other one must have looked, and then looks at
 * everything anew.
 */
#ifndef REBUILD_CLAIM_H
#define REBUILD_CLAIM_H

#include "rebuild/step.h"

enum {
	CLAIM_FRESH_MS = 8 * 1000,   /* nothing is done if the tags were looked at longer ago */
	CLAIM_AHEAD_MS = 4 * 1000,   /* while clients wait they are looked at again after so long */
	CLAIM_CALL_MS = 5 * 1000,    /* so long after it was begun a call of a dead process may take hold */
	CLAIM_SETTLE_MS = 15 * 1000, /* CLAIM_FRESH_MS, and the time that a call is under way */
};

/* The tags name another rebuild, or another journal, although ours was there. */
bool claim_is_lost(const struct rebuild *r);

/* The tags of the rebuild that we want to go on with name another journal than ours. */
bool claim_is_held(const struct rebuild *r);

/* Who holds it, for people: the value of the tag without its first word. */
const char *claim_holder(const struct rebuild *r);

/* When one of the tags was last seen; 0: never. */
int64_t claim_seen_ms(const struct rebuild *r);

/*
 * From then on nobody can write over our tags any more who looked at blue before they stood there: what is seen
 * of them later holds. In a cloud that is looked at more often (the pace), calls take less time, too.
 */
int64_t claim_stands_ms(const struct rebuild *r);
#endif
