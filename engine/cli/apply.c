/* apply.c: `changeover apply`: rebuild the machines of a plan. */
#include <stdlib.h>

#include "cli/begin.h"
#include "cli/commands.h"
#include "cli/detached.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/rollback_rollout.h"
#include "journal/rollout_record.h"

struct apply_settings {
	bool detach;
};

static bool is_new(struct session *s, struct error *err)
{
	struct rollout_record r;
	bool found;

	if (!rollout_record_find_open(s->journal, s->plan->name, &s->arena, &r, &found, err))
		return false;
	if (!found)
		return true;
	error_set(err, ERROR_CONFLICT, "rollout %s of plan %s is not over", r.id, s->plan->name);
	return error_hint(err, "workers go on with it; so does `changeover apply` without --detach");
}

/* Workers may run in other folders. */
static enum exit_code detach(const struct cli *cli, const char *plan)
{
	auto_free char *path = realpath(plan, NULL);
	enum exit_code code = EXIT_DONE;
	auto_error err = ERROR_INIT;
	struct session s;
	bool done;

	done = session_open(&s, cli, path ? path : plan, (struct session_options){ 0 }, &err) &&
	       is_new(&s, &err);
	if (done) {
		session_add_fleet(
			&s, &(struct session_fleet){ .only_recorded = true, .begin = begin_machine });
		session_run(&s);
		done = session_outcome(&s, &err);
	}
	if (done)
		detached_print(cli, fleet_id(s.fleet), rollout_size(fleet_rollout(s.fleet)));
	else
		code = message_error(cli, &err, NULL);
	session_close(&s);
	return code;
}

static enum exit_code apply_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct apply_settings *given = settings;
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	if (given->detach)
		return detach(cli, args->items[0]);
	ready = session_open(&s, cli, args->items[0], (struct session_options){ 0 }, &err);
	if (ready)
		session_add_fleet(&s, &(struct session_fleet){ .begin = begin_machine });
	code = result_finish(&s, ready, false, &err);
	return *s.to_revert ? rollback_as_wanted(cli, s.to_revert) : code;
}

static const struct option_row OPTIONS[] = {
	{ .name = "detach",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct apply_settings, detach),
		.help = "only write the rollout into the journal: `changeover worker` does it" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover apply acme.yaml", "rebuild the machines of the plan" },
	{ "changeover apply acme.yaml --detach --store postgres://changeover@db/changeover",
		"leave it to the workers on that store" },
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
	.help = "Launches green beside blue, moves the data volume across, proves that green is ready, "
		"switches the addresses, and retires blue. When anything fails before that, blue is put "
		"back.\n\n"
		"A machine that runs the plan's image already is left alone, so applying a plan again "
		"does nothing. Ctrl-C ends in order: what is under way is finished and recorded. The same "
		"command then goes on, as after any other interruption, on any machine, with the journal "
		"or without: what was begun is found by its tags.",
	.options = OPTIONS,
	.settings_size = sizeof(struct apply_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_BAD_PLAN, EXIT_INTERRUPTED },
	.run = apply_run,
};
