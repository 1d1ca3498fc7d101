/*
 * guests.h: virtual machines from inside: which disks each one sees, what is mounted where, and whether
 * its service runs. State alone: no input or output, and nothing takes time.
 *
 * A volume's filesystem and what was written to it last go with the volume, from machine to machine, and
 * into its snapshots.
 */
#ifndef SANDBOX_VIRTUAL_GUESTS_H
#define SANDBOX_VIRTUAL_GUESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "sandbox/model/index.h"
#include "sandbox/model/instances.h"
#include "sandbox/model/model.h"

enum { VIRTUAL_PLACE_SIZE = 256, VIRTUAL_UUID_SIZE = 37, VIRTUAL_SENTINEL_SIZE = 64 };

struct virtual_guest;

struct virtual_disk {
	char id[MODEL_ID_SIZE];
	char uuid[VIRTUAL_UUID_SIZE];         /* its filesystem's; "": it holds none */
	char sentinel[VIRTUAL_SENTINEL_SIZE]; /* what a quiesce wrote to it last, or "" */
	struct virtual_guest *guest;          /* which has it plugged in, or NULL */
	char place[VIRTUAL_PLACE_SIZE];       /* where it is mounted there, or "" */
};

struct virtual_guest {
	char id[MODEL_ID_SIZE];
	bool runs;
	bool serves; /* its one service runs */
	struct virtual_disk *disks[MODEL_VOLUMES_MAX];
	size_t disk_count;
};

struct virtual_guests {
	struct index guests;    /* from their first boot until they are removed */
	struct index disks;     /* struct virtual_disk, by volume */
	struct index snapshots; /* struct virtual_disk, by snapshot: never plugged in */
};

void virtual_guests_init(struct virtual_guests *all);
void virtual_guests_release(struct virtual_guests *all);

/* NULL if it never booted, or was removed. */
struct virtual_guest *virtual_guests_find(const struct virtual_guests *all, const char *id);

/* Runs from here on, with the disks that it has; nothing is mounted, and the service does not run. */
struct virtual_guest *virtual_guests_boot(struct virtual_guests *all, const char *id);

/* The service ends and everything is unmounted: by itself, or as the power goes. */
void virtual_guest_halt(struct virtual_guest *g);
void virtual_guests_remove(struct virtual_guests *all, const char *id);

/* An empty disk, or one that holds what the snapshot does (NULL: none). */
bool virtual_disk_create(
	struct virtual_guests *all, const char *id, const char *snapshot_id, struct error *err) MUST_USE;
void virtual_disk_delete(struct virtual_guests *all, const char *id);
void virtual_disk_snapshot(struct virtual_guests *all, const char *id, const char *snapshot_id);
void virtual_disk_forget_snapshot(struct virtual_guests *all, const char *snapshot_id);
bool virtual_disk_plug(
	struct virtual_guests *all, const char *id, const char *instance_id, struct error *err) MUST_USE;

/* ERROR_CONFLICT while it is mounted. */
bool virtual_disk_unplug(struct virtual_guests *all, const char *id, struct error *err) MUST_USE;

/* What a machine sees: a disk that is plugged in, by volume; what is mounted at a place. NULL: none. */
struct virtual_disk *virtual_guest_disk(const struct virtual_guest *g, const char *id);
struct virtual_disk *virtual_guest_mounted(const struct virtual_guest *g, const char *place);

/* These fail with what the machine's own program would say. */
bool virtual_guest_format(struct virtual_disk *d, struct error *err) MUST_USE;
bool virtual_guest_mount(
	struct virtual_guest *g, struct virtual_disk *d, const char *place, struct error *err) MUST_USE;

/* A filesystem is busy as long as the service runs. */
bool virtual_guest_unmount(struct virtual_guest *g, const char *place, struct error *err) MUST_USE;

/* The service keeps its data on a volume: it does not start before one is mounted. */
bool virtual_guest_start(struct virtual_guest *g, struct error *err) MUST_USE;
void virtual_guest_stop(struct virtual_guest *g);
#endif
