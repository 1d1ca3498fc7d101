/*
 * turn_back.c: write down, where it outlives this process and its journal, that blue is being put back.
 * Otherwise whoever goes on from the tags alone would try the way forward once more.
 */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "cloud/tags.h"
#include "rebuild/marks.h"

enum { PATIENCE_MS = 15 * 1000 }; /* without the cloud's API blue can still be mounted and started */

/*
 * If blue's tags do not tell of this rebuild, nobody finds it by them, and nothing was done yet but tagging
 * volumes. Clients may be waiting: what cannot be written down is done all the same.
 */
static bool undone(const struct rebuild *r, struct moment now)
{
	const struct step_run *run = step_run_seen(r, &step_turn_back);
	bool took_too_long = run->since_ms && now.mono_ms >= run->since_ms + PATIENCE_MS;

	if (!r->blue_told)
		return true;
	return run->acked || run->failures || took_too_long || !strcmp(r->world.blue.role, ROLE_RESTORING);
}

static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	marks_blue(r, ROLE_RESTORING, 0, out);
}

const struct step step_turn_back = {
	.name = "turn-back",
	.summary = "Write down that blue is put back",
	.only_back = true,
	.undone = undone,
	.undo = undo,
};
