/*
 * inside.h: what the model's own files share and nobody else includes.
 *
 * Resources are found by id through an index each and freed only when they leave it; images and keys
 * stay until the end, because instances point to them. Transitions are events on the agenda: an event
 * carries its due time, and counts only if its subject still waits for exactly that.
 */
#ifndef SANDBOX_MODEL_INSIDE_H
#define SANDBOX_MODEL_INSIDE_H

#include "sandbox/model/addresses.h"
#include "sandbox/model/agenda.h"
#include "sandbox/model/faults.h"
#include "sandbox/model/images.h"
#include "sandbox/model/instances.h"
#include "sandbox/model/model.h"
#include "sandbox/model/places.h"
#include "sandbox/model/tags.h"
#include "sandbox/model/volumes.h"

enum event {
	EVENT_RUNNING,    /* pending → running */
	EVENT_BOOT,       /* the machine itself comes up */
	EVENT_STOPPED,    /* stopping → stopped */
	EVENT_TERMINATED, /* shutting-down → terminated */
	EVENT_FORGET,     /* a terminated instance is described no longer */
	EVENT_CREATED,    /* volume: creating → available */
	EVENT_ATTACHED,   /* volume: attaching → attached */
	EVENT_DETACHED,   /* volume: detaching → available, unless it is mounted */
	EVENT_COMPLETED,  /* snapshot: pending → completed */
	EVENT_ROUTED,     /* address: the traffic follows */
	EVENT_INCIDENT,   /* a fault that happens by itself */
	EVENT_COUNT,
};

enum {
	RETRY_MS = 50, /* how soon we ask again whether a machine has halted, a volume is unmounted */
	ZONE_ADDRESSES = 16384, /* private addresses per zone: a /18 */
};

/* What a client token has made. */
struct token {
	char *key; /* owned: scope and token */
	uint64_t fingerprint;
	size_t count;
	char ids[][MODEL_ID_SIZE];
};

/* A pool of addresses: one bit each. */
struct pool {
	uint8_t *taken; /* owned */
	uint32_t count, cursor, free;
};

struct model {
	struct model_orders orders;
	struct model_listener listener;
	struct latency_table latency;
	struct random random;
	struct agenda agenda;
	int64_t now_ms;
	char region[32];
	char zone_names[MODEL_ZONE_COUNT][MODEL_ZONE_NAME_SIZE];
	char zone_ids[MODEL_ZONE_COUNT][MODEL_ZONE_NAME_SIZE];
	struct index instances, volumes, snapshots, images, keys;
	struct index addresses;    /* by allocation id */
	struct index associations; /* struct model_address, by its last association id */
	struct index tokens;       /* struct token */
	struct pool private_pools[MODEL_ZONE_COUNT], public_pool;
	uint32_t public_net;
	struct faults *faults;  /* owned */
	struct index incidents; /* struct incident, until they have happened */
};

/* Draws the delay `which`, and puts the event down for then. Returns its due time. */
int64_t inside_schedule(struct model *m, enum latency which, enum event kind, const char *id);

/* The id has the prefix and hexadecimal digits after it, as EC2's do. */
bool inside_is_id(const char *id, const char *prefix);

/* Reports that an order failed; empties err. */
void inside_trouble(struct model *m, struct error *err);
void inside_effect(
	struct model *m, const char *action, const char *resource, const char *other, int64_t accepted_ms);

/* NULL if the token was not used in that scope, or is NULL. */
const struct token *token_find(const struct model *m, const char *scope, const char *client_token);

/* Fails with IdempotentParameterMismatch if t was used with other parameters; t may be NULL. */
bool token_check(const struct token *t, uint64_t fingerprint, struct error *err);

/* The caller fills in fingerprint and ids. */
struct token *token_add(struct model *m, const char *scope, const char *client_token, size_t count);
void token_free_all(struct model *m);

/* Numbers from 0 to count - 1, each given out once until it is put back. */
void pool_init(struct pool *p, uint32_t count);
bool pool_take(struct pool *p, uint32_t *ret);
void pool_put(struct pool *p, uint32_t number);
void pool_release(struct pool *p);
bool pool_take_private(struct model *m, int zone, char *ret);
void pool_put_private(struct model *m, int zone, const char *ip);

/* Takes over what `from` gives of a volume. */
void mapping_override(struct model_mapping *to, const struct model_mapping *from);

/* A key goes with encryption only. */
bool mapping_check_key(const struct model_mapping *b, struct error *err);

/*
 * Fills in what a volume takes from the snapshot that b names: its size unless given, its encryption.
 * Refused unless the snapshot is completed.
 */
bool mapping_use_snapshot(
	const struct model *m, struct model_mapping *b, const struct model_snapshot **ret, struct error *err);

struct model_instance *inside_instance(const struct model *m, const char *id);

/* The fault that is due where the model carries out a call; NULL: none. id: whom it concerns. */
const struct fault *inside_fault(struct model *m, enum fault_point point, const char *id);
void incident_happen(struct model *m, const char *id, int64_t due_ms);
void incident_free_all(struct model *m);

/* What EC2 does to an instance by itself, with its reason; both texts are static. */
void lifecycle_impose(struct model *m, struct model_instance *i, enum model_change_kind kind,
	const char *code, const char *why);

/* Puts a new instance on its way to running. */
void lifecycle_launch(struct model *m, struct model_instance *i);

/* Sets an instance going as a call asks; force: a machine that is halted gets no time to end by itself. */
void lifecycle_begin(struct model *m, struct model_instance *i, enum model_change_kind kind, bool force);
void lifecycle_free(struct model_instance *i);
void lifecycle_running(struct model *m, const char *id, int64_t due_ms);
void lifecycle_boot(struct model *m, const char *id, int64_t due_ms);
void lifecycle_stopped(struct model *m, const char *id, int64_t due_ms);
void lifecycle_terminated(struct model *m, const char *id, int64_t due_ms);
void lifecycle_forget(struct model *m, const char *id, int64_t due_ms);

struct model_volume *volume_new(struct model *m, int zone, const struct model_mapping *like, bool root);
void volume_free(struct model_volume *v);
void volume_remove(struct model *m, struct model_volume *v);
void volume_created(struct model *m, const char *id, int64_t due_ms);

void attachment_begin(struct model *m, struct model_volume *v, struct model_instance *i, const char *device);
void attachment_end(struct model_volume *v);
void attachment_attached(struct model *m, const char *id, int64_t due_ms);
void attachment_detached(struct model *m, const char *id, int64_t due_ms);
struct model_volume *attachment_find_device(const struct model_instance *i, const char *device);

/* Puts every attached disk into a machine that has booted. */
void attachment_plug_all(struct model *m, struct model_instance *i);

/* Takes every disk out of a machine that has halted; false if one is still held. */
bool attachment_unplug_all(struct model *m, struct model_instance *i);

void snapshot_completed(struct model *m, const char *id, int64_t due_ms);
void snapshot_free(struct model_snapshot *s);

void address_routed(struct model *m, const char *id, int64_t due_ms);

/* Points the address nowhere; the traffic stops a little later. */
void address_detach(struct model *m, struct model_address *a);

/* Sends the traffic to a machine that has booted. */
void address_boot(struct model *m, struct model_instance *i);
#endif
