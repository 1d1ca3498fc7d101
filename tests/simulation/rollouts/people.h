/* people.h: operators: they look at the rollout now and then, and say what shall become of it. */
#ifndef ROLLOUTS_PEOPLE_H
#define ROLLOUTS_PEOPLE_H

#include "story.h"

/* Somebody looks at it, and comes back later for as long as it is not over. */
void people_look(struct story *s);

/* A worker is about to write down what it has decided: somebody may speak first. */
void people_speak_first(struct story *s, const struct change *c);
#endif
