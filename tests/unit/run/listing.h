/* listing.h: the answer to a question about all machines of a fleet, put together by a test machine by machine. */
#ifndef TESTS_RUN_LISTING_H
#define TESTS_RUN_LISTING_H

#include "run/patrol.h"

enum { LISTING_MAX = 16 };

struct listing {
	struct listed machines[LISTING_MAX];
	size_t count;
	struct sighting sighting;
	struct error err;
	struct answer answer;
};

static inline void listing_init(struct listing *l)
{
	*l = (struct listing){ .err = ERROR_INIT };
}

/* Gives it, for what else is to be said of it. */
static inline struct listed *listing_add(struct listing *l, const char *id, enum instance_state state)
{
	struct listed *m = &l->machines[l->count++];

	*m = (struct listed){ .id = id,
		.image_id = "",
		.zone = "",
		.name = "",
		.group = "",
		.order = "",
		.rebuild = "",
		.role = "",
		.replaces = "",
		.state = state };
	return m;
}

/* It runs, and EC2's status checks of it fail. */
static inline void listing_add_impaired(struct listing *l, const char *id)
{
	listing_add(l, id, INSTANCE_RUNNING)->is_impaired = true;
}

/* Borrows the listing. */
static inline const struct answer *listing_answer(struct listing *l, uint32_t subject)
{
	l->sighting = (struct sighting){ .kind = SIGHTING_FLEET, .fleet = { l->machines, l->count } };
	l->answer = (struct answer){ .subject = subject,
		.query = QUERY_FLEET,
		.sightings = &l->sighting,
		.sighting_count = 1,
		.err = &l->err };
	return &l->answer;
}
#endif
