#include "outcome.h"

#include <string.h>

/* A kept blue's rebuild has ended long ago: what becomes of it says nothing of the place. */
static bool is_of_the_place(const struct member *m)
{
	return !m->rebuild.resume_finished || m->rebuild.adopted;
}

/*
 * Blue was given up, and then green was terminated by somebody: the volumes are all that is left. Or it was
 * stopped and started: its console shows no host keys any more, and an operator has to vouch for it.
 */
static bool is_beyond_help(const struct history *h, const struct place *p)
{
	const struct model_instance *blue = stage_instance(&h->stage, p->blue);
	bool given_up = !blue || blue->state == MODEL_SHUTTING_DOWN || blue->state == MODEL_TERMINATED;

	return given_up &&
	       (fault_has_struck(h, p, FAULT_GREEN_TERMINATED) || fault_has_struck(h, p, FAULT_GREEN_STOPS));
}

/* Nobody needs to run a command again. */
static bool is_final(
	const struct history *h, const struct engine *e, const struct place *p, const struct member *m)
{
	enum rebuild_course c = m->rebuild.course;

	if (c == COURSE_REFUSED)
		return !p->facts.effects; /* else another one is at work there, or was */

	if (c == COURSE_UNCHANGED)
		return e->command.kind == COMMAND_APPLY; /* `resume` found nothing to go on with */
	return c == COURSE_DONE || c == COURSE_ROLLED_BACK || (c == COURSE_PARKED && is_beyond_help(h, p));
}

/* The journal's rebuild gave way to another one, which the same command goes on with. */
static bool gave_way(const struct member *m)
{
	return m->rebuild.course == COURSE_REFUSED && m->rebuild.resumed;
}

/*
 * Another engine has brought it to its end meanwhile: there was nothing left to do. Or another rebuild of the
 * machine was begun, while this engine was stopped: how the place ends is for that one to say.
 */
static bool came_too_late(const struct place *p, const struct member *m)
{
	enum rebuild_course c = m->rebuild.course;

	if (m->recorded && strcmp(p->facts.rebuild, m->rebuild.id) != 0)
		return true;
	return p->ended && c != COURSE_DONE && c != COURSE_ROLLED_BACK;
}

/* What must have happened for that end; 0: nothing. */
static unsigned excuse_needed(const struct history *h, enum rebuild_course end)
{
	switch (end) {
	case COURSE_REFUSED:
		return EXCUSES_REFUSED;
	case COURSE_PARKED:
		return EXCUSES_PARKED;
	case COURSE_ROLLED_BACK:
		return h->mended ? 0 : EXCUSES_BACK; /* what was begun while it was not mended ends so */
	case COURSE_FORWARD:
	case COURSE_BACK:
	case COURSE_DONE:
	case COURSE_UNCHANGED:
	case COURSE_INTERRUPTED:
	case COURSE_TAKEN_OVER:
		break;
	}
	return 0;
}

static void judge(struct history *h, const struct engine *e, const struct member *m)
{
	const struct place *p = &h->places[m->place];
	const char *name = rebuild_course_name(p->end), *cause = m->rebuild.cause;
	unsigned needs = excuse_needed(h, p->end);

	if (p->end == COURSE_REFUSED && m->rebuild.changed_something)
		history_broken(h, 12, "refused-unchanged", "place %d ends refused, but something was changed",
			m->place);
	else if (p->applied_again && p->end != COURSE_UNCHANGED && p->end != COURSE_DONE)
		history_broken(h, 12, "again-unchanged", "applied again, place %d ends %s: %s", m->place,
			name, cause);
	else if (needs && h->mended && is_beyond_help(h, p))
		return;
	else if (needs && h->mended && e->started_ms > h->mended_ms)
		history_broken(h, 0, "comes-to-a-good-end", "place %d ends %s: %s", m->place, name, cause);
	else if (needs && !(fault_excuses(h, m->place) & needs))
		history_broken(h, 0, "has-a-cause", "place %d ends %s: %s", m->place, name, cause);
}

void outcome_note(struct history *h, const struct engine *e, const struct member *m)
{
	struct place *p = &h->places[m->place];
	enum rebuild_course end = m->rebuild.course;

	h->tally.ends[end]++;
	h->tally.claims += m->rebuild.claimed_ms > 0;
	if (end == COURSE_TAKEN_OVER || gave_way(m) || !is_of_the_place(m) || came_too_late(p, m))
		return;
	p->end = end;
	p->book = e->command.book;
	p->ended = is_final(h, e, p, m);
	judge(h, e, m);
	if (p->applied_again || end == COURSE_UNCHANGED) /* green serves: found so by its tags */
		p->end = COURSE_DONE;
	if (end == COURSE_PARKED)
		fault_mend_all(h);
}
