/* The parts of the machinery that need neither root nor an image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/loop_image.h"
#include "sandbox/machinery_console.h"
#include "sandbox/machinery_state.h"

enum { PATH_SIZE = 160, KEPT = 64 * 1024, LIMIT = 1 << 20, MIB = 1 << 20, BLOCK = 4096 };

struct place {
	char folder[64], state[80];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	*state = p;
	snprintf(p->folder, sizeof(p->folder), "/var/tmp/changeover-parts-XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	snprintf(p->state, sizeof(p->state), "%s/state", p->folder);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const LEFT[] = { "/state/sandbox.pid", "/state", "/from", "/to", "" };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(LEFT); i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s%s", p->folder, LEFT[i]);
		remove(path);
	}
	free(p);
	return 0;
}

static void write_at(int fd, off_t offset, char fill)
{
	char block[BLOCK];

	memset(block, fill, sizeof(block));
	assert_int_equal(pwrite(fd, block, sizeof(block), offset), sizeof(block));
}

static char read_at(const char *path, off_t offset)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte = '?';

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, offset), 1);
	close(fd);
	return byte;
}

static void a_copied_image_has_the_data_and_keeps_the_holes(void **state)
{
	struct place *p = *state;
	char from[PATH_SIZE], to[PATH_SIZE];
	auto_error failure = ERROR_INIT;
	struct stat status;
	int fd;

	snprintf(from, sizeof(from), "%s/from", p->folder);
	snprintf(to, sizeof(to), "%s/to", p->folder);
	assert_true(image_create(from, 64 * MIB, NULL, &failure));
	fd = open(from, O_RDWR | O_CLOEXEC);
	write_at(fd, 0, 'a');
	write_at(fd, 32 * MIB, 'b');
	write_at(fd, 64 * MIB - BLOCK, 'c');
	close(fd);
	assert_true(image_create(to, 80 * MIB, from, &failure));
	assert_int_equal(stat(to, &status), 0);
	assert_int_equal(status.st_size, 80 * MIB);
	assert_in_range(status.st_blocks * 512, 3 * BLOCK, 1 * MIB);
	assert_int_equal(read_at(to, 0), 'a');
	assert_int_equal(read_at(to, 16 * MIB), 0);
	assert_int_equal(read_at(to, 32 * MIB), 'b');
	assert_int_equal(read_at(to, 64 * MIB - 1), 'c');
	assert_int_equal(read_at(to, 80 * MIB - 1), 0);
}

static void an_image_is_never_written_over(void **state)
{
	struct place *p = *state;
	char to[PATH_SIZE];
	auto_error failure = ERROR_INIT;

	snprintf(to, sizeof(to), "%s/to", p->folder);
	assert_true(image_create(to, MIB, NULL, &failure));
	assert_false(image_create(to, MIB, NULL, &failure));
	assert_int_equal(failure.kind, ERROR_LOCAL);
	assert_int_equal(access(to, F_OK), 0);
}

/* Prints through the console and turns the loop until it was heard. */
static void print(uv_loop_t *loop, int writer, const char *bytes, size_t len)
{
	while (len) {
		size_t part = len < BLOCK ? len : BLOCK;

		assert_int_equal(write(writer, bytes, part), part);
		uv_run(loop, UV_RUN_NOWAIT);
		bytes += part;
		len -= part;
	}
	for (int i = 0; i < 64; i++)
		uv_run(loop, UV_RUN_NOWAIT);
}

