/* watch.h: the two things that `changeover watch` looks at, in the same way and every second. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "journal/rollout_record.h"

/* Each shows what changes, until nothing more will; then says how it ended. */
enum exit_code watch_rollout(const struct cli *cli, struct journal *j, const struct rollout_record *r);
enum exit_code watch_rebuild(const struct cli *cli, struct journal *j, const struct record *r);

/* Waits a second. */
void watch_pause(void);
#endif
