/* outlook.h: what was found of a rebuild that is gone on with, in words. */
#ifndef REBUILD_OUTLOOK_H
#define REBUILD_OUTLOOK_H

#include <stddef.h>

#include "rebuild/rebuild.h"

/*
 * "blue i-1 runs and has vol-1 mounted; green i-2 runs; vol-1 is attached (i-1); 198.51.100.1 points to
 * i-1", in ret; cut off where that ends.
 */
void outlook_describe(const struct rebuild *r, char *ret, size_t size);
#endif
