/*
 * tally.h: how machines of a rollout stand, in figures: "48 of 50 machines rebuilt, 1 rolled back, 1
 * unreachable". What is said of a machine's state, and in which order, is here and nowhere else.
 */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "report/style.h"
#include "rollout/rollout.h"
#include "wire/json.h"

/* Of a whole rollout, or of a stage of it. Texts are borrowed. */
struct tally {
	int64_t machines;
	int64_t counts[MACHINE_STATE_COUNT];
	const char *why[MACHINE_STATE_COUNT]; /* told behind the figure; NULL: nothing */
	const char *halted;                   /* why it halted; NULL or "": it did not */
	bool back;                            /* it puts machines back: none is rebuilt */
};

/* Of a rollout that is in this process; why it halted is known to whoever leads it. */
struct tally tally_of(const struct rollout *ro, const char *halted, bool back);

/* One line without its end. */
void tally_line(const struct tally *t, struct text *ret);

/* {"machines": 50, "rebuilt": 48, ..., "halted": "..."}; the caller owns it. */
json_t *tally_object(const struct tally *t) MUST_USE;

/* ---- a machine's state ---- */

enum tally_kind {
	TALLY_GOOD,
	TALLY_FAILED, /* it has not the image, and will not get it from this rollout */
	TALLY_OPEN,   /* it was begun with */
	TALLY_UNTOUCHED,
};

enum tally_kind tally_kind(enum machine_state s);

/* "rolled back"; back: of a rollout that puts machines back. */
const char *tally_word(enum machine_state s, bool back);

enum sign tally_sign(enum machine_state s);

/* The state that is told in that place, from 0 to MACHINE_STATE_COUNT - 1. */
enum machine_state tally_state(size_t rank);
#endif
