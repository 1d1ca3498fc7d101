#include "plan/lock_check.h"

#include <string.h>

#include "base/text.h"
#include "plan/lock_name.h"

/* One lock of the plan, and where it stands. */
struct checking {
	const struct plan *plan;
	const struct plan_lock *lock;
	const char *kind;                /* its key: "fdlm" */
	const struct yaml_node *mapping; /* its keys */
	struct diagnostics *diagnostics;
};

typedef void check(const struct checking *c);

static const struct yaml_node *scalar_of(const struct checking *c, const char *key)
{
	const struct yaml_node *n = yaml_find(c->mapping, key);

	return n && n->kind == YAML_SCALAR ? n : NULL;
}

static void complain(const struct checking *c, const char *key, const char *trouble)
{
	const struct yaml_node *n = scalar_of(c, key);

	if (n)
		diagnostics_add(c->diagnostics, n->line, n->column, "`rollout.locks[].%s.%s`%s", c->kind, key,
			trouble);
}

static void check_pattern(const struct checking *c, const char *key)
{
	const struct yaml_node *n = scalar_of(c, key);

	if (!n)
		return;
	if (lock_name_unknown(n->text))
		complain(c, key, ": the placeholders are `{{group}}` and `{{instance}}`");
	else if (strstr(n->text, "{{group}}") && !c->plan->machines.group_by)
		complain(c, key, " needs `machines.group_by`: it says which tag {{group}} stands for");
}

static void patterns_can_be_filled(const struct checking *c)
{
	static const char *const KEYS[] = { "name", "group", "id" };

	for (size_t i = 0; i < ARRAY_SIZE(KEYS); i++)
		check_pattern(c, KEYS[i]);
}

/* What placeholders stand for is known only with the machines (lock_names_check); the rest is known here. */
static void the_rest_of_a_group_fits(const struct checking *c)
{
	static const struct lock_machine ANY = { "i-0", "group" };
	const struct yaml_node *n = scalar_of(c, "group");
	auto_text filled;

	text_init(&filled, LOCK_NAME_MAX);
	if (!n || lock_name_unknown(n->text))
		return;
	lock_name_expand(n->text, &ANY, &filled);
	if (!lock_name_fits_fleetlock(filled.bytes))
		complain(c, "group", ": FleetLock's groups are of letters, digits, . and -");
}

static void certificate_and_key_come_together(const struct checking *c)
{
	if (!scalar_of(c, "key"))
		complain(c, "certificate", " needs `key`: its private key");
	if (!scalar_of(c, "certificate"))
		complain(c, "key", " needs `certificate`: what the key belongs to");
}

static bool is_this_machine(const char *url)
{
	static const char *const HOSTS[] = { "localhost", "127.0.0.1", "[::1]" };
	const char *host = strstr(url, "://") + strlen("://");
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	for (size_t i = 0; i < ARRAY_SIZE(HOSTS); i++)
		if (strlen(HOSTS[i]) == len && !strncmp(host, HOSTS[i], len))
			return true;
	return false;
}

/* Whoever is in between could say yes in the server's place. */
static void other_machines_are_asked_by_https(const struct checking *c)
{
	const char *url = c->lock->url;

	if (url && text_starts_with(url, "http://") && !c->lock->plain_http && !is_this_machine(url))
		complain(c, "url",
			": http:// reaches this machine only: use https://, or say `plain_http: true`");
}

static void check_lock(const struct checking *c)
{
	static check *const CHECKS[] = {
		patterns_can_be_filled,
		the_rest_of_a_group_fits,
		certificate_and_key_come_together,
		other_machines_are_asked_by_https,
	};

	for (size_t i = 0; i < ARRAY_SIZE(CHECKS); i++)
		CHECKS[i](c);
}

void lock_check(const struct yaml_node *root, const struct plan *plan, struct diagnostics *diagnostics)
{
	static const char *const KINDS[] = { [PLAN_LOCK_FDLM] = "fdlm", [PLAN_LOCK_FLEETLOCK] = "fleetlock" };
	const struct yaml_node *list = yaml_find(yaml_find(root, "rollout"), "locks");
	const struct yaml_node *n = list && list->kind == YAML_SEQUENCE ? list->first : NULL;

	for (size_t i = 0; n && i < plan->rollout.lock_count; i++, n = n->next) {
		const struct plan_lock *lock = &plan->rollout.locks[i];
		const char *kind = KINDS[lock->kind];
		const struct yaml_node *mapping = yaml_find(n, kind);

		if (mapping && mapping->kind == YAML_MAPPING)
			check_lock(&(struct checking){ plan, lock, kind, mapping, diagnostics });
	}
}
