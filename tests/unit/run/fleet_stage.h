/*
 * fleet_stage.h: a fleet whose rollout stands in a journal of its own. No rebuild is driven: a test says
 * what came of each, what is seen of the machines, and how time passes.
 *
 * Calling order: stage_open(), which makes a plan of nothing that rebuilds one machine at a time; the test
 * puts its machines into the plan; stage_new_fleet(), stage_find(); stage_close_fleet() and the two again,
 * as a process that takes the rollout up; stage_close().
 */
#ifndef TESTS_RUN_FLEET_STAGE_H
#define TESTS_RUN_FLEET_STAGE_H

#include "journal/record.h"
#include "listing.h"
#include "run/fleet.h"
#include "run/rollout_ledger.h"

enum { STAGE_BEGUN = 16, STAGE_NOTES = 16 };

struct stage {
	struct plan plan;
	int64_t now_ms; /* of both clocks */
	struct clock clock;
	struct journal *journal;
	struct rollout_ledger *ledger;
	struct fleet *fleet;
	struct listing listing;      /* what is answered to the next question about the machines */
	uint32_t begun[STAGE_BEGUN]; /* machines */
	size_t begun_count;
	size_t admitted; /* launches that were asked for */
	char notes[STAGE_NOTES][256];
	size_t note_count;
	bool is_denied; /* the last look, because of */
	struct error denial;
};

struct stage *stage_open(void);
int stage_close(void **state); /* a tear-down */

void stage_new_fleet(struct stage *s, bool goes_on);
void stage_close_fleet(struct stage *s);

/*
 * The machines are found, by the listing unless the plan names them; and the first turn. Gives what was
 * asked for.
 */
const struct query *stage_find(struct stage *s);

struct moment stage_moment(const struct stage *s);
void stage_turn(struct stage *s);

/* The journal has rebuild rb-1, by whomever it was done. */
void stage_record(struct stage *s, const char *blue, const char *green, enum record_state state);

bool stage_was_told(const struct stage *s, const char *part);
size_t stage_count(const struct stage *s, enum machine_state state);
#endif
