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
 * Likewise, of one that an operator wanted back while this process drove it, if that is so still. EXIT_ROLLED_BACK if all
 * went well: it is not what the command was given for.
 */
enum exit_code rollback_as_wanted(const struct cli *cli, const char *id);

/* Goes on with the way back of that one, if it has begun or is wanted: what has failed so far is no reason to halt. */
enum exit_code rollback_resume(const struct cli *cli, const char *id);

/* Only writes it down, for workers; if it is there already, that is all there is to do. */
enum exit_code rollback_rollout_detach(const struct cli *cli, const char *id);
#endif
