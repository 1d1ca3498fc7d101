/*
 * guards.h: the safety rules, as code. Asked by the run before each effect, whatever step or course
 * wants it: a step that forgets a rule cannot break it.
 */
#ifndef REBUILD_GUARDS_H
#define REBUILD_GUARDS_H

#include "rebuild/rebuild.h"

struct guard {
	int rule;         /* its number in architecture.md, section 3 */
	const char *name; /* stored in journals */
	unsigned kinds;   /* bit per effect kind that it judges */
	const char *(*refuses)(
		const struct rebuild *r, const struct effect *e, struct moment now); /* NULL: may be done */
};

/* Ends with a row whose name is NULL. */
extern const struct guard guards[];

/* The first rule that forbids the effect, and why in *ret_reason (static text); NULL if none does. */
const struct guard *guards_refuse(
	const struct rebuild *r, const struct effect *e, struct moment now, const char **ret_reason);
#endif
