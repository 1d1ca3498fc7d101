#include "cli/store.h"

#include <unistd.h>

bool store_open(const struct cli *cli, enum journal_access access, struct journal **ret, struct error *err)
{
	auto_free char *path = NULL;

	if (cli->shared.journal)
		return journal_open(cli->shared.journal, access, ret, err);
	path = journal_default_path(cli_environment(cli, "XDG_STATE_HOME"), cli_environment(cli, "HOME"));
	if (path)
		return journal_open(path, access, ret, err);
	error_set(err, ERROR_USAGE, "neither $XDG_STATE_HOME nor $HOME says where the journal is");
	return error_hint(err, "name it with --journal");
}

static bool find_newest(
	struct journal *j, struct arena *a, struct record *ret, bool *found, struct error *err)
{
	struct record *list;
	size_t count;

	if (!record_list(j, 1, a, &list, &count, err))
		return false;
	*found = count > 0;
	if (*found)
		*ret = list[0];
	return true;
}

bool store_find(struct journal *j, const char *id, struct arena *a, struct record *ret, struct error *err)
{
	bool found;

	if (id ? !record_find(j, id, a, ret, &found, err) : !find_newest(j, a, ret, &found, err))
		return false;
	if (found)
		return true;
	if (id)
		error_set(err, ERROR_MISSING, "there is no rebuild %s in %s", id, journal_path(j));
	else
		error_set(err, ERROR_MISSING, "there are no rebuilds in %s yet", journal_path(j));
	return error_hint(
		err, "`changeover status` lists the rebuilds; another journal is named with --journal");
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
