/* way_back.h: whether a finished rebuild can be put back, or another one stands in the way. */
#ifndef CLI_WAY_BACK_H
#define CLI_WAY_BACK_H

#include "journal/record.h"

/* ERROR_CONFLICT if its green has been replaced by a later rebuild: that one goes back first. */
bool way_back_is_free(struct journal *j, const struct record *r, struct arena *a, struct error *err) MUST_USE;
#endif
