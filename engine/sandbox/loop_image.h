/* loop_image.h: the files behind loop devices. They are sparse: what was never written takes no room. */
#ifndef SANDBOX_LOOP_IMAGE_H
#define SANDBOX_LOOP_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Fills the empty file `to` with what `from` holds: shared blocks where the filesystem can, else only
 * the written parts. False with errno; allocates nothing.
 */
bool image_fill(int to, int from) MUST_USE;

/* Makes an image of `size` bytes: empty, or starting with a copy of `from`, which may not be larger. */
bool image_create(const char *path, int64_t size, const char *from, struct error *err) MUST_USE;
#endif
