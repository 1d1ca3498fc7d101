/*
 * history.h: one seed, one exact history: places to be rebuilt, the engines that do it, what goes
 * wrong, and what came of it. After every event all safety rules are asserted on the truth.
 *
 * Calling order: history_new() once; history_play() for each seed, then the figures in the struct;
 * history_free(). Nothing is carried over from one seed to the next but memory.
 */
#ifndef SIMULATION_HISTORY_H
#define SIMULATION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "book.h"
#include "base/heap.h"
#include "calendar.h"
#include "cloud/provider.h"
#include "fault.h"
#include "plan/plan.h"
#include "rebuild/rebuild.h"
#include "sandbox/model/random.h"
#include "stage.h"

enum {
	HISTORY_PLACES_MAX = 3,
	HISTORY_DATA_MAX = 3,
	HISTORY_FAULTS_MAX = 8,
	HISTORY_CALLS_MAX = 96,
	HISTORY_ENGINES_MAX = 48,
	HISTORY_BOOKS_MAX = 6,
	HISTORY_WHY_SIZE = 400,
};

struct mutant;

/* What somebody runs: `changeover apply`, `resume` or `rollback`, on that computer, with that journal. */
enum command_kind { COMMAND_APPLY, COMMAND_RESUME, COMMAND_ROLLBACK };

enum { HOME = 1, ELSEWHERE = 2, BOOK_NEW = 0xff };

struct command {
	uint8_t kind;
	uint8_t computer;
	uint8_t book;  /* its number; BOOK_NEW: an empty one, the earlier ones being lost or out of reach */
	uint8_t place; /* COMMAND_ROLLBACK: which one */
};

/* What stale answers show: the things as they were at that moment. */
struct past_sight {
	bool shown; /* such answers are given now */
	struct instance blue, green;
	struct volume volumes[HISTORY_DATA_MAX];
	struct address address;
};

/* What the truth has shown about the rebuild of a place so far; rules are judged by it. */
struct place_facts {
	int effects;                   /* that engines began here, checks and dry runs left out */
	char rebuild[CLOUD_NAME_SIZE]; /* the one that was begun last */
	uint64_t driver;               /* which member did something last; 0: none did */
	char driven[CLOUD_NAME_SIZE];  /* its rebuild */
	char protector
		[CLOUD_NAME_SIZE]; /* the rebuild that has protected blue and not released it; "": none */
	bool protected_twice;      /* another one did so meanwhile, and found blue so */
	bool quiesced;             /* blue was made to stop serving */
	bool going_back;           /* an engine has turned back */
	int64_t confirmed_ms;      /* green passed the checks where clients reach it; 0: not yet */
	int64_t confirmed_wall_ms;
	const struct stage_machine *green; /* the one that was confirmed, or NULL */
	bool given_up;                     /* blue was stopped by an engine */
	bool disturbed;                    /* somebody else has moved the address away */
};

/* One machine to be rebuilt. */
struct place {
	struct plan plan;
	struct plan_data data[HISTORY_DATA_MAX];
	struct plan_check check;
	const char *wanted_addresses[1];
	char mounts[HISTORY_DATA_MAX][32], devices[HISTORY_DATA_MAX][32];
	char volumes[HISTORY_DATA_MAX][CLOUD_ID_SIZE];
	char blue[CLOUD_ID_SIZE];
	const struct stage_machine *blue_machine;
	int address;                                /* of the stage, or STAGE_NOWHERE */
	bool was_protected, died[HISTORY_DATA_MAX]; /* as found */
	struct place_facts facts;
	struct past_sight past;
	bool newest_missing, unseen, questions_fail, denied;
	enum rebuild_course end; /* COURSE_FORWARD: not come to it yet */
	uint8_t book;            /* the journal in which it came to its end */
	bool ended;
	bool applied_again;
};

/* One rebuild in an engine, as struct member in engine/run/run.c. */
struct member {
	struct rebuild rebuild;
	int place;
	uint64_t number;   /* no other one has it */
	bool was_replaced; /* another member did something at the place since this one did */
	int64_t wake_ms;
	bool recorded, green_known, ended;
	bool lost;          /* somebody else drives it: nothing is written down any more */
	size_t notes;       /* outcomes that are not in the journal yet */
	int calls_answered; /* ... of calls to the cloud */
	int64_t epoch, renewed_wall_ms;
};

