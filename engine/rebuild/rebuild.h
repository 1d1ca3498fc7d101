/*
 * rebuild.h: one blue replaced by one green: what we know, what we have done, where it stands.
 *
 * Calling order, again and again until rebuild_is_over():
 *
 *	rebuild_absorb(r, answer)    for every answer that arrived
 *	rebuild_decide(r, now, &d)   what to look at, what to do, what happened, when to come again
 *	rebuild_begun(r, effect)     for every effect of d, once its intent is recorded
 *
 * Pure: no input or output, and the time is a value. Starting, going on and recovering are one
 * path, because what is decided depends on the world and this record alone.
 */
#ifndef REBUILD_REBUILD_H
#define REBUILD_REBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cloud/blueprint.h"
#include "cloud/effect.h"
#include "cloud/provider.h"
#include "cloud/world.h"
#include "plan/plan.h"

enum {
	REBUILD_STEPS_MAX = 32,
	REBUILD_FLIGHTS_MAX = 16,
	REBUILD_QUERIES_MAX = 32,
	REBUILD_NEWS_MAX = 128, /* more than three of each step in one decision, and two of each flight */
	REBUILD_CAUSE_SIZE = 512,
};

struct moment {
	int64_t mono_ms; /* limits and staleness */
	int64_t wall_ms; /* what is written down, and what outlives the process */
};

enum rebuild_course {
	COURSE_FORWARD,     /* to green */
	COURSE_BACK,        /* putting blue back */
	COURSE_DONE,        /* green serves; blue is retired, or kept until its time */
	COURSE_UNCHANGED,   /* there was nothing to do */
	COURSE_REFUSED,     /* preflight said no; nothing was changed */
	COURSE_ROLLED_BACK, /* blue serves */
	COURSE_PARKED,      /* an operator is needed; cause says why */
	COURSE_INTERRUPTED, /* the operator stopped this process; the same command goes on */
	COURSE_TAKEN_OVER,  /* somebody else drives it now: nothing more is done here */
};

/* One data volume of this machine. */
struct rebuild_volume {
	char id[CLOUD_ID_SIZE];          /* "" until preflight found it */
	char device[CLOUD_NAME_SIZE];    /* on blue; green's is the same */
	char uuid[CLOUD_NAME_SIZE];      /* the filesystem's, as seen on blue */
	bool delete_on_termination;      /* as found, to be restored when blue is put back */
	char found[CLOUD_NAME_SIZE];     /* the value of its tag changeover:found */
	char sentinel[CLOUD_NONCE_SIZE]; /* the nonce that a quiesce left on it; "": not known */
	int64_t left_ms;                 /* when we last had it detached, and nothing since; 0: not */
	int64_t touched_ms; /* when it was last detached or attached: older sightings are stale */
	const struct plan_data *plan;
};

/* What is asked of guests; one order of a kind is under way at a time. */
enum order_slot {
	ORDER_PROBE_BLUE,
	ORDER_PROBE_GREEN,
	ORDER_QUIESCE,
	ORDER_MOUNT,
	ORDER_START,
	ORDER_CHECK,
	ORDER_COUNT
};

/* How far one row of the procedure is, in the present course. */
struct step_run {
	int64_t since_ms;      /* when it became its turn; 0: not yet */
	int64_t acted_ms;      /* when its last effect but for checks was answered; 0: none yet */
	int64_t fresh_ms;      /* nothing is done before the world was seen after this moment */
	int64_t again_ms;      /* nothing is done before this moment: back-off */
	int attempt;           /* part of the token: raised when an effect is known not to have happened */
	int failures;          /* in a row */
	unsigned acked;        /* bit per part: done in this attempt */
	const char *waits_for; /* what was last said about that; static */
	enum error_kind told_trouble; /* of the last question, when that was said */
	bool proved;
};

/* An effect that was begun and not answered yet. */
struct flight {
	enum effect_kind kind;
	size_t step;
	enum rebuild_course course; /* it was begun in */
	bool dry_run;
	size_t part; /* which of the step's objects it is about */
	char token[CLOUD_TOKEN_SIZE];
};

/* A question asked before: when, and whether the answer is still out. */
struct asked {
	enum query_kind kind;
	char id[CLOUD_TOKEN_SIZE];
	int64_t at_ms;
	int64_t answered_ms; /* when the last one that was answered, not failed, had been asked; 0: none */
	bool under_way;
};

