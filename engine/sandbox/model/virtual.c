#include "sandbox/model/virtual.h"

static bool check_image(void *ctx, const char *location, struct error *err)
{
	(void)ctx, (void)location, (void)err;
	return true;
}

static bool boot(void *ctx, const struct model_boot *b, struct error *err)
{
	(void)ctx, (void)b, (void)err;
	return true;
}

static void halt(void *ctx, const char *instance_id, bool force)
{
	(void)ctx, (void)instance_id, (void)force;
}

static void ignore(void *ctx, const char *id)
{
	(void)ctx, (void)id;
}

static bool halted(void *ctx, const char *instance_id)
{
	(void)ctx, (void)instance_id;
	return true;
}

static bool create_volume(
	void *ctx, const char *volume_id, int size_gib, const char *snapshot_id, struct error *err)
{
	(void)ctx, (void)volume_id, (void)size_gib, (void)snapshot_id, (void)err;
	return true;
}

static bool delete_volume(void *ctx, const char *volume_id, struct error *err)
{
	(void)ctx, (void)volume_id, (void)err;
	return true;
}

static bool connect(void *ctx, const char *what, const char *instance_id, struct error *err)
{
	(void)ctx, (void)what, (void)instance_id, (void)err;
	return true;
}

static bool unplug(void *ctx, const char *volume_id, bool force, struct error *err)
{
	(void)ctx, (void)volume_id, (void)force, (void)err;
	return true;
}

static bool snapshot(void *ctx, const char *volume_id, const char *snapshot_id)
{
	(void)ctx, (void)volume_id, (void)snapshot_id;
	return true;
}

static bool change_host_keys(void *ctx, const char *instance_id, struct error *err)
{
	(void)ctx, (void)instance_id, (void)err;
	return true;
}

struct model_orders model_virtual_orders(void)
{
	return (struct model_orders){
		.check_image = check_image,
		.boot = boot,
		.halt = halt,
		.halted = halted,
		.remove = ignore,
		.create_volume = create_volume,
		.delete_volume = delete_volume,
		.plug = connect,
		.unplug = unplug,
		.snapshot = snapshot,
		.delete_snapshot = ignore,
		.route = connect,
		.crash = ignore,
		.change_host_keys = change_host_keys,
	};
}
