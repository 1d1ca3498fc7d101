#include "model_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/model/virtual.h"

enum { ORDERS_MAX = 1 << 20 };

static const int64_t START_MS = 1795000000000; /* November 2026 */

static void note(struct cloud *c, const char *order, const char *what, const char *where)
{
	text_addf(&c->orders, "%s %s%s%s\n", order, what, where ? " " : "", where ? where : "");
}

static bool boot(void *ctx, const struct model_boot *b, struct error *err)
{
	struct cloud *c = ctx;

	note(c, "boot", b->instance_id, NULL);
	return c->boot_fails ? error_set(err, ERROR_LOCAL, "no memory") : true;
}

static void halt(void *ctx, const char *id, bool force)
{
	note(ctx, "halt", id, force ? "by force" : NULL);
}

static bool halted(void *ctx, const char *id)
{
	(void)id;
	return !((struct cloud *)ctx)->running_on;
}

static void remove_machine(void *ctx, const char *id)
{
	note(ctx, "remove", id, NULL);
}

static bool create_volume(void *ctx, const char *id, int size_gib, const char *snapshot_id, struct error *err)
{
	(void)size_gib, (void)err;
	note(ctx, "create", id, *snapshot_id ? snapshot_id : NULL);
	return true;
}

static bool delete_volume(void *ctx, const char *id, struct error *err)
{
	(void)err;
	note(ctx, "delete", id, NULL);
	return true;
}

static bool plug(void *ctx, const char *volume_id, const char *instance_id, struct error *err)
{
	(void)err;
	note(ctx, "plug", volume_id, instance_id);
	return true;
}

static bool unplug(void *ctx, const char *volume_id, bool force, struct error *err)
{
	struct cloud *c = ctx;

	(void)force;
	if (c->mounted)
		return error_set(err, ERROR_CONFLICT, "%s is mounted", volume_id);
	note(c, "unplug", volume_id, NULL);
	return true;
}

static bool snapshot(void *ctx, const char *volume_id, const char *snapshot_id)
{
	struct cloud *c = ctx;

	note(c, "snapshot", volume_id, snapshot_id);
	return !c->slow_copy;
}

static void delete_snapshot(void *ctx, const char *id)
{
	note(ctx, "delete-snapshot", id, NULL);
}

static bool route(void *ctx, const char *public_ip, const char *instance_id, struct error *err)
{
	(void)err;
	note(ctx, "route", public_ip, instance_id ? instance_id : "nowhere");
	return true;
}

static void crash(void *ctx, const char *id)
{
	note(ctx, "crash", id, NULL);
}

static bool change_host_keys(void *ctx, const char *id, struct error *err)
{
	(void)err;
	note(ctx, "change-host-keys", id, NULL);
	return true;
}

static void effected(void *ctx, const struct model_effect *e)
{
	struct cloud *c = ctx;

	c->effects++;
	c->last = *e;
	text_copy(c->last_resource, sizeof(c->last_resource), e->resource);
}

static void trouble(void *ctx, const struct error *err)
{
	(void)err;
	((struct cloud *)ctx)->troubles++;
}

static struct model_orders orders(struct cloud *c)
{
	struct model_orders o = model_virtual_orders();

	o.ctx = c;
	o.boot = boot;
	o.halt = halt;
	o.halted = halted;
	o.remove = remove_machine;
	o.create_volume = create_volume;
	o.delete_volume = delete_volume;
	o.plug = plug;
	o.unplug = unplug;
	o.snapshot = snapshot;
	o.delete_snapshot = delete_snapshot;
	o.route = route;
	o.crash = crash;
	o.change_host_keys = change_host_keys;
	return o;
}

static void register_image(struct cloud *c)
{
	const struct model_image_request r = {
		.name = "v1",
		.location = "/images/v1",
		.architecture = "x86_64",
		.root_device = "/dev/xvda",
	};
	const struct model_image *i;
	auto_error err = ERROR_INIT;

	expect_done(model_register_image(c->model, &r, false, &i, &err), &err);
	text_copy(c->image, sizeof(c->image), i->id);
}

/* latency: as latency_read() takes it. */
static void begin(struct cloud *c, const char *latency)
{
	struct model_options o = {
		.seed = 1,
		.now_ms = START_MS,
		.region = "eu-west-1",
		.listener = { .ctx = c, .effected = effected, .trouble = trouble },
	};
	auto_error err = ERROR_INIT;

	*c = (struct cloud){ .now_ms = START_MS };
	text_init(&c->orders, ORDERS_MAX);
	o.orders = orders(c);
	expect_done(latency_read(latency, &o.latency, &err), &err);
	c->model = model_new(&o);
	register_image(c);
}

