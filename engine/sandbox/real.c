#include "sandbox/real.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/encode.h"
#include "sandbox/machinery.h"

enum {
	GRACE_MS = 5000, /* between SIGTERM and SIGKILL when a machine is halted */
	LAYERS_MAX = 32,
	USER_DATA_MAX = 64 * 1024,
};

static const char LOGIN_USER[] = "admin";

/* A copy under way. */
struct copying {
	struct copying *next;
	struct real *real;
	char snapshot_id[MODEL_ID_SIZE];
};

struct real {
	struct machinery *machinery;
	struct copying *copies;
	real_copied *copied;
	void *copied_ctx;
};

/* The folders of an image location. Borrowed from the arena. */
static size_t split_layers(struct arena *arena, const char *location, const char *ret[LAYERS_MAX])
{
	char *rest = arena_copy(arena, location), *layer;
	size_t count = 0;

	while (count < LAYERS_MAX && (layer = strsep(&rest, ":")))
		ret[count++] = layer;
	return count;
}

static bool check_image(void *ctx, const char *location, struct error *err)
{
	auto_arena arena = ARENA_INIT;
	const char *layers[LAYERS_MAX];
	size_t count = split_layers(&arena, location, layers);

	(void)ctx;
	for (size_t i = 0; i < count; i++) {
		struct stat s;

		if (stat(layers[i], &s) || !S_ISDIR(s.st_mode))
			return model_refuse(err, "InvalidParameterValue",
				"Value (%s) for parameter imageLocation is invalid. There is no such folder.",
				layers[i]);
	}
	return true;
}

/* ip-10-77-0-4 */
static char *host_name(struct arena *arena, const char *private_ip)
{
	char *name = arena_printf(arena, "ip-%s", private_ip);

	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '-';
	return name;
}

static bool boot(void *ctx, const struct model_boot *b, struct error *err)
{
	struct real *r = ctx;
	auto_arena arena = ARENA_INIT;
	auto_text user_data = { .bytes = NULL };
	const char *layers[LAYERS_MAX];
	struct machinery_instance i = {
		.id = b->instance_id,
		.layers = layers,
		.layer_count = split_layers(&arena, b->image_location, layers),
		.hostname = host_name(&arena, b->private_ip),
		.private_ip = b->private_ip,
		.user = LOGIN_USER,
		.public_key = b->public_key,
	};

	text_init(&user_data, USER_DATA_MAX);
	if (b->user_data && !base64_decode(b->user_data, strlen(b->user_data), &user_data))
		return error_set(err, ERROR_BUG, "user data of %s is not base64", b->instance_id);
	i.user_data = user_data.bytes;
	i.user_data_len = user_data.len;
	return machinery_boot(r->machinery, &i, err);
}

static void halt(void *ctx, const char *instance_id, bool force)
{
	struct real *r = ctx;

	machinery_halt(r->machinery, instance_id, force ? 0 : GRACE_MS);
}

static bool halted(void *ctx, const char *instance_id)
{
	const struct real *r = ctx;

	return !machinery_is_running(r->machinery, instance_id);
}

static void remove_machine(void *ctx, const char *instance_id)
{
	struct real *r = ctx;

	machinery_remove(r->machinery, instance_id);
}

static bool create_volume(
	void *ctx, const char *volume_id, int size_gib, const char *snapshot_id, struct error *err)
{
	struct real *r = ctx;

	return machinery_create_volume(
		r->machinery, volume_id, size_gib, *snapshot_id ? snapshot_id : NULL, err);
}

static bool delete_volume(void *ctx, const char *volume_id, struct error *err)
{
	struct real *r = ctx;

	return machinery_delete_volume(r->machinery, volume_id, err);
}

static bool plug(void *ctx, const char *volume_id, const char *instance_id, struct error *err)
{
	struct real *r = ctx;

	return machinery_attach(r->machinery, volume_id, instance_id, err);
}

/* A mounted loop device cannot be torn out, so Force changes nothing: the volume stays `detaching`. */
static bool unplug(void *ctx, const char *volume_id, bool force, struct error *err)
{
	struct real *r = ctx;

	(void)force;
	return machinery_detach(r->machinery, volume_id, err);
}

static void forget_copy(struct copying *c)
{
	struct copying **link = &c->real->copies;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	free(c);
}

static void on_copied(void *ctx, const struct error *err)
{
	struct copying *c = ctx;

	c->real->copied(c->real->copied_ctx, c->snapshot_id, err);
	forget_copy(c);
}

static bool snapshot(void *ctx, const char *volume_id, const char *snapshot_id)
{
	struct real *r = ctx;
	struct copying *c = alloc_zeroed(1, sizeof(*c));

	c->real = r;
	text_copy(c->snapshot_id, sizeof(c->snapshot_id), snapshot_id);
	c->next = r->copies;
	r->copies = c;
	machinery_snapshot(r->machinery, volume_id, c->snapshot_id, on_copied, c);
	return false;
}

static void delete_snapshot(void *ctx, const char *snapshot_id)
{
	struct real *r = ctx;
	auto_error err = ERROR_INIT;

	/* Its file stays until the sandbox ends, which removes the folder: nothing is lost by that. */
	(void)!machinery_delete_snapshot(r->machinery, snapshot_id, &err);
}

static bool route(void *ctx, const char *public_ip, const char *instance_id, struct error *err)
{
	struct real *r = ctx;

	return machinery_route(r->machinery, public_ip, instance_id, err);
}

static void crash(void *ctx, const char *instance_id)
{
	struct real *r = ctx;

	machinery_crash(r->machinery, instance_id);
}

static bool change_host_keys(void *ctx, const char *instance_id, struct error *err)
{
	struct real *r = ctx;

	return machinery_change_host_keys(r->machinery, instance_id, err);
}

static void console(void *ctx, const char *instance_id, struct text *ret)
{
	struct real *r = ctx;

	machinery_console(r->machinery, instance_id, ret);
}

static int pid(void *ctx, const char *instance_id)
{
	const struct real *r = ctx;

	return machinery_pid(r->machinery, instance_id);
}

bool real_open(uv_loop_t *loop, const char *state_dir, struct real **ret, struct error *err)
{
	struct real *r = alloc_zeroed(1, sizeof(*r));

	if (!machinery_open(loop, state_dir, &r->machinery, err)) {
		free(r);
		return false;
	}
	*ret = r;
	return true;
}

void real_on_copied(struct real *r, real_copied *copied, void *ctx)
{
	r->copied = copied;
	r->copied_ctx = ctx;
}

void real_on_ssh(struct real *r, door_ask *ask, void *ctx)
{
	machinery_watch_ssh(r->machinery, ask, ctx);
}

struct model_orders real_orders(struct real *r)
{
	return (struct model_orders){
		.ctx = r,
		.check_image = check_image,
		.boot = boot,
		.halt = halt,
		.halted = halted,
		.remove = remove_machine,
		.create_volume = create_volume,
		.delete_volume = delete_volume,
		.plug = plug,
		.unplug = unplug,
		.snapshot = snapshot,
		.delete_snapshot = delete_snapshot,
		.route = route,
		.crash = crash,
		.change_host_keys = change_host_keys,
	};
}

struct api_machines real_machines(struct real *r)
{
	return (struct api_machines){ .ctx = r, .console = console, .pid = pid };
}

void real_close(struct real *r)
{
	if (!r)
		return;
	machinery_close(r->machinery);
	while (r->copies)
		forget_copy(r->copies);
	free(r);
}
