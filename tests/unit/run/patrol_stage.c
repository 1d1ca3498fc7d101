#include "patrol_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2", "i-3" };

void open_fleet(struct stage *s, bool goes_on)
{
	stage_new_fleet(s, goes_on);
	stage_find(s);
}

void show(struct stage *s, uint32_t machine, enum instance_state state)
{
	listing_add(&s->listing, IDS[machine], state);
}

void look(struct stage *s)
{
	const struct query *q;

	for (size_t i = 0; i < MACHINES; i++) {
		bool shown = false;

		for (size_t k = 0; k < s->listing.count; k++)
			shown = shown || !strcmp(s->listing.machines[k].id, IDS[i]);
		if (!shown)
			show(s, (uint32_t)i, INSTANCE_RUNNING);
	}
	s->now_ms += PATROL_PAUSE_MS;
	q = fleet_question(s->fleet, stage_moment(s));
	assert_non_null(q);
	s->is_denied = !fleet_patrolled(
		s->fleet, listing_answer(&s->listing, q->subject), stage_moment(s), &s->denial);
	error_release(&s->listing.err);
	listing_init(&s->listing);
	stage_turn(s);
}

void ends(struct stage *s, uint32_t machine, enum rebuild_course course)
{
	struct rebuild *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->course = course;
	text_copy(r->world.blue.id, sizeof(r->world.blue.id), IDS[machine]);
	text_copy(r->world.green.id, sizeof(r->world.green.id), "i-green");
	fleet_ended(s->fleet, machine, r, stage_moment(s));
	free(r);
	stage_turn(s);
}

size_t not_serving(const struct stage *s)
{
	return rollout_not_serving(fleet_rollout(s->fleet));
}

void look_twice_at_impaired(struct stage *s, const uint32_t *machines, size_t count)
{
	for (int looks = 0; looks < 2; looks++) {
		for (size_t i = 0; i < count; i++)
			listing_add_impaired(&s->listing, IDS[machines[i]]);
		look(s);
	}
}
