/* standing_words.c: what a rollout waits for, and what an operator can do about it, in words. */
#include <inttypes.h>

#include "base/clock.h"
#include "report/standing.h"

static void say_halted(const struct standing *s, struct text *ret)
{
	text_add(ret, "an operator: it has halted");
	if (*s->driver && s->tally.counts[MACHINE_UNDER_WAY])
		text_add(ret, "; what is under way is finished or put back");
}

static void say_paused(const struct standing *s, struct text *ret)
{
	text_add(ret, "an operator: it is paused");
	if (!*s->driver)
		text_add(ret, ", and nobody drives it");
	else if (s->tally.counts[MACHINE_UNDER_WAY])
		text_add(ret, "; what is under way goes on");
}

static void say_left(const struct standing *s, struct text *ret)
{
	(void)s;
	text_add(ret, "an operator: nobody drives it");
}

static void say_ends(const struct standing *s, struct text *ret)
{
	text_add(ret, "what is under way; then it ends, as an operator asked");
	if (s->record.wish == ROLLOUT_WISH_REVERT)
		text_add(ret, ", and what was rebuilt is put back");
}

static void say_gate(const struct standing *s, struct text *ret)
{
	text_addf(ret, "its gate after %s", s->gate->after);
	if (s->gate->command)
		text_add(ret, ", whose command is asked again and again");
}

static void say_closed(const struct standing *s, struct text *ret)
{
	char when[CLOCK_TEXT_SIZE];

	text_addf(ret, "its window, which opens at %s", clock_format_seconds(s->opens_ms, when));
}

static const struct {
	void (*waits)(const struct standing *s, struct text *ret); /* NULL: for nothing */
	const char *next;                                          /* the command; NULL: none */
} PHASES[STANDING_PHASE_COUNT] = {
	[STANDING_OVER] = { NULL, NULL },
	[STANDING_HALTED] = { say_halted, "resume" },
	[STANDING_PAUSED] = { say_paused, "resume" },
	[STANDING_LEFT] = { say_left, "resume" },
	[STANDING_ENDS] = { say_ends, NULL },
	[STANDING_AT_GATE] = { say_gate, "promote" },
	[STANDING_CLOSED] = { say_closed, NULL },
	[STANDING_GOES_ON] = { NULL, NULL },
};

void standing_waits(const struct standing *s, struct text *ret)
{
	if (PHASES[s->phase].waits)
		PHASES[s->phase].waits(s, ret);
}

void standing_next(const struct standing *s, struct text *ret)
{
	const char *next = PHASES[s->phase].next;

	if (s->phase == STANDING_OVER && standing_failures(s))
		next = "report";
	if (next)
		text_addf(ret, "changeover %s %s", next, s->record.id);
}
