/* procedure.h: the steps of a rebuild, as report wants to have them. */
#ifndef CLI_PROCEDURE_H
#define CLI_PROCEDURE_H

#include "base/arena.h"
#include "report/track.h"

/* The rows in rebuild order; they live as long as the arena. */
const struct report_step *procedure_steps(struct arena *a, size_t *count);
#endif
