/* commands.h: the rows, each at the end of the file that is named after it. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command command_plan;
extern const struct command command_apply;
extern const struct command command_resume;
extern const struct command command_rollback;
extern const struct command command_abort;
extern const struct command command_worker;
extern const struct command command_validate;
extern const struct command command_schema;
extern const struct command command_pause;
extern const struct command command_promote;
extern const struct command command_status;
extern const struct command command_watch;
extern const struct command command_report;
extern const struct command command_history;
extern const struct command command_check;
extern const struct command command_serve;
extern const struct command command_lock_list;
extern const struct command command_lock_release;
extern const struct command command_sandbox;
extern const struct command command_sandbox_enter;
extern const struct command command_sandbox_session;
extern const struct command command_version;
extern const struct command command_help;
extern const struct command command_completion;
extern const struct command command_man;
#endif
