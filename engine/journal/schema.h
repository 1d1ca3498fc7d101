/* schema.h: the tables of the journal, and which version of them a file holds. */
#ifndef JOURNAL_SCHEMA_H
#define JOURNAL_SCHEMA_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct journal;

enum {
	SCHEMA_APPLICATION_ID = 0x43484756, /* "CHGV": file(1) and others tell a journal by it */
	SCHEMA_VERSION = 3,
};

/*
 * Makes the tables in an empty file, or those that an older version lacks; refuses a file of another program
 * or of a newer version.
 */
bool schema_prepare(struct journal *j, struct error *err) MUST_USE;

/*
 * Refuses a file whose structure is damaged. It reads all of it: 7 ms for each MiB, which is about 50 rebuilds
 * (SQLite 3.40, warm cache).
 */
bool schema_verify(struct journal *j, struct error *err) MUST_USE;

/* Refuses a file that is not a journal of this version. Writes nothing. */
bool schema_check(struct journal *j, struct error *err) MUST_USE;
#endif
