/* result.h: what became of a session's rebuilds: the report on stdout, the causes on stderr, the exit code. */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include "cli/session.h"

/* The worse end of several machines wins. rollback: blue back is what was asked for, so it is a good end. */
enum exit_code result_report(struct session *s, bool rollback);
#endif
