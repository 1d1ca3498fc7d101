#include "plan/lock_name.h"

#include <string.h>

static const char GROUP[] = "{{group}}", INSTANCE[] = "{{instance}}";

static bool uses_group(const struct plan_lock *l)
{
	return strstr(l->name, GROUP) || (l->id && strstr(l->id, GROUP));
}

bool lock_names_use_group(const struct plan *p)
{
	for (size_t i = 0; i < p->rollout.lock_count; i++)
		if (uses_group(&p->rollout.locks[i]))
			return true;
	return false;
}

/* The placeholder that s begins with, and what it stands for; NULL if there is none. */
static const char *placeholder_at(const char *s, const struct lock_machine *m, const char **ret_value)
{
	if (text_starts_with(s, GROUP)) {
		*ret_value = m->group;
		return GROUP;
	}
	if (text_starts_with(s, INSTANCE)) {
		*ret_value = m->instance;
		return INSTANCE;
	}
	return NULL;
}

const char *lock_name_unknown(const char *pattern)
{
	static const struct lock_machine NOBODY = { "", "" };
	const char *value;

	for (const char *at = strstr(pattern, "{{"); at; at = strstr(at + 2, "{{"))
		if (!placeholder_at(at, &NOBODY, &value))
			return at;
	return NULL;
}

void lock_name_expand(const char *pattern, const struct lock_machine *m, struct text *ret)
{
	while (*pattern) {
		const char *value, *found = placeholder_at(pattern, m, &value);

		if (found) {
			text_add(ret, value);
			pattern += strlen(found);
		} else {
			text_add_char(ret, *pattern++);
		}
	}
}

bool lock_name_fits_fleetlock(const char *name)
{
	static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	return *name && !name[strspn(name, ALLOWED)];
}

static bool check_group_tag(
	const struct plan *p, const struct plan_lock *l, const struct lock_machine *m, struct error *err)
{
	if (!uses_group(l) || m->group[0])
		return true;
	error_set(err, ERROR_PLAN, "%s has no tag %s, by which its lock %s is named", m->instance,
		p->machines.group_by ? p->machines.group_by : "that groups machines", l->name);
	return error_hint(err, "tag it, or leave it out of `machines`");
}

static bool check_fleetlock(const struct plan_lock *l, const struct lock_machine *m, struct error *err)
{
	auto_text name;

	text_init(&name, LOCK_NAME_MAX);
	lock_name_expand(l->name, m, &name);
	if (l->kind != PLAN_LOCK_FLEETLOCK || lock_name_fits_fleetlock(name.bytes))
		return true;
	error_set(err, ERROR_PLAN, "%s: `%s` is no group of FleetLock's", m->instance, name.bytes);
	return error_hint(err, "FleetLock's groups are of letters, digits, . and -: change the tag, or write "
			       "another `group` into the plan");
}

bool lock_names_check(const struct plan *p, const struct lock_machine *m, struct error *err)
{
	for (size_t i = 0; i < p->rollout.lock_count; i++) {
		const struct plan_lock *l = &p->rollout.locks[i];

		if (!check_group_tag(p, l, m, err) || !check_fleetlock(l, m, err))
			return false;
	}
	return true;
}
