/* sandbox_enter.c: `changeover sandbox enter`: a program in a sandbox's own network. */
#include "cli/commands.h"
#include "cli/message.h"
#include "sandbox/machinery.h"

struct enter_settings {
	const char *state;
};

static enum exit_code enter_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct enter_settings *s = settings;
	auto_error err = ERROR_INIT;

	if (machinery_enter(s->state, (const char *const *)args->items, &err))
		error_set(&err, ERROR_BUG, "%s was left without an error", args->items[0]);
	return message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "state",
		.kind = OPTION_FOLDER,
		.value = "FOLDER",
		.required = true,
		.offset = offsetof(struct enter_settings, state),
		.help = "the folder of the running sandbox" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "sudo changeover sandbox enter --state /tmp/cloud -- ssh admin@10.0.0.10",
		"log in to one of its machines" },
	{ NULL, NULL },
};

const struct command command_sandbox_enter = {
	.name = "sandbox enter",
	.summary = "Run a program in a sandbox's network",
	.arguments = "-- COMMAND...",
	.min_arguments = 1,
	.max_arguments = COMMAND_ANY,
	.help = "The machines of a sandbox can be reached from its own network only. The exit code is the "
		"program's.",
	.options = OPTIONS,
	.settings_size = sizeof(struct enter_settings),
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = enter_run,
};
