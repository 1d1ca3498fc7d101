/* abort.c: `changeover abort`: end a rebuild that another process drives, or a rollout, in order. */
#include "cli/abort_rollout.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/operator.h"
#include "cli/rollouts.h"
#include "cli/store.h"

struct abort_settings {
	bool rollback;     /* of a rebuild */
	bool keep, revert; /* of a rollout */
};

static void print_end(const struct cli *cli, const struct record *r)
{
	json_auto_t *document = NULL;

	if (!cli->shared.json) {
		fprintf(cli->out, "%s %s%s%s\n", r->id, record_state_name(r->state), r->cause[0] ? ": " : "",
			r->cause);
		return;
	}
	document = json_object();
	json_object_set_new(document, "rebuild", json_string(r->id));
	json_object_set_new(document, "state", json_string(record_state_name(r->state)));
	json_object_set_new(document, "cause", json_string(r->cause));
	message_document(cli, document);
}

static bool nobody_drives_it(const struct record *r, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "nobody drives rebuild %s: it is %s", r->id,
		record_state_name(r->state));
	return error_hint(err, "`changeover resume` goes on with it, `changeover rollback` puts blue back");
}

static enum exit_code abort_rebuild(const struct cli *cli, const char *id, bool rollback)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	struct journal_wish q = { .kind = rollback ? JOURNAL_WISH_ROLLBACK : JOURNAL_WISH_STOP };
	struct record r;
	bool heard;

	if (!store_open(cli, JOURNAL_WRITE, &j, &err) || !store_find(j, id, &a, &r, &err))
		return message_error(cli, &err, NULL);
	q.rebuild = r.id;
	if (!operator_ask(cli, j, &q, &a, &r, &heard, &err) || (!heard && !nobody_drives_it(&r, &err)))
		return message_error(cli, &err, NULL);
	print_end(cli, &r);
	return operator_code(r.state);
}

/* Rollouts and rebuilds end in different ways, and neither is guessed. */
static bool check(const struct abort_settings *given, bool is_rollout, struct error *err)
{
	if (is_rollout && given->rollback)
		return error_set(err, ERROR_USAGE, "--rollback is for a rebuild; a rollout takes --revert");
	if (is_rollout && given->keep == given->revert) {
		error_set(err, ERROR_USAGE,
			"what becomes of the machines that are rebuilt: --keep or --revert?");
		return error_hint(err, "--keep leaves them as they are; --revert puts them back");
	}
	if (!is_rollout && (given->keep || given->revert))
		return error_set(
			err, ERROR_USAGE, "--keep and --revert are for rollouts; a rebuild takes --rollback");
	return true;
}

static enum exit_code abort_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct abort_settings *given = settings;
	const char *word = args->items[0];
	bool is_rollout = word ? rollouts_means(word) : given->keep || given->revert;
	auto_error err = ERROR_INIT;

	if (!check(given, is_rollout, &err))
		return message_error(cli, &err, NULL);
	return is_rollout ? abort_rollout(cli, word, given->revert)
			  : abort_rebuild(cli, word, given->rollback);
}

static const struct option_row OPTIONS[] = {
	{ .name = "rollback",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct abort_settings, rollback),
		.help = "a rebuild: put blue back before it ends" },
	{ .name = "keep",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct abort_settings, keep),
		.help = "a rollout: the machines that are rebuilt stay so" },
	{ .name = "revert",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct abort_settings, revert),
		.help = "a rollout: the machines that are rebuilt are put back" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover abort", "end the newest rebuild where it stands; `resume` goes on with it" },
	{ "changeover abort --rollback rb-7h2k9m3x0q", "give it up: blue is put back" },
	{ "changeover abort --keep ro-5d8w1c6f3h", "begin with no other machine, and end the rollout" },
	{ NULL, NULL },
};

const struct command command_abort = {
	.name = "abort",
	.summary = "End a rebuild that another process drives, or a rollout, in order",
	.arguments = "[ROLLOUT|REBUILD]",
	.max_arguments = 1,
	.help = "A rebuild ends as with Ctrl-C once in the terminal where it runs: what is under way is "
		"finished and recorded, and nothing new is begun. Without a word, that is the newest "
		"rebuild.\n\n"
		"A rollout begins with no other machine, and ends when those under way have ended; --keep "
		"or --revert says what becomes of those that are rebuilt. The command does not wait for "
		"that: `watch` does. With one of them and without a word, it is the only rollout that is "
		"not over.\n\n"
		"The journal must be the one that the other process uses.",
	.options = OPTIONS,
	.settings_size = sizeof(struct abort_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE },
	.run = abort_run,
};
