/*
 * seat.h: who drives a rollout. Each that does has a seat, which is a lease (lease.h): SEAT_ALONE, named like the
 * rollout, is of who drives it alone; the others, ROLLOUT/1, ROLLOUT/2 ..., are of workers that share it. Each machine
 * that is under way is of the seat of whoever began it (struct machine_record); once that seat's holder is dead,
 * or has left, its machines are for others to go on with.
 *
 * Calling order: seat_take(); seat_check() within each transaction that goes by the seat; seat_renew() every
 * LEASE_RENEW_MS; seat_release() at the end.
 */
#ifndef JOURNAL_SEAT_H
#define JOURNAL_SEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/lease.h"

enum { SEAT_NONE = -1, SEAT_ALONE = 0, SEAT_MAX = 64, SEAT_NAME_SIZE = 96 };

struct seat {
	int64_t number;
	char name[SEAT_NAME_SIZE];
	struct lease lease; /* its name is the one above: a seat is not copied */
	bool came_first; /* nobody else was there when it was taken: of several who come at once, one did */
};

/*
 * For s->lease.holder and version, which the caller has set: SEAT_ALONE if nobody else living has any seat; or, if it
 * is to be shared, the first one from 1 on that nobody living has, unless one drives it alone. A seat that this process
 * could not give back is taken again. Otherwise ERROR_CONFLICT with the code LEASE_HELD, naming whoever is in the way.
 */
bool seat_take(struct journal *j, const char *rollout, bool shared, struct seat *s, int64_t now_ms,
	struct error *err) MUST_USE;

/* ERROR_CONFLICT with the code LEASE_LOST if the seat is not s's any more. */
bool seat_renew(struct journal *j, struct seat *s, int64_t now_ms, struct error *err) MUST_USE;
bool seat_check(struct journal *j, const struct seat *s, struct error *err) MUST_USE;

/* Gives it back; nothing happens if it is not s's any more. */
bool seat_release(struct journal *j, const struct seat *s, struct error *err) MUST_USE;

/*
 * Takes a seat away from a holder that is dead, so that one who only slept can change nothing more. Nothing
 * happens if it lives, or has left.
 */
bool seat_clear(struct journal *j, const char *rollout, int64_t number, const struct holder *by,
	int64_t now_ms, struct error *err) MUST_USE;

/* Who has which, as far as this machine can know. */
struct seats {
	enum lease_state states[SEAT_MAX + 1];
	enum lease_state
		state; /* HELD_ALIVE: at least one is alive; HELD_DEAD: one is dead, and none is alive */
	int64_t ours;  /* of this process; SEAT_NONE */
	size_t alive;
	int64_t first;             /* the lowest that is alive */
	char who[LEASE_TEXT_SIZE]; /* those that are alive, for people: "anna@ops pid 1 (...), since ... and 2 more" */
};

bool seats_look(struct journal *j, const char *rollout, int64_t now_ms, struct seats *ret,
	struct error *err) MUST_USE;

/* Whether somebody living drives it, other than this process. */
bool seats_has_others(const struct seats *s);

/* ERROR_CONFLICT with the code LEASE_HELD, naming those that drive it; gives false. */
bool seats_refuse(const struct seats *s, const char *rollout, struct error *err);

/* Whether somebody living has that seat; of a number that no seat has, nobody. */
bool seats_has_alive(const struct seats *s, int64_t number);
#endif
