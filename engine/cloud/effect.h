/*
 * effect.h: one thing to be done outside the program. Deciding makes effects; only the driver
 * carries them out, after the intent is in the journal.
 */
#ifndef CLOUD_EFFECT_H
#define CLOUD_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/blueprint.h"
#include "cloud/guest.h"
#include "cloud/world.h"

enum effect_kind {
	EFFECT_NOTHING,
	EFFECT_KEEP_VOLUME,      /* DeleteOnTermination of device on instance: !on (on = survives) */
	EFFECT_PROTECT_INSTANCE, /* DisableApiTermination = on */
	EFFECT_TAG,              /* tags on instance_id and, if set, volume_id */
	EFFECT_CREATE_SNAPSHOT,  /* of volume_id */
	EFFECT_DELETE_SNAPSHOT,
	EFFECT_LAUNCH, /* launch; answered with the instance */
	EFFECT_STOP_INSTANCE,
	EFFECT_START_INSTANCE,
	EFFECT_TERMINATE_INSTANCE,
	EFFECT_DETACH_VOLUME,     /* volume_id from instance_id */
	EFFECT_ATTACH_VOLUME,     /* volume_id to instance_id as device */
	EFFECT_ASSOCIATE_ADDRESS, /* allocation_id to instance_id */
	EFFECT_QUIESCE,           /* guest: stop, sentinel, sync, unmount, prove */
	EFFECT_MOUNT,             /* guest: wait for the disks, verify, mount */
	EFFECT_START_SERVICE,     /* guest */
	EFFECT_CHECK,             /* guest: one round of the plan's checks */
	EFFECT_KIND_COUNT,
};

/* What green is launched with: blue's blueprint under another image, with the plan's changes. */
struct launch_order {
	const struct blueprint *like; /* the plan's changes are merged in already */
	const struct image *image;    /* root device name; data mappings to suppress */
};

struct effect {
	enum effect_kind kind;
	bool dry_run;                  /* ask whether it is permitted; changes nothing */
	uint32_t subject;              /* which rebuild of the run: copied into the answer */
	char token[CLOUD_TOKEN_SIZE];  /* deterministic: rebuild, step, attempt */
	char rebuild[CLOUD_NAME_SIZE]; /* tag changeover:rebuild on what is created */
	const char *step;              /* static: the step that wants it */
	const char *role;              /* static: tag changeover:role on what is created */
	char instance_id[CLOUD_ID_SIZE];
	char volume_id[CLOUD_ID_SIZE];
	char snapshot_id[CLOUD_ID_SIZE];
	char allocation_id[CLOUD_ID_SIZE];
	char device[CLOUD_NAME_SIZE];
	char zone[CLOUD_NAME_SIZE];
	bool on;
	const struct tag *tags; /* EFFECT_TAG, CREATE_SNAPSHOT, LAUNCH: besides our own; borrowed */
	size_t tag_count;
	const struct launch_order *launch; /* borrowed until the answer */
	const struct guest_order *guest;   /* borrowed until the answer */
};

/* The name that journals, JSON and messages use: "detach-volume". */
const char *effect_kind_name(enum effect_kind kind);
enum effect_kind effect_kind_parse(const char *name);

/* True if a guest carries it out, over SSH; false if the cloud's API does. */
bool effect_is_guest(enum effect_kind kind);

/* True if it changes something: it is neither a dry run nor a check. */
bool effect_changes_something(const struct effect *e);

/* Writes "attach-volume vol-1 to i-2 as /dev/sdf" for journals and people; returns ret. */
char *effect_describe(const struct effect *e, char *ret, size_t size);
#endif
