/* telling.h: one story, line by line, for people. Nothing without s->trace. */
#ifndef ROLLOUTS_TELLING_H
#define ROLLOUTS_TELLING_H

#include "story.h"

/* The plan and the fleet, as they were drawn. */
void telling_plan(struct story *s);

/* What a worker wants to change, and what came of it. */
void telling_change(struct story *s, const struct parcel *p);
#endif
