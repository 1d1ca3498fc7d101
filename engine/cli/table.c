#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"

enum { COMMANDS_MAX = 40, NAME_SIZE = 64 };

const struct command *const commands[] = {
	&command_plan,
	&command_apply,
	&command_resume,
	&command_rollback,
	&command_pause,
	&command_promote,
	&command_abort,
	&command_worker,
	&command_validate,
	&command_schema,
	&command_status,
	&command_watch,
	&command_report,
	&command_history,
	&command_check,
	&command_serve,
	&command_lock_list,
	&command_lock_release,
	&command_sandbox,
	&command_sandbox_enter,
	&command_sandbox_session,
	&command_version,
	&command_help,
	&command_completion,
	&command_man,
	NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

const struct command *command_match(char **words, size_t *used)
{
	const struct command *c = NULL;
	char name[NAME_SIZE];

	if (words[0] && words[1]) {
		snprintf(name, sizeof(name), "%s %s", words[0], words[1]);
		c = command_find(name);
	}
	*used = c ? 2 : 1;
	return c ? c : command_find(words[0]);
}

const char *command_nearest(const char *name)
{
	const char *names[COMMANDS_MAX];
	size_t count = 0;

	for (const struct command *const *c = commands; *c && count < COMMANDS_MAX; c++)
		if (!(*c)->hidden)
			names[count++] = (*c)->name;
	return text_nearest(name, names, count);
}

static bool check_row(const struct command *c, const struct option_row *row, struct error *err)
{
	bool text = row->kind != OPTION_FLAG && row->kind != OPTION_NUMBER;

	if (!row->help || (option_takes_value(row) && !row->value) ||
		(row->kind == OPTION_CHOICE && !row->choices))
		return error_set(
			err, ERROR_BUG, "%s --%s: help, value or choices are missing", c->name, row->name);
	if (row->required && (row->fallback || !text))
		return error_set(err, ERROR_BUG, "%s --%s: only a text can be required", c->name, row->name);
	return true;
}

static bool is_twin(const struct option_row *a, const struct option_row *b)
{
	return !strcmp(a->name, b->name) || (a->letter && a->letter == b->letter);
}

static bool check_options(const struct command *c, struct error *err)
{
	struct command_options o;

	command_options(c, &o);
	for (size_t i = 0; i < o.count; i++) {
		if (!check_row(c, o.items[i].row, err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (is_twin(o.items[i].row, o.items[k].row))
				return error_set(err, ERROR_BUG, "%s --%s: there twice", c->name,
					o.items[i].row->name);
	}
	return true;
}

static bool is_of_paragraphs(const char *help)
{
	for (const char *end = strchr(help, '\n'); end; end = strchr(end + 2, '\n'))
		if (end[1] != '\n' || strchr(" \n", end[2]))
			return false;
	return true;
}

static bool check_command(const struct command *c, struct error *err)
{
	if (!c->name || !c->summary || !c->help || !c->run)
		return error_set(
			err, ERROR_BUG, "command %s: a text or run is missing", c->name ? c->name : "?");
	if (!is_of_paragraphs(c->help))
		return error_set(err, ERROR_BUG, "command %s: its help breaks lines", c->name);
	if (c->max_arguments && !c->arguments)
		return error_set(err, ERROR_BUG, "command %s: its arguments have no name", c->name);
	if ((c->options != NULL) != (c->settings_size > 0))
		return error_set(
			err, ERROR_BUG, "command %s: options need settings, and settings options", c->name);
	if (command_find(c->name) != c)
		return error_set(err, ERROR_BUG, "command %s: there twice", c->name);
	return check_options(c, err);
}

bool command_table_check(struct error *err)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!check_command(*c, err))
			return false;
	return true;
}
