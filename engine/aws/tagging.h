/*
 * tagging.h: the tags that are set in the call that creates or marks a thing, so that it can be found
 * again (cloud/tags.h). A key is set once: what was added first wins, so ours cannot be displaced.
 */
#ifndef AWS_TAGGING_H
#define AWS_TAGGING_H

#include "base/text.h"
#include "cloud/effect.h"

enum { TAGGING_MAX = 64 }; /* EC2 takes 50 on one thing, and says so itself */

struct tagging {
	struct tag tags[TAGGING_MAX]; /* borrowed texts */
	size_t count;
};

/* changeover:rebuild, changeover:role and, where EC2 takes no client token, changeover:token. */
void tagging_add_own(struct tagging *t, const struct effect *e, bool with_token);

void tagging_add(struct tagging *t, const struct tag *tags, size_t count);

/* Writes PREFIX.1.Key, PREFIX.1.Value, PREFIX.2.Key ... */
void tagging_write(const struct tagging *t, const char *prefix, struct text *form);

/* Writes TagSpecification.N.ResourceType and its tags. */
void tagging_write_specification(
	const struct tagging *t, size_t number, const char *resource_type, struct text *form);
#endif
