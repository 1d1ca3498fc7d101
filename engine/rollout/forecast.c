#include "rollout/forecast.h"

#include <string.h>

static void remove_at(struct forecast *f, size_t i)
{
	memmove(&f->sorted[i], &f->sorted[i + 1], (f->count - i - 1) * sizeof(f->sorted[0]));
	f->count--;
}

static size_t lowest_machine(const struct forecast *f)
{
	size_t lowest = 0;

	for (size_t i = 1; i < f->count; i++)
		if (f->sorted[i].machine < f->sorted[lowest].machine)
			lowest = i;
	return lowest;
}

static void insert_sorted(struct forecast *f, struct forecast_item item)
{
	size_t i = f->count++;

	for (; i && f->sorted[i - 1].took_ms > item.took_ms; i--)
		f->sorted[i] = f->sorted[i - 1];
	f->sorted[i] = item;
}

void forecast_add(struct forecast *f, uint32_t machine, int64_t took_ms)
{
	if (f->count == FORECAST_KEPT) {
		size_t lowest = lowest_machine(f);

		if (machine < f->sorted[lowest].machine)
			return;
		remove_at(f, lowest);
	}
	insert_sorted(f, (struct forecast_item){ took_ms, machine });
}

void forecast_remove(struct forecast *f, uint32_t machine)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->sorted[i].machine == machine) {
			remove_at(f, i);
			return;
		}
}

static int64_t at_percent(const struct forecast *f, size_t percent)
{
	return f->count ? f->sorted[f->count * percent / 100].took_ms : f->typical_ms;
}

int64_t forecast_median_ms(const struct forecast *f)
{
	return at_percent(f, 50);
}

int64_t forecast_long_ms(const struct forecast *f)
{
	return at_percent(f, 95);
}
