/* apply.c: `changeover apply`: rebuild the machines of a plan. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/session.h"
#include "run/lineage.h"

/*
 * A blue that is kept: its rebuild is gone on with, whether its time has passed or not. Somebody with another
 * journal may have begun to put blue back since then; green alone does not show that.
 */
static bool add_kept(struct session *s, const struct record *kept, struct error *err)
{
	struct rebuild_past past;
	int64_t until_ms;
	char text[CLOCK_TEXT_SIZE];

	if (!lineage_past(s->journal, kept, s->plan, &s->arena, &past, err))
		return false;
	until_ms = past.confirmed_wall_ms + s->plan->keep_ms;
	if (past.volume_count != s->plan->data_count) {
		message_note(s->cli, "%s is kept: the plan has other volumes than when %s replaced it",
			kept->blue, kept->green);
		return true;
	}
	if (clock_wall_ms(s->cli->clock) < until_ms)
		message_note(s->cli, "%s, replaced by %s, is kept until %s", kept->blue, kept->green,
			clock_format(until_ms, text));
	return run_add_unfinished(s->run, kept, err);
}

static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	struct lineage lineage;

	(void)arg;
	if (!lineage_find(s->journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (lineage.is_kept && !add_kept(s, &lineage.kept, err))
		return false;
	if (!lineage.is_unfinished) {
		run_add(s->run, lineage.current);
		return true;
	}
	message_note(s->cli, "going on with rebuild %s of %s, which has not come to its end",
		lineage.unfinished.id, lineage.unfinished.blue);
	return run_add_unfinished(s->run, &lineage.unfinished, err);
}

static enum exit_code apply_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	struct session s;
	bool ready;

	(void)settings;
	ready = session_open(&s, cli, args->items[0], (struct session_options){ 0 }, &err);
	if (ready)
		session_add_fleet(&s, &(struct session_fleet){ .begin = begin });
	return result_finish(&s, ready, false, &err);
}

static const struct example EXAMPLES[] = {
	{ "changeover apply acme.yaml", "rebuild the machines of the plan" },
	{ "changeover apply acme.yaml --json --events lines",
		"in a pipeline: lines on stderr, the result on stdout" },
	{ NULL, NULL },
};

const struct command command_apply = {
	.name = "apply",
	.summary = "Rebuild the machines of a plan",
	.arguments = "PLAN",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Launches green beside blue, moves the data volume across, proves that green is ready,\n"
		"switches the addresses, and retires blue. When anything fails before that, blue is put "
		"back.\n"
		"\n"
		"A machine that runs the plan's image already is left alone, so applying a plan again does\n"
		"nothing. Ctrl-C ends in order: what is under way is finished and recorded. The same "
		"command\n"
		"then goes on, as after any other interruption, on any machine, with the journal or "
		"without:\n"
		"what was begun is found by its tags.",
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_BAD_PLAN, EXIT_INTERRUPTED },
	.run = apply_run,
};
