#include "sandbox/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "sandbox/api/api.h"
#include "sandbox/api/fault_page.h"
#include "sandbox/credentials.h"
#include "sandbox/endpoint.h"
#include "sandbox/model/faults.h"
#include "sandbox/model/model.h"
#include "sandbox/model/volumes.h"
#include "sandbox/real.h"
#include "sandbox/virtual/virtual.h"

enum { FAULTS_MAX = 256 * 1024 };

struct sandbox {
	const struct sandbox_options *options;
	uv_loop_t loop;
	uv_timer_t tick; /* until the model's next event */
	uv_signal_t signals[2];
	struct model *model;
	struct ledger *ledger;
	struct api *api;
	struct real *real;        /* the machines: these, */
	struct virtual *virtual;  /* or these; the other is NULL */
	struct endpoint *outside; /* for programs on the host */
	struct endpoint *inside;  /* the same port in the sandbox's own network; NULL: it has none */
	struct secret secret;
	/* Both clocks at the start: the model's time is wall time that never jumps. */
	int64_t wall_ms, mono_ms;
	int outside_fd, port;
	struct credentials_file credentials;
};

static int64_t now(const struct sandbox *s)
{
	return s->wall_ms + clock_mono_ms(s->options->clock) - s->mono_ms;
}

static void on_tick(uv_timer_t *t);

/* Sets the timer for whatever comes next. */
static void arm(struct sandbox *s)
{
	int64_t due_ms = model_next_due(s->model), now_ms = now(s);

	uv_timer_stop(&s->tick);
	if (due_ms == INT64_MAX)
		return;
	uv_update_time(&s->loop);
	uv_timer_start(&s->tick, on_tick, due_ms > now_ms ? (uint64_t)(due_ms - now_ms) : 0, 0);
}

static void on_tick(uv_timer_t *t)
{
	struct sandbox *s = t->data;

	model_advance(s->model, now(s));
	arm(s);
}

static void on_request(void *ctx, const struct signed_request *r, struct api_reply *ret)
{
	struct sandbox *s = ctx;

	model_advance(s->model, now(s));
	api_handle(s->api, r, clock_wall_ms(s->options->clock), ret);
	arm(s);
}

static void on_copied(void *ctx, const char *snapshot_id, const struct error *err)
{
	struct sandbox *s = ctx;

	model_advance(s->model, now(s));
	model_snapshot_copied(s->model, snapshot_id, err);
	arm(s);
}

static void on_effected(void *ctx, const struct model_effect *e)
{
	struct sandbox *s = ctx;
	struct model_effect measured = *e;

	measured.effective_ms = now(s); /* the model says when it was due; carrying it out took longer */
	ledger_add_effect(s->ledger, &measured);
}

static void on_trouble(void *ctx, const struct error *err)
{
	const struct sandbox *s = ctx;

	fprintf(s->options->messages, "sandbox: %s\n", err->message);
	fflush(s->options->messages);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void make_secret(struct sandbox *s)
{
	char random[41];

	id_random_hex(random, 20, s->options->entropy);
	secret_set(&s->secret, random, strlen(random));
	explicit_bzero(random, sizeof(random));
}

static uint64_t make_seed(const struct sandbox_options *o)
{
	uint64_t seed;

	if (o->seed)
		return *o->seed;
	o->entropy->fill(o->entropy->self, &seed, sizeof(seed));
	return seed;
}

static const char *access_key(const struct sandbox_options *o)
{
	return o->access_key ? o->access_key : SANDBOX_ACCESS_KEY;
}

static const char *region(const struct sandbox_options *o)
{
	return o->region ? o->region : SANDBOX_REGION;
}

/* Only then, so that otherwise nothing stands between a client and its machine. */
static bool plays_ssh(const struct sandbox *s)
{
	return s->real && s->options->faults;
}

static void on_ssh(void *ctx, const char *instance_id, struct door_orders *ret)
{
	struct sandbox *s = ctx;
	const struct fault_question q = {
		.point = FAULT_AT_SSH,
		.names = &instance_id,
		.name_count = 1,
		.now_ms = now(s),
	};
	const struct fault *f = faults_due(model_faults(s->model), &q);

	if (f)
		*ret = (struct door_orders){
			.drop = f->kind == FAULT_SSH_DROPPED,
			.hang = f->kind == FAULT_SSH_HANGS,
			.bytes = f->bytes,
			.hang_ms = f->for_ms,
			.lose_exit_of = f->command,
		};
}

static bool make_cloud(struct sandbox *s, struct error *err)
{
	const struct sandbox_options *o = s->options;
	struct model_options model = {
		.orders = s->real ? real_orders(s->real) : virtual_orders(s->virtual),
		.listener = { .ctx = s, .effected = on_effected, .trouble = on_trouble },
		.seed = make_seed(o),
		.now_ms = s->wall_ms,
		.region = region(o),
	};
	struct api_options api = {
		.machines = s->real ? real_machines(s->real) : virtual_machines(s->virtual),
		.access_key = access_key(o),
		.secret = &s->secret,
		.entropy = o->entropy,
		.throttle = o->throttle,
		.ssh_faults = plays_ssh(s),
	};

	if (!latency_read(o->latency ? o->latency : "ec2", &model.latency, err))
		return false;
	if (s->real) {
		real_on_copied(s->real, on_copied, s);
		if (plays_ssh(s))
			real_on_ssh(s->real, on_ssh, s);
	} else {
		model.public_net = VIRTUAL_PUBLIC_FIRST;
		model.public_count = VIRTUAL_PUBLIC_COUNT;
	}
	s->ledger = ledger_new();
	s->model = model_new(&model);
	api.model = s->model;
	api.ledger = s->ledger;
	s->api = api_new(&api);
	return true;
}

static bool load_faults(struct sandbox *s, struct error *err)
{
	const struct fault_page page = { .model = s->model, .ssh = plays_ssh(s) };
	const char *path = s->options->faults;
	auto_text lines = { .bytes = NULL };

	if (!path)
		return true;
	text_init(&lines, FAULTS_MAX);
	return file_read(path, &lines, err) && fault_page_add(&page, path, lines.bytes, err);
}

static bool make_state_dir(const char *path, struct error *err)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return true;
	return error_set_errno(err, ERROR_LOCAL, errno, "could not make the folder %s", path);
}

