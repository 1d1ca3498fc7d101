/*
 * session.h: what plan and apply have in common: one plan, the loop, its providers and the display.
 *
 * Calling order: session_open(); session_run(); results by s->run; session_close() in any case.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <uv.h>

#include "aws/aws.h"
#include "base/arena.h"
#include "cli/command.h"
#include "guest/guests.h"
#include "journal/journal.h"
#include "lock/keeper.h"
#include "plan/plan.h"
#include "report/progress.h"
#include "run/fleet.h"
#include "run/run.h"

struct session_options {
	bool only_look;       /* change nothing, record nothing */
	bool only_unfinished; /* begin no rebuild, only go on with those that were begun */
	const char *image;    /* instead of the plan's; NULL: the plan's */
	const char *machine;  /* instead of the plan's; NULL: the plan's */
	const char *user;     /* who holds leases, for people; NULL: store_user() */
	bool signals_held;    /* by the caller, but while it runs */
};

struct session;

/* How the machines of the plan are begun with. */
struct session_fleet {
	bool unlimited; /* struct fleet_options */
	bool goes_on;
	bool only_recorded, lists, goes_back; /* likewise */
	bool shared;                          /* struct rollout_ledger_options */
	const char *rollout;                  /* likewise, `id` */
	bool (*begin)(struct session *s, void *arg, const char *instance_id, struct error *err);
	void *arg;
	bool (*nothing)(struct error *err); /* what it means if no rebuild came of it; NULL: no error */
};

struct session {
	const struct cli *cli;
	struct arena arena;
	const char *user;
	struct plan *plan;
	struct journal *journal; /* NULL if nothing is to be changed */
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t interrupt, terminate;
	bool signals_held;
	int interrupts;
	struct run *run;
	struct aws *aws;
	struct guests *guests;
	struct keeper *keeper; /* NULL if the plan has no locks, or nothing is to be changed */
	struct progress *progress;
	struct fleet *fleet; /* NULL before session_add_fleet() */
	struct rollout_ledger *rollout;
	struct session_fleet how;
	char to_revert[CLOUD_NAME_SIZE]; /* the rollout that an operator wants put back now; or "" */
};

/*
 * Loads the plan (printing its diagnostics), opens the journal unless only looking, and the
 * providers. Nothing has been asked of anybody yet when this fails.
 */
bool session_open(struct session *s, const struct cli *cli, const char *plan_path, struct session_options o,
	struct error *err) MUST_USE;

/* Each machine of the plan is begun with when its rollout says so. */
void session_add_fleet(struct session *s, const struct session_fleet *how);

/*
 * After session_run(): the error if the session came to nothing, because the machines of the plan are not
 * known, or none could be begun with.
 */
bool session_outcome(const struct session *s, struct error *err) MUST_USE;

/* Runs until all rebuilds are over. SIGINT or SIGTERM once: ends in order; twice: leaves at once. */
void session_run(struct session *s);

/* Those two signals, for callers who hold them back while they do something else. */
void session_hold_signals(bool held);

/* Says on stderr which machines could not even be begun with; returns the code of the first, or EXIT_DONE. */
enum exit_code session_print_troubles(const struct session *s);

/* Says on stderr why a rebuild did not end well, if so, and what can be done about it. */
void session_print_cause(const struct session *s, const struct ending *e);

void session_close(struct session *s);
#endif
