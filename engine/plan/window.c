#include "plan/window.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000, DAY_MINUTES = 24 * 60, WEEK = 7 };

/* Of "01:30", whose shape the loader has checked. */
static int minutes_of(const char *time)
{
	return (int)strtol(time, NULL, 10) * 60 + (int)strtol(time + 3, NULL, 10);
}

static int length_of(const struct plan_window *w)
{
	int length = minutes_of(w->to) - minutes_of(w->from);

	return length > 0 ? length : length + DAY_MINUTES;
}

int64_t window_length_ms(const struct plan_window *w)
{
	return (int64_t)length_of(w) * MINUTE_MS;
}

bool window_knows_zone(const char *zone)
{
	g_autoptr(GTimeZone) z = g_time_zone_new_identifier(zone);

	return z;
}

static bool begins_on(const struct plan_window *w, int weekday)
{
	for (size_t i = 0; i < w->day_count; i++)
		if (w->days[i] == weekday)
			return true;
	return !w->day_count;
}

static int64_t wall_ms_of(GTimeZone *zone, GDateTime *day, int minutes)
{
	g_autoptr(GDateTime) t = g_date_time_new(zone, g_date_time_get_year(day), g_date_time_get_month(day),
		g_date_time_get_day_of_month(day), minutes / 60, minutes % 60, 0);

	return g_date_time_to_unix(t) * 1000;
}

static struct window_span span_of(const struct plan_window *w, GTimeZone *zone, GDateTime *day)
{
	int from = minutes_of(w->from), to = minutes_of(w->to);
	g_autoptr(GDateTime) last = g_date_time_add_days(day, to <= from);

	return (struct window_span){ wall_ms_of(zone, day, from), wall_ms_of(zone, last, to) };
}

/*
 * A window that began yesterday may still be open; each weekday occurs within a week from today, or within two
 * if the first time the zone's change of clock swallows it whole.
 */
struct window_span window_next(const struct plan_window *w, int64_t wall_ms)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(w->zone);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / 1000);
	g_autoptr(GDateTime) today = g_date_time_to_timezone(utc, zone);
	struct window_span span = { 0, 0 };

	for (int d = -1; d <= 2 * WEEK; d++) {
		g_autoptr(GDateTime) day = g_date_time_add_days(today, d);

		if (!begins_on(w, g_date_time_get_day_of_week(day)))
			continue;
		span = span_of(w, zone, day);
		if (span.to_ms > wall_ms && span.to_ms > span.from_ms)
			return span;
	}
	assert(span.to_ms > wall_ms);
	return span;
}
