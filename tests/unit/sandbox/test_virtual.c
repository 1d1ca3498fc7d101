/* Virtual machines from inside: their commands, and what they make of the engine's scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "sandbox/virtual/script.h"

#define VOLUME "vol-0123456789abcdef0"
#define DISK "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
#define SNAPSHOT "snap-0123456789abcdef0"
#define BLUE "i-0123456789abcdef0"
#define GREEN "i-0123456789abcdef1"
#define UUID "01234567-89ab-4cde-8000-000000000000"

enum { OUTPUT_MAX = 4096 };

struct scene {
	struct virtual_guests all;
	struct virtual_guest *blue, *green;
	struct api_guest_answer answer; /* the last one */
	struct arena arena;
};

static int scene_open(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	auto_error err = ERROR_INIT;

	virtual_guests_init(&s->all);
	s->blue = virtual_guests_boot(&s->all, BLUE);
	s->green = virtual_guests_boot(&s->all, GREEN);
	text_init(&s->answer.out, OUTPUT_MAX);
	text_init(&s->answer.errors, OUTPUT_MAX);
	assert_true(virtual_disk_create(&s->all, VOLUME, NULL, &err));
	assert_true(virtual_disk_plug(&s->all, VOLUME, BLUE, &err));
	*state = s;
	return 0;
}

static int scene_close(void **state)
{
	struct scene *s = *state;

	virtual_guests_release(&s->all);
	text_release(&s->answer.out);
	text_release(&s->answer.errors);
	arena_release(&s->arena);
	free(s);
	return 0;
}

static void begin(struct scene *s)
{
	s->answer.exit_code = 0;
	s->answer.again = false;
	text_clear(&s->answer.out);
	text_clear(&s->answer.errors);
}

static int run(struct scene *s, struct virtual_guest *g, const char *lines)
{
	begin(s);
	virtual_shell_run(g, lines, &s->answer);
	return s->answer.exit_code;
}

/* As the engine writes it: variables, the volumes, the common part, the script. */
static const char *play_at(
	struct scene *s, struct virtual_guest *g, const char *script, const char *volumes, int64_t waited_ms)
{
	const struct api_guest_command c = {
		.instance_id = g->id,
		.line = "exec sudo -n /bin/sh -s",
		.input = arena_printf(&s->arena,
			"limit_ms=5000\ncommand_limit_ms=4000\nnonce='n-1'\ncommand='systemctl %s app'\n"
			"set --%s\n# common.sh: what they share\n# %s.sh: what it does\n",
			!strcmp(script, "quiesce") ? "stop" : "start", volumes, script),
		.waited_ms = waited_ms,
	};

	begin(s);
	assert_true(virtual_script_play(g, &c, &s->answer));
	return s->answer.out.bytes;
}

static const char *play(struct scene *s, struct virtual_guest *g, const char *script, const char *volumes)
{
	return play_at(s, g, script, volumes, 0);
}

static void serve_on_blue(struct scene *s)
{
	assert_int_equal(run(s, s->blue, "sudo mkfs.ext4 " DISK " && mount " DISK " /srv/data"), 0);
	assert_int_equal(run(s, s->blue, "systemctl start app\nsystemctl is-active app"), 0);
}

static void move_to_green(struct scene *s)
{
	auto_error err = ERROR_INIT;

	assert_true(virtual_disk_unplug(&s->all, VOLUME, &err));
	assert_true(virtual_disk_plug(&s->all, VOLUME, GREEN, &err));
}

static const char AT_DATA[] = " '" VOLUME "' '/srv/data' '' ''";

