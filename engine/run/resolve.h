/*
 * resolve.h: carries out the remedies of findings (audit/audit.h).
 *
 * First the lease of each rebuild that the journal knows is taken, so that nobody begins to drive it.
 * Then everything is looked at anew: what was found a while ago may have been resolved, or be in use.
 * Then each remedy is done, if the finding is still there and the guards let it pass; its intent stands
 * in the journal before it. Rebuilds that the journal does not know are resolved unrecorded.
 */
#ifndef RUN_RESOLVE_H
#define RUN_RESOLVE_H

#include "base/clock.h"
#include "run/audit/audit.h"

struct resolve_options {
	struct asking *asking;
	struct journal *journal; /* opened for writing; NULL: there is none */
	struct audit_options audit;
	const struct clock *clock;
	const char *user, *version; /* who holds the leases, for people */
	/* Told how each ended, as it ends; why is NULL if it was resolved. Both are borrowed. */
	void (*told)(void *self, const struct finding *f, const char *why);
	void *told_self;
};

/*
 * Resolves the findings, one after the other. True if each was resolved or its reason told; fails only
 * if the new look does, and then nothing was changed.
 */
bool resolve(const struct resolve_options *o, const struct finding *const *chosen, size_t count,
	struct error *err) MUST_USE;
#endif
