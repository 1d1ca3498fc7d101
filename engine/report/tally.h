/* tally.h: how a rollout stands, in figures: "48 of 50 machines rebuilt, 1 rolled back, 1 unreachable". */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "base/text.h"
#include "rollout/rollout.h"
#include "wire/json.h"

/* One line without its end; with the reason if it has halted. */
void tally_text(const struct rollout *ro, struct text *ret);

/* {"machines": 50, "rebuilt": 48, ..., "halted": "..."}; the caller owns it. */
json_t *tally_json(const struct rollout *ro) MUST_USE;
#endif
