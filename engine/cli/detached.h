/* detached.h: what `--detach` says of the rollout that it left to workers. */
#ifndef CLI_DETACHED_H
#define CLI_DETACHED_H

#include "cli/command.h"

void detached_print(const struct cli *cli, const char *rollout, size_t machines);
#endif
