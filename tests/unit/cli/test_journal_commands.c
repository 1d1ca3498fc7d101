/* status, history and watch: the journal, told. */
#include "console.h"

#include "journal/event.h"
#include "journal/journal.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "rebuild/steps/steps.h"

enum { START_MS = 1 };
#define T0 INT64_C(1795312800000) /* 2026-11-22T02:00:00Z */

static char folder[] = "/tmp/changeover-cli-XXXXXX";
static char path[64], option[80];

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static void write_events(struct journal *j, int64_t epoch)
{
	struct error err = ERROR_INIT;
	struct event events[] = {
		{ .rebuild = "rb-1",
			.at_ms = T0,
			.kind = EVENT_REBUILD_STARTED,
			.detail = "i-blue by ami-2" },
		{ .rebuild = "rb-1", .at_ms = T0, .kind = EVENT_STEP_STARTED, .step = "detach" },
		{ .rebuild = "rb-1", .at_ms = T0 + 10, .kind = EVENT_WINDOW_OPENED },
		{ .rebuild = "rb-1",
			.at_ms = T0 + 20,
			.kind = EVENT_INTENT,
			.step = "detach",
			.effect = "detach-volume",
			.token = "rb-1-detach-1",
			.detail = "detach-volume vol-1 from i-blue",
			.epoch = epoch },
		{ .rebuild = "rb-1",
			.at_ms = T0 + 500,
			.kind = EVENT_OUTCOME,
			.step = "detach",
			.effect = "detach-volume",
			.token = "rb-1-detach-1",
			.request_id = "req-1",
			.took_ms = 480 },
		{ .rebuild = "rb-1", .at_ms = T0 + 86400000, .kind = EVENT_STEP_PROVED, .step = "detach" },
		{ .rebuild = "rb-1",
			.at_ms = T0 + 86400010,
			.kind = EVENT_WINDOW_CLOSED,
			.took_ms = 86400000 },
	};

	must(journal_append(j, events, ARRAY_SIZE(events), &err), &err);
}

static int make_journal(void **state)
{
	struct error err = ERROR_INIT;
	struct journal *j;
	struct lease lease = {
		.rebuild = "rb-1", .version = "0.1.0", .holder = { .name = "anna@host pid 7" }
	};
	const struct record first = { .id = "rb-1",
		.state = RECORD_PARKED,
		.plan_path = "acme.yaml",
		.blue = "i-blue",
		.green = "i-green",
		.volumes = "[\"vol-1\"]",
		.cause = "sshd is\nsilent",
		.created_ms = T0,
		.updated_ms = T0 };
	const struct record second = { .id = "rb-2",
		.state = RECORD_DONE,
		.blue = "i-other",
		.created_ms = T0 - 1,
		.updated_ms = T0 - 1 };

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	snprintf(option, sizeof(option), "--journal=%s", path);
	must(journal_open(path, JOURNAL_WRITE, &j, &err), &err);
	must(record_create(j, &first, &err) && record_create(j, &second, &err), &err);
	must(lease_take(j, &lease, T0, &err), &err);
	write_events(j, lease.epoch);
	must(lease_release(j, &lease, &err), &err);
	journal_close(j);
	return 0;
}

static int remove_journal(void **state)
{
	(void)state;
	return unlink(path) < 0 || rmdir(folder) < 0;
}

static void status_lists_the_newest_rebuilds_first(void **state)
{
	auto_console c = RUN("status", option), one = RUN("status", option, "-n1");

	(void)state;
	assert_int_equal(c.code, EXIT_DONE);
	assert_string_equal(c.out,
		"rb-1  parked       2026-11-22T02:00:00Z  i-blue -> i-green  sshd is silent\n"
		"rb-2  done         2026-11-22T01:59:59Z  i-other\n");
	assert_null(strstr(one.out, "rb-2"));
}

