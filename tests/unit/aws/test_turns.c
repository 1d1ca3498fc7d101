/* Many calls at once: reads take turns, and what changes something does not wait for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

enum { READS_AT_ONCE = 8, QUESTIONS = 20 };

#define ATTACHED                                                                                             \
	"<AttachVolumeResponse><requestId>req-1</requestId><volumeId>vol-1</volumeId>"                       \
	"<instanceId>i-2</instanceId><device>/dev/sdf</device><status>attaching</status>"                    \
	"</AttachVolumeResponse>"
#define SILENT_CONSOLE "<GetConsoleOutputResponse><output></output></GetConsoleOutputResponse>"

static const struct effect ATTACH = {
	.kind = EFFECT_ATTACH_VOLUME,
	.token = "r1-attach-1",
	.volume_id = "vol-1",
	.instance_id = "i-2",
	.device = "/dev/sdf",
};

/* Each is a call of its own. */
static void ask_for_consoles(struct query questions[QUESTIONS])
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		questions[i] = (struct query){ .kind = QUERY_HOST_KEYS, .subject = (uint32_t)i };
		snprintf(questions[i].id, sizeof(questions[i].id), "i-%zu", i);
	}
}

static void every_question_has_its_turn(void **state)
{
	static struct fake_line script[] = {
		{ .action = "GetConsoleOutput", .status = 200, .body = SILENT_CONSOLE, .always = true },
	};
	struct query questions[QUESTIONS];
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	ask_for_consoles(questions);
	bench_observe(&b, questions, QUESTIONS);
	assert_int_equal(b.answer_count, QUESTIONS);
	assert_int_equal(b.fake.request_count, QUESTIONS);
	bench_close(&b);
}

static void a_change_does_not_wait_for_questions_that_are_not_answered(void **state)
{
	static struct fake_line script[] = {
		{ .action = "GetConsoleOutput", .manner = FAKE_STALL, .always = true },
		{ .action = "AttachVolume", .status = 200, .body = ATTACHED },
	};
	struct query questions[QUESTIONS];
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	ask_for_consoles(questions);
	b.provider.observe(b.provider.self, questions, QUESTIONS);
	assert_int_equal(bench_act(&b, &ATTACH)->err.kind, ERROR_NONE);
	assert_in_range(fake_count(&b.fake, "GetConsoleOutput"), 0, READS_AT_ONCE);
	bench_close(&b);
}

static void a_question_goes_before_dry_runs_that_wait(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume",
			.status = 412,
			.body = ERROR_REPLY("DryRunOperation", "Request would have succeeded."),
			.always = true },
		{ .action = "GetConsoleOutput", .status = 200, .body = SILENT_CONSOLE },
	};
	const struct query question = { .kind = QUERY_HOST_KEYS, .id = "i-1" };
	struct effect dry_run = ATTACH;
	struct bench b;
	size_t at = 0;

	(void)state;
	bench_open(&b, script, 2);
	dry_run.dry_run = true;
	for (size_t i = 0; i < QUESTIONS; i++)
		b.provider.act(b.provider.self, &dry_run);
	b.provider.observe(b.provider.self, &question, 1);
	bench_wait(&b, QUESTIONS + 1);
	while (b.answers[at].is_effect)
		at++;
	assert_true(at < READS_AT_ONCE);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_has_its_turn),
		cmocka_unit_test(a_change_does_not_wait_for_questions_that_are_not_answered),
		cmocka_unit_test(a_question_goes_before_dry_runs_that_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
