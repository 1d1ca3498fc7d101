#include "cli/store.h"

#include <stdint.h>
#include <unistd.h>

#include "base/text.h"

enum { LIKELY_MAX = 3 }; /* ids that are proposed for a mistyped one */

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

/* All rebuilds, newest first. */
struct shelf {
	struct record *list;
	size_t count;
};

static bool no_rebuilds(struct journal *j, struct error *err)
{
	error_set(err, ERROR_MISSING, "there are no rebuilds in %s yet", journal_path(j));
	return error_hint(err, "another journal is named with --journal or --store");
}

/* How many ids begin so; ret has the first LIKELY_MAX of them. */
static size_t find_by_beginning(
	const struct shelf *s, const char *beginning, const struct record *ret[LIKELY_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		if (text_starts_with(s->list[i].id, beginning) && count++ < LIKELY_MAX)
			ret[count - 1] = &s->list[i];
	return count;
}

static bool begins_several(const char *beginning, const struct record *const found[LIKELY_MAX], size_t count,
	struct arena *a, struct error *err)
{
	const char *list = found[0]->id;

	for (size_t i = 1; i < count && i < LIKELY_MAX; i++)
		list = arena_printf(a, "%s, %s", list, found[i]->id);
	return error_set(err, ERROR_USAGE, "%zu rebuilds begin with %s: %s%s", count, beginning, list,
		count > LIKELY_MAX ? ", ..." : "");
}

/* "rb-1, rb-2 or rb-3": those that may have been meant, the nearest first, then the newest. */
static const char *likely_ids(const struct shelf *s, const char *id, struct arena *a)
{
	const char **ids = arena_array(a, s->count, sizeof(*ids)), *near, *text = NULL;
	size_t left = s->count;

	for (size_t i = 0; i < s->count; i++)
		ids[i] = s->list[i].id;
	for (int n = 0; n < LIKELY_MAX && (near = text_nearest(id, ids, left)); n++) {
		size_t i = 0;

		text = text ? arena_printf(a, "%s or %s", text, near) : near;
		while (ids[i] != near)
			i++;
		ids[i] = ids[--left];
	}
	return text ? arena_printf(a, "did you mean %s? The newest is %s", text, s->list[0].id)
		    : arena_printf(a, "the newest is %s", s->list[0].id);
}

static bool find_likely(
	const struct shelf *s, const char *id, struct arena *a, struct record *ret, struct error *err)
{
	const struct record *found[LIKELY_MAX];
	size_t count = find_by_beginning(s, id, found);

	if (count == 1) {
		*ret = *found[0];
		return true;
	}
	if (count)
		begins_several(id, found, count, a, err);
	else
		error_set(err, ERROR_MISSING, "there is no rebuild %s: %s", id, likely_ids(s, id, a));
	return error_hint(err,
		"`changeover status` lists the rebuilds; another journal is named with --journal or --store");
}

bool store_find(struct journal *j, const char *id, struct arena *a, struct record *ret, struct error *err)
{
	struct shelf s;
	bool found = false;

	if (id && !record_find(j, id, a, ret, &found, err))
		return false;
	if (found)
		return true;
	if (!record_list(j, id ? SIZE_MAX : 1, a, &s.list, &s.count, err))
		return false;
	if (!s.count)
		return no_rebuilds(j, err);
	if (id)
		return find_likely(&s, id, a, ret, err);
	*ret = s.list[0];
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
