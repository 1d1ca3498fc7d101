/*
 * share_stage.h: a rollout of six machines that a fleet shares with a worker elsewhere, whose part is played here row by
 * row. No rebuild is driven: a test says what came of each.
 *
 * Calling order: share_open() or share_open_back() before each test, after which the other worker has the first machine
 * under way, and the fleet, which may have two at a time, the second; share_close() after it.
 */
#ifndef TESTS_RUN_SHARE_STAGE_H
#define TESTS_RUN_SHARE_STAGE_H

#include "journal/rollout_record.h"
#include "run/fleet.h"
#include "run/rollout_ledger.h"

enum { MACHINES = 6, SECOND_MS = 1000 };

struct share_stage {
	struct plan plan;
	struct journal *j;
	struct clock clock;
	struct entropy entropy;
	int64_t now_ms; /* both clocks */
	struct rollout_ledger *ledger;
	struct fleet *fleet;
	struct seat other; /* of a worker on another machine */
	const char *begun[16];
	size_t begun_count;
	const char *held; /* the machine whose rebuild somebody else still has */
	unsigned parts;   /* of the account's calls */
	bool goes_back;
	char told[1024];
};

int share_open(void **state);
int share_open_back(void **state); /* of a rollout that goes back */
int share_close(void **state);

void share_must(bool done, const struct error *err);

size_t share_count(const struct share_stage *s, enum machine_state state);

/* Time passes; the fleet has its turn. */
void share_turn(struct share_stage *s);
void share_pass(struct share_stage *s, int64_t ms);

/* A rebuild of ours has ended. */
void share_ends(struct share_stage *s, uint32_t machine, enum rebuild_course course);

/* Somebody who has read the newest rows writes this of the rollout, or of a machine; share_writes(): the other worker. */
void share_changes(struct share_stage *s, struct rollout_change c);
void share_writes_from(struct share_stage *s, const struct seat *seat, int64_t number, const char *state);
void share_writes(struct share_stage *s, int64_t number, const char *state);

/* As somebody on another machine takes a seat. */
void share_sits_down(struct share_stage *s, struct seat *seat, int64_t number);

/* The fleet ends and gives its seat back; then a worker comes, and takes the rollout up. */
void share_leave(struct share_stage *s);
void share_open_fleet(struct share_stage *s);
void share_take_up(struct share_stage *s);
#endif
