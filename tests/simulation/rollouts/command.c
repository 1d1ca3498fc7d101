#include "command.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "breakage.h"
#include "deciding.h"
#include "figures.h"

enum { TOLD_MOST = 20, FLEET_LEAST = 200, FLEET_MOST = 1000 * 1000 };

static const char USAGE[] = "usage: simulate --rollouts A..B | --rollout N [--trace] | --rollouts-mutants |\n"
			    "       --fleet MACHINES [--rollout N]\n";

struct wanted {
	uint64_t first, last;
	size_t fleet;
	bool trace, mutants;
};

static bool read_range(const char *text, struct wanted *ret)
{
	char *end;

	ret->first = ret->last = strtoull(text, &end, 10);
	if (!strncmp(end, "..", 2))
		ret->last = strtoull(end + 2, &end, 10);
	return end != text && !*end && ret->first <= ret->last;
}

static bool read_fleet(const char *text, struct wanted *ret)
{
	char *end;

	ret->fleet = strtoull(text, &end, 10);
	return end != text && !*end && ret->fleet >= FLEET_LEAST && ret->fleet <= FLEET_MOST;
}

static bool read_arguments(int argc, char **argv, struct wanted *ret)
{
	static const struct option OPTIONS[] = {
		{ "rollouts", required_argument, NULL, 'r' },
		{ "rollout", required_argument, NULL, 'r' },
		{ "trace", no_argument, NULL, 't' },
		{ "rollouts-mutants", no_argument, NULL, 'm' },
		{ "fleet", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		if (option == 't')
			ret->trace = true;
		else if (option == 'm')
			ret->mutants = true;
		else if (option == 'r' ? !read_range(optarg, ret) : option != 'f' || !read_fleet(optarg, ret))
			return false;
	}
	return optind == argc;
}

bool rollouts_command_is_meant(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--rollout", 9) || !strncmp(argv[i], "--fleet", 7))
			return true;
	return false;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t play_all(struct story *s, const struct wanted *w)
{
	uint64_t broken = 0;

	for (uint64_t seed = w->first; seed <= w->last; seed++)
		if (!story_play(s, seed) && broken++ < TOLD_MOST)
			figures_broken(stdout, s);
	return broken;
}

static int play_seeds(struct story *s, const struct wanted *w)
{
	double from_s = seconds();
	uint64_t broken = play_all(s, w);

	if (!s->trace)
		figures_tally(stdout, &s->tally);
	printf("%" PRIu64 " rollouts, %" PRIu64 " machines, %" PRIu64
	       " rollouts broke a rule; %.0f rollouts/s of CPU time\n",
		w->last - w->first + 1, s->tally.machines, broken,
		(double)(w->last - w->first + 1) / (seconds() - from_s));
	return broken > 0;
}

/* The smaller ones first: a process's memory never shrinks. */
static int play_large(struct story *s, const struct wanted *w)
{
	static const size_t PARTS[] = { 200, 10, 1 };
	int broken = 0;

	deciding_measure(s);
	figures_large_head(stdout);
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++) {
		s->tally = (struct story_tally){ .histories = 0 };
		if (!story_play_large(s, w->first, w->fleet / PARTS[i])) {
			figures_broken(stdout, s);
			broken = 1;
		}
		figures_large(stdout, s, w->fleet / PARTS[i]);
	}
	return broken;
}

int rollouts_command(int argc, char **argv)
{
	struct wanted wanted = { .first = 1, .last = 1 };
	struct story *s;
	int code;

	if (!read_arguments(argc, argv, &wanted)) {
		fputs(USAGE, stderr);
		return 64;
	}
	s = story_new();
	s->trace = wanted.trace ? stdout : NULL;
	if (wanted.mutants)
		code = breakage_hunt(s, stdout) > 0;
	else
		code = wanted.fleet ? play_large(s, &wanted) : play_seeds(s, &wanted);
	story_free(s);
	return code;
}
