/* help.c: `changeover help [COMMAND]`. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/table.h"
#include "cli/usage.h"

enum { HELP_BYTES = 64 * 1024 };

static enum exit_code unknown(const struct cli *cli, const char *name)
{
	auto_error err = ERROR_INIT;
	const char *likely = command_nearest(name);

	error_set(&err, ERROR_USAGE, "there is no command `%s`%s%s%s", name, likely ? ": did you mean `" : "",
		likely ? likely : "", likely ? "`?" : "");
	return message_error(cli, &err, "changeover --help");
}

static enum exit_code help_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct command *c;
	auto_text text = { 0 };
	size_t used;

	(void)settings;
	text_init(&text, HELP_BYTES);
	if (args->count == 0) {
		usage_program(&text);
	} else {
		char *words[] = { args->items[0], args->count > 1 ? args->items[1] : NULL, NULL };

		c = command_match(words, &used);
		if (!c)
			return unknown(cli, args->items[0]);
		usage_command(c, &text);
	}
	fputs(text.bytes, cli->out);
	return EXIT_DONE;
}

static const struct example EXAMPLES[] = {
	{ "changeover help apply", "explain `apply` with its options and exit codes" },
	{ NULL, NULL },
};

const struct command command_help = {
	.name = "help",
	.summary = "Explain a command",
	.arguments = "[COMMAND]",
	.max_arguments = 2,
	.help = "Without a command, lists all of them.",
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_USAGE },
	.run = help_run,
};
