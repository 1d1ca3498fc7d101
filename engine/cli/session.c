#include "cli/session.h"

#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "journal/holder.h"
#include "cli/message.h"
#include "cli/procedure.h"
#include "cli/store.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "run/rollout_ledger.h"

enum { TICK_TREE_MS = 100, TICK_LINES_MS = 1000 };

static void tell(void *self, const struct event *e)
{
	struct session *s = self;

	if (!s->progress)
		return;
	progress_event(s->progress, e);
	if (e->kind == EVENT_OBSERVED)
		progress_note(s->progress,
			arena_printf(&s->arena, "%s, as it was found: %s", e->rebuild, e->detail));
}

static void ticked(uv_timer_t *timer)
{
	struct session *s = timer->data;

	progress_tick(s->progress, clock_wall_ms(s->cli->clock));
}

static void note(void *self, const char *text)
{
	struct session *s = self;

	if (!s->progress || !progress_note(s->progress, text))
		message_note(s->cli, "%s", text);
}

static const char ENDING[] =
	"ending in order: what is under way is finished and recorded; once more leaves at once";

static void interrupted(uv_signal_t *handle, int number)
{
	struct session *s = handle->data;

	(void)number;
	if (s->interrupts++)
		_exit(EXIT_INTERRUPTED);
	note(s, ENDING);
	run_interrupt(s->run);
}

static void watch_signal(struct session *s, uv_signal_t *handle, int number)
{
	uv_signal_init(&s->loop, handle);
	handle->data = s;
	uv_signal_start(handle, interrupted, number);
	uv_unref((uv_handle_t *)handle);
}

static void open_progress(struct session *s)
{
	struct progress_options o = terminal_progress(s->cli);

	o.steps = procedure_steps(&s->arena, &o.step_count);
	s->progress = progress_new(&o);
	uv_timer_start(&s->tick, ticked, 0, o.form == PROGRESS_TREE ? TICK_TREE_MS : TICK_LINES_MS);
	uv_unref((uv_handle_t *)&s->tick);
}

/* What stands in the tags of what we drive: our journal, and for people who we are. */
static const char *claim(struct session *s)
{
	struct holder self;
	char since[CLOCK_TEXT_SIZE];

	if (!s->journal)
		return "";
	holder_self(s->user, &self);
	return arena_printf(&s->arena, "%s %.60s, changeover %s, since %s", journal_id(s->journal), self.name,
		CHANGEOVER_VERSION, clock_format_seconds(clock_wall_ms(s->cli->clock), since));
}

static void open_run(struct session *s, struct session_options given)
{
	const struct run_options o = {
		.plan = s->plan,
		.clock = s->cli->clock,
		.entropy = s->cli->entropy,
		.journal = s->journal,
		.claim = claim(s),
		.preflight_only = given.only_look,
		.only_unfinished = given.only_unfinished,
		.pace_percent = (int)s->cli->shared.pace,
		.user = s->user,
		.version = CHANGEOVER_VERSION,
		.tell = tell,
		.tell_self = s,
	};

	uv_loop_init(&s->loop);
	uv_timer_init(&s->loop, &s->tick);
	s->tick.data = s;
	watch_signal(s, &s->interrupt, SIGINT);
	watch_signal(s, &s->terminate, SIGTERM);
	s->run = run_new(&s->loop, &o);
}

static bool open_aws(struct session *s, struct error *err)
{
	const struct aws_options o = {
		.region = s->plan->cloud.region,
		.profile = s->plan->cloud.profile,
		.environment = s->cli->environment,
		.clock = s->cli->clock,
		.entropy = s->cli->entropy,
		.pace_percent = (int)s->cli->shared.pace,
	};

	return aws_open(&s->loop, &o, run_sink(s->run), &s->aws, err);
}