enum news_kind {
	NEWS_STEP_STARTED,
	NEWS_STEP_PROVED,
	NEWS_STEP_UNDONE,
	NEWS_WINDOW_OPENED,
	NEWS_WINDOW_CLOSED,
	NEWS_TURNED_BACK,
	NEWS_RETRYING,
	NEWS_WAITING,
	NEWS_FOUND,
	NEWS_FINISHED,
};

/* Something worth telling. */
struct news {
	enum news_kind kind;
	const char *step; /* static, or NULL */
	const char *text; /* in the rebuild's arena */
};

struct decision {
	struct query queries[REBUILD_QUERIES_MAX];
	size_t query_count;
	struct effect effects[REBUILD_FLIGHTS_MAX];
	size_t effect_count;
	struct news news[REBUILD_NEWS_MAX];
	size_t news_count;
	int64_t wake_ms; /* monotonic: decide again then at the latest */
};

/* A rebuild that an earlier process began, as its journal tells. */
struct rebuild_past {
	const char *volumes[CLOUD_VOLUMES_MAX]; /* ids, in the plan's order */
	size_t volume_count;
	bool turned_back;  /* or is to be rolled back now */
	const char *cause; /* why */
	bool window_opened;
	bool launch_begun;
	int64_t unanswered_wall_ms;  /* when a call was begun whose answer nobody saw; 0: there is none */
	int64_t claim_begun_wall_ms; /* when it was last claimed from another journal; 0: never */
	bool finished;               /* green serves: all that is left is to terminate blue */
	bool green_replaced;         /* ... and was itself replaced since */
	int64_t confirmed_wall_ms;   /* 0: not yet */
};

struct rebuild_options {
	/*
	 * The journal that records it, and for people who drives it: "jr-1 anna@host ..."; borrowed. It is
	 * written into tags, and by it two engines that share no journal know each other. "": none.
	 */
	const char *journal;
	bool preflight_only;  /* `plan`: look, permit, change nothing */
	bool only_unfinished; /* go on with what was begun; if nothing was, it is over as unchanged */
	int pace_percent;     /* of the pauses before the cloud is asked again; 0: 100 */
};

struct rebuild {
	char id[CLOUD_NAME_SIZE];
	uint32_t subject;
	const struct plan *plan;
	struct rebuild_options options;
	enum rebuild_course course;
	char cause[REBUILD_CAUSE_SIZE];   /* why it turned back, parked or was refused */
	char finding[REBUILD_CAUSE_SIZE]; /* what a step found hopeless */
	enum error_kind cause_kind;
	const char *cause_hint;              /* static, or NULL: what the operator can do about it */
	char cause_request[CLOUD_NAME_SIZE]; /* AWS's id of the request that failed, or "" */
	bool resumed;     /* it was begun by an earlier process: look at everything first */
	bool resume_back; /* ... and go back then */
	bool resume_in_window;
	bool resume_finished;
	bool green_replaced;         /* by a later rebuild: another machine serves in its place */
	bool adopted;                /* known by its tags alone: no journal of ours tells of it */
	bool launch_begun_before;    /* by an earlier process, or nobody knows */
	int64_t unanswered_wall_ms;  /* an earlier process's call that may be under way was begun then */
	int64_t claim_begun_wall_ms; /* an earlier process began to claim it from another journal then */
	int64_t wait_until_ms;       /* monotonic: that long for it; 0: there is no need */
	int64_t claimed_since_ms; /* tags seen later say that we drive it, or we have lost it; 0: not yet */
	bool claim_begun;         /* we have begun to write into its tags that we drive it now */
	int64_t claimed_ms;       /* when that was written; 0: not yet, or there was no need */
	bool settled;             /* ... and who drove it before has had time to see that */
	bool interrupted;         /* the operator wants this process to end: begin nothing new */
	bool rollback_asked;

