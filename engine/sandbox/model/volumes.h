/*
 * volumes.h: disks, their attachments, and snapshots.
 *
 * A volume has at most one attachment: attaching → attached → detaching → none. It stays `detaching`
 * for as long as the guest has it mounted; nothing forces it off.
 */
#ifndef SANDBOX_MODEL_VOLUMES_H
#define SANDBOX_MODEL_VOLUMES_H

#include "sandbox/model/model.h"

struct model_instance;

enum model_volume_state {
	MODEL_VOLUME_CREATING,
	MODEL_VOLUME_AVAILABLE,
	MODEL_VOLUME_IN_USE,
	MODEL_VOLUME_ERROR,
	MODEL_VOLUME_STATE_COUNT,
};

enum model_attachment_state {
	MODEL_DETACHED, /* no attachment */
	MODEL_ATTACHING,
	MODEL_ATTACHED,
	MODEL_DETACHING,
	MODEL_ATTACHMENT_STATE_COUNT,
};

struct model_attachment {
	enum model_attachment_state state;
	bool delete_on_termination;
	bool forced;            /* DetachVolume said Force */
	bool plugged;           /* the disk is really inside the machine */
	bool told;              /* the effect of attaching was reported */
	bool busy;              /* shown instead of detaching */
	unsigned stuck_by;      /* the fault that keeps it detaching; 0: none */
	int64_t stuck_until_ms; /* ... at most until then */
	char device[MODEL_DEVICE_SIZE];
	struct model_instance *instance; /* NULL if detached */
	int64_t attached_ms;             /* EC2's attachTime: when it was asked for */
	int64_t accepted_ms, due_ms;     /* of the transition under way */
};

struct model_volume {
	char id[MODEL_ID_SIZE];
	char snapshot_id[MODEL_ID_SIZE]; /* made from, or "" */
	enum model_volume_state state;
	int size_gib, iops, throughput; /* 0: the type has no such figure */
	const char *type;               /* static */
	uint8_t zone;
	bool encrypted;
	char *kms_key; /* owned; NULL: not encrypted, or by the account's default key */
	bool root;     /* an instance's root: states only, its files are the machine's */
	uint8_t pending_snapshots;
	bool broken; /* could not be made: will be `error` */
	int64_t created_ms;
	struct model_attachment attachment;
	struct model_tags tags;
};

struct model_volume_request {
	const char *zone;
	const char *snapshot_id;        /* NULL: empty */
	const char *type;               /* from model_volume_type() */
	int size_gib, iops, throughput; /* 0: default */
	bool encrypted;
	const char *kms_key;      /* NULL: the account's default key */
	const char *client_token; /* NULL: none */
	uint64_t fingerprint;     /* of all parameters: a token goes with one set of them */
	const struct model_tags *tags;
};

/* The static name of a volume type, or NULL if EC2 has none of that name. */
const char *model_volume_type(const char *name);

bool model_create_volume(struct model *m, const struct model_volume_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err) MUST_USE;
bool model_delete_volume(struct model *m, const char *id, bool dry_run, struct error *err) MUST_USE;

/* NULL with InvalidVolume.NotFound, or InvalidParameterValue if it is no volume id. */
const struct model_volume *model_find_volume(const struct model *m, const char *id, struct error *err);
const struct index *model_volumes(const struct model *m);

struct model_attach_request {
	const char *volume_id, *instance_id, *device;
};

bool model_attach_volume(struct model *m, const struct model_attach_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err) MUST_USE;

struct model_detach_request {
	const char *volume_id;
	const char *instance_id, *device; /* NULL, or must agree */
	bool force;
};

/* Detaching what is detaching already is no error, and starts nothing new. */
bool model_detach_volume(struct model *m, const struct model_detach_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err) MUST_USE;

enum model_snapshot_state {
	MODEL_SNAPSHOT_PENDING,
	MODEL_SNAPSHOT_COMPLETED,
	MODEL_SNAPSHOT_ERROR,
	MODEL_SNAPSHOT_STATE_COUNT,
};

struct model_snapshot {
	char id[MODEL_ID_SIZE];
	char volume_id[MODEL_ID_SIZE];
	enum model_snapshot_state state;
	int size_gib;
	bool encrypted;
	char *kms_key;     /* owned, as the volume's */
	bool copied;       /* the copy is really there */
	bool failed;       /* ... or could not be made */
	bool spoilt;       /* by a fault: will be `error` */
	bool doomed;       /* deleted while it was copied: shown no more */
	char *description; /* owned, or NULL */
	int64_t started_ms, due_ms, completed_ms;
	struct model_tags tags;
};

struct model_snapshot_request {
	const char *volume_id;
	const char *description; /* NULL: none */
	const struct model_tags *tags;
};

bool model_create_snapshot(struct model *m, const struct model_snapshot_request *r, bool dry_run,
	const struct model_snapshot **ret, struct error *err) MUST_USE;
bool model_delete_snapshot(struct model *m, const char *id, bool dry_run, struct error *err) MUST_USE;

/* NULL with InvalidSnapshot.NotFound, or InvalidParameterValue if it is no snapshot id. */
const struct model_snapshot *model_find_snapshot(const struct model *m, const char *id, struct error *err);
const struct index *model_snapshots(const struct model *m);

/* The answer to the order `snapshot`; err NULL: the copy is complete. */
void model_snapshot_copied(struct model *m, const char *id, const struct error *err);

/* Per cent done, by the clock. */
int model_snapshot_progress(const struct model *m, const struct model_snapshot *s);

const char *model_volume_state_name(enum model_volume_state s);

/* As EC2 shows it: the state's name, or busy. */
const char *model_attachment_status(const struct model_attachment *a);
const char *model_snapshot_state_name(enum model_snapshot_state s);
#endif
