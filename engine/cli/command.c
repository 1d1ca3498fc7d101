#include "cli/command.h"

#include <assert.h>
#include <string.h>

static void add(struct command_options *o, const struct option_row *row, bool shared)
{
	assert(o->count < COMMAND_OPTIONS_MAX);
	o->items[o->count].row = row;
	o->items[o->count].shared = shared;
	o->count++;
}

void command_options(const struct command *c, struct command_options *ret)
{
	ret->count = 0;
	for (const struct option_row *row = c->options; row && row->name; row++)
		add(ret, row, false);
	for (const struct option_row *row = shared_options; row->name; row++)
		if (row->share & (c->shares | SHARE_ALWAYS))
			add(ret, row, true);
}

const char *cli_environment(const struct cli *cli, const char *name)
{
	size_t len = strlen(name);

	for (char *const *variable = cli->environment; *variable; variable++)
		if (!strncmp(*variable, name, len) && (*variable)[len] == '=')
			return (*variable)[len + 1] ? *variable + len + 1 : NULL;
	return NULL;
}
