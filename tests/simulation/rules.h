/*
 * rules.h: the safety rules of the architecture (section 3), each a function over the truth. How things
 * stand is judged after every event, and once more when all is over; what engines do, in conduct.h.
 */
#ifndef SIMULATION_RULES_H
#define SIMULATION_RULES_H

#include "history.h"

/* After every event. */
void rules_check(struct history *h);

/* All is over: how the place was left. */
void rules_end(struct history *h, const struct place *p);
#endif
