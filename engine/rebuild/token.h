/*
 * token.h: what marks an effect: "rb-20261122-0907-7c1e.backup.1.0" is of that rebuild's step backup, its first
 * attempt, the first of its objects; on the way back the step is "undo-...". AWS knows a launch by it
 * (ClientToken), a snapshot carries it as a tag, the journal an intent: by it what was made is found again.
 */
#ifndef REBUILD_TOKEN_H
#define REBUILD_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "cloud/world.h"

struct token {
	const char *rebuild, *step;
	bool back; /* undoes the step */
	int attempt;
	size_t part;
};

void token_write(const struct token *t, char ret[CLOUD_TOKEN_SIZE]);

/* Which of its step's objects the effect is about. */
size_t token_part(const char *token);

/* Whether it is that of the step's effect forward on that object, in whatever attempt. */
bool token_is_of(const char *token, const char *rebuild, const char *step, size_t part);
#endif
