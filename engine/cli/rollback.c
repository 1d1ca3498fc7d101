/* rollback.c: `changeover rollback`: put blue back, during a rebuild or after it. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/operator.h"
#include "cli/result.h"
#include "cli/rollback_rollout.h"
#include "cli/rollouts.h"
#include "cli/session.h"
#include "cli/store.h"
#include "cli/way_back.h"
#include "report/summary.h"

struct rollback_settings {
	bool by_rebuild, detach;
};

/* What was decided before anything is opened. */
struct way {
	const char *plan_path;
	struct record record;
	bool by_tags;    /* the plan's machines, as their tags tell */
	bool by_rebuild; /* blue is gone: a rebuild the other way round */
	bool done;       /* nothing is left to be done */
};

/* How a rebuild that nobody drives is put back. */
static bool find_way(struct journal *j, struct way *w, struct arena *a, struct error *err)
{
	const struct record *r = &w->record;

	w->done = r->state == RECORD_ROLLED_BACK;
	if (w->done || r->state != RECORD_DONE)
		return true;
	return way_back_is_free(j, r, a, err) && (w->by_rebuild || way_back_has_blue(j, r, a, err));
}

/* Whoever drives it is asked to put blue back; what it made of that is in the record. */
static bool ask_holder(
	const struct cli *cli, struct journal *j, struct way *w, struct arena *a, struct error *err)
{
	struct journal_wish q = { .rebuild = w->record.id, .kind = JOURNAL_WISH_ROLLBACK };
	bool heard;

	return operator_ask(cli, j, &q, a, &w->record, &heard, err);
}

static bool choose(const struct cli *cli, const char *word, struct arena *a, struct way *w, struct error *err)
{
	auto_journal *j = NULL;

	w->by_tags = cli->shared.without_journal;
	w->plan_path = word;
	if (w->by_tags)
		return true;
	if (!store_open(cli, JOURNAL_WRITE, &j, err) || !store_find(j, word, a, &w->record, err) ||
		!ask_holder(cli, j, w, a, err))
		return false;
	w->plan_path = w->record.plan_path;
	return find_way(j, w, a, err);
}

static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const struct way *w = arg;

	if (w->by_rebuild)
		run_add(s->run, instance_id);
	else if (w->by_tags)
		run_add_rollback_by_tags(s->run, instance_id);
	else
		return run_add_rollback(s->run, &w->record, err);
	return true;
}

/* Which machine is meant: all of the plan's if there is no record of one. */
static struct session_options options_of(const struct way *w)
{
	if (w->by_rebuild)
		return (struct session_options){ .image = w->record.image_from, .machine = w->record.green };
	return (struct session_options){ .machine = w->by_tags ? NULL : w->record.blue };
}

static enum exit_code roll_back(const struct cli *cli, struct way *w)
{
	auto_error err = ERROR_INIT;
	struct session s;
	bool ready;

	ready = session_open(&s, cli, w->plan_path, options_of(w), &err);
	if (ready)
		session_add_fleet(&s, &(struct session_fleet){ .unlimited = true, .begin = begin, .arg = w });
	return result_finish(&s, ready, !w->by_rebuild, &err);
}

/* It was rolled back before this command, or by whoever drives it. */
static void tell_done(const struct cli *cli, const struct record *r)
{
	struct summary_rebuild one = { .record = *r, .outage_ms = -1 };
	const struct summary sum = { .result = "rolled-back", .rebuilds = &one, .count = 1 };
	json_auto_t *document = summary_json(&sum);

	if (cli->shared.json)
		message_document(cli, document);
	else
		fprintf(cli->out, "rebuild %s is rolled back: %s serves\n", r->id, r->blue);
}

/* Each is for one kind of thing. */
static bool check(const struct rollback_settings *given, bool is_rollout, struct error *err)
{
	if (is_rollout && given->by_rebuild)
		return error_set(err, ERROR_USAGE, "--by-rebuild is for a rebuild, not for a rollout");
	if (!is_rollout && given->detach)
		return error_set(
			err, ERROR_USAGE, "--detach is for a rollout: one rebuild is no work for many");
	return true;
}

static enum exit_code rollback_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct rollback_settings *given = settings;
	bool is_rollout = rollouts_means(args->items[0]);
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct way w = { .by_rebuild = given->by_rebuild };

	if (!check(given, is_rollout, &err))
		return message_error(cli, &err, NULL);
	if (is_rollout)
		return given->detach ? rollback_rollout_detach(cli, args->items[0])
				     : rollback_rollout(cli, args->items[0]);
	if (!choose(cli, args->items[0], &a, &w, &err))
		return message_error(cli, &err, NULL);
	if (!w.done)
		return roll_back(cli, &w);
	tell_done(cli, &w.record);
	return EXIT_DONE;
}

static const struct option_row OPTIONS[] = {
	{ .name = "by-rebuild",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct rollback_settings, by_rebuild),
		.help = "blue is terminated: replace green by a machine from blue's image" },
	{ .name = "detach",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct rollback_settings, detach),
		.help = "a rollout: only write into the journal that it goes back: `changeover worker` does "
			"it" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover rollback rb-7h2k9m3x0q", "blue serves again, with everything that green wrote" },
	{ "changeover rollback ro-5t8w2c4n9b", "all that a rollout has rebuilt, newest first" },
	{ "changeover rollback ro-5t8w2c4n9b --detach --store postgres://changeover@db/changeover",
		"likewise, by the workers on that store" },
	{ "changeover rollback --without-journal acme.yaml",
		"with the journal lost: by the tags in AWS alone" },
	{ NULL, NULL },
};

const struct command command_rollback = {
	.name = "rollback",
	.summary = "Put blue back, during a rebuild or after it",
	.arguments = "ROLLOUT|REBUILD|PLAN",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Possible at any time until blue is terminated. The data volume goes back with everything "
		"that green wrote; green need not be healthy for that, and is terminated in the end. If "
		"the rebuild is running, whoever drives it is asked to turn back. After blue is "
		"terminated there is its image to go back to, by a rebuild the other way round "
		"(--by-rebuild).\n\n"
		"Of a rollout, all that it has rebuilt goes back, newest first, as few away at once as "
		"the plan says; interrupted, the same command goes on.",
	.options = OPTIONS,
	.settings_size = sizeof(struct rollback_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES | SHARE_ENGINE,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE, EXIT_BAD_PLAN,
		EXIT_INTERRUPTED },
	.run = rollback_run,
};
