/*
 * plan.h: the plan file as loaded: what shall be rebuilt, how, and how to tell that it went well.
 *
 * Calling order: plan_load() once; the plan is const afterwards and owns all its texts in one
 * arena; plan_free(). Absent optional texts are NULL, absent lists have count 0: that means "as
 * blue is" or "not wanted". Sizes and times carry their unit in the name.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "plan/diagnostic.h"

struct plan_pair {
	const char *key, *value;
};

/* How a data volume of each machine is found. Exactly one is set. */
struct plan_volume_selector {
	struct plan_pair tag; /* key NULL: not by tag */
	const char *device;   /* as blue's block device mapping names it */
	const char *id;       /* vol-...: for a plan of one machine */
};

enum plan_strategy { STRATEGY_MOVE, STRATEGY_CLONE, STRATEGY_PREATTACHED };
enum plan_verify { VERIFY_SENTINEL, VERIFY_MANIFEST, VERIFY_CONTENT };

struct plan_data {
	struct plan_volume_selector volume;
	const char *mount; /* absolute */
	enum plan_strategy strategy;
	enum plan_verify verify;
};

enum plan_check_kind { PLAN_CHECK_TCP, PLAN_CHECK_COMMAND, PLAN_CHECK_HTTP };

struct plan_check {
	enum plan_check_kind kind;
	int port;
	const char *command;
	const char *url;
	int status;
};

enum plan_host_key { PLAN_HOST_KEY_CONSOLE, PLAN_HOST_KEY_CARRY, PLAN_HOST_KEY_KNOWN_HOSTS };

/* How many: a number, or a part of some whole in per cent. */
struct plan_share {
	int amount;
	bool percent;
};

/* A place where a rollout waits. */
struct plan_gate {
	const char *after;   /* "canary" or "wave N" */
	const char *command; /* succeeds when the rollout may go on; NULL: a person says so */
};

/* As ISO 8601 numbers them. */
enum plan_weekday {
	PLAN_MONDAY = 1,
	PLAN_TUESDAY,
	PLAN_WEDNESDAY,
	PLAN_THURSDAY,
	PLAN_FRIDAY,
	PLAN_SATURDAY,
	PLAN_SUNDAY
};

/* When machines may be rebuilt (plan/window.h). */
struct plan_window {
	const int *days; /* on which it begins; none: on every day */
	size_t day_count;
	const char *from, *to; /* "01:00"; NULL: there is no window */
	const char *zone;      /* of the IANA database */
};

enum plan_lock_kind { PLAN_LOCK_FDLM, PLAN_LOCK_FLEETLOCK };

/* A lock of another service. Its name and id may have placeholders: plan/lock_name.h. */
struct plan_lock {
	enum plan_lock_kind kind;
	const char *url;
	const char *name; /* FDLM: the lock; FleetLock: the group */
	const char *id;   /* FleetLock: who holds the slot; NULL for FDLM, which goes by the certificate */
	const char *ca, *certificate, *key; /* files, resolved as ssh.key is; NULL: none */
	bool plain_http;
	int64_t wait_ms;
};

struct plan {
	struct arena arena;
	const char *path;   /* as given; relative files in the plan are resolved beside it */
	const char *digest; /* sha-256 of the file, hex: journals say which plan was applied */
	const char *name;

	struct {
		const char *region, *profile, *assume_role, *dns_role;
	} cloud;
	struct {
		const char *const *instances;
		size_t instance_count;
		const struct plan_pair *tags;
		size_t tag_count;
		const char *group_by;
	} machines;
	struct {
		const char *id, *parameter;
		const char *newest_owner, *newest_name;
	} image; /* exactly one of the three ways */
	struct {
		const char *instance_type;
		const char *user_data; /* the file's content; NULL: blue's */
		size_t user_data_len;
		int root_size_gib; /* 0: as blue's */
		const struct plan_pair *tags;
		size_t tag_count;
	} launch;
	struct {
		const char *user;
		int port;        /* 22 */
		const char *key; /* ~/ is left for the caller (base/file.h); else beside the plan */
		bool agent, instance_connect;
		enum plan_host_key host_key;
		const char *jump;
	} ssh;
	const struct plan_data *data;
	size_t data_count; /* at least 1, at most PLAN_DATA_MAX */
	struct {
		int keep;            /* how many backups of a volume are kept, newest first */
		bool wait_completed; /* true: blue is not touched before the backup is completed */
	} backup;
	bool rehearse;
	struct {
		const char *stop, *start;
	} service;                      /* commands run as root; both are there */
	const struct plan_check *ready; /* at least 1 */
	size_t ready_count;
	struct {
		bool elastic_ip_all;
		const char *const *elastic_ips; /* allocation ids, for a plan of one machine */
		size_t elastic_ip_count;
	} change;                /* the file's `switch` */
	int64_t outage_limit_ms; /* 0: none */
	int64_t bake_ms;
	int64_t keep_ms; /* retire.keep */
	struct {
		struct plan_share canary; /* 0: none */
		const struct plan_share *waves;
		size_t wave_count; /* 0: all at once */
		struct plan_share in_flight, per_group;
		const char *order_by; /* a tag; NULL: as found */
		bool zone_by_zone;
		struct plan_share failure_rate;
		int failures;                  /* absolute; 0: as the rate says */
		struct plan_share not_serving; /* 0: no limit */
		const struct plan_gate *gates;
		size_t gate_count;
		int tries; /* of a machine that cannot be reached */
		int64_t pause_ms;
		struct plan_window window;
		const struct plan_lock *locks; /* in the order in which they are taken */
		size_t lock_count;
	} rollout;
};

enum {
	PLAN_DATA_MAX = 8,
	PLAN_ADDRESSES_MAX = 4, /* of one machine */
	PLAN_WAVES_MAX = 20,
	PLAN_GATES_MAX = PLAN_WAVES_MAX + 1,
	PLAN_LOCKS_MAX = 10,
	PLAN_BYTES_MAX = 1024 * 1024,
	PLAN_USER_DATA_MAX = 16 * 1024, /* EC2's limit, before base64 */
};

/*
 * Loads and checks the file at path. False: *diagnostics says everything that is wrong with the
 * file, in file order, and err says so in one line (ERROR_PLAN; or ERROR_MISSING/LOCAL if it could
 * not be read, then without diagnostics). Keys of the grammar that this version does not carry
 * out yet are refused by name.
 */
bool plan_load(
	const char *path, struct plan **ret, struct diagnostics *diagnostics, struct error *err) MUST_USE;

void plan_free(struct plan *p);
#endif
