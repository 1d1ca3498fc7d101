/*
 * world.h: what was last observed of the cloud, as far as one rebuild is concerned. Plain data,
 * filled from Describe replies and guest reports by world_absorb(), never edited by the rebuild.
 * A value here may be stale: every part says when the question that it answers was asked.
 *
 * Texts are inline, so a world can be copied, kept and compared without owning anything. AWS's own
 * limits are the sizes: ids are at most 26 characters (eipassoc-...), client tokens 64.
 */
#ifndef CLOUD_WORLD_H
#define CLOUD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CLOUD_ID_SIZE = 32,
	CLOUD_TOKEN_SIZE = 65,
	CLOUD_NAME_SIZE = 64,        /* device names, zones, instance types, state reasons */
	CLOUD_ADDRESS_SIZE = 46,     /* INET6_ADDRSTRLEN */
	CLOUD_VOLUMES_MAX = 8,       /* data volumes of one machine */
	CLOUD_ADDRESSES_MAX = 4,     /* Elastic IPs of one machine */
	CLOUD_DEVICES_MAX = 16,      /* volumes attached to one instance, root included */
	CLOUD_SNAPSHOTS_MAX = 32,    /* ours, of one rebuild's volumes */
	CLOUD_HOST_KEYS_SIZE = 1280, /* Ed25519, ECDSA and a 4,096-bit RSA key */
	CLOUD_REASON_SIZE = 256,
	CLOUD_HOLDER_SIZE = 128, /* who drives a rebuild, for people */
	CLOUD_NONCE_SIZE = 33,   /* 32 hexadecimal digits */
};

enum instance_state {
	INSTANCE_UNSEEN, /* asked for and not shown (yet) */
	INSTANCE_PENDING,
	INSTANCE_RUNNING,
	INSTANCE_STOPPING,
	INSTANCE_STOPPED,
	INSTANCE_SHUTTING_DOWN,
	INSTANCE_TERMINATED,
};

/* One row of an instance's block device mapping. */
struct device {
	char name[CLOUD_NAME_SIZE];
	char volume_id[CLOUD_ID_SIZE];
	bool delete_on_termination;
};

struct instance {
	int64_t asked_ms; /* monotonic; 0: never asked */
	char id[CLOUD_ID_SIZE];
	enum instance_state state;
	char image_id[CLOUD_ID_SIZE];
	char zone[CLOUD_NAME_SIZE];
	char root_device[CLOUD_NAME_SIZE];
	char private_ip[CLOUD_ADDRESS_SIZE], public_ip[CLOUD_ADDRESS_SIZE]; /* "" if none */
	char client_token[CLOUD_TOKEN_SIZE];
	int64_t launched_ms;              /* wall clock: when it was last started */
	char reason[CLOUD_REASON_SIZE];   /* stateReason: why it stopped or never ran */
	char name[CLOUD_REASON_SIZE];     /* its Name tag, or "" */
	char rebuild[CLOUD_NAME_SIZE];    /* our tag changeover:rebuild, or "" */
	char role[CLOUD_NAME_SIZE];       /* our tag changeover:role: blue, green, or "" */
	char found[CLOUD_REASON_SIZE];    /* our tag changeover:found, or "" */
	char journal[CLOUD_HOLDER_SIZE];  /* our tag changeover:journal, or "" */
	char replaces[CLOUD_ID_SIZE];     /* our tag changeover:replaces, or "" */
	char host_key[CLOUD_REASON_SIZE]; /* our tag changeover:host-key: "ssh-ed25519 AAAA...", or "" */
	int64_t confirmed_ms;             /* our tag changeover:confirmed, wall clock; 0: none */
	struct device devices[CLOUD_DEVICES_MAX];
	size_t device_count;
};

/* DescribeInstanceStatus: instance and system checks taken together. */
enum instance_health { HEALTH_UNKNOWN, HEALTH_INITIALIZING, HEALTH_OK, HEALTH_IMPAIRED };

struct status {
	int64_t asked_ms;
	char instance_id[CLOUD_ID_SIZE];
	enum instance_health health;
};

enum volume_state {
	VOLUME_UNSEEN,
	VOLUME_CREATING,
	VOLUME_AVAILABLE,
	VOLUME_IN_USE,
	VOLUME_DELETING,
	VOLUME_ERROR
};

enum attachment_state {
	ATTACHMENT_NONE,
	ATTACHMENT_ATTACHING,
	ATTACHMENT_ATTACHED,
	ATTACHMENT_DETACHING, /* EC2 stays here, or says busy, while the volume is mounted */
	ATTACHMENT_BUSY,
};

struct volume {
	int64_t asked_ms;
	char id[CLOUD_ID_SIZE];
	enum volume_state state;
	enum attachment_state attachment;
	char instance_id[CLOUD_ID_SIZE]; /* holder, or "" */
	char device[CLOUD_NAME_SIZE];
	size_t attachment_count; /* above 1: Multi-Attach; the fields above show the first */
	bool delete_on_termination;
	char zone[CLOUD_NAME_SIZE];
	int size_gib;
	char found[CLOUD_NAME_SIZE];   /* our tag changeover:found, or "" */
	char rebuild[CLOUD_NAME_SIZE]; /* our tag changeover:rebuild, or "" */
	char role[CLOUD_ID_SIZE];      /* our tag changeover:role, or "" */
	char journal[CLOUD_ID_SIZE];   /* the beginning of our tag changeover:journal, or "" */
	int64_t tags_asked_ms;         /* the four above were seen then: not every sighting shows them */
};

