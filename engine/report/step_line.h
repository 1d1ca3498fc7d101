/* step_line.h: where one step stands, as one line for people: in the live tree and in `status`. */
#ifndef REPORT_STEP_LINE_H
#define REPORT_STEP_LINE_H

#include "base/text.h"
#include "report/style.h"
#include "report/track.h"

/*
 * Appends "  | + detach          4.0 s  Detach the data volume from blue", without a newline; the bar
 * marks the steps that clients wait for. While it runs, or if it failed, also what it is at.
 */
void step_line(const struct track *t, size_t i, const struct style *s, int64_t now_ms, struct text *ret);
#endif