static void what_is_mounted_stays_attached(void **state)
{
	struct scene *s = *state;
	auto_error err = ERROR_INIT;

	serve_on_blue(s);
	assert_false(virtual_disk_unplug(&s->all, VOLUME, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_ptr_equal(virtual_guest_disk(s->blue, VOLUME)->guest, s->blue);
}

static void what_is_in_use_stays_mounted(void **state)
{
	struct scene *s = *state;

	serve_on_blue(s);
	assert_int_equal(run(s, s->blue, "umount /srv/data"), 1);
	assert_string_equal(s->answer.errors.bytes, "umount: /srv/data: target is busy\n");
	assert_int_equal(run(s, s->blue, "systemctl stop app && umount /srv/data"), 0);
}

static void a_service_does_not_start_without_its_data(void **state)
{
	struct scene *s = *state;

	assert_int_equal(run(s, s->green, "systemctl start app"), 1);
	assert_int_equal(run(s, s->green, "systemctl is-active app"), 3);
}

static void commands_are_joined_as_in_a_shell(void **state)
{
	struct scene *s = *state;

	assert_int_equal(run(s, s->blue, "false && nonsense"), 1);
	assert_int_equal(run(s, s->blue, "false || true"), 0);
	assert_int_equal(run(s, s->blue, "false; true"), 0);
	assert_int_equal(run(s, s->blue, "nonsense"), 127);
	assert_int_equal(run(s, s->blue, "#!/bin/sh\nfalse\ntrue"), 0);
}

static void quiesce_stops_writes_and_unmounts(void **state)
{
	struct scene *s = *state;
	const char *said;

	serve_on_blue(s);
	said = play(s, s->blue, "quiesce", AT_DATA);
	assert_true(text_starts_with(said, "changeover=1\n"));
	assert_non_null(strstr(said, "mounted=no\n"));
	assert_non_null(strstr(said, "sentinel=n-1\n"));
	assert_true(text_ends_with(said, "end=ok\n"));
	assert_false(s->blue->serves);
	assert_string_equal(virtual_guest_disk(s->blue, VOLUME)->place, "");
}

static void quiesce_again_succeeds_and_writes_nothing(void **state)
{
	struct scene *s = *state;

	serve_on_blue(s);
	play(s, s->blue, "quiesce", AT_DATA);
	assert_null(strstr(play(s, s->blue, "quiesce", AT_DATA), "sentinel="));
	assert_int_equal(s->answer.exit_code, 0);
}

static void mount_waits_for_its_disk_until_the_limit(void **state)
{
	struct scene *s = *state;

	serve_on_blue(s);
	play(s, s->blue, "quiesce", AT_DATA);
	play_at(s, s->green, "mount", AT_DATA, 4999);
	assert_true(s->answer.again);
	assert_non_null(
		strstr(play_at(s, s->green, "mount", AT_DATA, 5000), "failed=timeout no disk with id"));
	assert_false(s->answer.again);
	move_to_green(s);
	assert_non_null(strstr(play(s, s->green, "mount", AT_DATA), "mounted_right=yes\nsentinel=n-1\n"));
}

static void a_wrong_filesystem_or_sentinel_is_not_mounted(void **state)
{
	struct scene *s = *state;

	serve_on_blue(s);
	play(s, s->blue, "quiesce", AT_DATA);
	move_to_green(s);
	assert_non_null(strstr(
		play(s, s->green, "mount", " '" VOLUME "' '/srv/data' 'another' ''"), "failed=unsafe "));
	assert_non_null(strstr(play(s, s->green, "mount", " '" VOLUME "' '/srv/data' '" UUID "' 'n-2'"),
		"carries the sentinel 'n-1', not 'n-2'"));
	assert_string_equal(virtual_guest_disk(s->green, VOLUME)->place, "");
	assert_true(text_ends_with(
		play(s, s->green, "mount", " '" VOLUME "' '/srv/data' '" UUID "' 'n-1'"), "end=ok\n"));
}

static void a_snapshot_holds_what_the_volume_held(void **state)
{
	struct scene *s = *state;
	auto_error err = ERROR_INIT;

	serve_on_blue(s);
	virtual_disk_snapshot(&s->all, VOLUME, SNAPSHOT);
	assert_true(virtual_disk_create(&s->all, "vol-2", SNAPSHOT, &err));
	assert_true(virtual_disk_plug(&s->all, "vol-2", GREEN, &err));
	assert_string_equal(virtual_guest_disk(s->green, "vol-2")->uuid, UUID);
	assert_false(virtual_disk_create(&s->all, "vol-3", "snap-none", &err));
}

static void a_machine_that_goes_down_lets_go_of_its_disks(void **state)
{
	struct scene *s = *state;
	auto_error err = ERROR_INIT;

	serve_on_blue(s);
	virtual_guest_halt(s->blue);
	assert_true(virtual_disk_unplug(&s->all, VOLUME, &err));
	assert_false(s->blue->serves);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)
	const struct CMUnitTest tests[] = {
		TEST(what_is_mounted_stays_attached),
		TEST(what_is_in_use_stays_mounted),
		TEST(a_service_does_not_start_without_its_data),
		TEST(commands_are_joined_as_in_a_shell),
		TEST(quiesce_stops_writes_and_unmounts),
		TEST(quiesce_again_succeeds_and_writes_nothing),
		TEST(mount_waits_for_its_disk_until_the_limit),
		TEST(a_wrong_filesystem_or_sentinel_is_not_mounted),
		TEST(a_snapshot_holds_what_the_volume_held),
		TEST(a_machine_that_goes_down_lets_go_of_its_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
