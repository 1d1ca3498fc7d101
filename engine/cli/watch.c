/* watch.c: `changeover watch`: a rollout or a rebuild that another process drives, while it goes on. */
#include "cli/watch.h"

#include <time.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/rollouts.h"
#include "cli/store.h"

void watch_pause(void)
{
	nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
}

/* Without a word it is the rollout that is not over; if there is none, the newest rebuild. */
static bool is_rollout(struct journal *j, const char *word, bool *ret, struct error *err)
{
	size_t open;

	if (word) {
		*ret = rollouts_means(word);
		return true;
	}
	if (!rollouts_count_open(j, &open, err))
		return false;
	*ret = open > 0;
	return true;
}

static enum exit_code watch_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const char *word = args->items[0];
	auto_error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_journal *j = NULL;
	struct rollout_record rollout;
	struct record rebuild;
	bool wide;

	(void)settings;
	if (!store_open(cli, JOURNAL_READ, &j, &err) || !is_rollout(j, word, &wide, &err))
		return message_error(cli, &err, NULL);
	if (wide && rollouts_find(j, word, &a, &rollout, &err))
		return watch_rollout(cli, j, &rollout);
	if (!wide && store_find(j, word, &a, &rebuild, &err))
		return watch_rebuild(cli, j, &rebuild);
	return message_error(cli, &err, "changeover status");
}

static const struct example EXAMPLES[] = {
	{ "changeover watch", "the rollout that is not over, or else the newest rebuild" },
	{ "changeover watch ro-5d8w1c6f3h && ./announce", "in a script: what comes after it went well" },
	{ NULL, NULL },
};

const struct command command_watch = {
	.name = "watch",
	.summary = "Show a rollout or a rebuild while it goes on",
	.arguments = "[ROLLOUT|REBUILD]",
	.max_arguments = 1,
	.help = "Reads the journal every second: on a terminal one picture, drawn again; elsewhere a line "
		"for each change. It ends when nothing more happens before an operator says so, and its "
		"exit code says how that is: 0 if all machines are rebuilt; 1 if some are not; 3 if they "
		"were put back; 4 if it has halted, is paused, or nobody drives it. At a gate, or while "
		"its window is closed, it goes on watching. Ctrl-C ends the watching and nothing "
		"else.\n\n"
		"With --json, the last state is printed as `status --json` does.",
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_INTERRUPTED },
	.run = watch_run,
};
