/* report.h: what the seeds came to, for people. */
#ifndef SIMULATION_REPORT_H
#define SIMULATION_REPORT_H

#include "history.h"

/* One line about the seed that h has just played, which broke a rule. */
void report_broken(FILE *out, const struct history *h);

/* Everything that h has played so far: so that one sees that each kind really occurs. */
void report_tally(FILE *out, const struct history *h);
#endif