	struct world world;
	struct arena arena;           /* blueprint and orders; lives as long as the rebuild */
	struct blueprint blueprint;   /* blue's, as found */
	struct blueprint green_print; /* with the plan's changes */
	bool blueprint_seen;
	bool blue_missing; /* the cloud knows no such instance, or none any more */
	struct instance
		successor;  /* what was launched in blue's place by an earlier rebuild, if blue is gone */
	bool was_protected; /* termination protection as found */
	char found[CLOUD_REASON_SIZE]; /* the value of blue's tag changeover:found */
	struct launch_order launch;
	struct rebuild_volume volumes[CLOUD_VOLUMES_MAX];
	size_t volume_count;
	char selector_trouble
		[REBUILD_CAUSE_SIZE]; /* why a volume selector has no volume; "": it may have one */
	size_t volumes_found;         /* how many of the plan's volume selectors are resolved */
	bool volumes_untagged; /* adopted, but not every volume carries its tag: they are as the plan says */
	bool addresses_seen;
	struct guest_order orders[ORDER_COUNT];
	struct check *checks;                      /* the plan's ready list; in the arena */
	int64_t touched_blue_ms, touched_green_ms; /* when a guest effect last began there */
	int64_t touched_addresses_ms;
	struct error trouble; /* the last question that failed; empty once one was answered */
	struct error trouble_blue, trouble_green; /* the last failure to reach that guest */

	struct step_run steps[REBUILD_STEPS_MAX];
	struct flight flights[REBUILD_FLIGHTS_MAX];
	size_t flight_count;
	struct asked asked[REBUILD_QUERIES_MAX];
	size_t asked_count;

	bool start_failed;   /* a start of the service did; after a resumption the first one is looked into */
	bool launch_unknown; /* a launch was begun and is not known to have failed; no green is known */
	bool launch_doubted; /* ... and a call with that token was never answered: it may have done it */
	char launch_token[CLOUD_TOKEN_SIZE];

	int breaches;       /* rounds of checks in a row that failed, last ones */
	bool blue_quiesced; /* a quiesce of blue was begun, or may have been: it may not serve */
	int64_t window_opened_ms, window_closed_ms; /* monotonic; 0: not */
	int64_t confirmed_wall_ms;                  /* when green was confirmed through the switch */
	bool changed_something;                     /* a mutation was begun */
	bool blue_tagged;                           /* ... and one that writes our tags on blue */
	bool blue_told; /* when it turned back, blue's tags may have told of it: they must tell that, too */

	struct news pending[REBUILD_NEWS_MAX]; /* for the next decision */
	size_t pending_count;
};

/*
 * blue_id is copied; plan is borrowed and must outlive the rebuild. If blue's tags tell of a rebuild
 * that did not come to its end, it becomes that one: its id changes (docs/decisions/0009).
 */
void rebuild_init(struct rebuild *r, const char *id, const struct plan *plan, const char *blue_id);
/* Goes on with a rebuild of that past, right after rebuild_init() with its id. */
void rebuild_resume(struct rebuild *r, const struct rebuild_past *past);

void rebuild_release(struct rebuild *r);

/* Takes an answer in: the world, and what it means for the step that wanted it. */
void rebuild_absorb(struct rebuild *r, const struct answer *a, struct moment now);

void rebuild_decide(struct rebuild *r, struct moment now, struct decision *ret);

/* Notes that an effect of the last decision is under way. */
void rebuild_begun(struct rebuild *r, const struct effect *e, struct moment now);

/* Notes that an effect of the last decision will not be done: a guard or the journal refused it. */
void rebuild_refused(struct rebuild *r, const struct effect *e, const char *reason);

/* What an operator may ask for at any time. */
enum rebuild_request {
	REQUEST_STOP,     /* finish what is under way, begin nothing new */
	REQUEST_ROLLBACK, /* put blue back */
};

void rebuild_ask(struct rebuild *r, enum rebuild_request what);

/* Somebody else drives it, as the journal's lease says: nothing more is done here. */
void rebuild_lose(struct rebuild *r, const char *reason);

/* The name of the step whose effect of that token is under way. */
const char *rebuild_step_of(const struct rebuild *r, const char *token);

/*
 * Something may be asked of blue's or green's guest soon. Between the times that it is, its session
 * can be closed: thousands of rebuilds may be waiting.
 */
bool rebuild_needs_guest(const struct rebuild *r, bool green);

bool rebuild_is_over(const struct rebuild *r);

/* True between the first quiesce and the confirmed switch (or blue put back): clients are waiting. */
bool rebuild_in_window(const struct rebuild *r);

/* The names that journals and JSON store: "forward", "rolled-back". */
const char *rebuild_course_name(enum rebuild_course c);

/* Sums of the typical times: of the steps that clients wait for, and of all until green is confirmed. */
int64_t rebuild_predicted_outage_ms(void);
int64_t rebuild_predicted_ms(void);
#endif
