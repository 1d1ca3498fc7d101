#include "fleet_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

struct stage *stage_open(void)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	assert_non_null(s);
	s->plan = (struct plan){ .name = "test", .path = "plan.yaml", .digest = "digest" };
	s->plan.rollout.in_flight.amount = 1;
	s->plan.rollout.tries = 1;
	s->now_ms = 1000000;
	s->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &s->now_ms };
	listing_init(&s->listing);
	assert_true(journal_open_temporary(&s->journal, &err));
	return s;
}

void stage_close_fleet(struct stage *s)
{
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
}

int stage_close(void **state)
{
	struct stage *s = *state;

	stage_close_fleet(s);
	journal_close(s->journal);
	free(s);
	return 0;
}

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	(void)err;
	assert_true(s->begun_count < STAGE_BEGUN);
	s->begun[s->begun_count++] = fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct stage *s = self;

	assert_true(s->note_count < STAGE_NOTES);
	text_copy(s->notes[s->note_count++], sizeof(s->notes[0]), text);
}

static int64_t admit(void *self)
{
	((struct stage *)self)->admitted++;
	return 0;
}

void stage_new_fleet(struct stage *s, bool goes_on)
{
	s->ledger = rollout_ledger_new(&(struct rollout_ledger_options){ .journal = s->journal,
		.clock = &s->clock,
		.entropy = &entropy_system,
		.plan = &s->plan,
		.user = "anna",
		.version = "0.1.0" });
	s->fleet = fleet_new(&(struct fleet_options){ .plan = &s->plan,
		.typical_ms = 1,
		.ledger = s->ledger,
		.journal = s->journal,
		.goes_on = goes_on,
		.begin = begin,
		.note = note,
		.self = s });
}

struct moment stage_moment(const struct stage *s)
{
	return (struct moment){ s->now_ms, s->now_ms };
}

void stage_turn(struct stage *s)
{
	fleet_turn(s->fleet, &(struct run_traffic){ .self = s, .admit = admit }, stage_moment(s));
}

const struct query *stage_find(struct stage *s)
{
	struct error err = ERROR_INIT;
	const struct query *q;

	assert_true(fleet_ask(s->fleet, &q, &err));
	assert_true(fleet_listed(s->fleet, q ? listing_answer(&s->listing, q->subject) : NULL, &err));
	stage_turn(s);
	return q;
}

void stage_record(struct stage *s, const char *blue, const char *green, enum record_state state)
{
	struct error err = ERROR_INIT;
	const struct record r = { .id = "rb-1",
		.plan_name = "test",
		.plan_path = "plan.yaml",
		.plan_digest = "digest",
		.blue = blue,
		.green = green,
		.state = state,
		.created_ms = 1,
		.updated_ms = 1 };

	assert_true(record_create(s->journal, &r, &err));
}

bool stage_was_told(const struct stage *s, const char *part)
{
	for (size_t i = 0; i < s->note_count; i++)
		if (strstr(s->notes[i], part))
			return true;
	return false;
}

size_t stage_count(const struct stage *s, enum machine_state state)
{
	return rollout_count(fleet_rollout(s->fleet), state);
}
