#include "cli/store.h"

#include <stdint.h>
#include <unistd.h>

#include "cli/likely.h"

/* The URL is not repeated: there may be a password in it. */
static bool check_named(const struct shared *s, struct error *err)
{
	if (s->store && s->journal) {
		error_set(err, ERROR_USAGE, "both --store and --journal (%s) say where the journal is",
			s->journal);
		return error_hint(err, "name one, and see $CHANGEOVER_STORE and $CHANGEOVER_JOURNAL");
	}
	if (!s->store || journal_is_url(s->store))
		return true;
	error_set(err, ERROR_USAGE, "--store is no URL of a PostgreSQL database");
	return error_hint(err, "such as postgres://changeover@db.example.com/changeover; a file is named "
			       "with --journal or --store");
}

bool store_open(const struct cli *cli, enum journal_access access, struct journal **ret, struct error *err)
{
	const struct shared *s = &cli->shared;
	auto_free char *path = NULL;

	if (!check_named(s, err))
		return false;
	if (s->store || s->journal)
		return journal_open(s->store ? s->store : s->journal, access, ret, err);
	path = journal_default_path(cli_environment(cli, "XDG_STATE_HOME"), cli_environment(cli, "HOME"));
	if (path)
		return journal_open(path, access, ret, err);
	error_set(err, ERROR_USAGE, "neither $XDG_STATE_HOME nor $HOME says where the journal is");
	return error_hint(err, "name it with --journal or --store");
}

static bool no_rebuilds(struct journal *j, struct error *err)
{
	error_set(err, ERROR_MISSING, "there are no rebuilds in %s yet", journal_path(j));
	return error_hint(err, "another journal is named with --journal or --store");
}

static bool find_likely(const struct record *list, size_t count, const char *id, struct arena *a,
	struct record *ret, struct error *err)
{
	const char **ids = arena_array(a, count, sizeof(*ids));
	size_t number;

	for (size_t i = 0; i < count; i++)
		ids[i] = list[i].id;
	if (!likely_find(&(struct likely){ "rebuild", ids, count }, id, a, &number, err))
		return false;
	*ret = list[number];
	return true;
}

bool store_find(struct journal *j, const char *id, struct arena *a, struct record *ret, struct error *err)
{
	struct record *list;
	bool found = false;
	size_t count;

	if (id && !record_find(j, id, a, ret, &found, err))
		return false;
	if (found)
		return true;
	if (!record_list(j, id ? SIZE_MAX : 1, a, &list, &count, err))
		return false;
	if (!count)
		return no_rebuilds(j, err);
	if (id)
		return find_likely(list, count, id, a, ret, err);
	*ret = list[0];
	return true;
}

const char *store_user(const struct cli *cli, struct arena *a)
{
	static const char *const VARIABLES[] = { "SUDO_USER", "USER", "LOGNAME" };

	for (size_t i = 0; i < ARRAY_SIZE(VARIABLES); i++) {
		const char *user = cli_environment(cli, VARIABLES[i]);

		if (user)
			return user;
	}
	return arena_printf(a, "uid%u", (unsigned)getuid());
}
