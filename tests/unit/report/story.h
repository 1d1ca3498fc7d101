/*
 * story.h: rebuilds as their events tell them, and golden files to hold what is rendered of them.
 * CHANGEOVER_UPDATE_GOLDEN=1 writes the files anew: read the difference before it is committed.
 */
#ifndef TESTS_REPORT_STORY_H
#define TESTS_REPORT_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/progress.h"

static const struct report_step STEPS[] = {
	{ "preflight", "Check that everything is there and permitted", false },
	{ "launch", "Launch green from the new image", false },
	{ "quiesce", "Stop the service on blue and unmount", true },
	{ "detach", "Detach the data volume from blue", true },
	{ "switch", "Send traffic to green", true },
	{ "bake", "Watch green", false },
};

#define AT(ms) .rebuild = "rb-1", .at_ms = 1795312800000 + (ms)

/* It goes well: the window is open for 7.4 s. */
static const struct event GOES_WELL[] = {
	{ AT(0), .kind = EVENT_REBUILD_STARTED, .seq = 1, .detail = "i-blue (ami-1) by ami-2" },
	{ AT(10), .kind = EVENT_STEP_STARTED, .seq = 2, .step = "preflight" },
	{ AT(860), .kind = EVENT_STEP_PROVED, .seq = 3, .step = "preflight" },
	{ AT(870), .kind = EVENT_STEP_STARTED, .seq = 4, .step = "launch" },
	{ AT(880), .kind = EVENT_INTENT, .seq = 5, .step = "launch", .effect = "launch-instance",
		.token = "rb-1-launch-1", .detail = "launch-instance from ami-2", .epoch = 1 },
	{ AT(2100), .kind = EVENT_OUTCOME, .seq = 6, .step = "launch", .effect = "launch-instance",
		.token = "rb-1-launch-1", .request_id = "req-1", .took_ms = 1220, .epoch = 1 },
	{ AT(2200), .kind = EVENT_WAITING, .seq = 7, .step = "launch", .detail = "i-green is pending" },
	{ AT(9000), .kind = EVENT_STEP_PROVED, .seq = 8, .step = "launch" },
	{ AT(10000), .kind = EVENT_WINDOW_OPENED, .seq = 9 },
	{ AT(10000), .kind = EVENT_STEP_STARTED, .seq = 10, .step = "quiesce" },
	{ AT(11000), .kind = EVENT_STEP_PROVED, .seq = 11, .step = "quiesce" },
	{ AT(11000), .kind = EVENT_STEP_STARTED, .seq = 12, .step = "detach" },
	{ AT(11010), .kind = EVENT_INTENT, .seq = 13, .step = "detach", .effect = "detach-volume",
		.token = "rb-1-detach-1", .detail = "detach-volume vol-1 from i-blue", .epoch = 1 },
	{ AT(11500), .kind = EVENT_OUTCOME, .seq = 14, .step = "detach", .effect = "detach-volume",
		.token = "rb-1-detach-1", .detail = "Request limit\nexceeded", .request_id = "req-2",
		.took_ms = 490, .epoch = 1, .error = ERROR_THROTTLED, .happened = HAPPENED_NO },
	{ AT(11510), .kind = EVENT_RETRYING, .seq = 15, .step = "detach",
		.detail = "throttled, again in 1.0 s" },
	{ AT(15000), .kind = EVENT_STEP_PROVED, .seq = 16, .step = "detach" },
	{ AT(15000), .kind = EVENT_STEP_STARTED, .seq = 17, .step = "switch" },
	{ AT(17400), .kind = EVENT_STEP_PROVED, .seq = 18, .step = "switch" },
	{ AT(17400), .kind = EVENT_WINDOW_CLOSED, .seq = 19, .took_ms = 7400 },
	{ AT(17400), .kind = EVENT_STEP_STARTED, .seq = 20, .step = "bake" },
	{ AT(20400), .kind = EVENT_STEP_PROVED, .seq = 21, .step = "bake" },
	{ AT(20500), .kind = EVENT_FINISHED, .seq = 22, .detail = "i-green serves" },
};

enum { WINDOW_OPEN_EVENTS = 15 };

/* It turns back from inside the window. */
static const struct event TURNS_BACK[] = {
	{ AT(0), .kind = EVENT_REBUILD_STARTED, .seq = 1, .detail = "i-blue (ami-1) by ami-2" },
	{ AT(10), .kind = EVENT_STEP_STARTED, .seq = 2, .step = "preflight" },
	{ AT(860), .kind = EVENT_STEP_PROVED, .seq = 3, .step = "preflight" },
	{ AT(900), .kind = EVENT_WINDOW_OPENED, .seq = 4 },
	{ AT(900), .kind = EVENT_STEP_STARTED, .seq = 5, .step = "quiesce" },
	{ AT(1900), .kind = EVENT_TURNED_BACK, .seq = 6, .step = "quiesce",
		.detail = "/data is held by \033[31mpostgres\033[0m (pid 77)" },
	{ AT(2900), .kind = EVENT_STEP_UNDONE, .seq = 7, .step = "quiesce" },
	{ AT(2900), .kind = EVENT_WINDOW_CLOSED, .seq = 8, .took_ms = 2000 },
	{ AT(3000), .kind = EVENT_ROLLED_BACK, .seq = 9, .detail = "/data is held by postgres (pid 77)" },
};

/* What a form writes for the first count events, and a tick at_ms after the beginning (0: none). */
struct telling {
	struct progress_options options;
	const struct event *events;
	size_t count;
	int64_t tick_ms;
};

static inline char *tell(struct telling t)
{
	char *bytes = NULL;
	size_t size;
	struct progress *p;

	t.options.out = open_memstream(&bytes, &size);
	t.options.steps = STEPS;
	t.options.step_count = ARRAY_SIZE(STEPS);
	p = progress_new(&t.options);
	for (size_t i = 0; i < t.count; i++)
		progress_event(p, &t.events[i]);
	if (t.tick_ms)
		progress_tick(p, t.events[0].at_ms + t.tick_ms);
	progress_free(p);
	fclose(t.options.out);
	return bytes;
}

static inline void is_golden(const char *name, const char *rendered)
{
	auto_free char *path = NULL;
	auto_error err = ERROR_INIT;
	auto_text golden = { 0 };

	assert_true(asprintf(&path, "%s/golden/report/%s", TESTS_DIR, name) > 0);
	if (getenv("CHANGEOVER_UPDATE_GOLDEN")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(rendered, f);
		fclose(f);
	}
	text_init(&golden, 1024 * 1024);
	if (!file_read(path, &golden, &err))
		fail_msg("%s", err.message);
	assert_string_equal(rendered, golden.bytes);
}
#endif