static void the_console_keeps_the_newest_64_kib_in_order(void **state)
{
	static char flood[3 * KEPT];
	auto_error failure = ERROR_INIT;
	struct console *c;
	auto_text kept;
	uv_loop_t loop;
	int writer;

	(void)state;
	uv_loop_init(&loop);
	c = console_new(&loop);
	text_init(&kept, LIMIT);
	assert_true(console_connect(c, &writer, &failure));
	print(&loop, writer, "first boot\n", strlen("first boot\n"));
	close(writer);
	assert_true(console_connect(c, &writer, &failure));
	print(&loop, writer, "second boot\n", strlen("second boot\n"));
	console_read(c, &kept);
	assert_string_equal(kept.bytes, "first boot\nsecond boot\n");
	for (size_t i = 0; i < sizeof(flood); i++)
		flood[i] = (char)('a' + i % 23);
	print(&loop, writer, flood, sizeof(flood));
	text_clear(&kept);
	console_read(c, &kept);
	assert_int_equal(kept.len, KEPT);
	assert_memory_equal(kept.bytes, flood + sizeof(flood) - KEPT, KEPT);
	close(writer);
	console_free(c);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void what_a_predecessor_left_is_cleared_and_nothing_else(void **state)
{
	struct place *p = *state;
	char left[PATH_SIZE], kept[PATH_SIZE], outside[PATH_SIZE];
	auto_error failure = ERROR_INIT;
	struct state_folder s;

	snprintf(left, sizeof(left), "%s/instances", p->state);
	snprintf(kept, sizeof(kept), "%s/notes", p->state);
	snprintf(outside, sizeof(outside), "%s/from", p->folder);
	assert_true(image_create(outside, 1, NULL, &failure));
	assert_int_equal(mkdir(p->state, 0700) || mkdir(left, 0700), 0);
	snprintf(left, sizeof(left), "%s/instances/link", p->state);
	assert_int_equal(symlink(p->folder, left), 0);
	assert_true(image_create(kept, 1, NULL, &failure));
	assert_true(state_open(p->state, &s, &failure));
	assert_int_not_equal(access(left, F_OK), 0);
	assert_int_equal(access(kept, F_OK), 0);
	assert_int_equal(access(outside, F_OK), 0);
	state_close(&s);
	assert_int_equal(access(kept, F_OK), 0);
	unlink(kept);
}

static void a_state_folder_has_one_owner_at_a_time(void **state)
{
	struct place *p = *state;
	auto_error failure = ERROR_INIT;
	struct state_folder first, second;

	assert_true(state_open(p->state, &first, &failure));
	assert_false(state_open(p->state, &second, &failure));
	assert_int_equal(failure.kind, ERROR_CONFLICT);
	error_release(&failure);
	state_close(&first);
	assert_true(state_open(p->state, &second, &failure));
	state_close(&second);
}

/* In a child, as the lock's number must be a process's that can be gone. */
static pid_t own_in_child(const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		auto_error failure = ERROR_INIT;
		struct state_folder s;

		_exit(state_open(path, &s, &failure) ? 0 : 1);
	}
	return child;
}

static void the_owner_is_found_while_it_lives_only(void **state)
{
	struct place *p = *state;
	auto_error failure = ERROR_INIT;
	struct state_folder s;
	char *folder;
	int proc, status;

	assert_int_equal(waitpid(own_in_child(p->state), &status, 0) > 0 && status == 0, 1);
	assert_false(state_find_owner(p->state, &proc, &failure));
	assert_int_equal(failure.kind, ERROR_MISSING);
	error_release(&failure);
	assert_true(state_open(p->state, &s, &failure));
	assert_true(state_find_owner(p->state, &proc, &failure));
	close(proc);
	folder = state_path(&s, STATE_VOLUMES, "vol-1");
	assert_true(text_ends_with(folder, "/state/volumes/vol-1"));
	free(folder);
	state_close(&s);
	assert_false(state_find_owner(p->state, &proc, &failure));
}

#define PART(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PART(a_copied_image_has_the_data_and_keeps_the_holes),
		PART(an_image_is_never_written_over),
		PART(the_console_keeps_the_newest_64_kib_in_order),
		PART(what_a_predecessor_left_is_cleared_and_nothing_else),
		PART(a_state_folder_has_one_owner_at_a_time),
		PART(the_owner_is_found_while_it_lives_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
