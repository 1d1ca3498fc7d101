/* fleet.h: a rollout of twelve machines as its rows tell it, and how it stands. */
#ifndef TESTS_REPORT_FLEET_H
#define TESTS_REPORT_FLEET_H

#include "story.h"

#include "report/standing.h"

#define T0 INT64_C(1795312800000) /* 2026-11-22T02:00:00Z */
#define ROW(n, where) .number = (n), .machine = "i-0a" #n, .group = "a", .stage = (where)
#define GREEN(n, where)                                                                                      \
	{                                                                                                    \
		ROW(n, where), .state = "rebuilt", .rebuild = "rb-" #n, .cause = "", .took_ms = 65000 + (n), \
			       .began_ms = T0 + 1000, .ended_ms = T0 + 66000                                 \
	}
#define WAITS(n)                                                                                             \
	{                                                                                                    \
		ROW(n, "wave 2"), .state = "waiting", .rebuild = "", .cause = ""                             \
	}

static const struct machine_record ROWS[] = {
	GREEN(0, "canary"),
	GREEN(1, "wave 1"),
	{ ROW(2, "wave 1"), .state = "rolled-back", .rebuild = "rb-2",
		.cause = "readiness: http 503 from 192.0.2.2 after 60 s", .began_ms = T0 + 70000,
		.ended_ms = T0 + 140000 },
	{ ROW(3, "wave 1"), .state = "set-aside", .rebuild = "rb-3", .cause = "ssh: no answer from 192.0.2.3",
		.tries = 2, .due_ms = T0 + 700000 },
	{ ROW(4, "wave 1"), .state = "under-way", .rebuild = "rb-4", .cause = "", .began_ms = T0 + 560000 },
	{ ROW(5, "wave 1"), .state = "unchanged", .rebuild = "", .cause = "" },
	WAITS(6),
	WAITS(7),
	{ ROW(8, "wave 2"), .state = "unreachable", .rebuild = "rb-8",
		.cause = "ssh: no answer from 192.0.2.8", .tries = 5 },
	{ ROW(9, "wave 2"), .state = "rolled-back", .rebuild = "rb-9",
		.cause = "readiness: http 503 from 192.0.2.9 after 1 min 2 s" },
	WAITS(10),
	{ ROW(11, "wave 2"), .state = "parked", .rebuild = "rb-b",
		.cause = "/data is held by \033[31mpostgres\033[0m (pid 77)" },
};

static const struct rollout_record RUNNING = {
	.id = "ro-1",
	.parent = "",
	.plan_name = "acme",
	.plan_path = "/plans/acme.yaml",
	.plan_digest = "abcd",
	.state = ROLLOUT_IS_RUNNING,
	.cause = "",
	.machines = 12,
	.created_ms = T0,
	.updated_ms = T0 + 590000,
	.expected_ms = T0 + 900000,
	.version = 7,
};

#define DRIVER "anna@host pid 7, changeover 0.1.0, since 2026-11-22T02:00:00Z"

/* Ten minutes after its beginning. */
static inline struct standing_view view(const char *driver, const struct plan *plan)
{
	return (struct standing_view){ .driver = driver, .plan = plan, .now_ms = T0 + 600000 };
}

static inline struct standing stand(const struct rollout_record *r, const struct machine_record *rows,
	size_t count, struct standing_view v)
{
	struct standing s;

	standing_init(&s);
	for (size_t i = 0; i < count; i++)
		assert_true(standing_take(&s, &rows[i]));
	standing_sum(&s, r, &v);
	return s;
}

#define STAND(r, v) stand((r), ROWS, ARRAY_SIZE(ROWS), (v))

static inline void is_golden_json(const char *name, json_t *document)
{
	auto_text text = { 0 };

	text_init(&text, 65536);
	json_write(document, JSON_INDENTED, &text);
	text_add(&text, "\n");
	json_decref(document);
	is_golden(name, text.bytes);
}
#endif
