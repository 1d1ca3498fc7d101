/* report.c: `changeover report`: what came of a rollout, in one line, by cause and by machine. */
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/rollout_view.h"
#include "cli/rollouts.h"
#include "cli/store.h"
#include "cli/terminal.h"
#include "report/rollout_report.h"

enum { REPORT_BYTES = 256 * 1024 * 1024 }; /* of 200,000 machines: 30 MiB */

struct report_settings {
	const char *format;
};

static void write_text(const struct standing *s, const struct cli *cli)
{
	struct style style = terminal_style(cli, cli->out);
	auto_text text = { 0 };

	text_init(&text, REPORT_BYTES);
	rollout_report_text(s, &style, &text);
	fputs(text.bytes, cli->out);
}

static void write_markdown(const struct standing *s, const struct cli *cli)
{
	auto_text text = { 0 };

	text_init(&text, REPORT_BYTES);
	rollout_report_markdown(s, &text);
	fputs(text.bytes, cli->out);
}

static void write_json(const struct standing *s, const struct cli *cli)
{
	json_auto_t *document = rollout_report_json(s);

	message_document(cli, document);
}

static const char *const FORMATS[] = { "text", "markdown", "json", NULL };

static const struct {
	const char *format;
	void (*write)(const struct standing *s, const struct cli *cli);
} WRITERS[] = {
	{ "text", write_text },
	{ "markdown", write_markdown },
	{ "json", write_json },
};

static void write_as(const struct cli *cli, const char *format, const struct standing *s)
{
	const char *wanted = cli->shared.json ? "json" : format;

	for (size_t i = 0; i < ARRAY_SIZE(WRITERS); i++)
		if (!strcmp(WRITERS[i].format, wanted))
			WRITERS[i].write(s, cli);
}

static enum exit_code report_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct report_settings *given = settings;
	struct rollout_view v = { .plan = NULL };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found = store_open(cli, JOURNAL_READ, &j, &err) &&
		     rollouts_find_newest(j, args->items[0], &a, &r, &err) &&
		     rollout_view_open(&v, cli, j, &r, &err);

	if (found)
		write_as(cli, given->format, &v.standing);
	rollout_view_close(&v);
	return found ? EXIT_DONE : message_error(cli, &err, "changeover status");
}

static const struct option_row OPTIONS[] = {
	{ .name = "format",
		.kind = OPTION_CHOICE,
		.value = "FORMAT",
		.fallback = "text",
		.choices = FORMATS,
		.offset = offsetof(struct report_settings, format),
		.help = "text, markdown (for a pull request or a step summary), or json" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover report ro-5d8w1c6f3h", "how many of how many, and why the others are not" },
	{ "changeover report --format markdown >> \"$GITHUB_STEP_SUMMARY\"",
		"in a workflow of GitHub, about the newest rollout" },
	{ NULL, NULL },
};

const struct command command_report = {
	.name = "report",
	.summary = "Tell what came of a rollout, by cause and by machine",
	.arguments = "[ROLLOUT]",
	.max_arguments = 1,
	.help = "How many machines were rebuilt and what became of the others; then each cause with its "
		"machines, the most frequent first: reasons that differ in names, addresses and times "
		"only are one. Then every machine. Without a rollout, the newest one, over or not.\n\n"
		"The exit code says whether there is a report, not what is in it: `watch` does that.",
	.options = OPTIONS,
	.settings_size = sizeof(struct report_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = report_run,
};
