/* sight.h: what the cloud says when it is asked: sightings, filled from the truth or from what was true. */
#ifndef SIMULATION_SIGHT_H
#define SIMULATION_SIGHT_H

#include "history.h"

/* Answers the call's question: fills shown and err. */
void sight_answer(struct history *h, struct call *c);

/* How one thing is described now; asked_ms as given. False: the cloud does not show it. */
bool sight_instance(const struct history *h, const char *id, int64_t asked_ms, struct instance *ret);
/* As the reply to its launch shows it, visible or not. */
void sight_launched(
	const struct history *h, const struct model_instance *m, int64_t asked_ms, struct instance *ret);

bool sight_volume(const struct history *h, const char *id, int64_t asked_ms, struct volume *ret);
bool sight_address(const struct history *h, const char *allocation_id, int64_t asked_ms, struct address *ret);
void sight_snapshot(
	const struct history *h, const struct model_snapshot *s, int64_t asked_ms, struct snapshot *ret);

/* Room for one more sighting in the answer. */
struct sighting *sight_add(struct call *c, enum sighting_kind kind);

/* Keeps how the things of a place look now, for stale answers. */
void sight_remember(struct history *h, struct place *p);
#endif
