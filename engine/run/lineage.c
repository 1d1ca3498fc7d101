#include "run/lineage.h"

#include <string.h>

enum { REBUILDS_MAX = 1000 };        /* of one machine; a longer chain can only be a circle */

static bool refuse(const struct record *r, struct record *unfinished, struct error *err)
{
	*unfinished = *r;
	error_set(err, ERROR_CONFLICT, "rebuild %s of %s has not come to its end: %s", r->id, r->blue,
		*r->cause ? r->cause : record_state_name(r->state));
	return error_hint(err, "see `changeover status` and `changeover history` for where it stands");
}

bool lineage_current(struct journal *j, const char *instance_id, struct arena *a, const char **ret,
	struct record *unfinished, struct error *err)
{
	struct record r;
	bool found;

	*ret = instance_id;
	for (int i = 0; i < REBUILDS_MAX; i++) {
		if (!record_find_by_blue(j, *ret, a, &r, &found, err))
			return false;
		if (!found || r.state == RECORD_ROLLED_BACK || r.state == RECORD_FAILED)
			return true;
		if (r.state != RECORD_DONE)
			return refuse(&r, unfinished, err);
		*ret = r.green;
	}
	return error_set(err, ERROR_BUG, "the journal's rebuilds of %s go round in a circle", instance_id);
}
