/* resume.c: `changeover resume`: go on with rebuilds that were interrupted, or with a rollout. */
#include <string.h>

#include "cli/begin.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/resume_choice.h"
#include "cli/rollback_rollout.h"
#include "run/lineage.h"

static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const struct resume_choice *c = arg;
	struct lineage lineage;

	if (s->cli->shared.without_journal) {
		run_add(s->run, instance_id);
		return true;
	}
	if (!lineage_find(s->journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (!lineage.is_unfinished || (c->rebuild && strcmp(lineage.unfinished.id, c->rebuild) != 0))
		return true;
	return run_add_unfinished(s->run, &lineage.unfinished, err);
}

/* Without limits: all that was begun with is gone on with, and nothing else. */
static struct session_fleet rebuilds(struct resume_choice *c)
{
	return (struct session_fleet){
		.unlimited = true, .begin = begin, .arg = c, .nothing = resume_nothing
	};
}

/* By its id: if it is over by the time it is taken up, no other one is begun. */
static struct session_fleet rollout(const struct resume_choice *c)
{
	return (struct session_fleet){ .begin = begin_machine, .goes_on = true, .rollout = c->rollout };
}

static enum exit_code go_on(const struct cli *cli, struct resume_choice *c)
{
	const struct session_fleet how = c->rollout ? rollout(c) : rebuilds(c);
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	ready = session_open(
		&s, cli, c->plan_path, (struct session_options){ .only_unfinished = !c->rollout }, &err);
	if (ready)
		session_add_fleet(&s, &how);
	code = result_finish(&s, ready, false, &err);
	return *s.to_revert ? rollback_as_wanted(cli, s.to_revert) : code;
}

static enum exit_code resume_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct resume_choice c;

	(void)settings;
	if (!resume_choose(cli, args->items[0], &a, &c, &err))
		return message_error(cli, &err, NULL);
	if (c.asked)
		return EXIT_DONE;
	return c.puts_back ? rollback_resume(cli, c.puts_back) : go_on(cli, &c);
}

static const struct example EXAMPLES[] = {
	{ "changeover resume", "go on with what the journal says is unfinished" },
	{ "changeover resume ro-5t8w2c4n9b",
		"go on with a rollout: what has failed so far is no reason to halt" },
	{ "changeover resume --without-journal acme.yaml",
		"on another machine, or with the journal lost: by the tags in AWS alone" },
	{ NULL, NULL },
};

const struct command command_resume = {
	.name = "resume",
	.summary = "Go on with what was interrupted, paused or halted",
	.arguments = "[PLAN|ROLLOUT|REBUILD]",
	.max_arguments = 1,
	.help = "Looks at everything first and says what it found; then finishes the job, or puts blue "
		"back if that had been begun. What another engine still drives is left to it: the "
		"journal's lease says who that is. Where there is no common journal, the tags say it, and "
		"are taken over.\n\n"
		"`apply` does the same, and begins new rebuilds too.\n\n"
		"A rollout that halted or was paused goes on with the machines that are left: what has "
		"failed so far is acknowledged, and parked machines are gone on with. If somebody drives "
		"it, they are told.",
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_BAD_PLAN, EXIT_INTERRUPTED },
	.run = resume_run,
};
