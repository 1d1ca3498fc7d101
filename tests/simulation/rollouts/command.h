/*
 * command.h: the part of the command `simulate` that is about rollouts.
 *   --rollouts A..B             plays these seeds
 *   --rollout N [--trace]       plays one; with everything that happens
 *   --rollouts-mutants          what is broken on purpose must be found
 *   --fleet N [--rollout SEED]  one rollout of so many machines, and one each of a tenth and a two-hundredth, measured
 */
#ifndef ROLLOUTS_COMMAND_H
#define ROLLOUTS_COMMAND_H

#include <stdbool.h>

/* The arguments are about rollouts. */
bool rollouts_command_is_meant(int argc, char **argv);

/* The exit code: 1 if a rule was broken or a mutant not found; 64: wrong arguments. */
int rollouts_command(int argc, char **argv);
#endif
