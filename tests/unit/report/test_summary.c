/* The final figures, for people and for programs. */
#include "story.h"

#include "report/summary.h"

static const struct summary_rebuild REBUILDS[] = {
	{ .record = { .id = "rb-1",
		  .state = RECORD_DONE,
		  .plan_name = "acme",
		  .plan_path = "acme.yaml",
		  .plan_digest = "abcd",
		  .blue = "i-blue",
		  .green = "i-green",
		  .image_from = "ami-1",
		  .image_to = "ami-2",
		  .volumes = "[\"vol-1\", \"vol-2\"]",
		  .addresses = "[{\"id\": \"eipalloc-1\", \"public_ip\": \"192.0.2.1\"}]",
		  .created_ms = 1795312800000,
		  .updated_ms = 1795312820500 },
		.outage_ms = 7400,
		.took_ms = 20500 },
	{ .record = { .id = "rb-2",
		  .state = RECORD_PARKED,
		  .blue = "i-other",
		  .cause = "green never booted",
		  .created_ms = 1795312800000 },
		.outage_ms = -1,
		.took_ms = 600000,
		.next = "changeover status rb-2" },
};

static const struct summary SUMMARY = { .result = "parked",
	.rebuilds = REBUILDS,
	.count = 2,
	.api = { .calls = 31, .mutations = 12, .throttled = 1, .retries = 1 } };

static void people_read_the_figures(void **state)
{
	auto_text text = { 0 };

	(void)state;
	text_init(&text, 65536);
	summary_text(&SUMMARY, &(struct style){ .unicode = true }, &text);
	is_golden("summary.txt", text.bytes);
}

static void programs_read_the_figures(void **state)
{
	auto_text text = { 0 };
	json_auto_t *document = summary_json(&SUMMARY);

	(void)state;
	text_init(&text, 65536);
	json_write(document, JSON_INDENTED, &text);
	text_add(&text, "\n");
	is_golden("summary.json", text.bytes);
}

static void a_window_that_never_opened_is_not_an_outage_of_zero(void **state)
{
	json_auto_t *document = summary_json(&SUMMARY);
	json_t *second = json_array_get(json_object_get(document, "rebuilds"), 1);

	(void)state;
	assert_true(json_is_null(json_object_get(second, "outage_ms")));
}

static void a_damaged_list_in_the_journal_is_left_out(void **state)
{
	const struct record broken = { .id = "rb-1", .volumes = "[\"vol-" };
	json_auto_t *o = record_json(&broken);

	(void)state;
	assert_null(json_object_get(o, "volumes"));
	assert_string_equal(json_string_value(json_object_get(o, "rebuild")), "rb-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_read_the_figures),
		cmocka_unit_test(programs_read_the_figures),
		cmocka_unit_test(a_window_that_never_opened_is_not_an_outage_of_zero),
		cmocka_unit_test(a_damaged_list_in_the_journal_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
