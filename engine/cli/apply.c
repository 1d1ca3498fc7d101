/* apply.c: `changeover apply`: rebuild the machines of a plan. */
#include "cli/begin.h"
#include "cli/commands.h"
#include "cli/result.h"
#include "cli/rollback_rollout.h"

static enum exit_code apply_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	(void)settings;
	ready = session_open(&s, cli, args->items[0], (struct session_options){ 0 }, &err);
	if (ready)
		session_add_fleet(&s, &(struct session_fleet){ .begin = begin_machine });
	code = result_finish(&s, ready, false, &err);
	return *s.to_revert ? rollback_rollout(cli, s.to_revert) : code;
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
