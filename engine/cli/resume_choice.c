#include "cli/resume_choice.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/message.h"
#include "cli/rollouts.h"
#include "cli/store.h"
#include "journal/record.h"
#include "journal/seat.h"
#include "rollout/rollout.h"

static const char NOTHING[] = "there is no rebuild that has not come to its end";

static bool is_rebuild_id(const char *word)
{
	return text_starts_with(word, "rb-") && !strchr(word, '/');
}

bool resume_nothing(struct error *err)
{
	error_set(err, ERROR_MISSING, "%s", NOTHING);
	return error_hint(err,
		"`changeover status` lists rollouts and rebuilds; with the journal lost, name the plan: "
		"`changeover resume --without-journal PLAN`");
}

/* ---- a rollout ---- */

static bool count_failure(void *self, const struct machine_record *m)
{
	*(int64_t *)self += machine_state_is_failure(machine_state_parse(m->state));
	return true;
}

/*
 * Whoever drives it goes on: what has failed so far is known, even if it halts for that now. *heard is false if it has
 * left since it was seen.
 */
static bool tell_driver(const struct cli *cli, struct journal *j, const char *who,
	const struct rollout_record *r, bool *heard, struct error *err)
{
	int64_t failures = 0;

	*heard = rollout_record_machines(j, r->id, 0, count_failure, &failures, err) &&
		 rollout_order_resume(j, r->id, failures, clock_wall_ms(cli->clock), err);
	if (*heard)
		message_note(cli, "told %s to go on with rollout %s", who, r->id);
	if (error_is(err, ROLLOUT_UNDRIVEN))
		error_release(err);
	if (error_is(err, ROLLOUT_ENDS))
		return error_wrap(err, "it is driven by %s", who);
	return !err->kind;
}

static bool take_rollout(const struct cli *cli, struct journal *j, const struct rollout_record *r,
	struct resume_choice *ret, struct error *err)
{
	struct seats s;

	*ret = (struct resume_choice){ .plan_path = r->plan_path, .rollout = r->id };
	if (r->kind == ROLLOUT_GOES_BACK)
		ret->puts_back = r->parent;
	if (rollout_state_is_final(r->state)) {
		error_set(err, ERROR_CONFLICT, "rollout %s is over: %s", r->id, rollout_state_name(r->state));
		return error_hint(err, "`changeover apply` begins a new one");
	}
	if (!seats_look(j, r->id, clock_wall_ms(cli->clock), &s, err))
		return false;
	return !seats_has_others(&s) || tell_driver(cli, j, s.who, r, &ret->asked, err);
}

static bool is_same_file(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];

	return !strcmp(a, b) || (realpath(a, x) && realpath(b, y) && !strcmp(x, y));
}

/* The plan's rollout that is not over, if it has one; else its rebuilds are gone on with one by one. */
static bool choose_by_plan(const struct cli *cli, struct journal *j, const char *plan, struct arena *a,
	struct resume_choice *ret, struct error *err)
{
	struct rollout_record *list;
	size_t count;

	*ret = (struct resume_choice){ .plan_path = plan };
	if (!rollout_record_list(j, SIZE_MAX, a, &list, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!rollout_state_is_final(list[i].state) && is_same_file(list[i].plan_path, plan))
			return take_rollout(cli, j, &list[i], ret, err);
	return true;
}

/* ---- whatever is unfinished ---- */

static bool refuse_several(const char *a, const char *b, struct error *err)
{
	error_set(err, ERROR_USAGE, "rebuilds of several plans are unfinished: %s and %s among them", a, b);
	return error_hint(err, "name a plan, a rollout or a rebuild; `changeover status` lists them");
}

/* If it is of one plan. */
static bool check_one_plan(const struct record *list, size_t count, const char *plan_path, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].plan_path, plan_path) != 0)
			return refuse_several(plan_path, list[i].plan_path, err);
	return true;
}

static bool choose_unfinished(const struct cli *cli, struct journal *j, struct arena *a,
	struct resume_choice *ret, struct error *err)
{
	struct record *list;
	struct rollout_record r;
	size_t count, rollouts;

	if (!record_list_open(j, a, &list, &count, err) || !rollouts_count_open(j, &rollouts, err))
		return false;
	if (rollouts)
		return rollouts_find(j, NULL, a, &r, err) && check_one_plan(list, count, r.plan_path, err) &&
		       take_rollout(cli, j, &r, ret, err);
	if (!count)
		return resume_nothing(err);
	*ret = (struct resume_choice){ .plan_path = list[0].plan_path };
	return check_one_plan(list, count, ret->plan_path, err);
}

static bool choose_by_id(const struct cli *cli, struct journal *j, const char *id, struct arena *a,
	struct resume_choice *ret, struct error *err)
{
	struct rollout_record rollout;
	struct record r;

	if (rollouts_means(id))
		return rollouts_find(j, id, a, &rollout, err) && take_rollout(cli, j, &rollout, ret, err);
	if (!store_find(j, id, a, &r, err))
		return false;
	*ret = (struct resume_choice){ .plan_path = r.plan_path, .rebuild = r.id };
	return true;
}

bool resume_choose(const struct cli *cli, const char *word, struct arena *a, struct resume_choice *ret,
	struct error *err)
{
	auto_journal *j = NULL;
	bool is_id = word && (is_rebuild_id(word) || rollouts_means(word));

	if (cli->shared.without_journal && (!word || is_id)) {
		error_set(err, ERROR_USAGE, "without the journal a plan must be named");
		return error_hint(err, "changeover resume --without-journal PLAN");
	}
	*ret = (struct resume_choice){ .plan_path = word };
	if (cli->shared.without_journal)
		return true;
	if (!store_open(cli, JOURNAL_WRITE, &j, err))
		return false;
	if (is_id)
		return choose_by_id(cli, j, word, a, ret, err);
	return word ? choose_by_plan(cli, j, word, a, ret, err) : choose_unfinished(cli, j, a, ret, err);
}
