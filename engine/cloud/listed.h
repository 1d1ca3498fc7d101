/* listed.h: the machines of a fleet as a list shows them: enough to say which are meant, and in which order. */
#ifndef CLOUD_LISTED_H
#define CLOUD_LISTED_H

#include <stdbool.h>
#include <stddef.h>

#include "cloud/blueprint.h"
#include "cloud/world.h"

/* Which machines: those that carry all of the tags, or those with these ids. */
struct selector {
	const struct tag *tags;
	size_t tag_count;
	const char *const *ids; /* NULL: by tags */
	size_t id_count;
	const char *group_by, *order_by; /* tags whose values are wanted; NULL: none */
	bool with_checks;                /* whether their status checks fail is wanted, too */
};

/* Texts are "" if absent; tag values that were not wanted are. */
struct listed {
	const char *id, *image_id, *zone, *name;
	const char *group, *order;             /* values of the selector's tags */
	const char *rebuild, *role, *replaces; /* of ours */
	enum instance_state state;
	bool is_impaired; /* EC2's checks of the instance or of its host fail; only if they were wanted */
};
#endif
