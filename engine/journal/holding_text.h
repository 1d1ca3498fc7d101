/*
 * holding_text.h: batches of changes of locks as lines of text, one batch after the other:
 *
 *	batch BYTES CHECKSUM
 *	FROM NUMBER LAST_ID
 *	taken	ID	NAME	SLOTS	ENABLED	CREATED	UPDATED	EVENT	HOLDER	VIA
 *
 * BYTES and CHECKSUM are those of all lines after the first, so that one which was written by half is told
 * from a whole one; the fields of a change stand between tabs, and names of kinds are those of the tables.
 */
#ifndef JOURNAL_HOLDING_TEXT_H
#define JOURNAL_HOLDING_TEXT_H

#include "base/arena.h"
#include "base/text.h"
#include "journal/holding.h"

void holding_text_add(const struct holding_batch *b, struct text *ret);

/* A batch in the middle of a text; borrowed from it. */
struct holding_text {
	const char *lines; /* all but the first */
	size_t len;        /* of these */
	size_t size;       /* of the whole batch */
	int64_t from;
	struct holding_state to;
};

/* True if a whole batch begins there. */
bool holding_text_find(const char *bytes, size_t len, struct holding_text *ret) MUST_USE;

/* The batch with its changes, in the arena. False if a later version, or a person, wrote it. */
bool holding_text_read(const struct holding_text *t, struct arena *a, struct holding_batch *ret) MUST_USE;
#endif
