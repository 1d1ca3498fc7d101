/* fleet_tell.c: what a fleet tells people. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "run/fleet_parts.h"

void fleet_tell(struct fleet *f, const char *fmt, ...)
{
	char note[FLEET_NOTE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof(note), fmt, ap);
	va_end(ap);
	f->options.note(f->options.self, note);
}

static void write_gate(const struct fleet *f, char ret[FLEET_NOTE_SIZE])
{
	const struct plan_gate *g = &f->plan.rollout.gates[f->turn.gate];
	int n = snprintf(ret, FLEET_NOTE_SIZE, "the rollout waits at its gate after %s", g->after);

	if (!g->command && f->ledger)
		snprintf(ret + n, FLEET_NOTE_SIZE - (size_t)n, ": `changeover promote %s` opens it",
			rollout_ledger_id(f->ledger));
}

static void write_block(const struct fleet *f, char ret[FLEET_NOTE_SIZE])
{
	char when[CLOCK_TEXT_SIZE];

	if (f->block.waits)
		snprintf(ret, FLEET_NOTE_SIZE, "the rollout %.400s, until %s at most", f->block.words,
			clock_format(f->block.gives_up.wall_ms, when));
	else
		text_copy(ret, FLEET_NOTE_SIZE, f->block.words);
}

static void write_note(struct fleet *f, char ret[FLEET_NOTE_SIZE])
{
	char reason[ROLLOUT_REASON_SIZE], when[CLOCK_TEXT_SIZE];

	ret[0] = '\0';
	switch (f->turn.phase) {
	case ROLLOUT_HALTED:
		snprintf(ret, FLEET_NOTE_SIZE, "the rollout halts: %s", fleet_reason(f, reason));
		break;
	case ROLLOUT_HELD:
		snprintf(ret, FLEET_NOTE_SIZE, "the rollout is paused: `changeover resume %s` goes on",
			rollout_ledger_id(f->ledger));
		break;
	case ROLLOUT_CLOSED:
		snprintf(ret, FLEET_NOTE_SIZE, "the rollout waits for its window, which opens at %s",
			clock_format(f->turn.wake_ms, when));
		break;
	case ROLLOUT_GATE:
		write_gate(f, ret);
		break;
	case ROLLOUT_BLOCKED:
		write_block(f, ret);
		break;
	case ROLLOUT_BEGIN:
	case ROLLOUT_FULL:
	case ROLLOUT_PAUSED:
	case ROLLOUT_OVER:
		break;
	}
}

void fleet_tell_phase(struct fleet *f)
{
	char note[FLEET_NOTE_SIZE];

	write_note(f, note);
	if (note[0] && strcmp(note, f->noted) != 0 && !f->stopped && rollout_size(f->rollout) > 1)
		fleet_tell(f, "%s", note);
	text_copy(f->noted, sizeof(f->noted), note);
}
