#include "run/namesake.h"

#include <string.h>

static bool is_there(const struct rollout_record *r)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *then;
	bool same;

	if (!*r->plan_path || !plan_load(r->plan_path, &then, &d, &err))
		return false;
	same = !strcmp(then->digest, r->plan_digest);
	plan_free(then);
	return same;
}

bool namesake_check(const struct plan *p, const struct rollout_record *r, struct error *err)
{
	if (!strcmp(r->plan_digest, p->digest) || !is_there(r))
		return true;
	error_set(err, ERROR_CONFLICT, "rollout %s of another plan of the same name, %s, is not over", r->id,
		r->plan_path);
	return error_hint(err,
		"give one of them another `name`, or give that rollout up: `changeover abort --keep "
		"ROLLOUT`");
}
