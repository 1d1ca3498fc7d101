/* Faults: their lines, which call is hit and which is not, and luck that can be repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "sandbox/model/faults.h"

enum { LINE_MAX_CHARS = 1024 };

static const char *const CALLS[] = { "AttachVolume", "DescribeVolumes", "RunInstances" };
static const struct fault_source SOURCE = { .name = "file", .calls = CALLS, .call_count = ARRAY_SIZE(CALLS) };

static struct fault read_one(const char *line)
{
	struct fault_list list;
	auto_error err = ERROR_INIT;
	struct fault f;

	if (!fault_read(&SOURCE, line, &list, &err))
		fail_msg("%s", err.message);
	assert_int_equal(list.count, 1);
	f = list.items[0];
	fault_list_release(&list);
	return f;
}

static void a_line_says_what_with_which_call_and_when(void **state)
{
	struct fault f =
		read_one("# nothing\n\n \terror  call=AttachVolume code=X.Y\tstatus=418 nth=2 times=all "
			 "chance=5 from=10 until=20 id=vol-1 # a comment\r\n");

	(void)state;
	assert_int_equal(f.kind, FAULT_ERROR);
	assert_string_equal(f.call, "AttachVolume");
	assert_string_equal(f.id, "vol-1");
	assert_string_equal(f.code, "X.Y");
	assert_int_equal(f.status, 418);
	assert_int_equal(f.nth, 2);
	assert_int_equal(f.times, 0);
	assert_int_equal(f.chance, 5);
	assert_int_equal(f.from_ms, 10);
	assert_int_equal(f.until_ms, 20);
}

static void a_word_alone_means_the_first_call_once(void **state)
{
	struct fault f = read_one("throttled");

	(void)state;
	assert_int_equal(f.nth, 1);
	assert_int_equal(f.times, 1);
	assert_int_equal(f.chance, 100);
	assert_string_equal(f.call, "");
	assert_string_equal(f.code, "RequestLimitExceeded");
	assert_int_equal(f.status, 503);
}

static void every_mistake_is_told_with_its_line_and_the_likely_word(void **state)
{
	static const struct {
		const char *lines, *text;
	} BAD[] = {
		{ "lost-replay", "file:1: unknown fault \"lost-replay\", did you mean \"lost-reply\"?" },
		{ "\n\nxyzzy", "file:3: unknown fault \"xyzzy\"" },
		{ "stale call=DescribeVolume",
			"file:1: unknown call \"DescribeVolume\", did you mean \"DescribeVolumes\"?" },
		{ "stale nht=1", "file:1: unknown word \"nht\", did you mean \"nth\"?" },
		{ "stale bytes=1", "file:1: stale does not take \"bytes\"" },
		{ "stale often", "file:1: expected NAME=VALUE instead of \"often\"" },
		{ "stale for=1 for=2", "file:1: for is there twice" },
		{ "stale for=0", "file:1: for must be a number from 1 to 86400000" },
		{ "stale for=1x", "file:1: for must be a number from 1 to 86400000" },
		{ "stale chance=101", "file:1: chance must be a number from 1 to 100" },
		{ "stale times=0", "file:1: times must be a number from 1 to 2147483647, or `all`" },
		{ "stale nth=all", "file:1: nth must be a number from 1 to 2147483647" },
		{ "stale id=", "file:1: id must have 1 to 31 characters" },
		{ "error", "file:1: error needs code=" },
		{ "instance-dead", "file:1: instance-dead needs call= or instance=" },
		{ "throttled\nstale x=1 nth=0\nclock", "file:2: unknown word \"x\"\n"
						       "file:2: nth must be a number from 1 to 2147483647\n"
						       "file:3: clock needs off=" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
		struct fault_list list = { .count = 99 };
		auto_error err = ERROR_INIT;

		assert_false(fault_read(&SOURCE, BAD[i].lines, &list, &err));
		assert_int_equal(err.kind, ERROR_USAGE);
		assert_string_equal(err.message, BAD[i].text);
		assert_int_equal(list.count, 0);
	}
}

static void ssh_faults_are_refused_where_ssh_goes_its_own_way(void **state)
{
	const struct fault_source from = { .name = "file", .without_ssh = true };
	struct fault_list list;
	auto_error err = ERROR_INIT;

	(void)state;
	assert_false(fault_read(&from, "ssh-dropped bytes=5", &list, &err));
	assert_non_null(strstr(err.message, "--faults"));
}

static void every_kind_has_a_row_and_reads_back_as_it_was_written(void **state)
{
	(void)state;
	for (int k = FAULT_NONE + 1; k < FAULT_COUNT; k++) {
		const struct fault_kind_row *row = fault_kind_row((enum fault_kind)k);
		struct fault f = fault_preset((enum fault_kind)k), again;
		auto_text line = { .bytes = NULL };
		auto_error err = ERROR_INIT;

		assert_non_null(row->name);
		assert_non_null(row->help);
		assert_int_not_equal(row->point, FAULT_AT_NOTHING);
		assert_int_equal(row->needs & ~fault_kind_words((enum fault_kind)k), 0);
		for (int w = 0; w < FAULT_WORD_COUNT; w++)
			if (fault_kind_words((enum fault_kind)k) & 1u << w && w != FAULT_WORD_CALL)
				assert_true(fault_word_set(
					(enum fault_word)w, w == FAULT_WORD_STATUS ? "499" : "77", &f, &err));
		text_init(&line, LINE_MAX_CHARS);
		fault_write(&f, &line);
		again = read_one(line.bytes);
		assert_memory_equal(&f, &again, sizeof(f));
	}
}

static void every_word_says_what_it_is(void **state)
{
	(void)state;
	for (int w = 0; w < FAULT_WORD_COUNT; w++) {
		assert_non_null(fault_word_name((enum fault_word)w));
		assert_non_null(fault_word_help((enum fault_word)w));
		assert_int_equal(fault_word_find(fault_word_name((enum fault_word)w)), w);
	}
	assert_int_equal(fault_word_find("nothing"), FAULT_WORD_COUNT);
}

/* Asks n times about AttachVolume of vol-1, a millisecond apart, and draws what came: "..x". */
static const char *play(struct faults *s, int n, char *ret)
{
	const char *const names[] = { "vol-1", "i-1" };
	struct fault_question q = {
		.point = FAULT_AT_CALL,
		.call = "AttachVolume",
		.names = names,
		.name_count = 2,
		.named = true,
	};

	for (int i = 0; i < n; i++, q.now_ms++)
		ret[i] = faults_due(s, &q) ? 'x' : '.';
	ret[n] = '\0';
	return ret;
}

