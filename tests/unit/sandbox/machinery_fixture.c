#include "machinery_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum {
	OUTPUT_LIMIT = 1 << 20,
	ARGUMENTS_MAX = 32,
	LOGIN_LIMIT_MS = 20 * 1000,
	PROGRAM_LIMIT_MS = 60 * 1000,
	OPEN_FILES = 16
};

/* One program under way. */
struct program {
	uv_process_t process;
	uv_pipe_t pipe;
	struct text *out;
	bool ended, silent;
	int exit_code;
};

void bench_expect(bool done, const struct error *failure)
{
	if (!done)
		fail_msg("%s", failure->message);
}

static void on_turn(uv_timer_t *timer)
{
	(void)timer;
}

bool bench_wait(struct bench *b, int limit_ms, bench_condition *done, void *ctx)
{
	int64_t end = clock_mono_ms(&clock_system) + limit_ms;
	uv_timer_t turn;
	bool met;

	uv_timer_init(&b->loop, &turn);
	uv_timer_start(&turn, on_turn, 5, 5);
	while (!(met = done(b, ctx)) && clock_mono_ms(&clock_system) < end)
		uv_run(&b->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&turn, NULL);
	uv_run(&b->loop, UV_RUN_NOWAIT);
	return met;
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal_number)
{
	struct program *p = process->data;

	p->ended = true;
	p->exit_code = signal_number ? -1 : (int)status;
}

static void give_room(uv_handle_t *pipe, size_t size, uv_buf_t *ret)
{
	static char room[65536];

	(void)pipe;
	(void)size;
	*ret = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *room)
{
	struct program *p = pipe->data;

	if (n > 0)
		text_add_bytes(p->out, room->base, (size_t)n);
	if (n < 0)
		p->silent = true;
}

static bool has_ended(struct bench *b, void *ctx)
{
	struct program *p = ctx;

	(void)b;
	return p->ended && p->silent;
}

int bench_run(struct bench *b, const char *const *argv)
{
	struct program p = { .out = &b->out };
	uv_stdio_container_t streams[] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&p.pipe },
	};
	const char *shell[ARGUMENTS_MAX] = { "sh", "-c", "exec \"$@\" 2>&1", "sh" };
	const uv_process_options_t options = { .file = shell[0],
		.args = (char **)shell,
		.exit_cb = on_exit_of,
		.stdio = streams,
		.stdio_count = 2 };

	for (size_t i = 0; argv[i]; i++) {
		assert_in_range(i, 0, ARGUMENTS_MAX - 6);
		shell[4 + i] = argv[i];
	}
	text_clear(&b->out);
	uv_pipe_init(&b->loop, &p.pipe, 0);
	p.pipe.data = &p;
	p.process.data = &p;
	assert_int_equal(uv_spawn(&b->loop, &p.process, &options), 0);
	uv_read_start((uv_stream_t *)&p.pipe, give_room, on_read);
	if (!bench_wait(b, PROGRAM_LIMIT_MS, has_ended, &p))
		fail_msg("%s did not end: %s", argv[0], b->out.bytes);
	uv_close((uv_handle_t *)&p.process, NULL);
	uv_close((uv_handle_t *)&p.pipe, NULL);
	uv_run(&b->loop, UV_RUN_NOWAIT);
	return p.exit_code;
}

int bench_ssh(struct bench *b, const char *address, const char *command)
{
	const char *const argv[] = { "ssh", "-F", "none", "-i", b->key, "-l", "admin", "-oBatchMode=yes",
		"-oConnectTimeout=5", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null",
		"-oLogLevel=ERROR", address, command, NULL };

	return bench_run(b, argv);
}

void bench_must(struct bench *b, const char *address, const char *command)
{
	int code = bench_ssh(b, address, command);

	if (code)
		fail_msg("%s: '%s' ended with %d: %s", address, command, code, b->out.bytes);
}

int bench_await_login(struct bench *b, const char *address)
{
	int64_t start = clock_mono_ms(&clock_system), waited;

	while (bench_ssh(b, address, "true"))
		if (clock_mono_ms(&clock_system) - start > LOGIN_LIMIT_MS)
			fail_msg("%s does not let us in: %s", address, b->out.bytes);
	waited = clock_mono_ms(&clock_system) - start;
	return (int)waited;
}

