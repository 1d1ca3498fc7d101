/* choice.h: what a worker that has read the rows makes of them: ends, orphans, and who begins. */
#ifndef ROLLOUTS_CHOICE_H
#define ROLLOUTS_CHOICE_H

#include "story.h"

/* Adds to the change what shall stand in the rows; its rollout stands so already. */
void choice_make(struct story *s, struct worker *w, struct change *c);
#endif
