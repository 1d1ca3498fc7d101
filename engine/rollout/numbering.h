/* numbering.h: numbers for names: equal ones have the same, counted from 0 on in the order of the alphabet. */
#ifndef ROLLOUT_NUMBERING_H
#define ROLLOUT_NUMBERING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* names[i] has the number ret[i]; ret is in the arena. */
uint32_t *numbering_make(const char *const *names, size_t count, struct arena *a);
#endif
