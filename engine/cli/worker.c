/*
 * worker.c: `changeover worker`: drive what stands in the journal and nobody drives.
 *
 * A rollout is shared by as many workers as come to it, unless somebody drives it alone, as `apply` does; what one
 * left when it died is gone on with by another one. Besides, rebuilds whose driver has died, if their plan has no
 * rollout of its own.
 */
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cli/begin.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/rollback_rollout.h"
#include "cli/store.h"
#include "journal/lease.h"
#include "journal/rollout_record.h"
#include "journal/seat.h"
#include "run/run.h"

enum {
	PAUSE_S = 1,
	SETTLED_MS = 3000, /* who has written a row and means to drive it has its lease by then */
	LEFT_ALONE_MS = 60 * 1000,
	LEFT_ALONE_MAX = 64,
	ROLLOUTS_MAX = 1000,
};

struct worker_settings {
	const char *name;
	bool until_idle;
};

/* What came to nothing here, its plan cannot be read maybe, is left to others for a while. */
struct left_alone {
	char id[CLOUD_NAME_SIZE];
	int64_t until_ms; /* monotonic */
};

struct worker {
	const struct cli *cli;
	const struct worker_settings *given;
	struct journal *journal;
	struct left_alone left[LEFT_ALONE_MAX];
	size_t left_next;
	bool is_idle;        /* nothing is, or will soon be, for us */
	bool is_told_to_end; /* by a signal, in the midst of something */
};

/* A rollout; or a rebuild, if there is a record. Texts are in the arena of the search. */
struct work {
	const char *id, *plan_path, *plan_digest;
	const char *puts_back; /* a rollout that puts this one back; or NULL */
	struct record record;  /* without an id: a rollout */
};

static void leave_alone(struct worker *w, const char *id)
{
	struct left_alone *l = &w->left[w->left_next++ % LEFT_ALONE_MAX];

	text_copy(l->id, sizeof(l->id), id);
	l->until_ms = clock_mono_ms(w->cli->clock) + LEFT_ALONE_MS;
}

static bool is_left_alone(const struct worker *w, const char *id)
{
	int64_t now_ms = clock_mono_ms(w->cli->clock);

	for (size_t i = 0; i < LEFT_ALONE_MAX; i++)
		if (now_ms < w->left[i].until_ms && !strcmp(w->left[i].id, id))
			return true;
	return false;
}

/* ---- looking for work ---- */

/* Nobody drives it, and whoever wrote the row does not mean to. */
static bool is_free(struct worker *w, const char *id, int64_t updated_ms, bool *ret, struct error *err)
{
	int64_t now_ms = clock_wall_ms(w->cli->clock);
	struct lease_view view;

	*ret = false;
	if (is_left_alone(w, id))
		return true;
	if (!lease_look(w->journal, id, now_ms, &view, err))
		return false;
	*ret = view.state == LEASE_HELD_DEAD ||
	       (view.state == LEASE_FREE && updated_ms < now_ms - SETTLED_MS);
	w->is_idle = w->is_idle && view.state == LEASE_HELD_ALIVE;
	return true;
}

/* How many drive it already; -1: it is not for us. */
static bool rate(struct worker *w, const struct rollout_record *r, int64_t *ret, struct error *err)
{
	int64_t now_ms = clock_wall_ms(w->cli->clock);
	struct seats s;

	*ret = -1;
	if (r->state != ROLLOUT_IS_RUNNING || is_left_alone(w, r->id))
		return true;
	if (!seats_look(w->journal, r->id, now_ms, &s, err))
		return false;
	w->is_idle = w->is_idle && !s.alive;
	if (s.alive && (r->kind == ROLLOUT_GOES_BACK || seats_has_alive(&s, SEAT_ALONE)))
		return true;
	if (s.state != LEASE_FREE || r->updated_ms < now_ms - SETTLED_MS)
		*ret = (int64_t)s.alive;
	return true;
}

/* The one that the fewest drive; of those the oldest. */
static bool find_rollout(struct worker *w, struct arena *a, struct work *ret, bool *found, struct error *err)
{
	struct rollout_record *list;
	int64_t fewest = INT64_MAX, drivers;
	size_t count;

	if (!rollout_record_list(w->journal, ROLLOUTS_MAX, a, &list, &count, err))
		return false;
	for (size_t i = count; i--;) {
		const struct rollout_record *r = &list[i];

		if (!rate(w, r, &drivers, err))
			return false;
		if (drivers < 0 || drivers >= fewest)
			continue;
		fewest = drivers;
		*found = true;
		*ret = (struct work){ .id = r->id,
			.plan_path = r->plan_path,
			.plan_digest = r->plan_digest,
			.puts_back = r->kind == ROLLOUT_GOES_BACK ? r->parent : NULL };
	}
	return true;
}

