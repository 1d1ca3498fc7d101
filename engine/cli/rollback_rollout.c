#include "cli/rollback_rollout.h"

#include "cli/detached.h"
#include "cli/going_back.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/rollouts.h"
#include "cli/store.h"

static bool check_journal(const struct cli *cli, struct error *err)
{
	if (!cli->shared.without_journal)
		return true;
	error_set(err, ERROR_USAGE, "without a journal nobody knows what a rollout has rebuilt");
	return error_hint(
		err, "`changeover rollback --without-journal PLAN` puts back what its tags tell of");
}

static bool refuse_back(const struct rollout_record *r, struct error *err)
{
	error_set(err, ERROR_USAGE, "rollout %s puts back %s itself", r->id, r->parent);
	return error_hint(err, "`changeover rollback REBUILD` puts single machines back");
}

/* Which rollout the word means. */
static bool choose(const struct cli *cli, const char *word, struct arena *a, struct rollout_record *ret,
	struct error *err)
{
	auto_journal *j = NULL;

	if (!check_journal(cli, err) || !store_open(cli, JOURNAL_WRITE, &j, err) ||
		!rollouts_find_newest(j, word, a, ret, err))
		return false;
	return ret->kind == ROLLOUT_GOES_FORWARD || refuse_back(ret, err);
}

/* ---- alone ---- */

static bool begin(struct session *s, struct going_back *g, struct error *err)
{
	g->journal = s->journal;
	return going_back_begin(g, s->cli, s->plan, err);
}

/* In the words of struct going_back and struct session_fleet. */
struct way {
	bool only_if_wanted, goes_on;
};

static enum exit_code put_back(const struct cli *cli, const struct rollout_record *r, struct way how)
{
	struct going_back g = { .parent_id = r->id, .only_if_wanted = how.only_if_wanted };
	struct session_fleet fleet;
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	ready = session_open(&s, cli, r->plan_path, (struct session_options){ 0 }, &err) &&
		begin(&s, &g, &err);
	if (ready && g.id) {
		fleet = going_back_fleet(&g);
		fleet.goes_on = how.goes_on;
		session_add_fleet(&s, &fleet);
	}
	code = result_finish(&s, ready, true, &err);
	going_back_release(&g);
	return code;
}

static enum exit_code find_and_put_back(const struct cli *cli, const char *id, struct way how)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;

	if (!choose(cli, id, &a, &r, &err))
		return message_error(cli, &err, NULL);
	return put_back(cli, &r, how);
}

enum exit_code rollback_rollout(const struct cli *cli, const char *id)
{
	return find_and_put_back(cli, id, (struct way){ .goes_on = false });
}

enum exit_code rollback_as_wanted(const struct cli *cli, const char *id)
{
	enum exit_code code = find_and_put_back(cli, id, (struct way){ .only_if_wanted = true });

	return code == EXIT_DONE ? EXIT_ROLLED_BACK : code;
}

enum exit_code rollback_resume(const struct cli *cli, const char *id)
{
	return find_and_put_back(cli, id, (struct way){ .only_if_wanted = true, .goes_on = true });
}

/* ---- for workers ---- */

static bool write_down(
	const struct cli *cli, const struct rollout_record *r, struct going_back *g, struct error *err)
{
	struct plan *plan = NULL;
	bool done = store_open(cli, JOURNAL_WRITE, &g->journal, err) &&
		    going_back_load_plan(cli, r->plan_path, &plan, err) &&
		    going_back_begin(g, cli, plan, err);

	journal_close(g->journal);
	plan_free(plan);
	return done;
}

enum exit_code rollback_rollout_detach(const struct cli *cli, const char *id)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct going_back g = { .journal = NULL };
	enum exit_code code = EXIT_DONE;
	struct rollout_record r;
	bool done = choose(cli, id, &a, &r, &err);

	if (done) {
		g.parent_id = r.id;
		done = write_down(cli, &r, &g, &err);
	}
	if (!done)
		code = message_error(cli, &err, NULL);
	else if (g.id)
		detached_print(cli, g.id, g.count);
	going_back_release(&g);
	return code;
}
