#include "cli/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/message.h"
#include "cli/parse.h"
#include "cli/table.h"
#include "cli/usage.h"

enum { HELP_BYTES = 64 * 1024 };

static size_t count_words(char **words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

/* A command line that cannot be read may still ask for its error as JSON. */
static bool asks_for_json(char **words)
{
	for (; *words && strcmp(*words, "--") != 0; words++)
		if (!strcmp(*words, "--json"))
			return true;
	return false;
}

static enum exit_code usage_error(const struct cli *cli, const struct error *err)
{
	char next[128] = "changeover --help";

	if (cli->command)
		snprintf(next, sizeof(next), "changeover %s --help", cli->command->name);
	return message_error(cli, err, next);
}

static enum exit_code print_help(const struct cli *cli)
{
	auto_text text = { 0 };

	text_init(&text, HELP_BYTES);
	if (cli->command)
		usage_command(cli->command, &text);
	else
		usage_program(&text);
	fputs(text.bytes, cli->out);
	return EXIT_DONE;
}

static enum exit_code run_command(struct cli *cli, char **words)
{
	auto_error err = ERROR_INIT;
	auto_free void *settings = alloc_zeroed(1, cli->command->settings_size);
	auto_free char **items = alloc_zeroed(count_words(words) + 1, sizeof(*items));
	struct arguments args = { .items = items };

	if (!parse_words(cli, words, &cli->shared, settings, &args, &err))
		return usage_error(cli, &err);
	if (cli->shared.help)
		return print_help(cli);
	if (!parse_check(cli->command, settings, &args, &err))
		return usage_error(cli, &err);
	return cli->command->run(cli, settings, &args);
}

static enum exit_code unknown_command(const struct cli *cli, const char *word)
{
	auto_error err = ERROR_INIT;
	const char *likely = command_nearest(word);

	if (word[0] == '-')
		error_set(
			&err, ERROR_USAGE, "option %s stands before a command: options come after it", word);
	else if (likely)
		error_set(&err, ERROR_USAGE, "unknown command `%s`: did you mean `%s`?", word, likely);
	else
		error_set(&err, ERROR_USAGE, "unknown command `%s`", word);
	return usage_error(cli, &err);
}

/* What people type before they know better. */
static const char *as_command(const char *word)
{
	static const struct {
		const char *option, *command;
	} ALIASES[] = { { "--help", "help" }, { "-h", "help" }, { "--version", "version" },
		{ "-V", "version" } };

	for (size_t i = 0; i < ARRAY_SIZE(ALIASES); i++)
		if (!strcmp(ALIASES[i].option, word))
			return ALIASES[i].command;
	return NULL;
}

/* Output that did not arrive (a full disk, a closed pipe) is a failure, however well the rest went. */
static enum exit_code flush(const struct cli *cli, enum exit_code code)
{
	auto_error err = ERROR_INIT;

	if (fflush(cli->out) == 0 && !ferror(cli->out))
		return code;
	error_set_errno(&err, ERROR_LOCAL, errno, "could not write the output");
	fprintf(cli->err, "changeover: %s\n", err.message);
	return code == EXIT_DONE ? EXIT_FAILED : code;
}

enum exit_code dispatch(struct cli *cli, char **words)
{
	size_t used = 1;

	cli->shared.json = asks_for_json(words);
	if (!words[0]) {
		auto_error err = ERROR_INIT;

		error_set(&err, ERROR_USAGE, "a command is missing");
		return usage_error(cli, &err);
	}
	if (as_command(words[0]))
		cli->command = command_find(as_command(words[0]));
	else
		cli->command = command_match(words, &used);
	if (!cli->command)
		return unknown_command(cli, words[0]);
	return flush(cli, run_command(cli, words + used));
}
