#include "cli/rollouts.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "cli/likely.h"

bool rollouts_means(const char *word)
{
	return text_starts_with(word, "ro-") && !strchr(word, '/');
}

/* Rollouts, newest first. */
struct shelf {
	struct rollout_record *list;
	size_t count;
};

static bool read_all(struct journal *j, struct arena *a, struct shelf *ret, struct error *err)
{
	return rollout_record_list(j, SIZE_MAX, a, &ret->list, &ret->count, err);
}

static void drop_those_that_are_over(struct shelf *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (!rollout_state_is_final(s->list[i].state))
			s->list[kept++] = s->list[i];
	s->count = kept;
}

static bool no_rollouts(struct journal *j, struct error *err)
{
	error_set(err, ERROR_MISSING, "there are no rollouts in %s yet", journal_path(j));
	return error_hint(err,
		"`changeover apply` makes one of a plan of several machines; another journal is "
		"named with --journal or --store");
}

static bool none_is_open(struct journal *j, struct error *err)
{
	error_set(err, ERROR_MISSING, "all rollouts in %s are over", journal_path(j));
	return error_hint(err, "name the one that is meant; `changeover status` lists them");
}

static bool several_are_open(const struct shelf *s, struct arena *a, struct error *err)
{
	const char *list = s->list[0].id;

	for (size_t i = 1; i < s->count; i++)
		list = arena_printf(a, "%s%s %s", list, i + 1 < s->count ? "," : " and", s->list[i].id);
	error_set(err, ERROR_USAGE, "%zu rollouts are not over: %s", s->count, list);
	return error_hint(err, "name the one that is meant; `changeover status` lists them");
}

static bool find_likely(
	const struct shelf *s, const char *id, struct arena *a, struct rollout_record *ret, struct error *err)
{
	const char **ids = arena_array(a, s->count, sizeof(*ids));
	size_t number;

	for (size_t i = 0; i < s->count; i++)
		ids[i] = s->list[i].id;
	if (!likely_find(&(struct likely){ "rollout", ids, s->count }, id, a, &number, err))
		return false;
	*ret = s->list[number];
	return true;
}

bool rollouts_find(
	struct journal *j, const char *id, struct arena *a, struct rollout_record *ret, struct error *err)
{
	struct shelf s;

	if (!read_all(j, a, &s, err))
		return false;
	if (!s.count)
		return no_rollouts(j, err);
	if (id)
		return find_likely(&s, id, a, ret, err);
	drop_those_that_are_over(&s);
	if (s.count != 1)
		return s.count ? several_are_open(&s, a, err) : none_is_open(j, err);
	*ret = s.list[0];
	return true;
}

bool rollouts_find_newest(
	struct journal *j, const char *id, struct arena *a, struct rollout_record *ret, struct error *err)
{
	struct shelf s;

	if (id)
		return rollouts_find(j, id, a, ret, err);
	if (!rollout_record_list(j, 1, a, &s.list, &s.count, err))
		return false;
	if (!s.count)
		return no_rollouts(j, err);
	*ret = s.list[0];
	return true;
}

bool rollouts_count_open(struct journal *j, size_t *ret, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct shelf s;

	if (!read_all(j, &a, &s, err))
		return false;
	drop_those_that_are_over(&s);
	*ret = s.count;
	return true;
}

bool rollouts_check_open(const struct rollout_record *r, struct error *err)
{
	if (!rollout_state_is_final(r->state))
		return true;
	error_set(err, ERROR_CONFLICT, "rollout %s is over: %s", r->id, rollout_state_name(r->state));
	return error_hint(err,
		"`changeover report ROLLOUT` tells what came of it; `changeover rollback ROLLOUT` "
		"puts back what it rebuilt");
}
