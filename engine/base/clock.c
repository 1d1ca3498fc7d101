#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_mono_ms(void *self)
{
	(void)self;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t system_wall_ms(void *self)
{
	(void)self;
	return read_ms(CLOCK_REALTIME);
}

const struct clock clock_system = { .mono_ms = system_mono_ms, .wall_ms = system_wall_ms };

int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->self);
}

int64_t clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c->self);
}

int64_t clock_earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static struct tm utc(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	gmtime_r(&seconds, &parts);
	return parts;
}

char *clock_format(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE])
{
	struct tm parts = utc(wall_ms);
	size_t len = strftime(ret, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);

	snprintf(ret + len, CLOCK_TEXT_SIZE - len, ".%03dZ", (int)(wall_ms % 1000));
	return ret;
}

char *clock_format_seconds(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE])
{
	struct tm parts = utc(wall_ms);

	strftime(ret, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return ret;
}

char *clock_format_time(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE])
{
	struct tm parts = utc(wall_ms);

	strftime(ret, CLOCK_TEXT_SIZE, "%H:%M:%SZ", &parts);
	return ret;
}

char *clock_format_compact(int64_t wall_ms, char ret[CLOCK_COMPACT_SIZE])
{
	struct tm parts = utc(wall_ms);

	strftime(ret, CLOCK_COMPACT_SIZE, "%Y%m%dT%H%M%SZ", &parts);
	return ret;
}

char *clock_format_span(int64_t span_ms, char ret[CLOCK_SPAN_SIZE])
{
	int64_t seconds = span_ms / 1000;

	if (span_ms < 1000)
		snprintf(ret, CLOCK_SPAN_SIZE, "%" PRId64 " ms", span_ms);
	else if (seconds < 60)
		snprintf(ret, CLOCK_SPAN_SIZE, "%.1f s", (double)span_ms / 1000);
	else if (seconds < 3600)
		snprintf(ret, CLOCK_SPAN_SIZE, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	else
		snprintf(ret, CLOCK_SPAN_SIZE, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
			seconds / 60 % 60);
	return ret;
}