enum snapshot_state { SNAPSHOT_UNSEEN, SNAPSHOT_PENDING, SNAPSHOT_COMPLETED, SNAPSHOT_ERROR };

struct snapshot {
	int64_t asked_ms;
	char id[CLOUD_ID_SIZE];
	char volume_id[CLOUD_ID_SIZE];
	enum snapshot_state state;
	int progress;                  /* per cent */
	int64_t started_ms;            /* wall clock */
	char token[CLOUD_TOKEN_SIZE];  /* our tag changeover:token: which effect made it */
	char rebuild[CLOUD_NAME_SIZE]; /* our tag changeover:rebuild */
};

struct address {
	int64_t asked_ms;
	char allocation_id[CLOUD_ID_SIZE];
	char public_ip[CLOUD_ADDRESS_SIZE];
	char instance_id[CLOUD_ID_SIZE]; /* where it points, or "" */
	char association_id[CLOUD_ID_SIZE];
};

enum image_state { IMAGE_UNSEEN, IMAGE_PENDING, IMAGE_AVAILABLE, IMAGE_UNUSABLE };

struct image {
	int64_t asked_ms;
	char id[CLOUD_ID_SIZE];
	char name[CLOUD_REASON_SIZE];
	enum image_state state;
	char architecture[CLOUD_NAME_SIZE]; /* x86_64, arm64 */
	char root_device[CLOUD_NAME_SIZE];
	char data_devices[CLOUD_DEVICES_MAX][CLOUD_NAME_SIZE]; /* mappings other than the root's */
	size_t data_device_count;
};

/* Public host keys of an instance, as its console shows them (cloud/console.h). */
struct host_keys {
	int64_t asked_ms;
	char instance_id[CLOUD_ID_SIZE];
	char lines[CLOUD_HOST_KEYS_SIZE]; /* "ssh-ed25519 AAAA...\n..."; "" until printed */
};

/* One data volume as the guest sees it. */
struct guest_disk {
	char volume_id[CLOUD_ID_SIZE];
	bool present;                    /* a disk with this volume id is there */
	bool mounted;                    /* its filesystem is mounted, anywhere */
	bool mounted_right;              /* at the mount point that was asked about, writable */
	char uuid[CLOUD_NAME_SIZE];      /* the filesystem's, "" if unreadable */
	char sentinel[CLOUD_NONCE_SIZE]; /* the nonce last written at quiesce; "" if none or unreadable */
};

enum service_state { SERVICE_UNKNOWN, SERVICE_STOPPED, SERVICE_STARTED };

/* What the last commands on a guest showed. */
struct guest {
	int64_t asked_ms;
	char instance_id[CLOUD_ID_SIZE];
	bool reachable; /* logged in, host key trusted, and root there */
	struct guest_disk disks[CLOUD_VOLUMES_MAX];
	size_t disk_count;
	enum service_state service;                  /* by the last stop or start command's success */
	int stop_ms, unmount_ms, mount_ms, start_ms; /* as measured inside; 0: not done */
};

/* Checks from outside or inside, all of the plan's ready list. */
struct verdict {
	int64_t asked_ms; /* when the round of checks began */
	char instance_id[CLOUD_ID_SIZE];
	bool passed;
	bool through_switch;             /* by the switched address, not the instance's own */
	char failing[CLOUD_REASON_SIZE]; /* the first that failed, and why */
};

struct world {
	struct instance blue, green;
	struct status green_status;
	struct host_keys blue_keys, green_keys;
	struct guest blue_guest, green_guest;
	struct verdict blue_verdict, green_verdict, switch_verdict;
	struct image image;
	struct volume volumes[CLOUD_VOLUMES_MAX];
	size_t volume_count;
	struct snapshot snapshots[CLOUD_SNAPSHOTS_MAX];
	size_t snapshot_count;
	struct address addresses[CLOUD_ADDRESSES_MAX];
	size_t address_count;
};

/* Each returns the part, or NULL if the cloud has not shown it. */
const struct volume *world_find_volume(const struct world *w, const char *id);
const struct snapshot *world_find_snapshot(const struct world *w, const char *id);
const struct address *world_find_address(const struct world *w, const char *allocation_id);
const struct guest_disk *guest_find_disk(const struct guest *g, const char *volume_id);
const struct device *instance_find_volume(const struct instance *i, const char *volume_id);
const struct device *instance_find_device(const struct instance *i, const char *name);

/* Names as EC2 spells them ("shutting-down", "in-use"); parse gives the UNSEEN/NONE value for other words. */
const char *instance_state_name(enum instance_state s);
enum instance_state instance_state_parse(const char *name);
const char *volume_state_name(enum volume_state s);
enum volume_state volume_state_parse(const char *name);
const char *attachment_state_name(enum attachment_state s);
enum attachment_state attachment_state_parse(const char *name);
const char *snapshot_state_name(enum snapshot_state s);
enum snapshot_state snapshot_state_parse(const char *name);
#endif
