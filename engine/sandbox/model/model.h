/*
 * model.h: an EC2-like cloud as a pure state machine: no input or output, the time comes in.
 *
 * The sandbox puts HTTP and real machines on it; the simulator drives it in virtual time.
 *
 * Calling order: model_new(); then, with times that never go back, model_advance(m, now) before
 * every question or request (it carries out what fell due), and at model_next_due() at the latest;
 * model_free(). What must happen for real (boot, attach, route, ...) is ordered through struct
 * model_orders, at the moment at which EC2 would show it as done.
 *
 * Requests (instances.h, volumes.h, ...) check everything, then act. They fail with EC2's error code
 * in err->code and EC2's message; a failed request changes nothing. With dry_run they never act, and
 * fail with DryRunOperation when they would have been carried out.
 *
 * Pointers to resources are borrowed and good until the next request or model_advance().
 */
#ifndef SANDBOX_MODEL_MODEL_H
#define SANDBOX_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sandbox/model/index.h"
#include "sandbox/model/latency.h"

enum {
	MODEL_ID_SIZE = 32, /* eipassoc- and 17 digits are 26 */
	MODEL_DEVICE_SIZE = 32,
	MODEL_TAGS_MAX = 50, /* EC2's limit per resource */
};

struct model;
struct faults;

/* What a machine is made of, when it boots. Borrowed during the call. */
struct model_boot {
	const char *instance_id;
	const char *image_location; /* folders, topmost first, separated by colons */
	const char *private_ip;
	const char *public_key; /* an authorized_keys line, or NULL */
	const char *user_data;  /* base64, or NULL */
};

/* One asynchronous action that has taken effect: what it really took is effective - accepted. */
struct model_effect {
	const char *action;   /* "DetachVolume"; static */
	const char *resource; /* "vol-..." */
	const char *other;    /* whom it concerned besides: "i-...", or "" */
	int64_t accepted_ms, effective_ms;
};

/*
 * Orders to the world behind the model; none is NULL, and none calls back into the model.
 * virtual.h has a set for which everything succeeds at once.
 */
struct model_orders {
	void *ctx;

	/* Is this image location usable here? */
	bool (*check_image)(void *ctx, const char *location, struct error *err);

	bool (*boot)(void *ctx, const struct model_boot *b, struct error *err);

	/* Begins to end a machine, at once if forced; halted() says when nothing of it runs any more. */
	void (*halt)(void *ctx, const char *instance_id, bool force);
	bool (*halted)(void *ctx, const char *instance_id);
	void (*remove)(void *ctx, const char *instance_id);

	/* Disks. snapshot_id is "" for an empty one. */
	bool (*create_volume)(
		void *ctx, const char *volume_id, int size_gib, const char *snapshot_id, struct error *err);
	bool (*delete_volume)(void *ctx, const char *volume_id, struct error *err);
	bool (*plug)(void *ctx, const char *volume_id, const char *instance_id, struct error *err);

	/* False with ERROR_CONFLICT: the guest has it mounted; it is asked again later. */
	bool (*unplug)(void *ctx, const char *volume_id, bool force, struct error *err);

	/* True: copied already. False: model_snapshot_copied() will be called, later. */
	bool (*snapshot)(void *ctx, const char *volume_id, const char *snapshot_id);
	void (*delete_snapshot)(void *ctx, const char *snapshot_id);

	/* Sends public_ip to one instance; NULL: nowhere. */
	bool (*route)(void *ctx, const char *public_ip, const char *instance_id, struct error *err);

	/* Faults only: ends a machine as if its host had failed; gives it other host keys. */
	void (*crash)(void *ctx, const char *instance_id);
	bool (*change_host_keys)(void *ctx, const char *instance_id, struct error *err);
};

/* Who is told, not asked. Neither is NULL. */
struct model_listener {
	void *ctx;
	void (*effected)(void *ctx, const struct model_effect *e); /* an action took effect */
	void (*trouble)(void *ctx, const struct error *err);       /* an order failed */
};

struct model_options {
	struct model_orders orders;
	struct model_listener listener;
	struct latency_table latency;
	uint64_t seed;         /* of ids, jitter and chances */
	int64_t now_ms;        /* milliseconds since 1970; shown as launch times and the like */
	const char *region;    /* "eu-west-1"; at most 31 characters */
	uint32_t public_net;   /* first Elastic IP, host byte order; 0: 198.51.100.1 (RFC 5737) */
	uint32_t public_count; /* how many there are; 0: 254 */
};

struct model_tag {
	char *key, *value;
};

struct model_tags {
	struct model_tag *list; /* owned, in order of creation */
	size_t count;
};

struct model *model_new(const struct model_options *o);

/* Orders nothing: whoever carries orders out takes everything down by itself. */
void model_free(struct model *m);

/* When something happens next by itself; INT64_MAX: never. */
int64_t model_next_due(const struct model *m);

/* Carries out what is due at now_ms or before, in order, and makes now_ms the model's time. */
void model_advance(struct model *m, int64_t now_ms);
int64_t model_now(const struct model *m);

/* What is to go wrong (faults.h, incidents.h); none at first. */
struct faults *model_faults(const struct model *m);

/* How long the next `which` takes: for delays outside the model, such as a call's reply. */
int64_t model_draw(struct model *m, enum latency which);

/* An id as EC2 makes them: prefix and 17 hexadecimal digits, into ret[MODEL_ID_SIZE]. */
void model_make_id(struct model *m, const char *prefix, char *ret);

/* The end of all checks: false, refused with DryRunOperation, if only permission was asked for. */
bool model_commits(bool dry_run, struct error *err) MUST_USE;

/* Refuses a request with EC2's code and message. Always returns false. */
bool model_refuse(struct error *err, const char *code, const char *fmt, ...) PRINTF(3, 4);
#endif
