/*
 * going_back.h: the rollout that puts another one back, whoever drives it: it is found or written down, and
 * each of its machines is begun with by what the journal knows of its rebuild.
 *
 * Calling order: a struct with what the caller gives; going_back_begin(), or going_back_read() for a rollout
 * that is there already; going_back_fleet() for the session that drives it; going_back_release() in any case.
 */
#ifndef CLI_GOING_BACK_H
#define CLI_GOING_BACK_H

#include "cli/session.h"

/* Error code: another operator has resumed or kept it since, or it is over. */
#define GOING_BACK_UNWANTED "GoingBackUnwanted"

struct going_back {
	/* Given. */
	struct journal *journal; /* borrowed */
	const char *parent_id;   /* the rollout that is put back; borrowed */
	bool only_if_wanted;     /* it is begun only if an operator wants that, still */

	struct arena arena;
	struct rollout_record parent;
	const char *id; /* of the rollout that puts it back; NULL: there is nothing to be done */
	struct machine_record *machines; /* that the parent has moved, in the order in which they go back */
	const struct machine_record **by_machine; /* the same ones, for being found */
	size_t count;
};

/*
 * Finds the rollout that puts the parent back and is not over, or makes one by the plan; of several who do
 * that at once one makes it, and all find it. ERROR_CONFLICT if it is to be wanted and is not (GOING_BACK_UNWANTED),
 * somebody drives the parent (LEASE_HELD), or a machine of it belongs to another rollout by now (ROLLOUT_TAKEN).
 * ERROR_MISSING if it has moved nothing, unless an operator wanted it to be put back: then it is over by that.
 */
bool going_back_begin(
	struct going_back *g, const struct cli *cli, const struct plan *plan, struct error *err) MUST_USE;

/* For whom the rollout is only written down: by its absolute path, workers may run in other folders. */
bool going_back_load_plan(
	const struct cli *cli, const char *path, struct plan **ret, struct error *err) MUST_USE;

/* Reads what its machines are begun with by. */
bool going_back_read(struct going_back *g, const char *id, struct error *err) MUST_USE;

/* Alone, unless the caller adds that it is shared; g is borrowed until the session has ended. */
struct session_fleet going_back_fleet(struct going_back *g);

void going_back_release(struct going_back *g);
#endif
