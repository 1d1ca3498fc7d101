/* A rollout of another plan file that only has the same name is not taken for one of an older version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "run/namesake.h"

struct fixture {
	char folder[64], ours[96], theirs[96];
};

static void write_plan(const char *path, const char *image)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file,
		"version: 1\nname: web\nmachines: { tags: { Service: demo } }\nimage: { id: %s }\n"
		"data: [{ volume: { device: /dev/sdf }, mount: /data }]\n"
		"service: { stop: 'true', start: 'true' }\nready: [{ tcp: 22 }]\n",
		image);
	fclose(file);
}

static struct plan *load(const char *path)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	struct error err = ERROR_INIT;
	struct plan *p;

	if (!plan_load(path, &p, &d, &err))
		fail_msg("%s", err.message);
	return p;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-namesake-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->ours, sizeof(f->ours), "%s/ours.yaml", f->folder);
	snprintf(f->theirs, sizeof(f->theirs), "%s/theirs.yaml", f->folder);
	write_plan(f->ours, "ami-0aaa");
	write_plan(f->theirs, "ami-0bbb");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->ours);
	unlink(f->theirs);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* A rollout of the plan as it stands at that path now. */
static struct rollout_record rollout_of(const char *path, char digest[static 128])
{
	struct plan *p = load(path);

	snprintf(digest, 128, "%s", p->digest);
	plan_free(p);
	return (struct rollout_record){ .id = "ro-1", .plan_path = path, .plan_digest = digest };
}

static bool is_refused(const char *path, const struct rollout_record *r, const char *names)
{
	struct plan *p = load(path);
	auto_error err = ERROR_INIT;
	bool checked = namesake_check(p, r, &err);

	plan_free(p);
	if (!checked)
		assert_non_null(strstr(err.message, names));
	return !checked;
}

static void another_file_of_that_name_is_refused_and_named(void **state)
{
	struct fixture *f = *state;
	char digest[128];
	const struct rollout_record theirs = rollout_of(f->theirs, digest);

	assert_true(is_refused(f->ours, &theirs, f->theirs));
}

static void an_older_version_of_the_file_is_none(void **state)
{
	struct fixture *f = *state;
	char digest[128];
	const struct rollout_record before = rollout_of(f->ours, digest);

	write_plan(f->ours, "ami-0ccc");
	assert_false(is_refused(f->ours, &before, ""));
}

static void neither_is_a_file_that_was_moved_or_copied(void **state)
{
	struct fixture *f = *state;
	char digest[128];
	const struct rollout_record theirs = rollout_of(f->theirs, digest);

	write_plan(f->ours, "ami-0bbb");
	assert_false(is_refused(f->ours, &theirs, ""));
	write_plan(f->ours, "ami-0aaa");
	unlink(f->theirs);
	assert_false(is_refused(f->ours, &theirs, ""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_file_of_that_name_is_refused_and_named),
		TEST(an_older_version_of_the_file_is_none),
		TEST(neither_is_a_file_that_was_moved_or_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