void bench_boot(struct bench *b, int n)
{
	auto_error failure = ERROR_INIT;
	char id[24], ip[24];
	const struct machinery_instance i = { .id = id,
		.layers = b->layers,
		.layer_count = b->layer_count,
		.hostname = id,
		.private_ip = ip,
		.user = "admin",
		.public_key = b->public_key };

	snprintf(id, sizeof(id), "i-%d", n);
	snprintf(ip, sizeof(ip), "10.0.0.%d", n);
	bench_expect(machinery_boot(b->machinery, &i, &failure), &failure);
}

void bench_create(struct bench *b, const char *volume, const char *snapshot)
{
	auto_error failure = ERROR_INIT;

	bench_expect(machinery_create_volume(b->machinery, volume, 1, snapshot, &failure), &failure);
}

void bench_attach(struct bench *b, const char *volume, const char *instance)
{
	auto_error failure = ERROR_INIT;

	bench_expect(machinery_attach(b->machinery, volume, instance, &failure), &failure);
}

bool bench_is_detached(struct bench *b, void *ctx)
{
	auto_error failure = ERROR_INIT;

	return machinery_detach(b->machinery, ctx, &failure);
}

bool bench_is_stopped(struct bench *b, void *ctx)
{
	return !machinery_is_running(b->machinery, ctx);
}

static bool find_image(struct bench *b)
{
	const char *const argv[] = { TESTS_DIR "/../scripts/sandbox-image", "--path", "v1", NULL };

	if (bench_run(b, argv)) {
		fputs(b->out.bytes, stderr);
		fputs("run scripts/sandbox-image first\n", stderr);
		return false;
	}
	b->location = text_take(&b->out);
	b->location[strcspn(b->location, "\n")] = '\0';
	for (char *rest = b->location, *layer; (layer = strsep(&rest, ":")) && b->layer_count < LAYERS_MAX;)
		b->layers[b->layer_count++] = layer;
	return true;
}

static bool make_key(struct bench *b)
{
	const char *const argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", b->key, NULL };
	auto_free char *file = NULL;
	auto_error failure = ERROR_INIT;

	if (access(b->key, F_OK) && bench_run(b, argv))
		return false;
	if (asprintf(&file, "%s.pub", b->key) < 0)
		return false;
	text_clear(&b->out);
	if (!file_read(file, &b->out, &failure))
		return false;
	b->public_key = text_take(&b->out);
	b->public_key[strcspn(b->public_key, "\n")] = '\0';
	return true;
}

bool bench_prepare(struct bench *b)
{
	uv_loop_init(&b->loop);
	text_init(&b->out, OUTPUT_LIMIT);
	if (!b->folder[0]) {
		snprintf(b->folder, sizeof(b->folder), "/var/tmp/changeover-test-XXXXXX");
		if (!mkdtemp(b->folder))
			return false;
	}
	snprintf(b->state, sizeof(b->state), "%s/state", b->folder);
	snprintf(b->key, sizeof(b->key), "%s/key", b->folder);
	return find_image(b) && make_key(b);
}

void bench_open(struct bench *b)
{
	auto_error failure = ERROR_INIT;

	bench_expect(machinery_open(&b->loop, b->state, &b->machinery, &failure), &failure);
}

int bench_set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	if (!bench_prepare(b))
		return -1;
	bench_open(b);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

int bench_tear_down(void **state)
{
	struct bench *b = *state;

	if (b->machinery)
		machinery_close(b->machinery);
	while (uv_run(&b->loop, UV_RUN_NOWAIT))
		;
	uv_loop_close(&b->loop);
	nftw(b->folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	free(b->public_key);
	free(b->location);
	text_release(&b->out);
	free(b);
	return 0;
}

/* Adds `what` and the path if the file has the state folder's path in it. */
static void look_into(const struct bench *b, const char *what, const char *path, struct text *ret)
{
	auto_error gone = ERROR_INIT;
	auto_text content;

	text_init(&content, OUTPUT_LIMIT);
	if (file_read(path, &content, &gone) && strstr(content.bytes, b->state))
		text_addf(ret, "%s %s\n", what, path);
}

static void look_into_all(
	const struct bench *b, const char *folder, const char *file, const char *what, struct text *ret)
{
	DIR *all = opendir(folder);
	struct dirent *entry;

	while (all && (entry = readdir(all))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s/%s", folder, entry->d_name, file);
		look_into(b, what, path, ret);
	}
	if (all)
		closedir(all);
}

void bench_traces(const struct bench *b, struct text *ret)
{
	text_clear(ret);
	look_into_all(b, "/proc", "mountinfo", "mount seen by", ret);
	look_into_all(b, "/sys/block", "loop/backing_file", "loop device", ret);
}
