/*
 * instances.h: machines and their life:
 *
 *	pending → running → stopping → stopped → pending ...
 *	any of these → shutting-down → terminated, described for another hour
 */
#ifndef SANDBOX_MODEL_INSTANCES_H
#define SANDBOX_MODEL_INSTANCES_H

#include "sandbox/model/images.h"
#include "sandbox/model/model.h"

struct model_volume;
struct model_address;
struct model_type;

enum model_instance_state {
	MODEL_PENDING,
	MODEL_RUNNING,
	MODEL_SHUTTING_DOWN,
	MODEL_TERMINATED,
	MODEL_STOPPING,
	MODEL_STOPPED,
	MODEL_INSTANCE_STATE_COUNT,
};

enum {
	MODEL_LAUNCH_MAX = 64,  /* instances of one RunInstances call */
	MODEL_VOLUMES_MAX = 28, /* attachments of one Nitro instance, EC2 user guide */
	MODEL_ADDRESS_SIZE = 16,
	MODEL_CHANGES_MAX = 1000, /* ids of one call */
};

/* What a launch asked for and EC2 only keeps and shows. Texts are static, except the owned ones. */
struct model_settings {
	const char *http_tokens, *http_endpoint, *instance_metadata_tags;
	const char *cpu_credits;       /* NULL: the type's default */
	const char *shutdown_behavior; /* stop, terminate */
	const char *tenancy;           /* default, dedicated, host */
	char *placement_group;         /* owned, or NULL */
	char *profile_arn;             /* owned, or NULL */
	char *user_data;               /* owned, base64, or NULL */
	int http_hop_limit;
	bool ebs_optimized, monitoring;
	bool termination_protected, stop_protected;
};

struct model_instance {
	char id[MODEL_ID_SIZE];
	char reservation_id[MODEL_ID_SIZE];
	char private_ip[MODEL_ADDRESS_SIZE];
	enum model_instance_state state;
	uint8_t zone;
	uint8_t launch_index;
	bool booted; /* the machine is really there: its disks and routes too */
	bool doomed; /* by a fault: terminated instead of running */
	bool dead;   /* by a fault: nothing of it works any more, until it is started again */
	const struct model_image *image;
	const struct model_type *type;
	const struct model_key *key; /* or NULL */
	struct model_settings settings;
	char *client_token;            /* owned, or NULL */
	const char *reason_code;       /* static: Client.UserInitiatedShutdown, ...; NULL: none */
	char *reason_message;          /* owned, or NULL */
	struct model_volume **volumes; /* owned list of attached ones, attaching and detaching too */
	size_t volume_count;
	struct model_address *address; /* its Elastic IP, or NULL */
	int64_t launched_ms;           /* of the last launch or start */
	int64_t visible_ms;            /* no call finds it before */
	int64_t checks_ok_ms;          /* status checks are ok from here on, while it runs */
	int64_t booted_ms;             /* when it was last ordered to boot; 0: never */
	int64_t console_ms;            /* its console can be read from here on */
	int64_t stopped_ms;            /* since when it is stopped or terminated */
	int64_t accepted_ms, due_ms;   /* of the transition under way */
	const char *action;            /* ... and which call asked for it; static */
	struct model_tags tags;
};

struct model_launch {
	int min_count, max_count;
	const char *image_id, *type;
	const char *subnet_id, *zone; /* either or both may be NULL */
	const char *key_name;         /* NULL: none */
	const char *const *group_ids;
	size_t group_count;
	const char *client_token;       /* NULL: none */
	uint64_t fingerprint;           /* of all parameters: a token goes with one set of them */
	struct model_settings settings; /* owned texts are copied */
	const struct model_mapping *mappings;
	size_t mapping_count;
	const struct model_tags *instance_tags, *volume_tags;
};

struct model_reservation {
	char id[MODEL_ID_SIZE];
	const struct model_instance *instances[MODEL_LAUNCH_MAX];
	size_t count;
};

/* With a token used before and the same parameters: the same reservation, launching nothing. */
bool model_run_instances(struct model *m, const struct model_launch *l, bool dry_run,
	struct model_reservation *ret, struct error *err) MUST_USE;

/* NULL with InvalidInstanceID.Malformed or .NotFound; an instance that is not visible yet is not found. */
const struct model_instance *model_find_instance(const struct model *m, const char *id, struct error *err);

/* Items are struct model_instance, those not visible yet included. */
const struct index *model_instances(const struct model *m);
bool model_is_visible(const struct model *m, const struct model_instance *i);

struct model_change {
	const struct model_instance *instance;
	enum model_instance_state previous;
};

enum model_change_kind { MODEL_START, MODEL_STOP, MODEL_TERMINATE };

struct model_change_request {
	enum model_change_kind kind;
	const char *const *ids;
	size_t count; /* 1 to MODEL_CHANGES_MAX */
	bool force;   /* stopping: as if the power was cut */
};

/*
 * Starts, stops or terminates all of ids or, if one of them is refused, none; but instances that are not
 * in the zone of a protected one are terminated even so (EC2 API reference, TerminateInstances).
 * ret has room for count.
 */
bool model_change_instances(struct model *m, const struct model_change_request *r, bool dry_run,
	struct model_change *ret, struct error *err) MUST_USE;

enum model_attribute {
	MODEL_TERMINATION_PROTECTION,
	MODEL_STOP_PROTECTION,
	MODEL_DELETE_ON_TERMINATION, /* device, on */
	MODEL_USER_DATA,             /* text; the instance must be stopped */
	MODEL_SHUTDOWN_BEHAVIOR,     /* text: stop, terminate; static */
	MODEL_GROUPS,                /* checked by the caller: there is only one group */
};

struct model_modification {
	enum model_attribute attribute;
	const char *device;
	const char *text;
	bool on;
};

bool model_modify_instance(struct model *m, const char *id, const struct model_modification *c, bool dry_run,
	struct error *err) MUST_USE;

/* EC2's name ("shutting-down") and code (32). */
const char *model_instance_state_name(enum model_instance_state s);
int model_instance_state_code(enum model_instance_state s);

/* The id of the instance's one network interface, into ret[MODEL_ID_SIZE]; returns ret. */
char *model_interface_id(const struct model_instance *i, char *ret);
#endif