/* The plan has resolved all but the user's home. */
static const char *key_file(struct session *s)
{
	auto_free char *expanded = NULL;

	if (!s->plan->ssh.key)
		return NULL;
	expanded = file_expand_home(s->plan->ssh.key, cli_environment(s->cli, "HOME"));
	return arena_copy(&s->arena, expanded);
}

static bool open_guests(struct session *s, struct error *err)
{
	const struct plan *p = s->plan;
	const struct guests_options o = {
		.access = { .user = p->ssh.user,
			.port = p->ssh.port,
			.key_file = key_file(s),
			.agent = p->ssh.agent,
			.host_key = p->ssh.host_key == PLAN_HOST_KEY_KNOWN_HOSTS ? HOST_KEY_KNOWN_HOSTS
										 : HOST_KEY_CONSOLE },
		.environment = s->cli->environment,
		.scripts_dir = s->cli->shared.templates
				       ? arena_printf(&s->arena, "%s/guest", s->cli->shared.templates)
				       : NULL,
		.clock = s->cli->clock,
	};

	return guests_open(&s->loop, &o, run_sink(s->run), &s->guests, err);
}

static bool open_keeper(struct session *s, struct error *err)
{
	const struct keeper_options o = { .home = cli_environment(s->cli, "HOME"),
		.user_agent = "changeover/" CHANGEOVER_VERSION };

	return !s->plan->rollout.lock_count || !s->journal || keeper_open(&s->loop, &o, &s->keeper, err);
}

static bool load_plan(struct session *s, const char *path, struct error *err)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	bool loaded = plan_load(path, &s->plan, &d, err);

	message_diagnostics(s->cli, &d);
	return loaded;
}

static bool open_journal(struct session *s, struct error *err)
{
	if (s->cli->shared.without_journal)
		return journal_open_temporary(&s->journal, err);
	return store_open(s->cli, JOURNAL_WRITE, &s->journal, err);
}

/* A rebuild the other way round is the plan's, with another image, of another machine. */
static void replace_in_plan(struct session *s, const struct session_options *o)
{
	const char **machines = arena_array(&s->arena, 1, sizeof(*machines));

	if (o->image) {
		s->plan->image.newest_owner = s->plan->image.newest_name = NULL;
		s->plan->image.id = o->image;
	}
	if (!o->machine)
		return;
	machines[0] = o->machine;
	s->plan->machines.instances = machines;
	s->plan->machines.instance_count = 1;
}

bool session_open(struct session *s, const struct cli *cli, const char *plan_path, struct session_options o,
	struct error *err)
{
	*s = (struct session){ .cli = cli, .signals_held = o.signals_held };
	/* Whoever reads our output may go away; the rebuild goes on all the same. */
	signal(SIGPIPE, SIG_IGN);
	s->user = o.user ? o.user : store_user(cli, &s->arena);
	if (!load_plan(s, plan_path, err))
		return false;
	if (!o.only_look && !open_journal(s, err))
		return false;
	replace_in_plan(s, &o);
	open_run(s, o);
	if (!open_guests(s, err) || !open_aws(s, err) || !open_keeper(s, err))
		return false;
	run_set_providers(s->run, (struct run_providers){
					  .cloud = aws_provider(s->aws),
					  .guest = guests_provider(s->guests),
					  .traffic = { .self = s->aws,
						  .urge = aws_urge,
						  .admit = aws_admit,
						  .split = aws_split,
						  .crowd = aws_crowd },
				  });
	open_progress(s);
	return true;
}

static bool begin_one(void *self, const char *instance_id, struct error *err)
{
	struct session *s = self;

	return s->how.begin(s, s->how.arg, instance_id, err);
}

/* What is only looked at, or gone on with machine by machine, is no rollout. */
static void open_rollout(struct session *s)
{
	if (!s->journal || s->how.unlimited)
		return;
	s->rollout = rollout_ledger_new(&(struct rollout_ledger_options){
		.journal = s->journal,
		.clock = s->cli->clock,
		.entropy = s->cli->entropy,
		.plan = s->plan,
		.user = s->user,
		.version = CHANGEOVER_VERSION,
		.id = s->how.rollout,
		.shared = s->how.shared,
	});
}

