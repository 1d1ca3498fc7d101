#include "report/step_line.h"

#include "base/clock.h"

static const enum sign SIGNS[] = {
	[TRACK_PENDING] = SIGN_PENDING,
	[TRACK_RUNNING] = SIGN_RUNNING,
	[TRACK_WAITING] = SIGN_WAITING,
	[TRACK_DONE] = SIGN_DONE,
	[TRACK_UNDONE] = SIGN_UNDONE,
	[TRACK_FAILED] = SIGN_FAILED,
};

void step_line(const struct track *t, size_t i, const struct style *s, int64_t now_ms, struct text *ret)
{
	const struct track_step *step = &t->steps[i];
	char took[CLOCK_SPAN_SIZE] = "";

	if (step->started_ms)
		clock_format_span(track_step_ms(step, now_ms), took);
	text_addf(ret, "  %s ", t->rows[i].in_window ? style_pick(s, "│", "|") : " ");
	style_sign(s, SIGNS[step->state], ret);
	text_addf(ret, " %-12s %10s  %s", t->rows[i].name, took, t->rows[i].summary);
	if (step->why[0] && (track_is_active(step) || step->state == TRACK_FAILED)) {
		text_add(ret, ": ");
		style_clean(step->why, ret);
	}
}
