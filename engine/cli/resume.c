/* resume.c: `changeover resume`: go on with rebuilds that were interrupted. */
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/session.h"
#include "cli/store.h"
#include "run/lineage.h"

static const char NOTHING[] = "there is no rebuild that has not come to its end";

/* Which plan to load, and which of its rebuilds to go on with. */
struct choice {
	const char *plan_path;
	const char *rebuild; /* NULL: all of the plan's that are unfinished */
};

static bool is_rebuild_id(const char *word)
{
	return text_starts_with(word, "rb-") && !strchr(word, '/');
}

static bool nothing_to_do(struct error *err)
{
	error_set(err, ERROR_MISSING, "%s", NOTHING);
	return error_hint(err,
		"`changeover status` lists the rebuilds; with the journal lost, name the plan: "
		"`changeover resume --without-journal PLAN`");
}

/* Without a word on the command line: whatever is unfinished, if it is of one plan. */
static bool choose_unfinished(struct journal *j, struct arena *a, struct choice *ret, struct error *err)
{
	struct record *list;
	size_t count;

	if (!record_list_open(j, a, &list, &count, err))
		return false;
	if (!count)
		return nothing_to_do(err);
	ret->plan_path = list[0].plan_path;
	for (size_t i = 1; i < count; i++) {
		if (!strcmp(list[i].plan_path, ret->plan_path))
			continue;
		error_set(err, ERROR_USAGE, "rebuilds of several plans are unfinished: %s and %s among them",
			ret->plan_path, list[i].plan_path);
		return error_hint(err, "name a plan or a rebuild; `changeover status` lists them");
	}
	return true;
}

static bool choose(
	const struct cli *cli, const char *word, struct arena *a, struct choice *ret, struct error *err)
{
	auto_journal *j = NULL;
	struct record r;

	*ret = (struct choice){ .plan_path = word };
	if (word && !is_rebuild_id(word))
		return true;
	if (cli->shared.without_journal) {
		error_set(err, ERROR_USAGE, "without the journal a plan must be named");
		return error_hint(err, "changeover resume --without-journal PLAN");
	}
	if (!store_open(cli, JOURNAL_READ, &j, err))
		return false;
	if (!word)
		return choose_unfinished(j, a, ret, err);
	if (!store_find(j, word, a, &r, err))
		return false;
	*ret = (struct choice){ .plan_path = r.plan_path, .rebuild = r.id };
	return true;
}

static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const struct choice *c = arg;
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

static enum exit_code resume_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	static const struct session_options OPTIONS = { .only_unfinished = true };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct choice c;
	struct session s;
	bool ready;

	(void)settings;
	if (!choose(cli, args->items[0], &a, &c, &err))
		return message_error(cli, &err, NULL);
	ready = session_open(&s, cli, c.plan_path, OPTIONS, &err);
	if (ready)
		session_add_fleet(
			&s, &(struct session_fleet){
				    .unlimited = true, .begin = begin, .arg = &c, .nothing = nothing_to_do });
	return result_finish(&s, ready, false, &err);
}

static const struct example EXAMPLES[] = {
	{ "changeover resume", "go on with what the journal says is unfinished" },
	{ "changeover resume --without-journal acme.yaml",
		"on another machine, or with the journal lost: by the tags in AWS alone" },
	{ NULL, NULL },
};

const struct command command_resume = {
	.name = "resume",
	.summary = "Go on with rebuilds that were interrupted",
	.arguments = "[PLAN|REBUILD]",
	.max_arguments = 1,
	.help = "Looks at everything first and says what it found; then finishes the job, or puts blue back\n"
		"if that had been begun. What another engine still drives is left to it: the journal's "
		"lease\n"
		"says who that is. Where there is no common journal, the tags say it, and are taken over.\n"
		"\n"
		"`apply` does the same, and begins new rebuilds too.",
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_BAD_PLAN, EXIT_INTERRUPTED },
	.run = resume_run,
};
