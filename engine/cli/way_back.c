#include "cli/way_back.h"

#include <string.h>

#include "run/lineage.h"

bool way_back_is_free(struct journal *j, const struct record *r, struct arena *a, struct error *err)
{
	struct record newer;
	bool found;

	if (!r->green[0])
		return true;
	if (!record_find_by_blue(j, r->green, a, &newer, &found, err))
		return false;
	if (!found || newer.state == RECORD_ROLLED_BACK || newer.state == RECORD_FAILED)
		return true;
	error_set(err, ERROR_CONFLICT, "green %s of rebuild %s has been replaced since, by rebuild %s",
		r->green, r->id, newer.id);
	return error_hint(err, "roll that one back first");
}

bool way_back_has_blue(struct journal *j, const struct record *r, struct arena *a, struct error *err)
{
	struct lineage lineage;

	if (!lineage_find(j, r->blue, a, &lineage, err))
		return false;
	if (lineage.is_kept && !strcmp(lineage.kept.id, r->id))
		return true;
	error_set(err, ERROR_CONFLICT,
		"blue %s of rebuild %s is terminated: only its image %s can be gone back to, by a rebuild of "
		"%s",
		r->blue, r->id, r->image_from, r->green);
	return error_hint(
		err, "`changeover rollback --by-rebuild REBUILD` does that; the data stays the same");
}
