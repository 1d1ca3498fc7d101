/*
 * fleet_parts.h: the inside of a fleet, shared by fleet.c, which turns it, fleet_open.c, which finds its machines,
 * fleet_round.c, which begins with them, fleet_rows.c, which keeps them in the journal, fleet_share.c, which knows the
 * other workers, fleet_locks.c, which takes their locks, fleet_patrol.c, which sees whether they serve, fleet_block.c,
 * which waits for those that hold up others, fleet_settle.c, which finds those that need nothing, and fleet_tell.c.
 */
#ifndef RUN_FLEET_PARTS_H
#define RUN_FLEET_PARTS_H

#include "base/compiler.h"
#include "run/fleet.h"
#include "run/gate.h"
#include "run/locking.h"
#include "run/muster.h"
#include "run/patrol.h"
#include "run/rollout_ledger.h"

enum { FLEET_NOTE_SIZE = 512, FLEET_LISTEN_MS = 1000 };

/* A machine and how its rebuilds stand. */
struct place {
	const struct mustered *machine;
	const char *blue;   /* the machine that is there now, as far as is known */
	unsigned open;      /* rebuilds that are under way, here */
	int64_t seat;       /* of whoever began it last */
	bool is_unwritten;  /* its row differs from the journal's */
	bool is_waited_for; /* it is ours by its row; somebody else still has its rebuild, and that was told */
	enum machine_end end;
	int64_t begun_ms, ended_ms;    /* wall clock; 0: not yet */
	int64_t begun_mono_ms;         /* monotonic; 0: not yet, or by another process */
	char rebuild[CLOUD_NAME_SIZE]; /* the last one that the journal has a record of, or "" */
	const char *cause;             /* why it ended so; in the arena, or NULL */
	bool withdrawn;                /* before clients noticed anything */
	bool has_locks;                /* all that it needs, and was let go with them */
	bool dropped;                  /* it is not to begin after all */
	bool keeps_locks;              /* a rebuild of it did not end well */
	struct sight told;             /* how it was when the rollout was last told whether it serves */
};

/* A machine that is begun with in this turn, and how its row was before. */
struct chosen {
	uint32_t number;
	struct machine_row row;
	int64_t seat, begun_ms;
	const char *cause;
	bool was_unwritten;
};

/* How the machines that are left are held up by members of their groups. */
struct fleet_block {
	char words[FLEET_NOTE_SIZE]; /* who holds up whom; "": nobody */
	bool is_new;                 /* the journal does not have these words yet */
	bool waits;                  /* for some of those members, who may come back */
	struct moment gives_up;      /* they are waited for until then; mono_ms 0: nobody is held up */
};

/* Machines, by their numbers; room for all. */
struct fleet_numbers {
	uint32_t *list;
	size_t count;
};

/* Those that are begun with in this turn; room for all. */
struct fleet_round {
	struct chosen *list;
	size_t count;
	uint32_t beginning; /* with which just now; FLEET_NO_MACHINE: with none */
	int64_t pause_ms;   /* until the cloud lets one more begin; 0: none waits for that */
};

/* What is known of the others who drive it. */
struct fleet_share {
	struct seats seats; /* as last seen */
	size_t parts;       /* of the account's calls, as last split; 0: they are all ours */
	bool adopts;        /* machines that nobody drives any more are to be looked for */
	const char *halted; /* why one of them halted it, in the arena; NULL: none did */
	int64_t heard_ms;   /* monotonic: when they, and operators, were last listened to */
};

struct fleet {
	struct fleet_options options;
	struct arena arena;
	struct plan plan;              /* the options' plan, with its limits or without */
	struct rollout_ledger *ledger; /* NULL: the rollout is not recorded */
	bool is_away; /* the journal is, as far as we know: what was noted comes first when it is back */
	bool taken_up;

	struct query question; /* which machines there are */
	struct muster muster;
	struct place *places;
	struct rollout *rollout;
	struct rollout_turn turn;
	struct fleet_round round;
	struct fleet_numbers unwritten; /* whose rows differ from the journal's */
	struct fleet_numbers parked;    /* that are to be tried again, the last one first */
	size_t open_machines;           /* that have rebuilds under way, here */
	bool is_settled;                /* those that have the image were looked for */

	struct fleet_share share;
	struct fleet_block block;
	struct gate gate;
	size_t asked; /* which of the plan's gates the command is about */
	struct locking *locking;
	struct patrol *patrol; /* NULL: the plan does not ask which of its machines serve */
	bool patrol_failed;    /* its last look did */

	enum rollout_wish wish;
	bool stopped; /* nothing more is begun */
	bool leaves;  /* likewise, and what others have under way is theirs */

	int64_t wake_ms; /* monotonic */
	void (*changed)(void *self);
	void *changed_self;
	struct fleet_trouble *troubles;
	size_t trouble_count;
	char noted[FLEET_NOTE_SIZE];
};