static void status_of_one_rebuild_shows_its_steps_and_the_way_on(void **state)
{
	auto_console c = RUN("status", option, "rb-1");

	(void)state;
	assert_int_equal(c.code, EXIT_DONE);
	says(c.out, "rb-1 parked");
	says(c.out, "volumes         vol-1");
	says(c.out, "outage window   24 h 0 min");
	says(c.out, "next            changeover apply acme.yaml");
	says(c.out, "| + detach");
	says(c.out, ". attach");
}

static void status_as_json_has_every_step(void **state)
{
	auto_console c = RUN("status", option, "rb-1", "--json");
	json_auto_t *document = console_document(&c);
	json_t *rebuild = json_array_get(json_object_get(document, "rebuilds"), 0);
	json_t *step, *steps = json_object_get(rebuild, "steps");
	size_t i, seen = 0;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(rebuild, "state")), "parked");
	assert_int_equal(json_integer_value(json_object_get(rebuild, "outage_ms")), 86400000);
	json_array_foreach(
		steps, i, step) if (!strcmp(json_string_value(json_object_get(step, "step")), "detach"))
	{
		assert_string_equal(json_string_value(json_object_get(step, "state")), "done");
		seen++;
	}
	assert_int_equal(seen, 1);
}

static void a_rebuild_that_nobody_knows_is_missing(void **state)
{
	auto_console c = RUN("status", option, "rb-9"), h = RUN("history", option, "rb-9");

	(void)state;
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "there is no rebuild rb-9");
	assert_int_equal(h.code, EXIT_FAILED);
	says(h.err, "there is no rebuild rb-9");
}

static void a_mistyped_rebuild_is_answered_with_the_near_ones_and_the_newest(void **state)
{
	auto_console near = RUN("history", option, "rb-11"), far = RUN("history", option, "elsewhere");

	(void)state;
	says(near.err, "did you mean rb-1 or rb-2? The newest is rb-1");
	says(far.err, "there is no rebuild elsewhere: the newest is rb-1");
}

static void the_beginning_of_an_id_is_enough_if_only_one_begins_so(void **state)
{
	auto_console several = RUN("status", option, "rb-"), none = RUN("status", option, "rb-1x");
	struct record r = { .id = "rc-7h2k9m3x0q", .state = RECORD_DONE, .blue = "i-far", .created_ms = 1 };
	struct error err = ERROR_INIT;
	struct journal *j;

	(void)state;
	assert_int_equal(several.code, EXIT_USAGE);
	says(several.err, "2 rebuilds begin with rb-: rb-1, rb-2");
	assert_int_equal(none.code, EXIT_FAILED);
	must(journal_open(path, JOURNAL_WRITE, &j, &err) && record_create(j, &r, &err), &err);
	journal_close(j);
	{
		auto_console one = RUN("status", option, "rc-7h");

		assert_int_equal(one.code, EXIT_DONE);
		says(one.out, "rc-7h2k9m3x0q");
	}
}

static void history_tells_every_intent_outcome_and_proof(void **state)
{
	auto_console c = RUN("history", option, "rb-1");
	auto_free char *expected = NULL;

	(void)state;
	assert_int_equal(c.code, EXIT_DONE);
	assert_true(asprintf(&expected,
			    "2026-11-22\n"
			    "02:00:00Z rb-1 *              started: i-blue by ami-2\n"
			    "02:00:00Z rb-1 * detach       %s\n"
			    "02:00:00Z rb-1 o              outage window opened\n"
			    "02:00:00Z rb-1 * detach       detach-volume vol-1 from i-blue\n"
			    "02:00:00Z rb-1 . detach       detach-volume done after 480 ms (request req-1)\n"
			    "2026-11-23\n"
			    "02:00:00Z rb-1 + detach       done in 24 h 0 min\n"
			    "02:00:00Z rb-1 +              outage window closed after 24 h 0 min\n",
			    step_detach.summary) > 0);
	assert_string_equal(c.out, expected);
}

