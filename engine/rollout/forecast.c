#include "rollout/forecast.h"

#include <string.h>

/* Takes a value out of the first `count` sorted ones. */
static void remove_sorted(struct forecast *f, int64_t value)
{
	size_t i = 0;

	while (f->sorted[i] != value)
		i++;
	memmove(&f->sorted[i], &f->sorted[i + 1], (f->count - i - 1) * sizeof(f->sorted[0]));
	f->count--;
}

static void insert_sorted(struct forecast *f, int64_t value)
{
	size_t i = f->count++;

	for (; i && f->sorted[i - 1] > value; i--)
		f->sorted[i] = f->sorted[i - 1];
	f->sorted[i] = value;
}

void forecast_add(struct forecast *f, int64_t took_ms)
{
	if (f->count == FORECAST_KEPT)
		remove_sorted(f, f->last[f->next]);
	insert_sorted(f, took_ms);
	f->last[f->next] = took_ms;
	f->next = (f->next + 1) % FORECAST_KEPT;
}

static int64_t at_percent(const struct forecast *f, size_t percent)
{
	return f->count ? f->sorted[f->count * percent / 100] : f->typical_ms;
}

int64_t forecast_median_ms(const struct forecast *f)
{
	return at_percent(f, 50);
}

int64_t forecast_long_ms(const struct forecast *f)
{
	return at_percent(f, 95);
}
