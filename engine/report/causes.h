/* causes.h: why machines of a rollout were not rebuilt: machines of one cause together, most first. */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include <stddef.h>

#include "base/arena.h"
#include "report/standing.h"

struct cause {
	enum machine_state state;
	const char *reason; /* what the machines' reasons have in common; "" if none was given */
	const struct standing_machine **machines;
	size_t count;
};

struct causes {
	struct cause *list;
	size_t count;
};

/* Everything is in the arena; machines are those of the standing, in its order. */
void causes_find(const struct standing *s, struct arena *a, struct causes *ret);
#endif