static void history_without_a_rebuild_is_that_of_the_newest(void **state)
{
	auto_console named = RUN("history", option, "rb-1"), newest = RUN("history", option);

	(void)state;
	assert_string_equal(named.out, newest.out);
}

static void history_as_json_has_tokens_and_request_ids(void **state)
{
	auto_console c = RUN("history", option, "--json");
	json_auto_t *document = console_document(&c);
	json_t *outcome = json_array_get(json_object_get(document, "events"), 4);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(outcome, "type")), "outcome");
	assert_string_equal(json_string_value(json_object_get(outcome, "token")), "rb-1-detach-1");
	assert_string_equal(json_string_value(json_object_get(outcome, "request_id")), "req-1");
	assert_true(json_is_true(json_object_get(outcome, "ok")));
}

static void watch_of_a_rebuild_tells_its_events_and_ends_with_its_state(void **state)
{
	auto_console parked = RUN("watch", option, "rb-1"), done = RUN("watch", option, "rb-2", "--json");
	json_auto_t *document = console_document(&done);
	json_t *rebuild = json_array_get(json_object_get(document, "rebuilds"), 0);

	(void)state;
	assert_int_equal(parked.code, EXIT_PARKED);
	says(parked.out, "02:00:00Z rb-1 o              outage window opened\n");
	says(parked.out, "outage window closed after 24 h 0 min\n");
	says(parked.err, "nobody drives rebuild rb-1: `changeover resume rb-1` goes on");
	assert_int_equal(done.code, EXIT_DONE);
	assert_string_equal(json_string_value(json_object_get(rebuild, "state")), "done");
	assert_string_equal(done.err, "");
}

static void without_rollouts_the_newest_rebuild_is_watched(void **state)
{
	auto_console named = RUN("watch", option, "rb-1"), newest = RUN("watch", option);

	(void)state;
	assert_string_equal(newest.out, named.out);
}

static void the_journal_is_named_by_flag_then_environment_then_home(void **state)
{
	char variable[96], home[96];
	char *by_variable[] = { variable, NULL }, *by_home[] = { home, NULL };
	char *plain[] = { (char *)"status", NULL },
	     *flag[] = { (char *)"status", (char *)"--journal=/no/where", NULL };
	auto_console c = { 0 }, elsewhere = { 0 }, missing = { 0 }, nowhere = console_run(plain, NULL);

	(void)state;
	snprintf(variable, sizeof(variable), "CHANGEOVER_JOURNAL=%s", path);
	snprintf(home, sizeof(home), "HOME=%s", folder);
	c = console_run(plain, by_variable);
	says(c.out, "rb-1");
	elsewhere = console_run(flag, by_variable);
	says(elsewhere.err, "/no/where");
	missing = console_run(plain, by_home);
	says(missing.err, "/.local/state/changeover/journal.db");
	says(nowhere.err, "--journal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_lists_the_newest_rebuilds_first),
		cmocka_unit_test(status_of_one_rebuild_shows_its_steps_and_the_way_on),
		cmocka_unit_test(status_as_json_has_every_step),
		cmocka_unit_test(a_rebuild_that_nobody_knows_is_missing),
		cmocka_unit_test(a_mistyped_rebuild_is_answered_with_the_near_ones_and_the_newest),
		cmocka_unit_test(history_tells_every_intent_outcome_and_proof),
		cmocka_unit_test(history_without_a_rebuild_is_that_of_the_newest),
		cmocka_unit_test(history_as_json_has_tokens_and_request_ids),
		cmocka_unit_test(watch_of_a_rebuild_tells_its_events_and_ends_with_its_state),
		cmocka_unit_test(without_rollouts_the_newest_rebuild_is_watched),
		cmocka_unit_test(the_journal_is_named_by_flag_then_environment_then_home),
		cmocka_unit_test(the_beginning_of_an_id_is_enough_if_only_one_begins_so),
	};

	return cmocka_run_group_tests(tests, make_journal, remove_journal);
}