void session_add_fleet(struct session *s, const struct session_fleet *how)
{
	s->how = *how;
	open_rollout(s);
	s->fleet = fleet_new(&(struct fleet_options){
		.plan = s->plan,
		.unlimited = how->unlimited,
		.ledger = s->rollout,
		.journal = s->journal,
		.pace_percent = (int)s->cli->shared.pace,
		.goes_on = how->goes_on,
		.lists = how->lists,
		.only_recorded = how->only_recorded,
		.goes_back = how->goes_back,
		.typical_ms = rebuild_predicted_ms(),
		.loop = &s->loop,
		.begin = begin_one,
		.note = note,
		.self = s,
	});
	if (s->keeper)
		fleet_set_locks(s->fleet, keeper_locks(s->keeper, fleet_lock_sink(s->fleet)));
	run_set_fleet(s->run, s->fleet);
}

/* The loop turns once more while things are closed: the tick must not find its progress gone. */
static void close_progress(struct session *s)
{
	if (s->progress)
		uv_timer_stop(&s->tick);
	progress_free(s->progress);
	s->progress = NULL;
}

void session_hold_signals(bool held)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(held ? SIG_BLOCK : SIG_UNBLOCK, &ends, NULL);
}

void session_run(struct session *s)
{
	if (s->signals_held)
		session_hold_signals(false);
	run_until_over(s->run);
	if (s->signals_held)
		session_hold_signals(true);
	close_progress(s);
}

bool session_outcome(const struct session *s, struct error *err)
{
	const struct fleet_trouble *troubles;
	size_t count;

	if (!run_trouble(s->run, err))
		return false;
	if (run_count(s->run) || !s->fleet)
		return true;
	if (!fleet_rollout(s->fleet))
		return error_set(err, ERROR_INTERRUPTED, "ended before the machines of the plan were known");
	troubles = fleet_troubles(s->fleet, &count);
	if (count) {
		error_copy(err, &troubles[0].err);
		return false;
	}
	return !s->how.nothing || s->how.nothing(err);
}

enum exit_code session_print_troubles(const struct session *s)
{
	const struct fleet_trouble *troubles = NULL;
	size_t count = 0;

	if (s->fleet)
		troubles = fleet_troubles(s->fleet, &count);
	for (size_t i = 0; i < count; i++) {
		fprintf(s->cli->err, "changeover %s: %s: %s\n", s->cli->command->name, troubles[i].machine,
			troubles[i].err.message);
		if (troubles[i].err.hint)
			fprintf(s->cli->err, "  %s\n", troubles[i].err.hint);
	}
	return count ? exit_of_error(&troubles[0].err) : EXIT_DONE;
}

void session_print_cause(const struct session *s, const struct ending *e)
{
	FILE *err = s->cli->err;

	if (!e->record.cause[0])
		return;
	fprintf(err, "changeover %s: %s: %s\n", s->cli->command->name, e->record.blue, e->record.cause);
	if (e->cause_request[0])
		fprintf(err, "  AWS request: %s\n", e->cause_request);
	if (e->cause_hint)
		fprintf(err, "  %s\n", e->cause_hint);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void close_loop(struct session *s)
{
	if (s->fleet)
		fleet_stop(s->fleet); /* a gate's command is not left behind */
	if (s->keeper)
		keeper_close(s->keeper);
	if (s->guests)
		guests_close(s->guests);
	if (s->aws)
		aws_close(s->aws);
	run_free(s->run);
	uv_walk(&s->loop, close_handle, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
}

void session_close(struct session *s)
{
	close_progress(s);
	if (s->run)
		close_loop(s);
	fleet_free(s->fleet);
	rollout_ledger_free(s->rollout);
	journal_close(s->journal);
	plan_free(s->plan);
	arena_release(&s->arena);
}
