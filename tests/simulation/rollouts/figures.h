/* figures.h: what the stories came to, for people. */
#ifndef ROLLOUTS_FIGURES_H
#define ROLLOUTS_FIGURES_H

#include "story.h"

/* One line about the seed that was just played, which broke a rule. */
void figures_broken(FILE *out, const struct story *s);

/* Everything that was played so far: so that one sees that each kind really occurs. */
void figures_tally(FILE *out, const struct story_tally *t);

/* A line for a large fleet, and the line above the first. The memory is the process's so far. */
void figures_large_head(FILE *out);
void figures_large(FILE *out, const struct story *s, size_t machines);
#endif
