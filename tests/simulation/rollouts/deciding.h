/* deciding.h: a worker's rollout is told and asked through here, so that what that takes can be measured. */
#ifndef ROLLOUTS_DECIDING_H
#define ROLLOUTS_DECIDING_H

#include "story.h"

/* From now on it is measured; what the clock itself takes is found out, and left out. */
void deciding_measure(struct story *s);

void deciding_set(struct story *s, struct worker *w, uint32_t machine, struct machine_row row);
void deciding_seen(struct story *s, struct worker *w, uint32_t machine, bool serves);
struct rollout_turn deciding_next(struct story *s, struct worker *w);
bool deciding_lets_go(struct story *s, struct worker *w);
#endif
