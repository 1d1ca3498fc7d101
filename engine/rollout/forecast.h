/* forecast.h: how long a rebuild takes, going by the last ones. */
#ifndef ROLLOUT_FORECAST_H
#define ROLLOUT_FORECAST_H

#include <stddef.h>
#include <stdint.h>

enum { FORECAST_KEPT = 64 };

struct forecast {
	int64_t typical_ms;          /* as long as nothing is known */
	int64_t last[FORECAST_KEPT]; /* in the order in which they came, over and over */
	int64_t sorted[FORECAST_KEPT];
	size_t count, next;
};

void forecast_add(struct forecast *f, int64_t took_ms);

/* As long as it takes in the middle, and as long as only one of twenty passes. */
int64_t forecast_median_ms(const struct forecast *f);
int64_t forecast_long_ms(const struct forecast *f);
#endif
