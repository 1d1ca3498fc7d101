/* fake_parts.h: the parts of the fake cloud: what is seen of it, and how effects take hold. */
#ifndef TESTS_FAKE_PARTS_H
#define TESTS_FAKE_PARTS_H

#include "fake_cloud.h"

enum { FAKE_SIGHTINGS_MAX = FAKE_CHAIN_MAX };

#define FAKE_VOLUME "vol-1"
#define FAKE_BLUE "i-blue"
#define FAKE_GREEN "i-green"
#define FAKE_OTHER "i-other"
#define FAKE_ADDRESS "eipalloc-1"

struct fake_machine *fake_machine(struct fake_cloud *f, const char *id);
const char *fake_holder_id(enum fake_holder h);

/* The effect takes hold. */
void fake_happen(struct fake_cloud *f, const struct fake_pending *p);

/* What the reply to an effect that took hold shows, and what the answer to a question; both return how many. */
size_t fake_reply(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret);
size_t fake_see(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret);
#endif
