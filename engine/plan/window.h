/*
 * window.h: when a plan's window is open, in its time zone, over changes of the clock there.
 * Time zones are those of the IANA database as this machine has it (Debian's tzdata).
 */
#ifndef PLAN_WINDOW_H
#define PLAN_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"

struct window_span {
	int64_t from_ms, to_ms; /* wall clock; to_ms is outside */
};

bool window_knows_zone(const char *zone);

/*
 * The span that holds the time, or the next one after it. A time of day that the zone leaves out on that day
 * (spring) is the one that comes as much later as is left out. The zone must be known.
 */
struct window_span window_next(const struct plan_window *w, int64_t wall_ms);

/* How long it is open each time, by its times of day alone. */
int64_t window_length_ms(const struct plan_window *w);
#endif
