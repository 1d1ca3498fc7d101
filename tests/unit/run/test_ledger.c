/*
 * What a rebuild may do while its journal takes nothing: then clients may be waiting, and what is done next is done
 * unrecorded (docs/decisions/0003). And what is recorded of it when the journal is back (0011).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "journal/journal.h"
#include "run/ledger.h"

static const struct plan PLAN = { .name = "test", .path = "plan.yaml", .digest = "digest" };

enum { BEGIN_MS = 1000 * 1000 };

struct fixture {
	char folder[64], path[128];
	int64_t now_ms;
	struct clock clock;
	struct journal *journal;
	struct rebuild rebuild;
	struct ledger ledger;
};

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

/* A rebuild that has its record and its lease. */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	auto_error err = ERROR_INIT;

	assert_non_null(f);
	f->now_ms = BEGIN_MS;
	f->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &f->now_ms };
	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/journal.db", f->folder);
	must(journal_open(f->path, JOURNAL_WRITE, &f->journal, &err), &err);
	rebuild_init(&f->rebuild, "rb-1", &PLAN, "i-blue");
	ledger_init(&f->ledger, f->journal, &f->clock);
	must(ledger_open(&f->ledger, &f->rebuild, "anna", "0.1.0", &err), &err);
	must(ledger_commit(&f->ledger, &err), &err);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	ledger_release(&f->ledger);
	rebuild_release(&f->rebuild);
	journal_close(f->journal);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void take_by_another(struct fixture *f)
{
	struct lease far = { .rebuild = "rb-1",
		.version = "0.1.0",
		.holder = { .name = "bert@far pid 7", .place = "another-boot/1", .pid = 7, .started = 70 } };
	auto_error err = ERROR_INIT;

	must(lease_take(f->journal, &far, f->now_ms, &err), &err);
}

/* The file is there, and no journal any more: neither can it be read. */
static void spoil(struct fixture *f)
{
	static const char JUNK[4096] = "this is no database";
	FILE *file = fopen(f->path, "r+");

	assert_non_null(file);
	assert_int_equal(fwrite(JUNK, sizeof(JUNK), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static void a_lease_that_nobody_took_is_ours(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;

	f->now_ms += 10 * LEASE_LIFE_MS; /* nobody heard of us, and nobody minded */
	assert_true(ledger_is_ours(&f->ledger, &err));
}

/* We were stopped (SIGSTOP), and taken for dead. */
static void a_lease_that_another_took_is_not_ours(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;

	f->now_ms += LEASE_LIFE_MS + 1;
	take_by_another(f);
	assert_false(ledger_is_ours(&f->ledger, &err));
	assert_true(error_is(&err, LEASE_LOST));
}

static void a_lease_that_cannot_be_read_is_ours_for_as_long_as_nobody_may_take_it(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT, late = ERROR_INIT;

	spoil(f);
	f->now_ms += LEASE_LIFE_MS;
	assert_true(ledger_is_ours(&f->ledger, &err));
	assert_int_equal(err.kind, ERROR_NONE);
	f->now_ms += 1;
	assert_false(ledger_is_ours(&f->ledger, &late));
	assert_false(error_is(&late, LEASE_LOST));
}

/* ---- what was noted while the store was away ---- */

struct heard {
	char details[8][16];
	size_t count;
};

static void hear(void *self, const struct event *e)
{
	struct heard *h = self;

	snprintf(h->details[h->count++], sizeof(h->details[0]), "%s", e->detail);
}

static bool read_one(void *self, const struct event *e)
{
	if (e->kind == EVENT_WAITING || e->kind == EVENT_INTENT)
		hear(self, e);
	return true;
}

static void note(struct fixture *f, const char *text)
{
	const struct news n = { .kind = NEWS_WAITING, .text = text };

	ledger_news(&f->ledger, &f->rebuild, &n);
}

static void intend(struct fixture *f)
{
	const struct effect e = {
		.kind = EFFECT_DETACH_VOLUME, .step = "detach", .token = "rb-1.detach.1.0"
	};

	ledger_intent(&f->ledger, &f->rebuild, &e);
}

static void what_was_kept_is_told_once_and_recorded_in_its_order(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct heard told = { .count = 0 }, recorded = { .count = 0 };

	f->ledger.tell = hear;
	f->ledger.tell_self = &told;
	note(f, "first");
	ledger_keep(&f->ledger);
	note(f, "second");
	ledger_keep(&f->ledger);
	note(f, "third");
	must(ledger_commit(&f->ledger, &err), &err);
	must(journal_events(f->journal, "rb-1", 0, read_one, &recorded, &err), &err);
	assert_int_equal(told.count, 3);
	assert_int_equal(recorded.count, 3);
	assert_string_equal(recorded.details[0], "first");
	assert_string_equal(recorded.details[2], "third");
	assert_memory_equal(told.details, recorded.details, sizeof(told.details[0]) * 3);
}

/* What was done while clients waited has its intent; what was decided and not done has none. */
static void an_intent_that_was_kept_is_not_dropped_with_later_ones(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct heard recorded = { .count = 0 };

	intend(f);
	ledger_keep(&f->ledger);
	intend(f);
	ledger_drop_intents(&f->ledger);
	must(ledger_commit(&f->ledger, &err), &err);
	must(journal_events(f->journal, "rb-1", 0, read_one, &recorded, &err), &err);
	assert_int_equal(recorded.count, 1);
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LEDGER(a_lease_that_nobody_took_is_ours),
		WITH_LEDGER(a_lease_that_another_took_is_not_ours),
		WITH_LEDGER(a_lease_that_cannot_be_read_is_ours_for_as_long_as_nobody_may_take_it),
		WITH_LEDGER(what_was_kept_is_told_once_and_recorded_in_its_order),
		WITH_LEDGER(an_intent_that_was_kept_is_not_dropped_with_later_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
