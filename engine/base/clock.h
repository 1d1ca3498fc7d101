/*
 * clock.h: time comes in from the caller, so that tests bring their own.
 * Monotonic milliseconds for limits; wall-clock milliseconds since 1970 for display and signing.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
	int64_t (*mono_ms)(void *self);
	int64_t (*wall_ms)(void *self);
	void *self;
};

/* The machine's own clock. */
extern const struct clock clock_system;

int64_t clock_mono_ms(const struct clock *c);
int64_t clock_wall_ms(const struct clock *c);

/* Of two times of one clock; INT64_MAX is never. */
int64_t clock_earlier(int64_t a_ms, int64_t b_ms);

enum { CLOCK_TEXT_SIZE = 32, CLOCK_COMPACT_SIZE = 17, CLOCK_SPAN_SIZE = 48 };

/* Writes 2026-11-22T01:02:03.004Z (RFC 3339, UTC) into ret[CLOCK_TEXT_SIZE]; returns ret. */
char *clock_format(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE]);

/* Likewise to the second, for people: 2026-11-22T01:02:03Z; and the time of day alone: 01:02:03Z. */
char *clock_format_seconds(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE]);
char *clock_format_time(int64_t wall_ms, char ret[CLOCK_TEXT_SIZE]);

/* Writes 20261122T010203Z (ISO 8601 basic, as SigV4 wants it) into ret[CLOCK_COMPACT_SIZE]; returns ret. */
char *clock_format_compact(int64_t wall_ms, char ret[CLOCK_COMPACT_SIZE]);

/* Writes a length of time for people ("850 ms", "7.4 s", "3 min 20 s") into ret[CLOCK_SPAN_SIZE]; returns ret. */
char *clock_format_span(int64_t span_ms, char ret[CLOCK_SPAN_SIZE]);
#endif
