/* What many rebuilds write in one turn: one commit, and one that may not write keeps no other from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"
#include "journal/journal.h"
#include "run/group.h"

static const struct plan PLAN = { .name = "test", .path = "plan.yaml", .digest = "digest" };

enum { MEMBERS = 3, BEGIN_MS = 1000 * 1000, COUNTER_AT = 24 };

struct fixture {
	char folder[64], path[128];
	int64_t now_ms;
	struct clock clock;
	struct run_options options;
	struct run_providers providers;
	struct member_world world;
	struct member members[MEMBERS];
	struct member *all[MEMBERS];
	struct group group;
	int told;
};

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

static void tell(void *self, const struct event *e)
{
	struct fixture *f = self;

	(void)e;
	f->told++;
}

/* SQLite counts its commits there (sqlite.org/fileformat.html, "File change counter"). */
static unsigned commits(const struct fixture *f)
{
	unsigned char bytes[COUNTER_AT + 4];
	FILE *file = fopen(f->path, "rb");

	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), file), sizeof(bytes));
	fclose(file);
	return (unsigned)bytes[COUNTER_AT] << 24 | (unsigned)bytes[COUNTER_AT + 1] << 16 |
	       (unsigned)bytes[COUNTER_AT + 2] << 8 | bytes[COUNTER_AT + 3];
}

static void add_member(struct fixture *f, size_t i)
{
	struct member *m = &f->members[i];
	char id[CLOUD_NAME_SIZE];

	snprintf(id, sizeof(id), "rb-%zu", i);
	rebuild_init(&m->rebuild, id, &PLAN, id);
	ledger_init(&m->ledger, f->options.journal, &f->clock);
	m->ledger.tell = tell;
	m->ledger.tell_self = f;
	f->all[i] = m;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	auto_error err = ERROR_INIT;

	assert_non_null(f);
	f->now_ms = BEGIN_MS;
	f->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &f->now_ms };
	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-group-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/journal.db", f->folder);
	assert_true(journal_open(f->path, JOURNAL_WRITE, &f->options.journal, &err));
	f->options.clock = &f->clock;
	f->options.user = "anna";
	f->options.version = "0.1.0";
	f->world = (struct member_world){ &f->options, &f->providers };
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(f, i);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < MEMBERS; i++)
		member_release(&f->members[i]);
	journal_close(f->options.journal);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* Each decides to stop an instance. */
static void take_turns(struct fixture *f)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		struct member_turn *t = &f->group.turns[i];

		*t = (struct member_turn){ .member = &f->members[i],
			.decision = calloc(1, sizeof(*t->decision)) };
		assert_non_null(t->decision);
		t->mark = ledger_mark(&f->members[i].ledger);
		t->decision->effect_count = 1;
		t->decision->effects[0] = (struct effect){ .kind = EFFECT_STOP_INSTANCE, .step = "retire" };
		text_copy(t->decision->effects[0].instance_id, CLOUD_ID_SIZE, "i-blue");
	}
	f->group.count = MEMBERS;
	group_record(&f->group, &f->world);
	for (size_t i = 0; i < MEMBERS; i++)
		free(f->group.turns[i].decision);
}

static bool count_intents(void *self, const struct event *e)
{
	*(int *)self += e->kind == EVENT_INTENT;
	return true;
}

static int intents_of(const struct fixture *f, const char *rebuild)
{
	auto_error err = ERROR_INIT;
	int count = 0;

	assert_true(journal_events(f->options.journal, rebuild, 0, count_intents, &count, &err));
	return count;
}

/* As another engine does that finds the lease's holder dead. */
static void take_lease_from(struct fixture *f, size_t i)
{
	struct lease theirs = { .rebuild = f->members[i].rebuild.id, .version = "0.1.0" };
	auto_error err = ERROR_INIT;

	holder_self("berta", &theirs.holder);
	assert_true(lease_take(f->options.journal, &theirs, f->now_ms, &err));
}

static void records_leases_and_intents_of_many_are_one_commit(void **state)
{
	struct fixture *f = *state;
	unsigned before = commits(f);

	take_turns(f);
	assert_int_equal(commits(f), before + 1);
	for (size_t i = 0; i < MEMBERS; i++) {
		assert_true(f->group.turns[i].may_act);
		assert_true(f->members[i].ledger.recorded);
		assert_int_equal(intents_of(f, f->members[i].rebuild.id), 1);
	}
	assert_int_equal(f->told, 2 * MEMBERS); /* the beginning and the intent of each */
	take_turns(f);
	assert_int_equal(commits(f), before + 2);
}

static void what_one_may_not_write_keeps_no_other_from_acting(void **state)
{
	struct fixture *f = *state;

	take_turns(f);
	take_lease_from(f, 1);
	take_turns(f);
	assert_true(f->group.turns[0].may_act);
	assert_false(f->group.turns[1].may_act);
	assert_true(f->group.turns[2].may_act);
	assert_int_equal(f->members[1].rebuild.course, COURSE_TAKEN_OVER);
	assert_int_equal(intents_of(f, "rb-0"), 2);
	assert_int_equal(intents_of(f, "rb-1"), 1);
	assert_int_equal(intents_of(f, "rb-2"), 2);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_int_equal(f->members[i].ledger.count, 0); /* nothing is written twice later */
}

static void leases_are_renewed_together(void **state)
{
	struct fixture *f = *state;
	unsigned before;

	take_turns(f);
	before = commits(f);
	f->now_ms += LEASE_RENEW_MS / 2 + 1;
	group_renew(f->all, MEMBERS, &f->world);
	assert_int_equal(commits(f), before); /* none is due */
	f->members[0].ledger.lease.renewed_ms -= LEASE_RENEW_MS;
	group_renew(f->all, MEMBERS, &f->world);
	assert_int_equal(commits(f), before + 1);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_int_equal(f->members[i].ledger.lease.renewed_ms, f->now_ms);
}

static void a_lost_lease_ends_its_rebuild_and_the_others_are_renewed(void **state)
{
	struct fixture *f = *state;
	struct lease_view view;
	auto_error err = ERROR_INIT;

	take_turns(f);
	take_lease_from(f, 1);
	f->now_ms += LEASE_RENEW_MS;
	group_renew(f->all, MEMBERS, &f->world);
	assert_int_equal(f->members[1].rebuild.course, COURSE_TAKEN_OVER);
	for (size_t i = 0; i < MEMBERS; i += 2) {
		assert_true(lease_look(f->options.journal, f->members[i].rebuild.id, f->now_ms, &view, &err));
		assert_int_equal(view.renewed_ms, f->now_ms);
	}
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ROW(records_leases_and_intents_of_many_are_one_commit),
		ROW(what_one_may_not_write_keeps_no_other_from_acting),
		ROW(leases_are_renewed_together),
		ROW(a_lost_lease_ends_its_rebuild_and_the_others_are_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
