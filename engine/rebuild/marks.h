/*
 * marks.h: what a rebuild writes into tags while it works, so that any later process finds it, knows
 * how far it is, and how everything was before (cloud/tags.h says which tags there are).
 */
#ifndef REBUILD_MARKS_H
#define REBUILD_MARKS_H

#include "rebuild/step.h"

/* Each is the step's effect of that part; role (static) is one of ROLE_*. */
void marks_blue(struct rebuild *r, const char *role, size_t part, struct effects *out);
void marks_volume(struct rebuild *r, size_t i, size_t part, struct effects *out);

/* Only who drives it, on blue (v NULL) or on a volume of it: its role stays. */
void marks_claim(struct rebuild *r, const struct rebuild_volume *v, size_t part, struct effects *out);

/* Blue is kept, stopped: until when follows from when green was confirmed. */
void marks_retired(struct rebuild *r, size_t part, struct effects *out);

/* The tags that green is launched with, besides its own; returns how many. */
size_t marks_green(struct rebuild *r, const struct tag **ret);
#endif
