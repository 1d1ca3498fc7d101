/* Which request means what, by its method and path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "server/fdlm.h"
#include "server/fdlm_admin.h"
#include "server/fleetlock.h"
#include "server/page.h"

/* What routes_find() makes of it: a route and a name, or a status. */
struct found {
	const struct route *route;
	char name[300];
	int status;
};

static struct found find(const char *method, const char *path)
{
	auto_arena a = ARENA_INIT;
	struct http_answer answer = { .status = 200 };
	struct request r = { .question = { .method = method, .path = path }, .answer = &answer, .arena = &a };
	struct found f = { .route = NULL };

	text_init(&answer.body, 1000);
	if (routes_find(&r))
		f.route = r.route;
	f.status = answer.status;
	text_copy(f.name, sizeof(f.name), r.name ? r.name : "");
	text_release(&answer.body);
	return f;
}

static void each_path_leads_to_its_route(void **state)
{
	static const struct {
		const char *method, *path;
		const struct route *route;
		const char *name;
	} ROWS[] = {
		{ "GET", "/api/dlmlocks/db/lock", &fdlm_show, "db" },
		{ "PUT", "/api/v2/dlmlocks/db/lock", &fdlm_acquire, "db" },
		{ "DELETE", "/api/dlmlocks/a%20b%2Fc/lock", &fdlm_release, "a b/c" },
		{ "GET", "/api/dlmlocks/lock/lock", &fdlm_show, "lock" },
		{ "GET", "/api/dlmlocks", &fdlm_admin_list, "" },
		{ "POST", "/api/v2/dlmlocks", &fdlm_admin_create, "" },
		{ "GET", "/api/dlmlocks/db", &fdlm_admin_show, "db" },
		{ "PUT", "/api/dlmlocks/7", &fdlm_admin_update, "7" },
		{ "DELETE", "/api/dlmlocks/v2", &fdlm_admin_destroy, "v2" },
		{ "GET", "/api/dlmlocks/db/dlmlock_events", &fdlm_admin_events, "db" },
		{ "POST", "/v1/pre-reboot", &fleetlock_pre_reboot, "" },
		{ "POST", "/v1/steady-state", &fleetlock_steady_state, "" },
		{ "GET", "/metrics", &page_metrics, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct found f = find(ROWS[i].method, ROWS[i].path);

		if (f.route != ROWS[i].route || strcmp(f.name, ROWS[i].name) != 0)
			fail_msg("%s %s: not its route, or %s", ROWS[i].method, ROWS[i].path, f.name);
	}
}

static void what_leads_nowhere_is_refused(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
	} ROWS[] = {
		{ "GET", "/", 404 },
		{ "GET", "", 404 },
		{ "GET", "/api/v2/api/dlmlocks", 404 },
		{ "GET", "/v2/dlmlocks", 404 },
		{ "GET", "/api/v2/metrics", 404 },
		{ "GET", "/metrics/", 404 },
		{ "GET", "/api/dlmlocks/", 404 },
		{ "GET", "/api/dlmlocks//lock", 404 },
		{ "GET", "/api/dlmlocks/a/b/lock", 404 },
		{ "GET", "/api/dlmlocks/a%0/lock", 404 },
		{ "GET", "/api/dlmlocks/a%00/lock", 404 },
		{ "GET", "/api/dlmlocks/a%0ab/lock", 404 },
		{ "GET", "/api/dlmlocks/%ff/lock", 404 },
		{ "POST", "/api/dlmlocks/a/lock", 405 },
		{ "GET", "/v1/pre-reboot", 405 },
		{ "get", "/metrics", 405 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct found f = find(ROWS[i].method, ROWS[i].path);

		if (f.route || f.status != ROWS[i].status)
			fail_msg("%s %s: status %d", ROWS[i].method, ROWS[i].path, f.status);
	}
}

static void every_route_can_say_that_the_store_failed(void **state)
{
	(void)state;
	for (const struct route *const *r = routes; *r; r++) {
		assert_non_null((*r)->answer);
		assert_non_null((*r)->failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_leads_to_its_route),
		cmocka_unit_test(what_leads_nowhere_is_refused),
		cmocka_unit_test(every_route_can_say_that_the_store_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
