#include "cli/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_terminal(FILE *out)
{
	int fd = fileno(out); /* -1 for a stream in memory */

	return fd >= 0 && isatty(fd);
}

static bool is_dumb(const struct cli *cli)
{
	const char *kind = cli_environment(cli, "TERM");

	return !kind || !strcmp(kind, "dumb");
}

/* The locale's character set, as setlocale(3) would find it, without the cost of loading a locale. */
static bool is_utf8(const struct cli *cli)
{
	static const char *const VARIABLES[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(VARIABLES); i++) {
		const char *locale = cli_environment(cli, VARIABLES[i]);

		if (locale)
			return strcasestr(locale, "UTF-8") || strcasestr(locale, "utf8");
	}
	return false;
}

struct style terminal_style(const struct cli *cli, FILE *out)
{
	return (struct style){
		.color = is_terminal(out) && !is_dumb(cli) && !cli->shared.no_color,
		.unicode = is_utf8(cli),
	};
}

static enum progress_form form(const struct cli *cli)
{
	enum progress_form asked;

	if (cli->shared.events && progress_form_parse(cli->shared.events, &asked))
		return asked;
	if (cli->shared.quiet)
		return PROGRESS_SILENT;
	return is_terminal(cli->err) && !is_dumb(cli) ? PROGRESS_TREE : PROGRESS_LINES;
}

struct progress_options terminal_progress(const struct cli *cli)
{
	struct progress_options o = { .form = form(cli), .verbose = cli->shared.verbose };

	o.out = o.form == PROGRESS_JSONL ? cli->out : cli->err;
	o.style = terminal_style(cli, o.out);
	terminal_size(o.out, &o.columns, &o.rows);
	return o;
}

struct progress_options terminal_watch(const struct cli *cli)
{
	struct progress_options o = { .form = PROGRESS_LINES, .verbose = cli->shared.verbose };

	o.out = cli->shared.json ? cli->err : cli->out;
	if (cli->shared.quiet)
		o.form = PROGRESS_SILENT;
	else if (is_terminal(o.out) && !is_dumb(cli))
		o.form = PROGRESS_TREE;
	o.style = terminal_style(cli, o.out);
	terminal_size(o.out, &o.columns, &o.rows);
	return o;
}

bool terminal_can_ask(const struct cli *cli)
{
	return cli->in && is_terminal(cli->in) && is_terminal(cli->err);
}

void terminal_size(FILE *out, int *ret_columns, int *ret_rows)
{
	struct winsize size = { 0 };

	if (is_terminal(out) && ioctl(fileno(out), TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	*ret_columns = size.ws_col;
	*ret_rows = size.ws_row;
}
