/*
 * calendar.h: what will happen when, in virtual time. A heap ordered by due time; what is due at the
 * same time comes in the order in which it was put down, so that a seed is one exact history.
 *
 * An entry is never taken back: whoever carries it out looks whether its object still waits for it.
 */
#ifndef SIMULATION_CALENDAR_H
#define SIMULATION_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_MAX = 512 };

enum occasion {
	OCCASION_HAPPENS, /* a call takes hold */
	OCCASION_ANSWER,  /* its answer arrives */
	OCCASION_FAULT,   /* a fault begins */
	OCCASION_FAULT_ENDS,
	OCCASION_START,    /* somebody runs the command (again) */
	OCCASION_CONTINUE, /* a stopped process goes on */
};

struct calendar_entry {
	int64_t due_ms;
	uint64_t number; /* order of arrival */
	enum occasion kind;
	uint32_t object; /* its index among its kind */
	uint32_t life;   /* objects are used again: which use of it is meant */
};

struct calendar {
	struct calendar_entry entries[CALENDAR_MAX]; /* a binary heap */
	size_t count;
	uint64_t next_number;
};

/* Everything but due_ms, kind, object and life is filled in. Ends the process if there is no room. */
void calendar_put(struct calendar *c, struct calendar_entry e);

/* INT64_MAX if there is nothing. */
int64_t calendar_next_due(const struct calendar *c);

/* Takes the earliest entry out; there must be one. */
struct calendar_entry calendar_take(struct calendar *c);
#endif
