/* pause.c: `changeover pause`: begin with no more machines of a rollout until somebody says so. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/rollout_view.h"
#include "cli/rollouts.h"
#include "cli/store.h"

struct pause_settings {
	bool off;
};

static void print(const struct cli *cli, const struct rollout_view *v)
{
	const struct standing *s = &v->standing;
	int64_t under_way = s->tally.counts[MACHINE_UNDER_WAY];

	if (cli->shared.json) {
		rollout_view_document(v, cli);
		return;
	}
	if (s->record.paused)
		fprintf(cli->out, "rollout %s is paused: no machine is begun with; %" PRId64 " under way\n",
			s->record.id, under_way);
	else
		fprintf(cli->out, "rollout %s is not paused any more\n", s->record.id);
	if (!*s->driver)
		message_note(cli, "nobody drives it: `changeover resume %s` goes on", s->record.id);
}

static enum exit_code pause_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct pause_settings *given = settings;
	struct rollout_view v = { .plan = NULL };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool done = store_open(cli, JOURNAL_WRITE, &j, &err) &&
		    rollouts_find(j, args->items[0], &a, &r, &err) && rollouts_check_open(&r, &err) &&
		    rollout_order_pause(j, r.id, !given->off, clock_wall_ms(cli->clock), &err) &&
		    rollout_view_open(&v, cli, j, &r, &err);

	if (done)
		print(cli, &v);
	rollout_view_close(&v);
	return done ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "off",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct pause_settings, off),
		.help = "end the pause: whoever drives the rollout goes on" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover pause", "the rollout that is not over" },
	{ "changeover pause --off ro-5d8w1c6f3h", "go on" },
	{ NULL, NULL },
};

const struct command command_pause = {
	.name = "pause",
	.summary = "Begin with no more machines of a rollout for now",
	.arguments = "[ROLLOUT]",
	.max_arguments = 1,
	.help = "Machines that are under way go on to their end; nothing else begins. Whoever drives the "
		"rollout hears it within seconds, and waits. --off ends the pause; so does `changeover "
		"resume`, which also drives the rollout if nobody does.\n\n"
		"Without a rollout, the only one that is not over.",
	.options = OPTIONS,
	.settings_size = sizeof(struct pause_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = pause_run,
};
