/* abort.c: `changeover abort`: end a rebuild that another process drives, in order. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/operator.h"
#include "cli/store.h"

struct abort_settings {
	bool rollback;
};

static enum exit_code code_of(enum record_state s)
{
	switch (s) {
	case RECORD_DONE:
		return EXIT_DONE;
	case RECORD_ROLLED_BACK:
		return EXIT_ROLLED_BACK;
	case RECORD_FAILED:
		return EXIT_FAILED;
	case RECORD_PLANNED:
	case RECORD_RUNNING:
	case RECORD_PARKED:
	case RECORD_STATE_COUNT:
		break;
	}
	return EXIT_PARKED;
}

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

static enum exit_code abort_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct abort_settings *given = settings;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	struct journal_wish q = { .kind = given->rollback ? JOURNAL_WISH_ROLLBACK : JOURNAL_WISH_STOP };
	struct record r;
	bool heard;

	if (!store_open(cli, JOURNAL_WRITE, &j, &err) || !store_find(j, args->items[0], &a, &r, &err))
		return message_error(cli, &err, NULL);
	q.rebuild = r.id;
	if (!operator_ask(cli, j, &q, &a, &r, &heard, &err) || (!heard && !nobody_drives_it(&r, &err)))
		return message_error(cli, &err, NULL);
	print_end(cli, &r);
	return code_of(r.state);
}

static const struct option_row OPTIONS[] = {
	{ .name = "rollback",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct abort_settings, rollback),
		.help = "put blue back before it ends" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover abort", "end the newest rebuild where it stands; `resume` goes on with it" },
	{ "changeover abort --rollback rb-7h2k9m3x0q", "give it up: blue is put back" },
	{ NULL, NULL },
};

const struct command command_abort = {
	.name = "abort",
	.summary = "End a rebuild that another process drives, in order",
	.arguments = "[REBUILD]",
	.max_arguments = 1,
	.help = "As Ctrl-C once in the terminal where it runs: what is under way is finished and recorded, "
		"and\n"
		"nothing new is begun. Without a rebuild, the newest one. The journal must be the one that "
		"the\n"
		"other process uses.",
	.options = OPTIONS,
	.settings_size = sizeof(struct abort_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_USAGE },
	.run = abort_run,
};