static bool open_endpoint(struct sandbox *s, int fd, struct endpoint **ret, struct error *err)
{
	const struct endpoint_options o = { .fd = fd, .answer = on_request, .ctx = s };

	return endpoint_open(&s->loop, &o, ret, err);
}

static bool open_machines(struct sandbox *s, struct error *err)
{
	const struct virtual_options o = {
		.sshd = s->options->sshd,
		.state_dir = s->options->state_dir,
		.trouble = on_trouble,
		.ctx = s,
	};

	if (s->options->virtual_machines)
		return virtual_open(&s->loop, &o, &s->virtual, err);
	return real_open(&s->loop, s->options->state_dir, &s->real, err);
}

/* The host's socket is opened before we leave the host's network, the other one after it. */
static bool open_networks(struct sandbox *s, struct error *err)
{
	int inside_fd, same_port;

	if (!endpoint_listen(s->options->port, &s->outside_fd, &s->port, err) || !open_machines(s, err))
		return false;
	if (s->virtual && !s->options->sshd)
		return true;
	return endpoint_listen(s->port, &inside_fd, &same_port, err) &&
	       open_endpoint(s, inside_fd, &s->inside, err) &&
	       (s->real || virtual_serve(s->virtual, s->port, err));
}

static bool open_outside(struct sandbox *s, struct error *err)
{
	int fd = s->outside_fd;

	s->outside_fd = -1;
	return open_endpoint(s, fd, &s->outside, err);
}

static bool write_credentials(struct sandbox *s, struct error *err)
{
	const struct credentials c = {
		.access_key = access_key(s->options),
		.secret = &s->secret,
		.region = region(s->options),
		.port = s->port,
	};

	return credentials_write(&c, s->options->state_dir, &s->credentials, err);
}

static void start_handles(struct sandbox *s)
{
	static const int SIGNALS[] = { SIGINT, SIGTERM };

	/* A write to a client that is gone is an error, not our end; libuv does not see to that. */
	signal(SIGPIPE, SIG_IGN);
	uv_timer_init(&s->loop, &s->tick);
	s->tick.data = s;
	for (size_t i = 0; i < ARRAY_SIZE(SIGNALS); i++) {
		uv_signal_init(&s->loop, &s->signals[i]);
		uv_signal_start(&s->signals[i], on_signal, SIGNALS[i]);
	}
}

static bool serve(struct sandbox *s, struct error *err)
{
	if (!make_state_dir(s->options->state_dir, err) || !open_networks(s, err) || !make_cloud(s, err) ||
		!load_faults(s, err) || !open_outside(s, err) || !write_credentials(s, err))
		return false;
	fprintf(s->options->out, "sandbox: listening on http://127.0.0.1:%d (credentials: %s)\n", s->port,
		s->credentials.path);
	fflush(s->options->out);
	arm(s);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	return true;
}

/* In the opposite order; each part may be missing if opening failed before it. */
static void take_down(struct sandbox *s)
{
	credentials_remove(&s->credentials);
	endpoint_close(s->outside);
	endpoint_close(s->inside);
	if (s->outside_fd >= 0)
		close(s->outside_fd);
	real_close(s->real);
	virtual_close(s->virtual);
	uv_close((uv_handle_t *)&s->tick, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(s->signals); i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	api_free(s->api);
	model_free(s->model);
	ledger_free(s->ledger);
	secret_release(&s->secret);
}

bool sandbox_run(const struct sandbox_options *o, struct error *err)
{
	struct sandbox s = {
		.options = o,
		.wall_ms = clock_wall_ms(o->clock),
		.mono_ms = clock_mono_ms(o->clock),
		.outside_fd = -1,
	};
	bool served;

	uv_loop_init(&s.loop);
	make_secret(&s);
	start_handles(&s);
	served = serve(&s, err);
	take_down(&s);
	return served;
}
