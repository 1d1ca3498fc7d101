/* completion.c: `changeover completion SHELL`: the script that a shell reads. */
#include <string.h>

#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/message.h"

enum { SCRIPT_BYTES = 256 * 1024 };

static const struct {
	const char *name;
	void (*write)(struct text *ret);
} SHELLS[] = {
	{ "bash", complete_bash },
	{ "zsh", complete_zsh },
	{ "fish", complete_fish },
};

void complete_quote(const char *s, const char *special, struct text *ret)
{
	for (; *s; s++) {
		if (*s == '\'') {
			text_add(ret, "'\\''");
			continue;
		}
		if (strchr(special, *s))
			text_add_char(ret, '\\');
		text_add_char(ret, *s);
	}
}

static enum exit_code completion_run(
	const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	auto_text script = { 0 };

	(void)settings;
	text_init(&script, SCRIPT_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(SHELLS); i++) {
		if (strcmp(SHELLS[i].name, args->items[0]) != 0)
			continue;
		SHELLS[i].write(&script);
		fputs(script.bytes, cli->out);
		return EXIT_DONE;
	}
	error_set(&err, ERROR_USAGE, "there is no completion for `%s`, only for bash, zsh and fish",
		args->items[0]);
	return message_error(cli, &err, "changeover completion --help");
}

static const struct example EXAMPLES[] = {
	{ "changeover completion bash > /etc/bash_completion.d/changeover", "for all users of this machine" },
	{ NULL, NULL },
};

const struct command command_completion = {
	.name = "completion",
	.summary = "Print the completion script of a shell",
	.arguments = "bash|zsh|fish",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Packages install these scripts; by hand, put them where the shell looks for them.",
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_USAGE },
	.hidden = true,
	.run = completion_run,
};
