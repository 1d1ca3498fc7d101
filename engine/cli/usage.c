#include "cli/usage.h"

#include <string.h>

#include "cli/table.h"

enum { NAME_COLUMNS = 16, OPTION_COLUMNS = 22, TEXT_COLUMNS = 92, LINE_BYTES = 256 };

void usage_line(const struct command *c, struct text *ret)
{
	text_addf(ret, "changeover %s [options]%s%s", c->name, c->arguments ? " " : "",
		c->arguments ? c->arguments : "");
}

void usage_option(const struct option_row *row, struct text *ret)
{
	if (row->letter)
		text_addf(ret, "-%c, ", row->letter);
	else
		text_add(ret, "    ");
	text_addf(ret, "--%s", row->name);
	if (option_takes_value(row))
		text_addf(ret, "=%s", row->value);
}

void usage_program(struct text *ret)
{
	text_add(ret, "Rebuild servers instead of patching them, without losing a write.\n\n"
		      "usage: changeover COMMAND [options] [arguments]\n\ncommands:\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			text_addf(ret, "  %-*s %s\n", NAME_COLUMNS, (*c)->name, (*c)->summary);
	text_add(ret, "\n`changeover COMMAND --help` explains a command, with its options and exit codes.\n");
}

static void add_option(const struct option_row *row, struct text *ret)
{
	auto_text names = { 0 };

	text_init(&names, LINE_BYTES);
	usage_option(row, &names);
	text_addf(ret, "  %-*s  %s", OPTION_COLUMNS, names.bytes, row->help);
	if (row->required)
		text_add(ret, " [required]");
	if (row->fallback)
		text_addf(ret, " [%s]", row->fallback);
	if (row->environment)
		text_addf(ret, " [$%s]", row->environment);
	text_add(ret, "\n");
}

static void add_options(const struct command *c, struct text *ret)
{
	struct command_options o;

	command_options(c, &o);
	text_add(ret, "\noptions:\n");
	for (size_t i = 0; i < o.count; i++)
		add_option(o.items[i].row, ret);
}

static void add_examples(const struct command *c, struct text *ret)
{
	if (!c->examples)
		return;
	text_add(ret, "\nexamples:\n");
	for (const struct example *e = c->examples; e->command; e++)
		text_addf(ret, "  %s\n      %s\n", e->command, e->what);
}

static void add_exits(const struct command *c, struct text *ret)
{
	text_add(ret, "\nexit codes:\n");
	for (size_t i = 0; i < COMMAND_EXITS_MAX && (i == 0 || c->exits[i]); i++)
		text_addf(ret, "  %3d  %s\n", (int)c->exits[i], exit_meaning(c->exits[i]));
}

/* Lines of TEXT_COLUMNS at most. */
static void add_paragraphs(const char *s, struct text *ret)
{
	for (size_t column = 0; *s; s += strspn(s, " ")) {
		size_t word = strcspn(s, " \n");
		bool fits = column + 1 + word <= TEXT_COLUMNS;

		if (*s == '\n') {
			text_add_char(ret, *s++);
			column = 0;
			continue;
		}
		if (column)
			text_add_char(ret, fits ? ' ' : '\n');
		text_add_bytes(ret, s, word);
		column = column && fits ? column + 1 + word : word;
		s += word;
	}
}

void usage_command(const struct command *c, struct text *ret)
{
	text_addf(ret, "%s.\n\nusage: ", c->summary);
	usage_line(c, ret);
	text_add(ret, "\n\n");
	add_paragraphs(c->help, ret);
	text_add(ret, "\n");
	add_options(c, ret);
	add_examples(c, ret);
	add_exits(c, ret);
}
