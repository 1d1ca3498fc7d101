/* rollouts.h: the rollout that a command line means, and what an operator says of it. */
#ifndef CLI_ROLLOUTS_H
#define CLI_ROLLOUTS_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/rollout_record.h"

/* True if the word means a rollout, and no rebuild and no plan. */
bool rollouts_means(const char *word);

/*
 * The rollout of that id, or the only one whose id begins so; id NULL: the only one that is not over.
 * ERROR_MISSING if there is none, ERROR_USAGE if there are several; both name those that may have been
 * meant.
 */
bool rollouts_find(struct journal *j, const char *id, struct arena *a, struct rollout_record *ret,
	struct error *err) MUST_USE;

/* Likewise; id NULL: the newest one, over or not. */
bool rollouts_find_newest(struct journal *j, const char *id, struct arena *a, struct rollout_record *ret,
	struct error *err) MUST_USE;

/* How many are not over. */
bool rollouts_count_open(struct journal *j, size_t *ret, struct error *err) MUST_USE;

/* ERROR_CONFLICT if it is over: then nobody listens to what operators say of it. */
bool rollouts_check_open(const struct rollout_record *r, struct error *err) MUST_USE;
#endif
