/*
 * rows.h: what workers share: the rows of one rollout with their version, the leases on seats, and what
 * operators have said. It is to the simulation what engine/journal/rollout_record.h and seat.h are to the
 * program.
 *
 * What an operator says makes a new version, too: nothing that was decided without knowing it is taken.
 *
 * A worker sits on a seat, and machines that are under way belong to a seat; those of a seat that nobody
 * holds are for whoever writes first that they are its own. A change is taken if its seat is still that
 * worker's and if nobody has changed a row since the version that it was decided on; else nothing of it is.
 *
 * Once operators want the rollout back, and nobody has a seat of it any more, one change gives it up for a
 * rollout that puts it back. From then on these are the rows of that one; what was decided on the others is
 * refused.
 */
#ifndef ROLLOUTS_ROWS_H
#define ROLLOUTS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/rollout_record.h"
#include "rollout/rollout.h"

enum { SEATS_MAX = 128 };

#define NO_SEAT UINT32_MAX

struct seat {
	int64_t epoch;    /* grows whenever it changes hands */
	int64_t until_ms; /* wall clock: its worker is taken for dead from then on */
	bool is_held;
	size_t machines; /* under way */
};

struct shared_row {
	struct machine_row row;
	uint32_t seat;   /* MACHINE_UNDER_WAY: whose it is; else NO_SEAT */
	int64_t version; /* of the change that made it so */
};

struct orders {
	bool held;
	size_t promoted, known_failures, known_not_serving;
	enum rollout_wish wish;
	int64_t retry; /* machines that were parked by this version are gone on with */
};

struct rows {
	struct shared_row *machines; /* owned */
	size_t count;
	int64_t version;
	uint32_t *changed; /* owned: the numbers of machines in the order in which their rows changed */
	size_t changed_count, changed_size;
	struct seat seats[SEATS_MAX];
	size_t seat_count;
	struct orders orders;
	enum rollout_state state;
	bool is_back; /* of the rollout that puts the first one back */
};

enum change_kind { CHANGE_BEGINS, CHANGE_ENDS, CHANGE_RETRIES, CHANGE_ADOPTS };

struct changed_row {
	uint32_t number;
	enum change_kind kind;
	struct machine_row row;
};

/* What a worker has decided. */
struct change {
	uint32_t seat;
	int64_t epoch, version;   /* what it goes by */
	bool is_back, returns;    /* of which rollout; the first one is given up for its way back */
	uint32_t takes_over;      /* the seat whose machines become this one's; NO_SEAT: none */
	struct changed_row *rows; /* owned, kept for the next change */
	size_t count, size;
	enum rollout_state state;
	int64_t decided_ms, decided_wall_ms; /* for the rules: when it was decided */
};

enum verdict {
	CHANGE_TAKEN,
	CHANGE_MOVED,  /* the rows have moved on, or an operator has spoken */
	CHANGE_FENCED, /* the seat is somebody else's now */
	CHANGE_DRIVEN, /* somebody has a seat of what is to be given up */
};

/* Which checks are left out; see breakage.h. */
enum {
	ROWS_NO_VERSION = 1,
	ROWS_NO_FENCE = 2,
	ROWS_ANY_RETURN = 4,
};

void rows_open(struct rows *r, size_t count);
void rows_release(struct rows *r);

/* They are those of the way back from now on, of so many machines. */
void rows_turn_round(struct rows *r, size_t count);

/* A seat of its own for a worker. */
uint32_t rows_sit(struct rows *r, int64_t until_ms);

/* Whether the seat is still held with that epoch; then it is held until then. */
bool rows_renew(struct rows *r, uint32_t seat, int64_t epoch, int64_t until_ms);

/* Seats, but for one's own, whose workers are dead at that time are taken away from them; how many. */
size_t rows_clear_dead(struct rows *r, uint32_t own, int64_t wall_ms);

/* Somebody has a seat at that time; one's own is one, too. */
bool rows_is_driven(const struct rows *r, int64_t wall_ms);

/* Machines are under way that nobody has. */
bool rows_has_orphans(const struct rows *r);
bool rows_is_orphan(const struct rows *r, uint32_t machine);

enum verdict rows_judge(const struct rows *r, const struct change *c, int64_t wall_ms, unsigned without);

/* Carries out a change that is taken; one that returns is the caller's to carry out, by rows_turn_round(). */
void rows_take(struct rows *r, const struct change *c);

/* ---- changes ---- */

void change_add(struct change *c, enum change_kind kind, uint32_t number, struct machine_row row);
#endif
