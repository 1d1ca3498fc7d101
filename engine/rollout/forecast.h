/*
 * forecast.h: how long a rebuild takes, going by the last ones.
 *
 * The last ones are those with the highest numbers: machines go in that order, and whoever reads their rows anew, in
 * whatever order, comes to the same forecast.
 */
#ifndef ROLLOUT_FORECAST_H
#define ROLLOUT_FORECAST_H

#include <stddef.h>
#include <stdint.h>

enum { FORECAST_KEPT = 64 };

struct forecast_item {
	int64_t took_ms;
	uint32_t machine;
};

struct forecast {
	int64_t typical_ms;                         /* as long as nothing is known */
	struct forecast_item sorted[FORECAST_KEPT]; /* by how long they took */
	size_t count;
};

void forecast_add(struct forecast *f, uint32_t machine, int64_t took_ms);

/* What was added for the machine is not so, if it is kept. */
void forecast_remove(struct forecast *f, uint32_t machine);

/* As long as it takes in the middle, and as long as only one of twenty passes. */
int64_t forecast_median_ms(const struct forecast *f);
int64_t forecast_long_ms(const struct forecast *f);
#endif
