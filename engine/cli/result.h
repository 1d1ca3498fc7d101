/* result.h: what became of a session's rebuilds: the report on stdout, the causes on stderr, the exit code. */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include "cli/session.h"

/*
 * Runs what was added, reports it and closes the session; if it is not ready, prints err, why, and closes it.
 * The worse end of several machines wins. rollback: blue back is what was asked for, so it is a good end.
 */
enum exit_code result_finish(struct session *s, bool ready, bool rollback, struct error *err);
#endif