/* Whoever has the rollout of its plan goes on with it. */
static bool is_for_us(struct worker *w, const struct record *r, struct arena *a, bool *ret, struct error *err)
{
	struct rollout_record rollout;
	bool found;

	*ret = false;
	if (r->state != RECORD_RUNNING && r->state != RECORD_PLANNED)
		return true;
	if (!rollout_record_find_open(w->journal, r->plan_name, a, &rollout, &found, err))
		return false;
	return found || is_free(w, r->id, r->updated_ms, ret, err);
}

static bool find_rebuild(struct worker *w, struct arena *a, struct work *ret, bool *found, struct error *err)
{
	struct record *list;
	size_t count;

	if (!record_list_open(w->journal, a, &list, &count, err))
		return false;
	for (size_t i = count; i-- && !*found;) {
		if (!is_for_us(w, &list[i], a, found, err))
			return false;
		*ret = (struct work){ .id = list[i].id,
			.plan_path = list[i].plan_path,
			.plan_digest = list[i].plan_digest,
			.record = list[i] };
	}
	return true;
}

static bool find_work(struct worker *w, struct arena *a, struct work *ret, bool *found, struct error *err)
{
	*found = false;
	w->is_idle = true;
	return find_rollout(w, a, ret, found, err) && (*found || find_rebuild(w, a, ret, found, err));
}

/* ---- doing it ---- */

static bool go_on(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const struct work *work = arg;

	(void)instance_id; /* the record's blue, or the green that has its place */
	return run_add_unfinished(s->run, &work->record, err);
}

/* Who applies a changed plan begins anew; that is for people to do. */
static bool is_same_plan(const struct session *s, const struct work *work, struct error *err)
{
	if (!strcmp(s->plan->digest, work->plan_digest))
		return true;
	error_set(
		err, ERROR_CONFLICT, "%s is not the plan that %s was begun with", work->plan_path, work->id);
	return error_hint(err, "put that version there, or apply the one that is there");
}

/*
 * The signals that end it are held back but while it drives something, where the session hears them: so none comes
 * between two steps of looking for work.
 */
static void hold_signals(int how)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(how, &ends, NULL);
}

static enum exit_code drive_plan(struct worker *w, struct work *work)
{
	bool is_rebuild = work->record.id != NULL;
	const struct session_options o = { .user = w->given->name,
		.only_unfinished = is_rebuild,
		.machine = is_rebuild ? work->record.blue : NULL };
	const struct session_fleet rollout = { .shared = true, .begin = begin_machine },
				   rebuild = { .unlimited = true, .begin = go_on, .arg = work };
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	ready = session_open(&s, w->cli, work->plan_path, o, &err) && is_same_plan(&s, work, &err);
	if (ready) {
		hold_signals(SIG_UNBLOCK);
		session_add_fleet(&s, is_rebuild ? &rebuild : &rollout);
	}
	code = result_finish(&s, ready, false, &err);
	w->is_told_to_end = s.interrupts > 0;
	return *s.to_revert && !w->is_told_to_end ? rollback_rollout(w->cli, s.to_revert) : code;
}

static void drive(struct worker *w, struct work *work)
{
	enum exit_code code;

	message_note(w->cli, "going on with %s", work->id);
	if (work->puts_back) {
		hold_signals(SIG_UNBLOCK);
		code = rollback_rollout(w->cli, work->puts_back);
		w->is_told_to_end = code == EXIT_INTERRUPTED;
	} else {
		code = drive_plan(w, work);
	}
	hold_signals(SIG_BLOCK);
	if (code != EXIT_LOCKED) /* or another one was faster */
		leave_alone(w, work->id);
}

/* False if an operator wants it to end. */
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
	struct work work;
	bool found;

	if (!find_work(w, &a, &work, &found, &err)) {
		message_note(w->cli, "%s", err.message);
		return wait_a_while();
	}
	if (found) {
		drive(w, &work);
		return !w->is_told_to_end;
	}
	return !(w->given->until_idle && w->is_idle) && wait_a_while();
}

static enum exit_code worker_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	struct worker w = { .cli = cli, .given = settings };
	auto_error err = ERROR_INIT;

	(void)args;
	if (cli->shared.without_journal)
		error_set(&err, ERROR_USAGE, "without a journal there is nothing that workers could find");
	if (err.kind || !store_open(cli, JOURNAL_WRITE, &w.journal, &err))
		return message_error(cli, &err, NULL);
	hold_signals(SIG_BLOCK);
	while (turn(&w))
		continue;
	journal_close(w.journal);
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
	.help = "Takes up rollouts that were left by `changeover apply --detach`, or by a process that "
		"died, and goes on until it is told to end. Several workers on one store share a rollout, "
		"and keep its limits together; what one had under way when it died is gone on with by "
		"another: at once if it ran on the same machine, else after a minute.\n\n"
		"Plans are read where `apply --detach` found them: they have to be there on each worker's "
		"machine. What failed or halted is left to people. Ctrl-C ends in order, as with `apply`.",
	.options = OPTIONS,
	.settings_size = sizeof(struct worker_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = worker_run,
};
