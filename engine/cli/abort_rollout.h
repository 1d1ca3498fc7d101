/* abort_rollout.h: the part of `changeover abort` that ends a rollout. */
#ifndef CLI_ABORT_ROLLOUT_H
#define CLI_ABORT_ROLLOUT_H

#include "cli/command.h"

/*
 * Asks whoever drives the rollout to end it, and does not wait for that; if nobody does, it is over at
 * once, unless machines are to be put back: that is `changeover rollback`. id NULL: the only one that is
 * not over.
 */
enum exit_code abort_rollout(const struct cli *cli, const char *id, bool revert);
#endif
