#include "cli/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct parser {
	struct command_options options;
	struct shared *shared;
	void *settings;
	char **rest; /* the words not yet read */
	struct arguments *args;
};

static void *target(const struct parser *p, size_t i)
{
	return p->options.items[i].shared ? (void *)p->shared : p->settings;
}

static bool set(const struct parser *p, size_t i, const char *value, const char *origin, struct error *err)
{
	return option_set(p->options.items[i].row, target(p, i), value, origin, err);
}

static bool set_defaults(const struct parser *p, const struct cli *cli, struct error *err)
{
	for (size_t i = 0; i < p->options.count; i++) {
		const struct option_row *row = p->options.items[i].row;
		const char *value = row->environment ? cli_environment(cli, row->environment) : NULL;

		if (value && !set(p, i, value, row->environment, err))
			return false;
		if (!value && row->fallback && !set(p, i, row->fallback, row->name, err))
			return false;
	}
	return true;
}

static bool unknown(const struct parser *p, const char *name, struct error *err)
{
	const char *names[COMMAND_OPTIONS_MAX], *likely;

	for (size_t i = 0; i < p->options.count; i++)
		names[i] = p->options.items[i].row->name;
	likely = text_nearest(name, names, p->options.count);
	if (likely)
		return error_set(err, ERROR_USAGE, "unknown option --%s: did you mean --%s?", name, likely);
	return error_set(err, ERROR_USAGE, "unknown option --%s", name);
}

/* The value of an option: what stands after its `=`, else the next word. */
static bool take_value(
	struct parser *p, const char *joined, const char *origin, const char **ret, struct error *err)
{
	*ret = joined ? joined : *p->rest;
	if (!*ret)
		return error_set(err, ERROR_USAGE, "%s needs a value", origin);
	if (!joined)
		p->rest++;
	return true;
}

static bool read_option(struct parser *p, size_t i, const char *joined, const char *origin, struct error *err)
{
	const char *value = NULL;

	if (!option_takes_value(p->options.items[i].row)) {
		if (joined)
			return error_set(err, ERROR_USAGE, "%s takes no value", origin);
	} else if (!take_value(p, joined, origin, &value, err)) {
		return false;
	}
	return set(p, i, value, origin, err);
}

/* --name or --name=value; word is what follows the dashes. */
static bool read_long(struct parser *p, const char *word, struct error *err)
{
	size_t len = strcspn(word, "=");
	const char *joined = word[len] ? word + len + 1 : NULL;
	auto_free char *name = strndup(word, len), *origin = NULL;

	if (!name || asprintf(&origin, "--%s", name) < 0)
		abort();
	for (size_t i = 0; i < p->options.count; i++)
		if (!strcmp(p->options.items[i].row->name, name))
			return read_option(p, i, joined, origin, err);
	return unknown(p, name, err);
}

static bool read_letter(struct parser *p, char letter, const char *joined, struct error *err)
{
	char origin[] = { '-', letter, '\0' };

	for (size_t i = 0; i < p->options.count; i++)
		if (p->options.items[i].row->letter == letter)
			return read_option(p, i, joined, origin, err);
	return error_set(err, ERROR_USAGE, "unknown option %s", origin);
}

static bool letter_takes_value(const struct parser *p, char letter)
{
	for (size_t i = 0; i < p->options.count; i++)
		if (p->options.items[i].row->letter == letter)
			return option_takes_value(p->options.items[i].row);
	return false;
}

/* -q, -qv, -n5; word is what follows the dash. */
static bool read_letters(struct parser *p, const char *word, struct error *err)
{
	for (; *word; word++) {
		if (letter_takes_value(p, *word))
			return read_letter(p, *word, word[1] ? word + 1 : NULL, err);
		if (!read_letter(p, *word, NULL, err))
			return false;
	}
	return true;
}

static bool read_words(struct parser *p, struct error *err)
{
	bool options = true;

	while (*p->rest) {
		char *word = *p->rest++;

		if (options && !strcmp(word, "--"))
			options = false;
		else if (!options || word[0] != '-' || !word[1])
			p->args->items[p->args->count++] = word;
		else if (word[1] == '-' ? !read_long(p, word + 2, err) : !read_letters(p, word + 1, err))
			return false;
	}
	return true;
}

bool parse_words(const struct cli *cli, char **words, struct shared *shared, void *settings,
	struct arguments *args, struct error *err)
{
	struct parser p = { .shared = shared, .settings = settings, .rest = words, .args = args };

	command_options(cli->command, &p.options);
	args->count = 0;
	return set_defaults(&p, cli, err) && read_words(&p, err);
}

bool parse_check(
	const struct command *c, const void *settings, const struct arguments *args, struct error *err)
{
	for (const struct option_row *row = c->options; row && row->name; row++)
		if (option_is_missing(row, settings))
			return error_set(err, ERROR_USAGE, "--%s=%s is missing", row->name, row->value);
	if (args->count < c->min_arguments)
		return error_set(err, ERROR_USAGE, "%s is missing", c->arguments);
	if (args->count <= c->max_arguments)
		return true;
	return error_set(err, ERROR_USAGE, "unexpected argument `%s`", args->items[c->max_arguments]);
}
