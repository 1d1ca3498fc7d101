/* main.c: plays seeds and says what came of them. See scripts/simulate. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history.h"
#include "hunt.h"
#include "report.h"
#include "rollouts/command.h"

enum {
	TOLD_MOST = 20, /* seeds that broke a rule; the others are counted */
};

static const char USAGE[] = "usage: simulate --seeds A..B | --seed N [--trace] | --mutants\n";

struct settings {
	uint64_t first, last;
	bool trace, mutants;
};

static bool read_seeds(const char *text, struct settings *ret)
{
	char *end;

	ret->first = ret->last = strtoull(text, &end, 10);
	if (!strncmp(end, "..", 2))
		ret->last = strtoull(end + 2, &end, 10);
	return end != text && !*end && ret->first <= ret->last;
}

static bool read_settings(int argc, char **argv, struct settings *ret)
{
	static const struct option OPTIONS[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "mutants", no_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	bool given = false;
	int option;

	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		if (option == 't')
			ret->trace = true;
		else if (option == 'm')
			ret->mutants = given = true;
		else if (option == 's' && read_seeds(optarg, ret))
			given = true;
		else
			return false;
	}
	return given && optind == argc;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t play_all(struct history *h, const struct settings *s)
{
	uint64_t broken = 0;

	for (uint64_t seed = s->first; seed <= s->last; seed++) {
		if (history_play(h, seed))
			continue;
		if (broken++ < TOLD_MOST)
			report_broken(stdout, h);
	}
	return broken;
}

int main(int argc, char **argv)
{
	struct settings settings = { .trace = false };
	struct history *h;
	uint64_t broken;
	double took_s;

	if (rollouts_command_is_meant(argc, argv))
		return rollouts_command(argc, argv);
	if (!read_settings(argc, argv, &settings)) {
		fputs(USAGE, stderr);
		return 64;
	}
	h = history_new();
	h->trace = settings.trace ? stdout : NULL;
	if (settings.mutants)
		return hunt_mutants(h, stdout) + hunt_faults(h, stdout) > 0;
	took_s = -seconds();
	broken = play_all(h, &settings);
	took_s += seconds();
	if (!settings.trace)
		report_tally(stdout, h);
	printf("%" PRIu64 " seeds, %" PRIu64 " rebuilds, %" PRIu64
	       " seeds broke a rule; %.0f rebuilds/s of CPU time\n",
		settings.last - settings.first + 1, h->tally.rebuilds, broken,
		(double)h->tally.rebuilds / took_s);
	history_free(h);
	return broken > 0;
}
