/* main.c: plays seeds and says what came of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history.h"

int main(int argc, char **argv)
{
	struct history *h = history_new();
	uint64_t from = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, to = argc > 2 ? strtoull(argv[2], NULL, 10) : from;
	int bad = 0;
	struct timespec a, b;
	double s;

	if (argc > 3)
		h->trace = stdout;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (uint64_t seed = from; seed <= to; seed++)
		if (!history_play(h, seed)) {
			if (bad++ < 30)
				printf("seed %" PRIu64 ": rule %d %s: %s\n", seed, h->rule, h->rule_name, h->why);
		}
	clock_gettime(CLOCK_MONOTONIC, &b);
	s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	printf("%" PRIu64 " rebuilds, %.1f per second, %d bad, %" PRIu64 " events\n", h->tally.rebuilds, (double)h->tally.rebuilds / s, bad, h->tally.events);
	for (int i = 0; i <= COURSE_TAKEN_OVER; i++)
		printf("  %s %" PRIu64 "\n", rebuild_course_name(i), h->tally.ends[i]);
	for (int i = 0; i < FAULT_KIND_COUNT; i++)
		printf("  %-20s %" PRIu64 "\n", fault_rows[i].name, h->tally.faults[i]);
	history_free(h);
	return bad > 0;
}
