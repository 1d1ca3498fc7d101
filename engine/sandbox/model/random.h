/* random.h: the model's seeded generator: equal seeds give equal ids and equal jitter. */
#ifndef SANDBOX_MODEL_RANDOM_H
#define SANDBOX_MODEL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state; /* the seed; any value */
};

uint64_t random_next(struct random *r);

/* Uniform in [low, high], both included. */
int64_t random_between(struct random *r, int64_t low, int64_t high);

/* Writes prefix and `digits` random hexadecimal digits into ret, which has room for both and the NUL. */
void random_id(struct random *r, const char *prefix, size_t digits, char *ret);
#endif
