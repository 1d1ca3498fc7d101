#include "server/routes.h"

#include <string.h>

#include "base/text.h"
#include "server/fdlm.h"
#include "server/fdlm_admin.h"
#include "server/fleetlock.h"
#include "server/page.h"
#include "wire/form.h"

const struct route *const routes[] = {
	&fdlm_show,
	&fdlm_acquire,
	&fdlm_release,
	&fdlm_admin_list,
	&fdlm_admin_show,
	&fdlm_admin_create,
	&fdlm_admin_update,
	&fdlm_admin_destroy,
	&fdlm_admin_events,
	&fleetlock_pre_reboot,
	&fleetlock_steady_state,
	&page_metrics,
	NULL,
};

/* Foreman takes its second version's prefix for all paths of its API. */
static const char *without_version(const char *path)
{
	static const char PREFIX[] = "/api/v2/";

	return text_starts_with(path, PREFIX) ? path + strlen("/api/v2") : path;
}

/* Compares piece by piece; *name is what stands where the pattern has {}, as on the wire. */
static bool matches(const char *pattern, const char *path, const char **name, size_t *len)
{
	while (*pattern) {
		if (text_starts_with(pattern, "{}")) {
			*name = path;
			*len = strcspn(path, "/");
			path += *len;
			pattern += strlen("{}");
			if (!*len)
				return false;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path;
}

/* What a pattern is held against: Foreman's paths begin with /api. */
static bool fits(const struct route *route, const char *path, const char **name, size_t *len)
{
	const char *rest = without_version(path);

	if (rest != path && text_starts_with(route->path, "/api/"))
		return matches(route->path + strlen("/api"), rest, name, len);
	return matches(route->path, path, name, len);
}

static bool refuse(struct request *r, int status, const char *text)
{
	r->answer->status = status;
	text_addf(&r->answer->body, "%s\n", text);
	return false;
}

static bool take_route(struct request *r, const struct route *route, const char *name, size_t len)
{
	r->route = route;
	if (!name)
		return true;
	r->name = form_decode(name, len, r->arena);
	if (r->name && request_name_is_fit(r->name))
		return true;
	return refuse(r, 404, "there is no lock of such a name");
}

bool routes_find(struct request *r)
{
	bool is_path = false;

	for (const struct route *const *route = routes; *route; route++) {
		const char *name = NULL;
		size_t len = 0;

		if (!fits(*route, r->question.path, &name, &len))
			continue;
		if (!strcmp((*route)->method, r->question.method))
			return take_route(r, *route, name, len);
		is_path = true;
	}
	return is_path ? refuse(r, 405, "not with this method") : refuse(r, 404, "there is nothing here");
}
