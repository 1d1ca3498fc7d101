/* schema.c: `changeover schema`: the plan file's grammar, for editors and for people. */
#include "cli/commands.h"
#include "plan/schema.h"

enum { SCHEMA_BYTES = 1024 * 1024 };

struct schema_settings {
	bool markdown;
};

static enum exit_code schema_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct schema_settings *s = settings;
	auto_text text = { 0 };

	(void)args;
	text_init(&text, SCHEMA_BYTES);
	if (s->markdown)
		plan_reference_write(&text);
	else
		plan_schema_write(&text);
	fputs(text.bytes, cli->out);
	return EXIT_DONE;
}

static const struct option_row OPTIONS[] = {
	{ .name = "markdown",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct schema_settings, markdown),
		.help = "print the reference for people instead" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover schema > plan.schema.json", "for `# yaml-language-server: $schema=plan.schema.json`" },
	{ NULL, NULL },
};

const struct command command_schema = {
	.name = "schema",
	.summary = "Print the plan file's grammar",
	.help = "JSON Schema (draft-07), which editors read to complete and check plans.",
	.options = OPTIONS,
	.settings_size = sizeof(struct schema_settings),
	.examples = EXAMPLES,
	.exits = { EXIT_DONE },
	.run = schema_run,
};
