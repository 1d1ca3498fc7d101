/* rollback_rollout.h: the part of `changeover rollback` that puts back what a rollout has rebuilt. */
#ifndef CLI_ROLLBACK_ROLLOUT_H
#define CLI_ROLLBACK_ROLLOUT_H

#include "cli/command.h"

/*
 * Newest first, as few away at once as the plan says. That is a rollout of its own: interrupted, the same
 * command goes on with it. What somebody drives is left to them.
 */
enum exit_code rollback_rollout(const struct cli *cli, const char *id);

/*
 * Likewise, if its way back has begun, or an operator wants it back, still. If goes_on, what has failed so far is no
 * reason to halt.
 */
enum exit_code rollback_if_wanted(const struct cli *cli, const char *id, bool goes_on);

/* Only writes it down, for workers; if it is there already, that is all there is to do. */
enum exit_code rollback_rollout_detach(const struct cli *cli, const char *id);
#endif
