/*
 * machinery.h: the real things behind the sandbox's cloud model: instances are namespaces on an
 * overlay root with a real sshd, volumes are loop devices, an Elastic IP is a route. The model
 * (model.h) decides what is and when; the machinery only does it, at once, and keeps no states of
 * its own beyond the handles it needs.
 *
 * Calling order: machinery_open() moves the calling thread into a network namespace of its own
 * (sockets opened before stay where they were; threads started before stay outside) and clears what
 * a killed predecessor left in state_dir; all other calls come from the same thread;
 * machinery_close() ends and removes everything. If this process dies in any way, the kernel takes
 * down instances (parent-death signal), namespaces and loop devices (auto-clear) by itself.
 *
 * The network: each instance has a link to the sandbox's namespace and nothing else; connections
 * from inside the sandbox come from 192.0.2.1. Public addresses are not translated: the instance
 * that one leads to has it as its own, so that services must listen on all addresses.
 *
 * Nothing is needed on the host but privileges and the kernel's parts; no program is run there.
 */
#ifndef SANDBOX_MACHINERY_H
#define SANDBOX_MACHINERY_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/door.h"

struct machinery;

struct machinery_instance {
	const char *id;            /* i-...; ids are at most 39 characters, without a slash */
	const char *const *layers; /* root folders of the image, topmost first: overlay lower layers */
	size_t layer_count;
	const char *hostname;
	const char *private_ip; /* IPv4, unique in this sandbox */
	const char *user;       /* who gets public_key, besides having sudo without password */
	const char *public_key; /* one authorized_keys line, or NULL */
	const char *user_data;  /* decoded; run once on first boot, as root, if it starts with #! */
	size_t user_data_len;
};

/*
 * Fails with ERROR_LOCAL, naming the privilege or the part of the kernel that is missing, or with
 * ERROR_CONFLICT if another sandbox uses state_dir (which is made if it is missing).
 */
bool machinery_open(
	uv_loop_t *loop, const char *state_dir, struct machinery **ret, struct error *err) MUST_USE;

/* Waits for all that ends. The loop must turn once more, to free its handles. No `done` is called. */
void machinery_close(struct machinery *m);

/*
 * Boots it: the first time from its image, later from the root as it was left, with the volumes and
 * public addresses that it has by then. Waits until its root is mounted (some 10 ms), not for sshd.
 * ERROR_CONFLICT if it runs, ERROR_MISSING if a layer is missing.
 */
bool machinery_boot(struct machinery *m, const struct machinery_instance *i, struct error *err) MUST_USE;

/* Ends all its processes; a graceful stop gives them a SIGTERM and at most grace_ms first, on the loop. */
void machinery_halt(struct machinery *m, const char *instance_id, int grace_ms);

/* Ends it as a failing host does: at once, and without a word to those who are connected to it. */
void machinery_crash(struct machinery *m, const char *instance_id);

/*
 * Gives it other host keys, while it runs or when it boots next; sessions go on. Its console does not
 * show them, as after a change that is nobody's business.
 */
bool machinery_change_host_keys(struct machinery *m, const char *instance_id, struct error *err) MUST_USE;

/*
 * From here on `ask` is asked what is to happen to each SSH connection to instances that boot: their
 * sshd is reached through a door (door.h).
 */
void machinery_watch_ssh(struct machinery *m, door_ask *ask, void *ctx);

bool machinery_is_running(const struct machinery *m, const char *instance_id);

/* Its PID 1 as this process sees it; 0 if it does not run. */
int machinery_pid(const struct machinery *m, const char *instance_id);

/* Halts it, removes its root and takes from it what is attached, as soon as it has ended. */
void machinery_remove(struct machinery *m, const char *instance_id);

/* What it printed to its console, the newest 64 KiB; host keys are between cloud-init's markers. */
void machinery_console(struct machinery *m, const char *instance_id, struct text *ret);

/* An empty one, or one that starts as the snapshot, which may be smaller; NULL: none. */
bool machinery_create_volume(struct machinery *m, const char *volume_id, int size_gib,
	const char *snapshot_id, struct error *err) MUST_USE;

/* ERROR_CONFLICT while it is attached. */
bool machinery_delete_volume(struct machinery *m, const char *volume_id, struct error *err) MUST_USE;

/*
 * Makes the disk appear inside the instance, or have it there when it boots: /dev/nvmeXn1 and
 * /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol... ERROR_CONFLICT if it is attached already.
 */
bool machinery_attach(
	struct machinery *m, const char *volume_id, const char *instance_id, struct error *err) MUST_USE;

/*
 * Takes it away, unless it is in use: a volume that is mounted, opened by a program, or being copied
 * while mounted stays as it is (ERROR_CONFLICT), as on EC2: try again. All that was written is in
 * the volume then. That it is not attached is no error.
 */
bool machinery_detach(struct machinery *m, const char *volume_id, struct error *err) MUST_USE;

typedef void machinery_done(void *ctx, const struct error *err); /* err NULL: done */

/*
 * A point-in-time copy of the volume; done is called from the loop. A mounted filesystem is frozen
 * while it is copied, that is until shortly before done; what is not mounted is copied before this
 * returns.
 */
void machinery_snapshot(
	struct machinery *m, const char *volume_id, const char *snapshot_id, machinery_done *done, void *ctx);
bool machinery_delete_snapshot(struct machinery *m, const char *snapshot_id, struct error *err) MUST_USE;

/* Sends public_ip to one instance, away from any other; NULL: nowhere (connections fail at once). */
bool machinery_route(
	struct machinery *m, const char *public_ip, const char *instance_id, struct error *err) MUST_USE;

/*
 * Runs a program inside the network of the sandbox that has state_dir: comes back only if that
 * fails. ERROR_MISSING if no sandbox runs there. Needs no open machinery, and root.
 */
bool machinery_enter(const char *state_dir, const char *const *argv, struct error *err) MUST_USE;
#endif
