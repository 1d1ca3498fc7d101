/* lossy.h: a way to a PostgreSQL server that breaks at one COMMIT: before it arrives, or before its answer does. */
#ifndef TESTS_JOURNAL_LOSSY_H
#define TESTS_JOURNAL_LOSSY_H

#include <sys/types.h>

enum lossy_loss { LOSE_REQUEST, LOSE_ANSWER };

/*
 * A process that listens on PostgreSQL's socket in `folder` and passes on to that in `server`. The connection breaks
 * at the number-th COMMIT (from 1) over all connections; later ones are whole.
 */
pid_t lossy_start(const char *folder, const char *server, int number, enum lossy_loss loss);
void lossy_end(pid_t pid);
#endif
