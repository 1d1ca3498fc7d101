/* way_back.h: whether a rebuild that came to its end can be put back, or what stands in the way. */
#ifndef CLI_WAY_BACK_H
#define CLI_WAY_BACK_H

#include "journal/record.h"

/* ERROR_CONFLICT if its green has been replaced by a later rebuild: that one goes back first. */
bool way_back_is_free(struct journal *j, const struct record *r, struct arena *a, struct error *err) MUST_USE;

/* ERROR_CONFLICT if its blue is terminated: then only blue's image is there to go back to. */
bool way_back_has_blue(
	struct journal *j, const struct record *r, struct arena *a, struct error *err) MUST_USE;
#endif
