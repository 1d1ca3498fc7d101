/* images.h: machine images and key pairs. */
#ifndef SANDBOX_MODEL_IMAGES_H
#define SANDBOX_MODEL_IMAGES_H

#include "sandbox/model/model.h"

/* One row of a block device mapping, of an image or of a launch. */
struct model_mapping {
	char device[MODEL_DEVICE_SIZE];
	char snapshot_id[MODEL_ID_SIZE]; /* "" for an empty volume */
	const char *type;                /* one of model_volume_type()'s; NULL: not given */
	int size_gib, iops, throughput;  /* 0: not given */
	bool encrypted;
	const char *kms_key; /* borrowed; NULL: not given */
	bool keep;           /* DeleteOnTermination is false */
	bool keep_given;     /* ... and the request said so or otherwise */
	bool suppressed;     /* NoDevice */
};

enum { MODEL_MAPPINGS_MAX = 16 };

struct model_image {
	char id[MODEL_ID_SIZE];
	char *name, *description, *location; /* description may be NULL */
	const char *architecture;            /* x86_64, arm64; static */
	char root_device[MODEL_DEVICE_SIZE];
	struct model_mapping mappings[MODEL_MAPPINGS_MAX]; /* the root's first */
	size_t mapping_count;
	int64_t created_ms;
	bool deregistered; /* kept for the instances made from it; shown no more */
	struct model_tags tags;
};

struct model_image_request {
	const char *name, *description, *location, *architecture, *root_device;
	const struct model_mapping *mappings;
	size_t mapping_count;
	const struct model_tags *tags;
};

bool model_register_image(struct model *m, const struct model_image_request *r, bool dry_run,
	const struct model_image **ret, struct error *err) MUST_USE;
bool model_deregister_image(struct model *m, const char *id, bool dry_run, struct error *err) MUST_USE;

/* NULL with InvalidAMIID.NotFound or .Malformed. */
const struct model_image *model_find_image(const struct model *m, const char *id, struct error *err);

/* All of them, deregistered ones too. Items are struct model_image. */
const struct index *model_images(const struct model *m);

struct model_key {
	char id[MODEL_ID_SIZE];
	char *name, *public_key; /* one authorized_keys line */
	char *fingerprint;       /* given by the caller */
	int64_t created_ms;
	bool deleted; /* kept for the instances launched with it; shown no more */
	struct model_tags tags;
};

struct model_key_request {
	const char *name, *public_key, *fingerprint;
	const struct model_tags *tags;
};

bool model_import_key(struct model *m, const struct model_key_request *r, bool dry_run,
	const struct model_key **ret, struct error *err) MUST_USE;

/* Deleting a key that does not exist succeeds, as on EC2; *ret_id is then "". */
bool model_delete_key(
	struct model *m, const char *name, bool dry_run, const char **ret_id, struct error *err) MUST_USE;

/* NULL with InvalidKeyPair.NotFound. */
const struct model_key *model_find_key(const struct model *m, const char *name, struct error *err);
const struct index *model_keys(const struct model *m);
#endif
