/*
 * holder.h: who holds a lease, and whether that process still lives, as far as this machine can
 * tell. A process is told from a later one with the same number by the time it was started
 * (proc(5), /proc/PID/stat, field 22).
 */
#ifndef JOURNAL_HOLDER_H
#define JOURNAL_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

enum { HOLDER_NAME_SIZE = 128, HOLDER_PLACE_SIZE = 96 };

struct holder {
	char name[HOLDER_NAME_SIZE];   /* for people: "anna@host pid 123" */
	char place[HOLDER_PLACE_SIZE]; /* the boot and the PID namespace that pid counts in; "" if unknown */
	int64_t pid;
	int64_t started; /* clock ticks after boot; 0 if unknown */
};

/* Describes this process; user is shown only. */
void holder_self(const char *user, struct holder *ret);

bool holder_is(const struct holder *a, const struct holder *b);

/* True if h ran where `here` runs, and has ended. False means: it lives, or nobody here can know. */
bool holder_is_gone(const struct holder *h, const struct holder *here);
#endif
