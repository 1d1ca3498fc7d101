/* fleet_locks.c: a fleet's machines and the plan's locks of other services. */
#include "base/text.h"
#include "run/fleet_parts.h"

static struct lock_machine lock_machine(const struct place *p)
{
	return (struct lock_machine){ p->blue, p->machine->group_name };
}

bool fleet_check_locks(const struct fleet *f, struct error *err)
{
	for (size_t i = 0; i < f->muster.count; i++) {
		const struct lock_machine m = lock_machine(&f->places[i]);

		if (!lock_names_check(&f->plan, &m, err))
			return false;
	}
	return true;
}

void fleet_ask_for_locks(struct fleet *f, uint32_t number)
{
	struct place *p = &f->places[number];
	const struct lock_machine m = lock_machine(p);

	p->has_locks = p->dropped = p->keeps_locks = false;
	locking_ask(f->locking, number, &m);
}

struct lock_sink fleet_lock_sink(struct fleet *f)
{
	return locking_sink(f->locking);
}

void fleet_set_locks(struct fleet *f, struct locks provider)
{
	locking_set_provider(f->locking, provider);
}

/* While it waited, the rollout may have halted or its window closed. */
static bool goes_with_locks(struct fleet *f, struct place *p, struct moment now)
{
	if (!p->has_locks && rollout_lets_go(f->rollout, now.wall_ms)) {
		p->has_locks = true;
		fleet_note_beginning(p, now);
	}
	return p->has_locks;
}

enum fleet_word fleet_lets(struct fleet *f, uint32_t machine, struct moment now)
{
	struct place *p = &f->places[machine];

	switch (locking_state(f->locking, machine)) {
	case LOCKING_NONE:
		return FLEET_GO;
	case LOCKING_WAITS:
		if (!fleet_has_halted(f))
			return FLEET_WAIT;
		break;
	case LOCKING_TAKEN:
		if (goes_with_locks(f, p, now))
			return FLEET_GO;
		break;
	case LOCKING_GIVEN_UP:
		break;
	}
	p->dropped = true;
	return FLEET_DROP;
}

enum machine_end fleet_end_of_dropped(const struct fleet *f, uint32_t machine)
{
	return locking_state(f->locking, machine) == LOCKING_GIVEN_UP ? END_LOCKED_OUT : END_WITHDRAWN;
}

/* Its machine was left in a state in which no other member of its group may be away yet. */
static bool must_keep(const struct rebuild *r)
{
	switch (r->course) {
	case COURSE_DONE:
	case COURSE_UNCHANGED:
	case COURSE_REFUSED:
	case COURSE_ROLLED_BACK:
		return false;
	case COURSE_PARKED:
	case COURSE_TAKEN_OVER: /* then they are theirs */
		return true;
	case COURSE_INTERRUPTED:
	case COURSE_FORWARD:
	case COURSE_BACK:
		break;
	}
	return r->changed_something || r->adopted;
}

void fleet_end_locks(struct fleet *f, uint32_t machine, const struct rebuild *r)
{
	struct place *p = &f->places[machine];

	p->keeps_locks = p->keeps_locks || must_keep(r);
	if (!p->open)
		locking_end(f->locking, machine, p->keeps_locks);
}