/* One process: the command `apply`. */
struct engine {
	bool alive, paused;
	int64_t started_ms;
	int number;
	struct command command;
	struct book *book;
	struct member
		*members[HISTORY_PLACES_MAX + HISTORY_PLACES_MAX]; /* a kept blue's, and the place's own */
	size_t count;
};

/* A call under way: a question or an effect. */
struct call {
	bool used, happened, is_effect;
	bool waits; /* a mount, for its disks */
	uint32_t life;
	struct engine *engine;
	struct member *member;
	struct effect effect;
	struct query query;
	int64_t asked_ms, answer_after_ms;
	int64_t asked_wall_ms; /* by the clock of whoever decided on it */
	int64_t deadline_ms;   /* of a command */
	const struct fault *fault;
	struct error err;
	struct sighting *shown; /* owned; kept for the slot's next use */
	size_t count, room;
};

struct history_tally {
	uint64_t rebuilds, events, effects, questions;
	uint64_t starts[COMMAND_ROLLBACK + 1], refused_starts;
	uint64_t gone_on, adopted, claims,
		taken_over; /* by the journal; by tags alone; from another journal */
	uint64_t turned_back, rolled_back_later;
	uint64_t ends[COURSE_TAKEN_OVER + 1];
	uint64_t faults[FAULT_KIND_COUNT];
};

struct history {
	uint64_t seed;
	struct random random;
	struct stage stage;
	struct book books[HISTORY_BOOKS_MAX];
	size_t book_count;
	uint8_t usual_book; /* the one that people use, as long as they have it */
	size_t starts_to_come;
	struct heap calendar; /* of entries, by due time */
	int64_t now_ms, wall_ahead_ms;
	struct place places[HISTORY_PLACES_MAX];
	size_t place_count;
	struct fault faults[HISTORY_FAULTS_MAX];
	size_t fault_count;
	bool mended;       /* nothing goes wrong any more ... */
	int64_t mended_ms; /* ... since then */
	struct engine engines[HISTORY_ENGINES_MAX];
	size_t engine_count;
	uint64_t member_count;
	struct call calls[HISTORY_CALLS_MAX];
	struct member **pool; /* owned: members of this history and of later ones */
	size_t pool_count, pool_used;
	struct decision decision;
	char image_old[CLOUD_ID_SIZE], image_new[CLOUD_ID_SIZE];
	struct {
		const struct stage_machine *machine;
		const struct stage_volume *volume;
	} others; /* who has nothing to do with all this; and the stage's watched snapshot */

	const struct mutant *mutant; /* what is broken on purpose, or NULL */
	FILE *trace;                 /* or NULL */
	struct history_tally tally;  /* of all seeds so far */

	int rule; /* the first that was broken; 0: none. Rules of a history's end have none of the numbers */
	const char *rule_name;
	char why[HISTORY_WHY_SIZE];
};

struct history *history_new(void);
void history_free(struct history *h);

/* Plays the seed. False: a rule was broken, which rule, rule_name and why say. */
bool history_play(struct history *h, uint64_t seed);

/* Wall clock, as engines see it. */
int64_t history_wall_ms(const struct history *h);
struct moment history_moment(const struct history *h);

/* Notes that a rule is broken; the first one counts. */
void history_broken(struct history *h, int rule, const char *name, const char *fmt, ...) PRINTF(4, 5);

/* The place has not come to its end, or is to be applied again: whoever starts takes it up. */
bool history_wants(const struct history *h, int place);

/* The entry's time comes that much later. */
void history_plan(struct history *h, int64_t after_ms, struct calendar_entry e);

/* Somebody runs the command that much later. */
void history_start_later(struct history *h, int64_t after_ms, struct command c);

/* Draws. */
int64_t history_between(struct history *h, int64_t low, int64_t high);
bool history_chance(struct history *h, int percent);

/* One line for people, if there is a trace. */
void history_tell(struct history *h, const char *who, const char *fmt, ...) PRINTF(3, 4);
#endif