static int cloud_new(void **state, const char *latency)
{
	struct cloud *c = malloc(sizeof(*c));

	assert_non_null(c);
	begin(c, latency);
	*state = c;
	return 0;
}

int cloud_at_once(void **state)
{
	return cloud_new(state, "none");
}

int cloud_as_ec2(void **state)
{
	return cloud_new(state, "ec2");
}

static void end(struct cloud *c)
{
	model_free(c->model);
	text_release(&c->orders);
}

int cloud_close(void **state)
{
	end(*state);
	free(*state);
	return 0;
}

void cloud_begin_with(struct cloud *c, const char *lines)
{
	char path[] = "/tmp/latency-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, lines, strlen(lines)), strlen(lines));
	close(fd);
	end(c);
	begin(c, path);
	unlink(path);
}

void cloud_pass(struct cloud *c, int64_t ms)
{
	c->now_ms += ms;
	model_advance(c->model, c->now_ms);
}

struct model_launch cloud_launch(const struct cloud *c)
{
	return (struct model_launch){
		.min_count = 1,
		.max_count = 1,
		.image_id = c->image,
		.type = "t3.micro",
	};
}

const struct model_instance *cloud_run(struct cloud *c, const struct model_launch *l)
{
	struct model_reservation made;
	auto_error err = ERROR_INIT;

	expect_done(model_run_instances(c->model, l, false, &made, &err), &err);
	return made.instances[0];
}

const struct model_instance *cloud_machine(struct cloud *c)
{
	const struct model_launch l = cloud_launch(c);
	const struct model_instance *i = cloud_run(c, &l);

	cloud_pass(c, 60 * 1000);
	assert_true(i->booted);
	return i;
}

const struct model_volume *cloud_volume(struct cloud *c)
{
	const struct model_volume_request r = { .zone = "eu-west-1a", .size_gib = 1 };
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	expect_done(model_create_volume(c->model, &r, false, &v, &err), &err);
	cloud_pass(c, 60 * 1000);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
	return v;
}

void cloud_attach(struct cloud *c, const char *volume_id, const char *instance_id, const char *device)
{
	const struct model_attach_request r = {
		.volume_id = volume_id,
		.instance_id = instance_id,
		.device = device,
	};
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	expect_done(model_attach_volume(c->model, &r, false, &v, &err), &err);
}

void cloud_detach(struct cloud *c, const char *volume_id)
{
	const struct model_detach_request r = { .volume_id = volume_id };
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	expect_done(model_detach_volume(c->model, &r, false, &v, &err), &err);
}

const struct model_snapshot *cloud_snapshot(struct cloud *c, const char *volume_id)
{
	const struct model_snapshot_request r = { .volume_id = volume_id };
	const struct model_snapshot *s;
	auto_error err = ERROR_INIT;

	expect_done(model_create_snapshot(c->model, &r, false, &s, &err), &err);
	return s;
}

const struct model_address *cloud_address(struct cloud *c)
{
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	expect_done(model_allocate_address(c->model, NULL, false, &a, &err), &err);
	return a;
}

void cloud_associate(struct cloud *c, const char *allocation_id, const char *instance_id)
{
	const struct model_associate_request r = { .allocation_id = allocation_id,
		.instance_id = instance_id };
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	expect_done(model_associate_address(c->model, &r, false, &a, &err), &err);
}

void cloud_change(struct cloud *c, enum model_change_kind kind, const char *instance_id)
{
	const struct model_change_request r = { .kind = kind, .ids = &instance_id, .count = 1 };
	struct model_change changed;
	auto_error err = ERROR_INIT;

	expect_done(model_change_instances(c->model, &r, false, &changed, &err), &err);
}

void expect_refused(bool done, struct error *err, const char *code)
{
	assert_false(done);
	assert_non_null(err->code);
	assert_string_equal(err->code, code);
	error_release(err);
}

void expect_done(bool done, struct error *err)
{
	if (!done)
		fail_msg("%s: %s", err->code ? err->code : "error", err->message);
}

int cloud_count_orders(const struct cloud *c, const char *order)
{
	int count = 0;

	for (const char *at = c->orders.bytes; (at = strstr(at, order)); at += strlen(order))
		count += at == c->orders.bytes || at[-1] == '\n';
	return count;
}