/* Nothing more is begun; what is under way anywhere is waited for. */
void fleet_halt(struct fleet *f);

/* ---- fleet_rows.c ---- */

/* How the machine stands, but for its stage; texts are borrowed from the fleet. */
struct machine_record fleet_record_of(const struct fleet *f, uint32_t number);

/* From now on this is so of the machine. */
void fleet_set_row(struct fleet *f, uint32_t number, struct machine_row row);

/*
 * Writes what has changed; what others changed meanwhile is read first, and the round called back, for it was decided on
 * older rows. Who cannot write down what is under way begins nothing: then it is stopped.
 */
bool fleet_write_rows(struct fleet *f, int64_t wall_ms);

/* What of the round was not written yet is not so after all. */
void fleet_forget_unwritten(struct fleet *f, const struct chosen *c);

/* ---- fleet_round.c ---- */

/* Begins what may begin now, in rounds: each is written down before, at once. */
void fleet_begin_rounds(struct fleet *f, const struct run_traffic *t, struct moment now);

/* The machine is under way from now on, and ours. */
void fleet_choose(struct fleet *f, uint32_t number, struct moment now);

/* The clocks may be set while it goes on: how long it took is told by the one that is not. */
void fleet_note_beginning(struct place *p, struct moment now);

void fleet_call_round_back(struct fleet *f);

/* What this end makes of the machine. */
void fleet_end_machine(struct fleet *f, uint32_t number, enum machine_end end, struct moment now);

void fleet_add_trouble(struct fleet *f, uint32_t number, const struct error *err);

/* ---- fleet_share.c ---- */

/* What operators say and other workers do, at most once a second; the account's calls are split among them. */
void fleet_hear(struct fleet *f, const struct run_traffic *t, struct moment now);

/*
 * Looks who else drives it. That is always done after the rows were read: else somebody who came in between would
 * pass for dead. Who comes later writes rows first, and then ours are refused.
 */
bool fleet_look_round(struct fleet *f, struct error *err) MUST_USE;

/* Reads what others have changed, and looks round. */
bool fleet_refresh(struct fleet *f, struct error *err) MUST_USE;

/* If one of them has halted it, for what we have not seen. */
void fleet_halt_with_others(struct fleet *f);

/* Chooses machines that were under way with somebody who has died or left, and those that are to be tried again. */
void fleet_adopt(struct fleet *f, struct moment now);

/* Of those who share it one asks at its gates. */
bool fleet_is_speaker(const struct fleet *f);

/* ---- fleet_open.c ---- */

/* What has failed so far, and how many do not serve. */
struct rollout_known fleet_known(const struct fleet *f);

/* What operators want. */
void fleet_heed(struct fleet *f);

/* What the journal has of the machine. Texts are copied. */
void fleet_take_row(struct fleet *f, const struct machine_record *m);

/* ---- fleet_settle.c ---- */

/*
 * The plan's image is that one: machines that have it already are left as they are, without a look of their own, as
 * far as a list showed them and nothing else is known of them.
 */
void fleet_settle(struct fleet *f, const char *image_id);

/* Likewise, if a rebuild that is over was the first to find out which image the plan means. */
void fleet_settle_after(struct fleet *f, const struct rebuild *r);

/* ---- fleet_locks.c ---- */

/* ERROR_PLAN: a lock cannot be named after a machine. */
bool fleet_check_locks(const struct fleet *f, struct error *err) MUST_USE;

/* For a machine that was just begun with. */
void fleet_ask_for_locks(struct fleet *f, uint32_t number);

enum machine_end fleet_end_of_dropped(const struct fleet *f, uint32_t machine);

/* A rebuild of the machine is over; with the last one, its locks are given back or kept. */
void fleet_end_locks(struct fleet *f, uint32_t machine, const struct rebuild *r);

/* ---- fleet_patrol.c ---- */

/* Once its machines, and what is known of them, are there. */
void fleet_open_patrol(struct fleet *f);

/* Nothing begins before all machines were looked for once. */
bool fleet_is_blind(const struct fleet *f);

/* A rebuild of the machine is over: whom it left in its place is looked after from now on. */
void fleet_follow_end(struct fleet *f, uint32_t machine, const struct rebuild *r);

/* Monotonic: when there is something to look at; INT64_MAX: nothing. */
int64_t fleet_patrol_wake_ms(const struct fleet *f);

/* ---- fleet_block.c ---- */

/* Once a turn, when it is clear what is next: brings f->block up to date. */
void fleet_await_members(struct fleet *f, struct moment now);

/* Monotonic: when they are waited for no longer; INT64_MAX: they are not. */
int64_t fleet_patience_ends_ms(const struct fleet *f);

/* ---- fleet_tell.c ---- */

void fleet_tell(struct fleet *f, const char *fmt, ...) PRINTF(2, 3);

/* What it waits for, or why it halts, whenever that has changed. */
void fleet_tell_phase(struct fleet *f);
#endif
