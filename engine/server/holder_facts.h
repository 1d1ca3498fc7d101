/*
 * holder_facts.h: what the journal knows of those who hold a lock. A holder is judged by what became of it, not by
 * the time that it has held the lock.
 *
 * A holder is found by its name: the id of a rebuild, or of an instance that one replaces or makes. Machines
 * that update themselves are not in the journal: of those nothing is known here.
 */
#ifndef SERVER_HOLDER_FACTS_H
#define SERVER_HOLDER_FACTS_H

#include "base/arena.h"
#include "base/error.h"
#include "journal/journal.h"
#include "journal/record.h"

enum holder_fate {
	HOLDER_UNKNOWN, /* nothing says where it is */
	HOLDER_AWAY,    /* its rebuild goes on, or waits for somebody */
	HOLDER_BACK,    /* its rebuild came to an end, and the machine or its successor serves */
};

struct holder_fact {
	enum holder_fate fate;
	const char *text;    /* for people: "rb-1 is parked since ...: readiness failed" */
	const char *rebuild; /* its id; "" if there is none */
};

/* The rebuilds, read once. */
struct holder_facts {
	struct journal *journal; /* borrowed */
	struct arena *arena;     /* of all texts; borrowed */
	struct record *rebuilds; /* newest first */
	size_t count;
	int64_t now_ms;
};

bool holder_facts_read(struct journal *j, struct arena *a, int64_t now_ms, struct holder_facts *ret,
	struct error *err) MUST_USE;

bool holder_facts_find(const struct holder_facts *f, const char *holder, struct holder_fact *ret,
	struct error *err) MUST_USE;

/* "away"; for JSON. */
const char *holder_fate_name(enum holder_fate fate);
#endif
