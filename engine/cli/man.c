/* man.c: `changeover man`: the manual page, generated from the command table, in man(7)'s macros. */
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/usage.h"
#include "cli/version.h"

enum { PAGE_BYTES = 256 * 1024, LINE_BYTES = 256 };

/* Text as it stands: no macro at a line's beginning, no escape, and dashes that can be copied. */
static void add_plain(const char *s, struct text *ret)
{
	for (bool first = true; *s; first = *s++ == '\n') {
		if (first && (*s == '.' || *s == '\''))
			text_add(ret, "\\&");
		if (*s == '\\')
			text_add(ret, "\\e");
		else if (*s == '-')
			text_add(ret, "\\-");
		else
			text_add_char(ret, *s);
	}
}

/* Empty lines are paragraphs. */
static void add_paragraphs(const char *s, struct text *ret)
{
	auto_text plain = { 0 };

	text_init(&plain, PAGE_BYTES);
	add_plain(s, &plain);
	for (const char *c = plain.bytes; *c; c++) {
		text_add_char(ret, *c);
		if (c[0] == '\n' && c[1] == '\n') {
			text_add(ret, ".PP\n");
			c++;
		}
	}
	text_add(ret, "\n");
}

static void add_option(const struct option_row *row, struct text *ret)
{
	auto_text names = { 0 };

	text_init(&names, LINE_BYTES);
	usage_option(row, &names);
	text_add(ret, ".TP\n.B ");
	add_plain(row->letter ? names.bytes : names.bytes + sizeof("    ") - 1, ret);
	text_add(ret, "\n");
	add_plain(row->help, ret);
	text_add(ret, ".\n");
	if (row->required)
		text_add(ret, "Required.\n");
	if (row->fallback)
		text_addf(ret, "Otherwise %s.\n", row->fallback);
	if (row->environment)
		text_addf(ret, "Environment: %s.\n", row->environment);
}

static void add_exits(const struct command *c, struct text *ret)
{
	text_add(ret, ".PP\nExit codes:");
	for (size_t i = 0; i < COMMAND_EXITS_MAX && (i == 0 || c->exits[i]); i++)
		text_addf(ret, "%s %d (%s)", i ? "," : "", (int)c->exits[i], exit_meaning(c->exits[i]));
	text_add(ret, ".\n");
}

static void add_examples(const struct command *c, struct text *ret)
{
	for (const struct example *e = c->examples; e && e->command; e++) {
		text_add(ret, ".TP\n.B ");
		add_plain(e->command, ret);
		text_add(ret, "\n");
		add_plain(e->what, ret);
		text_add(ret, ".\n");
	}
}

static void add_command(const struct command *c, struct text *ret)
{
	struct command_options o;
	auto_text line = { 0 };

	command_options(c, &o);
	text_init(&line, LINE_BYTES);
	usage_line(c, &line);
	text_add(ret, ".SS ");
	add_plain(line.bytes, ret);
	text_add(ret, "\n");
	add_plain(c->summary, ret);
	text_add(ret, ".\n.PP\n");
	add_paragraphs(c->help, ret);
	for (size_t i = 0; i < o.count; i++)
		if (!(o.items[i].row->share & SHARE_ALWAYS))
			add_option(o.items[i].row, ret);
	add_exits(c, ret);
	add_examples(c, ret);
}

static void add_page(struct text *ret)
{
	text_addf(ret, ".TH CHANGEOVER 1 \"\" \"changeover %s\"\n", CHANGEOVER_VERSION);
	text_add(ret, ".SH NAME\nchangeover \\- rebuild servers that keep data, without losing a write\n"
		      ".SH SYNOPSIS\n.B changeover\n.I COMMAND\n[options] [arguments]\n.SH OPTIONS\n"
		      "Every command has these.\n");
	for (const struct option_row *row = shared_options; row->name; row++)
		if (row->share & SHARE_ALWAYS)
			add_option(row, ret);
	text_add(ret, ".SH COMMANDS\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			add_command(*c, ret);
}

static enum exit_code man_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_text page = { 0 };

	(void)settings, (void)args;
	text_init(&page, PAGE_BYTES);
	add_page(&page);
	fputs(page.bytes, cli->out);
	return EXIT_DONE;
}

const struct command command_man = {
	.name = "man",
	.summary = "Print the manual page",
	.help = "Packages install it; `changeover man | man -l -` reads it.",
	.exits = { EXIT_DONE },
	.hidden = true,
	.run = man_run,
};