static void a_fault_hits_the_calls_of_its_line_and_no_others(void **state)
{
	static const struct {
		const char *line, *history;
	} ROWS[] = {
		{ "throttled", "x......." },
		{ "throttled nth=3", "..x....." },
		{ "throttled nth=3 times=2", "..xx...." },
		{ "throttled nth=2 times=all", ".xxxxxxx" },
		{ "throttled call=AttachVolume", "x......." },
		{ "throttled call=DescribeVolumes", "........" },
		{ "throttled id=i-1", "x......." },
		{ "throttled id=i-2", "........" },
		{ "throttled from=3", "...x...." },
		{ "throttled from=2 until=4 times=all", "..xxx..." },
		{ "throttled until=2 nth=4", "........" },
		{ "not-found", "x......." },
		{ "newest-missing", "........" }, /* it names an id: no list */
		{ "stale for=3", "xxx....." },
		{ "stale nth=2 for=2 times=2", ".xxxx..." },
		{ "clock off=1", "xxxxxxxx" },
		{ "stuck-detaching", "........" }, /* asked elsewhere */
		{ "instance-dead call=AttachVolume", "........" },
		{ "error code=X\nthrottled", "xx......" }, /* one at a time, and none is lost */
		{ "error code=X nth=2\nthrottled nth=2", ".xx....." },
	};
	char history[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct faults *s = faults_new(1);
		struct fault_list list;
		auto_error err = ERROR_INIT;

		assert_true(fault_read(&SOURCE, ROWS[i].line, &list, &err));
		for (size_t n = 0; n < list.count; n++)
			faults_add(s, &list.items[n], 0);
		if (strcmp(play(s, 8, history), ROWS[i].history) != 0)
			fail_msg("%s: %s instead of %s", ROWS[i].line, history, ROWS[i].history);
		fault_list_release(&list);
		faults_free(s);
	}
}

static struct faults *with(uint64_t seed, const char *line)
{
	struct faults *s = faults_new(seed);
	struct fault f = read_one(line);

	faults_add(s, &f, 0);
	return s;
}

static void chance_is_the_seeds_and_about_as_often_as_said(void **state)
{
	static char first[2001], again[2001], other[2001];
	struct faults *s[] = { with(7, "throttled chance=30 times=all"),
		with(7, "throttled chance=30 times=all"), with(8, "throttled chance=30 times=all") };
	size_t hits = 0;

	(void)state;
	play(s[0], 2000, first);
	assert_string_equal(play(s[1], 2000, again), first);
	assert_string_not_equal(play(s[2], 2000, other), first);
	for (const char *c = first; *c; c++)
		hits += *c == 'x';
	assert_in_range(hits, 500, 700);
	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		faults_free(s[i]);
}

static void what_was_removed_never_comes_and_the_others_keep_their_numbers(void **state)
{
	struct faults *s = with(1, "throttled");
	struct fault f = read_one("error code=X");
	char history[16];

	(void)state;
	assert_int_equal(faults_add(s, &f, 0)->number, 2);
	assert_true(faults_remove(s, 1));
	assert_false(faults_remove(s, 1));
	assert_null(faults_find(s, 1));
	assert_int_equal(faults_find(s, 2)->kind, FAULT_ERROR);
	assert_string_equal(play(s, 3, history), "x..");
	assert_int_equal(faults_find(s, 2)->matched, 3);
	assert_int_equal(faults_find(s, 2)->fired, 1);
	faults_remove_all(s);
	assert_false(faults_wait_at(s, FAULT_AT_CALL));
	assert_null(faults_next(s, NULL));
	faults_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_with_which_call_and_when),
		cmocka_unit_test(a_word_alone_means_the_first_call_once),
		cmocka_unit_test(every_mistake_is_told_with_its_line_and_the_likely_word),
		cmocka_unit_test(ssh_faults_are_refused_where_ssh_goes_its_own_way),
		cmocka_unit_test(every_kind_has_a_row_and_reads_back_as_it_was_written),
		cmocka_unit_test(every_word_says_what_it_is),
		cmocka_unit_test(a_fault_hits_the_calls_of_its_line_and_no_others),
		cmocka_unit_test(chance_is_the_seeds_and_about_as_often_as_said),
		cmocka_unit_test(what_was_removed_never_comes_and_the_others_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
