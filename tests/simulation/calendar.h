/*
 * calendar.h: what will happen when, in virtual time: a heap of entries by due time. What is due at the same time
 * comes in the order in which it was put down, so that a seed is one exact history.
 *
 * An entry is never taken back: whoever carries it out looks whether its object still waits for it.
 */
#ifndef SIMULATION_CALENDAR_H
#define SIMULATION_CALENDAR_H

#include <stdint.h>

enum occasion {
	OCCASION_HAPPENS, /* a call takes hold */
	OCCASION_ANSWER,  /* its answer arrives */
	OCCASION_FAULT,   /* a fault begins */
	OCCASION_FAULT_ENDS,
	OCCASION_START,    /* somebody runs the command (again) */
	OCCASION_CONTINUE, /* a stopped process goes on */
};

struct calendar_entry {
	enum occasion kind;
	uint32_t object; /* its index among its kind */
	uint32_t life;   /* objects are used again: which use of it is meant */
};
#endif
