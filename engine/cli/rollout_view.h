/*
 * rollout_view.h: a rollout as a command sees it: its rows, who drives it, and the plan that it was begun
 * with.
 *
 * Calling order: rollout_view_open(); rollout_view_look() as often as wanted, each reads what has changed
 * since; rollout_view_close() in any case.
 */
#ifndef CLI_ROLLOUT_VIEW_H
#define CLI_ROLLOUT_VIEW_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/lease.h"
#include "plan/plan.h"
#include "report/standing.h"

struct rollout_view {
	struct journal *journal; /* borrowed */
	struct arena arena;      /* of the record, until the next look */
	struct plan *plan; /* NULL if the file is not there any more as it was: gates have no names then */
	char driver[LEASE_TEXT_SIZE];
	int64_t version; /* of the rows that were read */
	struct standing standing;
};

/* The rollout must be in the journal. */
bool rollout_view_open(struct rollout_view *v, const struct cli *cli, struct journal *j,
	const struct rollout_record *r, struct error *err) MUST_USE;

bool rollout_view_look(struct rollout_view *v, const struct cli *cli, struct error *err) MUST_USE;

void rollout_view_close(struct rollout_view *v);

/* Prints it as JSON, as `status` and `watch` do. */
void rollout_view_document(const struct rollout_view *v, const struct cli *cli);
#endif
