#include "share_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "journal/driver.h"
#include "journal/journal.h"

enum { START_MS = 1000000 };

static const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2", "i-3", "i-4", "i-5" };

static int64_t now_ms(void *self)
{
	return ((struct share_stage *)self)->now_ms;
}

static void fill(void *self, void *bytes, size_t size)
{
	(void)self;
	memset(bytes, 7, size);
}

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct share_stage *s = self;

	if (s->held && !strcmp(s->held, instance_id)) {
		error_set(err, ERROR_CONFLICT, "rebuild rb-9 is being driven by bert");
		error_set_code(err, LEASE_HELD);
		return false;
	}
	s->begun[s->begun_count++] = instance_id;
	fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct share_stage *s = self;
	size_t length = strlen(s->told);

	snprintf(s->told + length, sizeof(s->told) - length, "%s\n", text);
}

static void split(void *self, unsigned parts)
{
	((struct share_stage *)self)->parts = parts;
}

void share_must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

size_t share_count(const struct share_stage *s, enum machine_state state)
{
	return rollout_count(fleet_rollout(s->fleet), state);
}

/* ---- time passes ---- */

void share_turn(struct share_stage *s)
{
	const struct run_traffic t = { .self = s, .split = split };

	fleet_turn(s->fleet, &t, (struct moment){ s->now_ms, s->now_ms });
}

void share_pass(struct share_stage *s, int64_t ms)
{
	s->now_ms += ms;
	share_turn(s);
}

void share_ends(struct share_stage *s, uint32_t machine, enum rebuild_course course)
{
	struct rebuild r = { .course = course };

	fleet_ended(s->fleet, machine, &r, (struct moment){ s->now_ms, s->now_ms });
	share_turn(s);
}

/* Who has the newest rows writes this. */
void share_changes(struct share_stage *s, struct rollout_change c)
{
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	share_must(rollout_record_find(s->j, "ro-1", &a, &r, &found, &err), &err);
	c.id = "ro-1";
	c.version = r.version;
	c.now_ms = s->now_ms;
	share_must(rollout_record_change(s->j, &c, &err), &err);
}

/* And this of a machine. */
void share_writes_from(struct share_stage *s, const struct seat *seat, int64_t number, const char *state)
{
	const struct machine_record m = {
		.number = number, .state = state, .rebuild = "rb-9", .seat = seat->number
	};

	share_changes(s, (struct rollout_change){ .seat = seat, .machines = &m, .count = 1 });
}

void share_writes(struct share_stage *s, int64_t number, const char *state)
{
	share_writes_from(s, &s->other, number, state);
}

/* ---- the stage: of six machines the other worker has the first under way ---- */

static void write_down(struct share_stage *s)
{
	const struct rollout_record r = { .id = "ro-1",
		.kind = s->goes_back ? ROLLOUT_GOES_BACK : ROLLOUT_GOES_FORWARD,
		.parent = s->goes_back ? "ro-0" : "",
		.plan_name = "acme",
		.plan_digest = "d",
		.machines = MACHINES,
		.created_ms = 1 };
	struct machine_record rows[MACHINES];
	struct error err = ERROR_INIT;

	for (int64_t i = 0; i < MACHINES; i++)
		rows[i] = (struct machine_record){ .number = i, .machine = IDS[i], .state = "waiting" };
	share_must(rollout_record_create(s->j, &r, rows, MACHINES, &err), &err);
}

/* As somebody on another machine takes one. */
void share_sits_down(struct share_stage *s, struct seat *seat, int64_t number)
{
	struct error err = ERROR_INIT;

	seat->number = number;
	snprintf(seat->name, sizeof(seat->name), "ro-1/%d", (int)number);
	seat->lease = (struct lease){ .rebuild = seat->name,
		.version = "0.1.0",
		.holder = { .name = "bert@far", .place = "another-boot/1", .pid = number, .started = 70 } };
	share_must(lease_take(s->j, &seat->lease, s->now_ms, &err), &err);
}

void share_leave(struct share_stage *s)
{
	fleet_stop(s->fleet);
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
}

void share_open_fleet(struct share_stage *s)
{
	s->ledger = rollout_ledger_new(&(struct rollout_ledger_options){ .journal = s->j,
		.clock = &s->clock,
		.entropy = &s->entropy,
		.plan = &s->plan,
		.user = "anna",
		.version = "0.1.0",
		.id = "ro-1",
		.shared = true });
	s->fleet = fleet_new(&(struct fleet_options){ .plan = &s->plan,
		.typical_ms = 1,
		.ledger = s->ledger,
		.goes_back = s->goes_back,
		.begin = begin,
		.note = note,
		.self = s });
}

void share_take_up(struct share_stage *s)
{
	struct error err = ERROR_INIT;
	const struct query *q;

	share_open_fleet(s);
	share_must(fleet_ask(s->fleet, &q, &err), &err);
	share_must(fleet_listed(s->fleet, NULL, &err), &err);
	share_turn(s);
}

static void set_stage(struct share_stage *s)
{
	struct error err = ERROR_INIT;

	s->now_ms = START_MS;
	s->clock = (struct clock){ .self = s, .wall_ms = now_ms, .mono_ms = now_ms };
	s->entropy = (struct entropy){ .self = s, .fill = fill };
	s->plan.name = "acme";
	s->plan.digest = "d";
	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.in_flight.amount = 2;
	s->plan.rollout.tries = 2;
	s->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	share_must(journal_open(JOURNAL_IN_MEMORY, JOURNAL_WRITE, &s->j, &err), &err);
	write_down(s);
	share_sits_down(s, &s->other, 1);
	share_writes(s, 0, "under-way");
	share_take_up(s);
}

int share_open(void **state)
{
	struct share_stage *s = calloc(1, sizeof(*s));

	*state = s;
	set_stage(s);
	return 0;
}

int share_open_back(void **state)
{
	struct share_stage *s = calloc(1, sizeof(*s));

	*state = s;
	s->goes_back = true;
	set_stage(s);
	return 0;
}

int share_close(void **state)
{
	struct share_stage *s = *state;

	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	journal_close(s->j);
	free(s);
	return 0;
}
