/* schema.h: the tables of the journal, and which version of them a database holds. */
#ifndef JOURNAL_SCHEMA_H
#define JOURNAL_SCHEMA_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct journal;

enum {
	SCHEMA_VERSION = 6,
	SCHEMA_WITH_ROLLOUTS = 3, /* the first that has their tables */
	SCHEMA_WITH_LOCKS = 4,
	SCHEMA_WITH_SEATS = 5, /* of a rollout: several workers share it */
};

/*
 * Makes the tables in an empty database, or those that an older version lacks; refuses one of another program
 * or of a newer version.
 */
bool schema_prepare(struct journal *j, struct error *err) MUST_USE;

/* Refuses what is not a journal of this version or an older one. Writes nothing. */
bool schema_check(struct journal *j, struct error *err) MUST_USE;
#endif
