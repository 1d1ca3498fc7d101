/* trouble.h: what goes wrong with workers, clocks and replies, at any moment. */
#ifndef ROLLOUTS_TROUBLE_H
#define ROLLOUTS_TROUBLE_H

#include "story.h"

extern const char *const trouble_names[TROUBLE_COUNT];

/* So many of them will come before so long has passed; and machines stop serving now and then. */
void trouble_draw(struct story *s, int count, int flaps, int64_t within_ms);

void trouble_come(struct story *s, enum trouble_kind kind);
#endif
