/* standing_turn.h: what a rollout would do next by its rows; inside of report. */
#ifndef REPORT_STANDING_TURN_H
#define REPORT_STANDING_TURN_H

#include "report/standing.h"

/*
 * Asks the rollout itself, made anew of the plan and the rows: its gates and its window. Groups and zones
 * are left out: no gate and no window depends on them. False: the plan does not fit the rows.
 */
bool standing_turn(const struct standing *s, const struct plan *plan, struct rollout_turn *ret) MUST_USE;
#endif
