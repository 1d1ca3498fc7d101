/*
 * worker.c: `changeover worker`: drive what stands in the journal and nobody drives.
 *
 * A rollout, forward or back, is shared by as many workers as come to it, unless somebody drives it alone, as
 * `apply` does; what one left when it died is gone on with by another one. Besides, rebuilds whose driver has
 * died, if their plan has no rollout of its own, or one that has halted while their clients wait.
 */
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cli/begin.h"
#include "cli/commands.h"
#include "cli/going_back.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/store.h"
#include "cli/worker_search.h"
#include "run/run.h"

enum { PAUSE_S = 1 };

struct worker_settings {
	const char *name;
	bool until_idle;
};

struct worker {
	const struct cli *cli;
	const struct worker_settings *given;
	struct worker_search search;
	bool is_told_to_end; /* by a signal, in the midst of something */
};

/* Something that was found, and what its session has to know of it. */
struct task {
	struct work work;
	struct going_back back;
};

/* ---- each kind of work that is driven in a session ---- */

static bool lead_forward(struct session *s, struct task *t, struct session_fleet *ret, struct error *err)
{
	(void)s, (void)err;
	*ret = (struct session_fleet){ .shared = true, .rollout = t->work.id, .begin = begin_machine };
	return true;
}

static bool lead_back(struct session *s, struct task *t, struct session_fleet *ret, struct error *err)
{
	t->back = (struct going_back){ .journal = s->journal, .parent_id = t->work.parent };
	if (!going_back_read(&t->back, t->work.id, err))
		return false;
	*ret = going_back_fleet(&t->back);
	ret->shared = true;
	return true;
}

static bool go_on(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const struct task *t = arg;

	(void)instance_id; /* the record's blue, or the green that has its place */
	return run_add_unfinished(s->run, &t->work.record, err);
}

static bool lead_rebuild(struct session *s, struct task *t, struct session_fleet *ret, struct error *err)
{
	(void)s, (void)err;
	*ret = (struct session_fleet){ .unlimited = true, .begin = go_on, .arg = t };
	return true;
}

static bool (*const LEAD[])(
	struct session *s, struct task *t, struct session_fleet *ret, struct error *err) = {
	[WORK_FORWARD] = lead_forward,
	[WORK_BACK] = lead_back,
	[WORK_REBUILD] = lead_rebuild,
};

/* Who applies a changed plan begins anew; that is for people to do. */
static bool is_same_plan(const struct plan *p, const struct work *work, struct error *err)
{
	if (!strcmp(p->digest, work->plan_digest))
		return true;
	error_set(
		err, ERROR_CONFLICT, "%s is not the plan that %s was begun with", work->plan_path, work->id);
	return error_hint(err, "put that version there, or apply the one that is there");
}

/* ---- doing it ---- */

static bool open_session(struct worker *w, struct session *s, struct task *t, struct error *err)
{
	bool is_rebuild = t->work.kind == WORK_REBUILD;
	const struct session_options o = { .user = w->given->name,
		.signals_held = true,
		.only_unfinished = is_rebuild,
		.machine = is_rebuild ? t->work.record.blue : NULL };
	struct session_fleet how;

	if (!session_open(s, w->cli, t->work.plan_path, o, err) || !is_same_plan(s->plan, &t->work, err) ||
		!LEAD[t->work.kind](s, t, &how, err))
		return false;
	session_add_fleet(s, &how);
	return true;
}

/* What an operator wants put back now is looked at again at once; so is what another one was faster with. */
static void drive(struct worker *w, struct task *t)
{
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	message_note(w->cli, "going on with %s", t->work.id);
	ready = open_session(w, &s, t, &err);
	code = result_finish(&s, ready, false, &err);
	w->is_told_to_end = s.interrupts > 0;
	text_copy(w->search.known, sizeof(w->search.known), s.to_revert);
	if (code != EXIT_LOCKED && !*s.to_revert)
		worker_leave_alone(&w->search, t->work.id);
	going_back_release(&t->back);
}

/* One of the workers that find this does it; then it is there to be shared. */
static void write_return(struct worker *w, struct task *t)
{
	auto_error err = ERROR_INIT;
	struct plan *plan = NULL;

	t->back = (struct going_back){
		.journal = w->search.journal, .parent_id = t->work.id, .only_if_wanted = true
	};
	if (going_back_load_plan(w->cli, t->work.plan_path, &plan, &err) &&
		is_same_plan(plan, &t->work, &err) && going_back_begin(&t->back, w->cli, plan, &err))
		text_copy(w->search.known, sizeof(w->search.known), t->back.id ? t->back.id : "");
	else if (!error_is(&err, GOING_BACK_UNWANTED) && message_error(w->cli, &err, NULL) != EXIT_LOCKED)
		worker_leave_alone(&w->search, t->work.id);
	plan_free(plan);
	going_back_release(&t->back);
}

/* False if an operator wants it to end, or has wanted it since something was driven. */
static bool wait_a_while(void)
{
	const struct timespec pause = { .tv_sec = PAUSE_S };
	sigset_t held;

	sigprocmask(SIG_BLOCK, NULL, &held);
	return sigtimedwait(&held, NULL, &pause) < 0;
}

/* One turn; false if it was the last one. A store that is away is waited for. */
static bool turn(struct worker *w)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct task task = { .back = { .arena = ARENA_INIT } };
	bool found;

	if (!worker_search(&w->search, &a, &task.work, &found, &err)) {
		message_note(w->cli, "%s", err.message);
		return wait_a_while();
	}
	if (found) {
		(task.work.kind == WORK_RETURN ? write_return : drive)(w, &task);
		return !w->is_told_to_end;
	}
	return !(w->given->until_idle && w->search.is_idle) && wait_a_while();
}

static enum exit_code worker_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	struct worker w = { .cli = cli, .given = settings, .search = { .clock = cli->clock } };
	auto_error err = ERROR_INIT;

	(void)args;
	/* But while something is driven, where the session hears them: none comes between two steps of looking for work. */
	session_hold_signals(true);
	if (cli->shared.without_journal)
		error_set(&err, ERROR_USAGE, "without a journal there is nothing that workers could find");
	if (err.kind || !store_open(cli, JOURNAL_WRITE, &w.search.journal, &err))
		return message_error(cli, &err, NULL);
	while (turn(&w))
		continue;
	journal_close(w.search.journal);
	return EXIT_DONE;
}

static const struct option_row OPTIONS[] = {
	{ .name = "name",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.offset = offsetof(struct worker_settings, name),
		.help = "how others see who drives a rollout, instead of the user's name" },
	{ .name = "until-idle",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct worker_settings, until_idle),
		.help = "end when there is nothing left that nobody drives" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover worker --store postgres://changeover@db/changeover", "as many of them as wanted" },
	{ NULL, NULL },
};

const struct command command_worker = {
	.name = "worker",
	.summary = "Drive what stands in the journal and nobody drives",
	.help = "Takes up rollouts that were left by `changeover apply --detach` or `rollback --detach`, or "
		"by "
		"a process that died, and goes on until it is told to end. Several workers on one store "
		"share a rollout, and keep its limits together; what one had under way when it died is gone "
		"on with by another: at once if it ran on the same machine, else after a minute. What "
		"`abort --revert` ended they put back.\n\n"
		"Plans are read where `--detach` found them: they have to be there on each worker's "
		"machine. What failed or halted is left to people. Ctrl-C ends in order, as with `apply`.",
	.options = OPTIONS,
	.settings_size = sizeof(struct worker_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = worker_run,
};
