#include "sandbox/model/random.h"

#include <string.h>

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

int64_t random_between(struct random *r, int64_t low, int64_t high)
{
	if (high <= low)
		return low;
	return low + (int64_t)(random_next(r) % (uint64_t)(high - low + 1));
}

void random_id(struct random *r, const char *prefix, size_t digits, char *ret)
{
	static const char HEX[] = "0123456789abcdef";
	size_t len = strlen(prefix);
	uint64_t bits = 0;

	memcpy(ret, prefix, len);
	for (size_t i = 0; i < digits; i++) {
		if (i % 16 == 0)
			bits = random_next(r);
		ret[len + i] = HEX[bits & 15];
		bits >>= 4;
	}
	ret[len + digits] = '\0';
}
